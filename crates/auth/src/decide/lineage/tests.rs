//! Refresh by lineage, against a book of who came from whom.

use super::*;
use postkey_model::{BackEnd, IdentityId, Millis, RootKey, SessionHandle, TenantId, UserId};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_000_000);
const RULES: SessionRules =
    SessionRules { access_lifetime: Millis::from_hours(1), refresh_lifetime: Millis::from_hours(100), grace: Millis::from_secs(30) };

fn keyring() -> Keyring {
    Keyring::new(&RootKey::parse(&"0123456789abcdef".repeat(4)).unwrap())
}

/// A session whose first token is `first`.
fn session(keyring: &Keyring) -> (Session, LineageToken) {
    let mut session = Session {
        handle: SessionHandle::parse("session").unwrap(),
        tenant: TenantId::public(),
        user: UserId::parse("jane").unwrap(),
        identity: IdentityId::parse("jane").unwrap(),
        policy: RotationPolicy::Lineage,
        nonce: vec![1; 16],
        generation: 0,
        retired: Vec::new(),
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW + RULES.refresh_lifetime,
        revoked_at: None,
        client_ip: "192.0.2.1".to_owned(),
        user_agent: "test".to_owned(),
        back_end: None,
        login: None,
    };
    let first = LineageToken::new(keyring, &session, None, [0; 16]);
    let current = Some(LineageToken::stored_hash(&first.hash()));
    session.back_end = Some(Box::new(BackEnd { current, ..BackEnd::default() }));
    (session, first)
}

fn child(keyring: &Keyring, session: &Session, of: &LineageToken, n: u8) -> LineageToken {
    LineageToken::new(keyring, session, Some(of.hash()), [n; 16])
}

fn name(decision: &Decision) -> &'static str {
    match decision {
        Decision::Child { changes, .. } if changes.is_empty() => "child",
        Decision::Child { .. } => "advance",
        Decision::Reused => "reused",
        Decision::Refuse => "refuse",
    }
}

#[test]
fn a_parent_stays_good_until_a_child_is_used_and_then_its_brothers_are_not() {
    let keyring = keyring();
    let (session, first) = session(&keyring);
    let ask = |session: &Session, token: &LineageToken| refresh(Some(session), token, &RULES, &keyring, NOW + Millis(1));
    let (one, two) = (child(&keyring, &session, &first, 1), child(&keyring, &session, &first, 2));
    assert_eq!(name(&ask(&session, &first)), "child");
    assert_eq!(name(&ask(&session, &first)), "child", "an answer that was lost is asked for again");
    let Decision::Child { changes, session: next } = ask(&session, &one) else { panic!("refused") };
    let later = NOW + Millis(1);
    assert!(matches!(&changes[..], [Change::LineageAdvanced { seen, current, at, expires_at, .. }]
        if *seen == LineageToken::stored_hash(&first.hash()) && *current == LineageToken::stored_hash(&one.hash())
        && *at == later && *expires_at == later + RULES.refresh_lifetime));
    assert_eq!((next.last_seen_at, next.expires_at), (later, later + RULES.refresh_lifetime));
    assert_eq!(name(&ask(&next, &one)), "child");
    for stale in [&first, &two, &child(&keyring, &session, &two, 3)] {
        assert_eq!(name(&ask(&next, stale)), "reused");
    }
}

#[test]
fn what_is_not_ours_changes_nothing() {
    let keyring = keyring();
    let (good, first) = session(&keyring);
    let forged = LineageToken::parse(&format!("session.{}.-.{}", "A".repeat(22), "A".repeat(43))).unwrap();
    let other = Keyring::new(&RootKey::parse(&"fedcba9876543210".repeat(4)).unwrap());
    let foreign = LineageToken::new(&other, &good, Some(first.hash()), [1; 16]);
    let elsewhere = Session { nonce: vec![2; 16], ..good.clone() };
    let moved = LineageToken::new(&keyring, &elsewhere, None, [0; 16]);
    for token in [&forged, &foreign, &moved] {
        assert_eq!(name(&refresh(Some(&good), token, &RULES, &keyring, NOW)), "refuse");
    }
    for over in [
        Session { revoked_at: Some(NOW), ..good.clone() },
        Session { expires_at: NOW, ..good.clone() },
        Session { policy: RotationPolicy::Grace, ..good.clone() },
    ] {
        assert_eq!(name(&refresh(Some(&over), &first, &RULES, &keyring, NOW)), "refuse");
    }
    assert_eq!(name(&refresh(None, &first, &RULES, &keyring, NOW)), "refuse");
}

