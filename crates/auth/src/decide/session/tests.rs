//! What a refresh token is worth, by the rules alone.

use super::*;
use postkey_model::{Entropy, EventId, EventKind, IdentityId, Millis, RootKey, SessionHandle, TenantId, UserId};
use proptest::prelude::*;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const RULES: SessionRules =
    SessionRules { access_lifetime: Millis::from_hours(1), refresh_lifetime: Millis::from_hours(2400), grace: Millis::from_secs(30) };

struct Fixed;
impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.iter_mut().zip(7..).for_each(|(byte, n)| *byte = n);
    }
}

fn keyring() -> &'static Keyring {
    static RING: LazyLock<Keyring> = LazyLock::new(|| Keyring::new(&RootKey::generate(&Fixed)));
    &RING
}

/// A live session at `generation`, whose earlier generations were retired so many milliseconds before [`NOW`].
fn session(generation: i64, retired: &[(i64, i64)]) -> Session {
    Session {
        handle: SessionHandle::parse("handle").unwrap(),
        tenant: TenantId::public(),
        user: UserId::parse("user").unwrap(),
        identity: IdentityId::parse("identity").unwrap(),
        policy: RotationPolicy::Grace,
        nonce: vec![1; 16],
        generation,
        retired: retired.iter().map(|(generation, ago)| Retired(*generation, Timestamp(NOW.0 - ago))).collect(),
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW + Millis::from_hours(1),
        revoked_at: None,
        client_ip: String::new(),
        user_agent: String::new(),
        back_end: None,
        login: None,
    }
}

fn token(session: &Session, generation: i64) -> RefreshToken {
    RefreshToken::parse(RefreshToken::text(keyring(), session, generation).expose()).unwrap()
}

fn event() -> Event {
    let id = EventId::parse("event").unwrap();
    Event {
        id,
        at: NOW,
        tenant: TenantId::public(),
        kind: EventKind::RefreshTokenReused,
        subject: "handle".to_owned(),
        user: None,
        actor: postkey_model::Actor::Person,
    }
}

fn worth(session: &Session, token: &RefreshToken, now: Timestamp) -> Decision {
    refresh(Some(session), token, &RULES, keyring(), event(), now)
}

#[test]
fn the_current_token_rotates() {
    let one = session(3, &[(0, 90_000), (1, 30_000), (2, 29_999)]);
    let Decision::Rotate { changes, session: next } = worth(&one, &token(&one, 3), NOW) else { panic!("it did not rotate") };
    let [Change::SessionRotated { handle, seen_generation: 3, retired, at: NOW, expires_at }] = &changes[..] else {
        panic!("one rotation")
    };
    assert_eq!((handle, *expires_at), (&one.handle, NOW + RULES.refresh_lifetime));
    assert_eq!(retired, &[Retired(2, Timestamp(NOW.0 - 29_999)), Retired(3, NOW)], "what is past its grace is forgotten");
    assert_eq!((next.generation, next.last_seen_at, next.expires_at, &next.retired), (4, NOW, *expires_at, retired));
    assert_eq!((&next.handle, &next.nonce, next.created_at), (&one.handle, &one.nonce, one.created_at));
}

#[test]
fn a_retired_token_repeats_within_the_grace_and_revokes_after_it() {
    let one = session(2, &[(0, 30_000), (1, 29_999)]);
    assert!(matches!(worth(&one, &token(&one, 1), NOW), Decision::Repeat));
    let Decision::Reused { changes } = worth(&one, &token(&one, 0), NOW) else { panic!("it was not noticed") };
    let revoked = changes.iter().filter(|change| matches!(change, Change::SessionRevoked { handle, at: NOW } if *handle == one.handle));
    assert_eq!(revoked.count(), 1);
    let noted = changes.iter().filter(|change| matches!(change, Change::EventRecorded(noted) if *noted == event()));
    assert_eq!(noted.count(), 1);
    assert!(matches!(changes[0], Change::SessionRotated { seen_generation: 2, .. }), "the guard that makes it happen once");
    // Forgotten long ago is as bad.
    let one = session(9, &[]);
    assert!(matches!(worth(&one, &token(&one, 3), NOW), Decision::Reused { .. }));
}

#[test]
fn nothing_is_worth_anything_for_a_session_that_is_over() {
    let mut one = session(2, &[(1, 1000)]);
    let shown = [token(&one, 0), token(&one, 1), token(&one, 2)];
    assert!(shown.iter().all(|token| matches!(refresh(None, token, &RULES, keyring(), event(), NOW), Decision::Refuse)));
    assert!(shown.iter().all(|token| matches!(worth(&one, token, one.expires_at), Decision::Refuse)));
    one.revoked_at = Some(NOW);
    assert!(shown.iter().all(|token| matches!(worth(&one, token, NOW), Decision::Refuse)));
}

#[test]
fn made_up_tokens_are_refused_and_revoke_nothing() {
    let one = session(5, &[(4, 1000)]);
    let other = Session { handle: SessionHandle::parse("other").unwrap(), ..one.clone() };
    let older = Session { nonce: vec![2; 16], ..one.clone() };
    for generation in [0, 4, 5, 6] {
        for shown in [token(&other, generation), token(&older, generation)] {
            assert!(matches!(worth(&one, &shown, NOW), Decision::Refuse));
        }
    }
    // Genuine, but ahead of the session.
    assert!(matches!(worth(&one, &token(&one, 6), NOW), Decision::Refuse));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a session is refreshed, every token retired less than the grace ago is answered with the current one,
    /// every older one revokes, and the list of retired ones stays short.
    #[test]
    fn every_token_in_its_grace_repeats(steps in prop::collection::vec(0i64..1_500, 1..120)) {
        let mut one = Session { expires_at: NOW + Millis::from_hours(2400), ..session(0, &[]) };
        let mut retired_at: Vec<Timestamp> = Vec::new();
        let mut now = NOW;
        for step in steps {
            now = now + Millis(step);
            match worth(&one, &token(&one, one.generation), now) {
                Decision::Rotate { session, .. } => {
                    prop_assert_eq!(session.generation, one.generation + 1);
                    retired_at.push(now);
                    one = *session;
                }
                Decision::Repeat => {
                    let recent = retired_at.iter().filter(|at| now.since(**at) < RULES.grace).count();
                    prop_assert!(recent >= 32, "it rotates unless very much was retired moments ago, not {}", recent);
                }
                Decision::Reused { .. } | Decision::Refuse => prop_assert!(false, "the current token was not taken"),
            }
            prop_assert!(one.retired.len() <= REMEMBERED);
            for (generation, at) in retired_at.iter().enumerate() {
                let answer = worth(&one, &token(&one, generation as i64), now);
                if now.since(*at) < RULES.grace {
                    prop_assert!(matches!(answer, Decision::Repeat), "generation {} of {}", generation, one.generation);
                } else {
                    prop_assert!(matches!(answer, Decision::Reused { .. }), "generation {} of {}", generation, one.generation);
                }
            }
            prop_assert!(matches!(worth(&one, &token(&one, one.generation + 1), now), Decision::Refuse));
        }
    }
}
