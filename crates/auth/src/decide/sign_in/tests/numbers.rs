//! What a link is worth where it is opened, what a number typed beside it is worth, what an approval is worth; and that
//! sign-ins which prove an identifier never open a session.

use super::*;
use postkey_model::Identifier;

fn shown() -> u8 {
    keyring().match_number(&id())
}

fn approved(change: impl FnOnce(&mut SignInFacts)) -> SignInFacts {
    changed(|facts| {
        facts.sign_in.approved_at = Some(NOW);
        facts.sign_in.number_tries = 1;
        change(facts);
    })
}

fn collect(facts: &SignInFacts, device: &str, now: Timestamp) -> Decision {
    complete(Some(facts), &Shown::Approval { device }, &rules(), &keyring(), fresh(), now)
}

fn every_purpose_but_sign_in() -> [Purpose; 3] {
    let identity = IdentityId::parse("identity").unwrap();
    let to = Identifier::stored(Connection::Email, "new@example.com".to_owned());
    [
        Purpose::Add { user: user() },
        Purpose::Change { user: user(), identity: identity.clone(), version: 0, confirmed: true },
        Purpose::ConfirmOld { user: user(), identity, version: 0, to },
    ]
}

#[test]
fn numbers_have_two_digits_and_differ() {
    let ids = (0..2_000).map(|n| SignInId::parse(&format!("sign-in-{n}")).unwrap());
    let numbers: std::collections::HashSet<u8> = ids.map(|id| keyring().match_number(&id)).collect();
    assert_eq!(numbers.len(), 90, "each of 10 to 99 comes up");
    assert!(numbers.iter().all(|number| (10..=99).contains(number)));
    assert_eq!(shown(), shown(), "it is made again, not stored");
}

#[test]
fn a_number_is_read_however_it_is_typed() {
    let sign_in = facts().sign_in;
    for typed in ["42", " 42 ", "4 2", "4-2", "４２", "٤٢"] {
        assert_eq!(number(&sign_in, typed, &[42]), NumberIs::Right, "{typed:?}");
    }
    for typed in ["", " ", "4", "24", "41", "422", "042", "x42", "42x", "0x2a", "+42", "42.0", "4２2"] {
        assert_eq!(number(&sign_in, typed, &[42]), NumberIs::Wrong, "{typed:?}");
    }
    for typed in ["42", "41", ""] {
        let tried = changed(|facts| facts.sign_in.number_tries = 1);
        assert_eq!(number(&tried.sign_in, typed, &[42]), NumberIs::Spent, "there is no second try: {typed:?}");
    }
}

#[test]
fn a_link_is_worth_what_its_sign_in_allows() {
    let of = |facts: &SignInFacts, secret: &str, now| link(facts, secret, &keyring(), now);
    let end = facts().sign_in.code.expires_at;
    let superseded = Some((NOW, EndedHow::Superseded));
    for (worth, attempts, ended) in [
        (LinkIs::Good, 0, None),
        (LinkIs::Good, 4, None),
        (LinkIs::Over(Standing::Exhausted), 5, None),
        (LinkIs::Over(Standing::Ended(EndedHow::Superseded)), 0, superseded),
    ] {
        let facts = changed(|facts| (facts.sign_in.attempts, facts.sign_in.ended) = (attempts, ended));
        assert_eq!(of(&facts, LINK, NOW), worth);
        assert_eq!(of(&facts, LINK, Timestamp(end.0 - 1)), worth);
        assert_eq!(of(&facts, LINK, end), if worth == LinkIs::Good { LinkIs::Expired } else { worth });
        for stranger in ["", "x", CODE, DEVICE] {
            assert_eq!(of(&facts, stranger, NOW), LinkIs::Unknown, "without the secret one learns nothing");
        }
    }
    let older_end = NOW + Millis(5);
    let with_older = changed(|facts| facts.older = vec![sent(OLDER, "older-link", CodeStrength::Short, older_end)]);
    assert_eq!(of(&with_older, "older-link", NOW), LinkIs::Good);
    assert_eq!(of(&with_older, "older-link", older_end), LinkIs::Expired);
    let without = changed(|facts| facts.sign_in.code.link = None);
    assert_eq!(of(&without, LINK, NOW), LinkIs::Unknown);
}

#[test]
fn an_approval_lets_in_the_asking_browser_and_nobody_else() {
    let end = facts().sign_in.code.expires_at;
    let Decision::Enter { changes, .. } = collect(&approved(|_| {}), DEVICE, Timestamp(end.0 - 1)) else { panic!("not in") };
    assert!(matches!(changes[0], Change::CodeSpent { within_budget: None, .. }), "it hangs on no budget");
    for stranger in ["", "stranger", LINK, CODE] {
        assert_eq!(name(&collect(&approved(|_| {}), stranger, NOW)), "unknown");
    }
    assert_eq!(name(&collect(&facts(), DEVICE, NOW)), "unknown", "nobody approved it");
    assert_eq!(name(&collect(&changed(|facts| facts.sign_in.number_tries = 1), DEVICE, NOW)), "unknown", "a wrong number");
    assert_eq!(name(&collect(&changed(|facts| facts.sign_in.opened_at = Some(NOW)), DEVICE, NOW)), "unknown", "only opened");
    assert_eq!(name(&collect(&approved(|_| {}), DEVICE, end)), "unknown", "approved too long ago");
    let late = approved(|facts| facts.sign_in.approved_at = Some(Timestamp(end.0 - 1)));
    assert_eq!(name(&collect(&late, DEVICE, Timestamp(end.0 - 1))), IN);
    assert_eq!(name(&collect(&late, DEVICE, end)), "link expired", "no code outlives the newest, nor does an approval");
    assert_eq!(name(&collect(&approved(|facts| facts.sign_in.attempts = 5), DEVICE, NOW)), "over Exhausted");
    for how in [EndedHow::Completed, EndedHow::Superseded, EndedHow::Cancelled] {
        let over = approved(|facts| facts.sign_in.ended = Some((NOW, how)));
        assert_eq!(name(&collect(&over, DEVICE, NOW)), format!("over Ended({how:?})"));
    }
    assert_eq!(name(&complete(None, &Shown::Approval { device: DEVICE }, &rules(), &keyring(), fresh(), NOW)), "unknown");
}