#[test]
fn tokens_are_read_back_as_written() {
    let keyring = keyring();
    let (session, first) = session(&keyring);
    for token in [first.clone(), child(&keyring, &session, &first, 9)] {
        let text = token.text();
        let read = LineageToken::parse(text.expose()).unwrap();
        assert!(read.is_genuine(&keyring, &session) && read.hash() == token.hash() && read.parent == token.parent);
        assert!(text.expose().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')), "good for a cookie");
        assert!(postkey_model::RefreshToken::parse(text.expose()).is_none(), "the two forms are not taken for one another");
    }
    for wrong in ["", "a", "a.b.c", "a.b.c.d.e", "session.AAAA.-.AAAA"] {
        assert!(LineageToken::parse(wrong).is_none(), "{wrong:?}");
    }
}

#[test]
fn the_first_use_of_an_access_token_after_a_refresh_retires_the_parent_and_brings_a_new_one() {
    let keyring = keyring();
    let (session, first) = session(&keyring);
    let one = child(&keyring, &session, &first, 1);
    let (one_hash, first_hash) = (one.hash(), first.hash());
    let Used::Renew { changes, session: next } = used(&session, &one_hash, Some(&first_hash), false, &RULES, NOW) else { panic!("good") };
    assert!(matches!(&changes[..], [Change::LineageAdvanced { .. }]));
    // The old access token comes once more before its holder knows the new one.
    assert!(matches!(used(&next, &one_hash, Some(&first_hash), false, &RULES, NOW), Used::Renew { changes, .. } if changes.is_empty()));
    assert_eq!(name(&refresh(Some(&next), &first, &RULES, &keyring, NOW)), "reused");
    // One that speaks of a stranger as its parent is as good as its signature, and no more.
    let two = child(&keyring, &session, &first, 2);
    assert!(matches!(used(&next, &two.hash(), Some(&first_hash), false, &RULES, NOW), Used::Good));
    assert!(matches!(used(&next, &two.hash(), None, true, &RULES, NOW), Used::Renew { changes, .. } if changes.is_empty()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Two people bring any of the tokens that were ever given out, in any order: exactly the current one and its children
    /// are good, and whoever falls behind is noticed.
    #[test]
    fn of_all_tokens_the_current_one_and_its_children_are_good(steps in prop::collection::vec((0usize..64, prop::bool::ANY), 1..60)) {
        let keyring = keyring();
        let (mut session, first) = session(&keyring);
        // Each token with the index of its parent.
        let mut book: Vec<(LineageToken, Option<usize>)> = vec![(first, None)];
        let mut current = 0;
        for (n, (which, by_access_token)) in steps.into_iter().enumerate() {
            let which = which % book.len();
            let (token, parent) = book[which].clone();
            let is_child = parent == Some(current);
            if by_access_token {
                let parent_hash = parent.map(|parent| book[parent].0.hash());
                match used(&session, &token.hash(), parent_hash.as_ref(), false, &RULES, NOW) {
                    Used::Renew { changes, session: next } => {
                        prop_assert_eq!(changes.len(), usize::from(is_child));
                        prop_assert!(is_child || which == current);
                        if is_child { current = which; }
                        session = *next;
                    }
                    Used::Good => prop_assert!(!is_child && which != current),
                }
                continue;
            }
            match refresh(Some(&session), &token, &RULES, &keyring, NOW) {
                Decision::Child { changes, session: next } => {
                    prop_assert_eq!(changes.len(), usize::from(is_child));
                    prop_assert!(is_child || which == current);
                    current = which;
                    session = *next;
                    let new = child(&keyring, &session, &token, n as u8);
                    book.push((new, Some(which)));
                }
                Decision::Reused => prop_assert!(!is_child && which != current),
                Decision::Refuse => prop_assert!(false, "all of them are ours"),
            }
        }
    }
}