/// Asking for another message makes a new code, not a new approval.
#[test]
fn an_approval_is_good_for_one_life_of_a_code() {
    let life = rules().lifetime;
    let again = approved(|facts| facts.sign_in.code.expires_at = NOW + life + life);
    for (now, good) in [(NOW, true), (Timestamp(NOW.0 + life.0 - 1), true), (NOW + life, false), (NOW + life + Millis(1), false)] {
        assert_eq!(is_approved(&again.sign_in, &rules(), now), good, "{now:?}");
        assert_eq!(matches!(collect(&again, DEVICE, now), Decision::Enter { .. }), good, "{now:?}");
    }
    assert!(!is_approved(&facts().sign_in, &rules(), NOW), "nobody did");
    assert_eq!(name(&typed(&again, CODE, NOW + life)), name(&typed(&again, CODE, NOW)), "the code itself lives on");
}

#[test]
fn what_proves_an_identifier_opens_no_session() {
    for purpose in every_purpose_but_sign_in() {
        let facts = approved(|facts| facts.sign_in.purpose = purpose.clone());
        for decision in [typed(&facts, CODE, NOW), typed(&facts, OLDER, NOW), opened(&facts, LINK, NOW), collect(&facts, DEVICE, NOW)] {
            assert_eq!(name(&decision), "unknown", "{purpose:?}");
        }
    }
}

#[test]
fn a_typed_code_is_worth_the_same_whatever_it_is_for() {
    for purpose in every_purpose_but_sign_in().into_iter().chain([Purpose::SignIn]) {
        let facts = changed(|facts| facts.sign_in.purpose = purpose.clone());
        let worth = |typed: &str, device: &str| typed_code(&facts, typed, device, &rules(), &keyring(), fresh().event, NOW);
        assert!(matches!(worth(CODE, DEVICE), CodeIs::Right { within_budget: Some((_, LIMIT)) }), "{purpose:?}");
        assert!(matches!(worth(CODE, "stranger"), CodeIs::Unknown));
        assert!(matches!(worth("12345", DEVICE), CodeIs::NotACode));
        let CodeIs::Wrong { changes, expired: false } = worth(OLDER, DEVICE) else { panic!("not wrong") };
        assert!(matches!(&changes[..], [Change::AttemptFailed { .. }, Change::BudgetSpent { .. }]));
        let over = changed(|facts| facts.sign_in.ended = Some((NOW, EndedHow::Cancelled)));
        let worth = typed_code(&over, CODE, DEVICE, &rules(), &keyring(), fresh().event, NOW);
        assert!(matches!(worth, CodeIs::Over(Standing::Ended(EndedHow::Cancelled))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing but the two digits that are shown, typed first, is right.
    #[test]
    fn without_the_right_number_nothing_is_approved(
        typed in prop_oneof![(0..200u32).prop_map(|n| n.to_string()), "[0-9 ]{0,5}", "\\PC{0,12}"],
        shown in 10..=99u8,
        tries in 0..3i64,
    ) {
        let facts = changed(|facts| facts.sign_in.number_tries = tries);
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let is = number(&facts.sign_in, &typed, &[shown]);
        if tries > 0 {
            prop_assert_eq!(is, NumberIs::Spent);
        } else if is == NumberIs::Right && typed.is_ascii() {
            prop_assert_eq!(digits.trim_matches(|c: char| !c.is_ascii_digit()), shown.to_string());
        } else if digits == shown.to_string() {
            prop_assert_eq!(is, NumberIs::Right);
        }
    }

    /// However a sign-in stands: an approval lets in only the browser that asked, in time, once, after it was given.
    #[test]
    fn only_what_was_approved_is_collected(
        is_approved: bool,
        tries in 0..2i64,
        attempts in 0i64..7,
        ended in prop::option::of(prop::sample::select(vec![EndedHow::Completed, EndedHow::Superseded, EndedHow::Cancelled])),
        age in 0i64..1_300_000,
        own: bool,
        plain in prop::bool::weighted(0.8),
        approved_after in 0i64..600_000,
        sent_again_after in 0i64..600_000,
    ) {
        let facts = changed(|facts| {
            facts.sign_in.approved_at = is_approved.then_some(NOW + Millis(approved_after));
            facts.sign_in.code.expires_at = NOW + Millis(600_000 + sent_again_after);
            facts.sign_in.number_tries = tries;
            facts.sign_in.attempts = attempts;
            facts.sign_in.ended = ended.map(|how| (NOW, how));
            if !plain {
                facts.sign_in.purpose = Purpose::Add { user: user() };
            }
        });
        let decision = collect(&facts, if own { DEVICE } else { "stranger" }, NOW + Millis(age));
        let in_time = age < 600_000 + approved_after.min(sent_again_after);
        let may = is_approved && own && plain && ended.is_none() && attempts < 5 && in_time;
        prop_assert_eq!(matches!(decision, Decision::Enter { .. }), may, "{}", name(&decision));
        prop_assert!(!matches!(decision, Decision::Wrong { .. }), "it is no guess");
    }
}
