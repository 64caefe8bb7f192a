//! What has to be proved before identifiers change, by the rules alone.

use super::*;
use postkey_model::{
    Account, Asked, CodeStrength, Connection, DeviceHash, EventId, EventKind, Flow, Millis, SentCode, SignInId, TenantId, UserId,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
/// From this age on a way in counts as another one. Written out here: the rule is not to be tested against itself.
const WEEK: Millis = Millis(7 * 24 * 60 * 60 * 1000);

fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

fn way(name: &str) -> IdentityId {
    IdentityId::parse(name).unwrap()
}

/// `+…` is a phone number, all else an address.
fn identifier(text: &str) -> Identifier {
    let connection = if text.starts_with('+') { Connection::Sms } else { Connection::Email };
    Identifier::stored(connection, text.to_owned())
}

/// Jane with these identities, each a week old; the n-th is of version n and is called `i0`, `i1`…
fn jane(subjects: &[&str]) -> UserFacts {
    aged(&subjects.iter().map(|subject| (*subject, WEEK)).collect::<Vec<_>>())
}

/// As [`jane`], each identity of an age of its own.
fn aged(ways: &[(&str, Millis)]) -> UserFacts {
    let identities = ways.iter().enumerate().map(|(n, (subject, age))| Identity {
        id: way(&format!("i{n}")),
        user: user("jane"),
        tenant: TenantId::public(),
        connection: identifier(subject).connection(),
        subject: (*subject).to_owned(),
        created_at: NOW - *age,
        version: n as i64,
        provider_email: None,
        verified_at: None,
    });
    UserFacts {
        user: User { id: user("jane"), tenant: TenantId::public(), created_at: NOW, version: 9, primary_at: None },
        identities: identities.collect(),
    }
}

fn sign_in(to: &Identifier, purpose: Purpose) -> SignIn {
    SignIn {
        id: SignInId::parse("sign-in").unwrap(),
        tenant: TenantId::public(),
        connection: to.connection(),
        subject: to.as_str().to_owned(),
        account: Account::user(&user("jane")),
        flow: Flow::UserInputCode,
        device: DeviceHash::stored(&[7; 32]).unwrap(),
        code: SentCode { code: None, link: None, strength: CodeStrength::Short, expires_at: NOW + Millis::from_mins(10) },
        sends: 1,
        last_sent_at: NOW,
        attempts: 0,
        max_attempts: 5,
        destination: None,
        purpose,
        asked: Asked::default(),
        opened_at: None,
        approved_at: None,
        number_tries: 0,
        started_at: NOW,
        ended: None,
    }
}

fn event() -> Event {
    let kind = EventKind::IdentityChanged;
    Event {
        id: EventId::parse("event").unwrap(),
        at: NOW,
        tenant: TenantId::public(),
        kind,
        subject: "jane".to_owned(),
        user: None,
        actor: postkey_model::Actor::Person,
    }
}

fn prove(step: &FirstStep, facts: &UserFacts) -> Proved {
    proved(&sign_in(&step.to, step.purpose.clone()), facts, way("fresh"), event(), NOW)
}

/// What a proof brought, shortly.
fn name(proved: &Proved) -> &'static str {
    match proved {
        Proved::Next(_) => "next",
        Proved::Done { added: true, .. } => "added",
        Proved::Done { added: false, .. } => "changed",
        Proved::Dead => "dead",
    }
}

fn is_touched(change: &Change) -> bool {
    matches!(change, Change::UserTouched { user: touched, seen_version: 9 } if *touched == user("jane"))
}

#[test]
fn adding_proves_the_new_one_and_tells_all_others() {
    let facts = jane(&["jane@example.com", "+15550100"]);
    let new = identifier("new@example.com");
    let step = first_step(&facts, &Wish::Add, &new, NOW).unwrap();
    assert_eq!(step, FirstStep { to: new.clone(), purpose: Purpose::Add { user: user("jane") } });
    let Proved::Done { changes, tell, added: true } = prove(&step, &facts) else { panic!("not added") };
    assert_eq!(tell, [identifier("jane@example.com"), identifier("+15550100")]);
    let [touched, Change::IdentityCreated(made), Change::EventRecorded(line)] = &changes[..] else { panic!("three changes") };
    assert_eq!((made.identifier().unwrap(), &made.user, &made.id, made.version), (new, &user("jane"), &way("fresh"), 0));
    assert!(is_touched(touched));
    assert_eq!(line.subject, "jane", "the line names ids only");
}

#[test]
fn of_several_ways_in_one_is_changed_by_proving_the_new_one() {
    let facts = jane(&["jane@example.com", "+15550100"]);
    let new = identifier("new@example.com");
    let step = first_step(&facts, &Wish::Change(way("i0")), &new, NOW).unwrap();
    let purpose = Purpose::Change { user: user("jane"), identity: way("i0"), version: 0, confirmed: false };
    assert_eq!(step, FirstStep { to: new, purpose });
    let Proved::Done { changes, tell, added: false } = prove(&step, &facts) else { panic!("not changed") };
    assert_eq!(tell, [identifier("jane@example.com")], "the old one is told");
    let [touched, Change::IdentityChanged { seen, subject, since }, Change::EventRecorded(_)] = &changes[..] else { panic!("three") };
    assert_eq!((seen, subject.as_str(), *since), (&facts.identities[0], "new@example.com", NOW), "and it is new again");
    assert!(is_touched(touched));
}

#[test]
fn the_only_way_in_confirms_first() {
    let facts = jane(&["jane@example.com"]);
    let (old, new) = (identifier("jane@example.com"), identifier("new@example.com"));
    let step = first_step(&facts, &Wish::Change(way("i0")), &new, NOW).unwrap();
    let purpose = Purpose::ConfirmOld { user: user("jane"), identity: way("i0"), version: 0, to: new.clone() };
    assert_eq!(step, FirstStep { to: old.clone(), purpose });
    let Proved::Next(next) = prove(&step, &facts) else { panic!("not next") };
    let purpose = Purpose::Change { user: user("jane"), identity: way("i0"), version: 0, confirmed: true };
    assert_eq!(next, FirstStep { to: new, purpose });
    let Proved::Done { changes, tell, added: false } = prove(&next, &facts) else { panic!("not changed") };
    let Change::IdentityChanged { subject, since, .. } = &changes[1] else { panic!("not changed") };
    assert_eq!((subject.as_str(), *since), ("new@example.com", facts.identities[0].created_at), "what was confirmed keeps its age");
    assert_eq!(tell, [old]);
}

#[test]
fn only_what_is_ones_own_and_of_one_kind_is_changed() {
    let facts = jane(&["jane@example.com", "+15550100"]);
    let wish = |identity: &str, new: &str| first_step(&facts, &Wish::Change(way(identity)), &identifier(new), NOW).err();
    assert_eq!(wish("i0", "new@example.com"), None);
    assert_eq!(wish("i1", "+15550199"), None);
    assert_eq!(wish("i0", "+15550199"), Some(NoWish::NotYours), "a number in the place of an address");
    assert_eq!(wish("i1", "new@example.com"), Some(NoWish::NotYours));
    assert_eq!(wish("i7", "new@example.com"), Some(NoWish::NotYours), "somebody else's, or gone");
    for yours in ["jane@example.com", "+15550100"] {
        assert_eq!(wish("i0", yours), Some(NoWish::AlreadyYours));
        assert_eq!(first_step(&facts, &Wish::Add, &identifier(yours), NOW).err(), Some(NoWish::AlreadyYours));
    }
}

#[test]
fn what_became_the_only_way_in_meanwhile_has_to_confirm() {
    let two = jane(&["jane@example.com", "+15550100"]);
    let step = first_step(&two, &Wish::Change(way("i0")), &identifier("new@example.com"), NOW).unwrap();
    assert_eq!(name(&prove(&step, &jane(&["jane@example.com"]))), "dead");
    assert_eq!(name(&prove(&step, &two)), "changed");
}

/// What it takes to put `new@example.com` in the place of `i0`, and whether the rule and the page say the same.
fn takes(facts: &UserFacts, now: Timestamp) -> &'static str {
    let step = first_step(facts, &Wish::Change(way("i0")), &identifier("new@example.com"), now).unwrap();
    let takes = match &step.purpose {
        Purpose::ConfirmOld { .. } => "the old one first",
        Purpose::Change { confirmed: false, .. } => "the new one",
        other => panic!("{other:?}"),
    };
    assert_eq!(is_only_way_in(facts, &facts.identities[0], now), takes == "the old one first");
    takes
}

#[test]
fn another_way_in_counts_from_a_week_on() {
    let with_another = |age: Millis| aged(&[("jane@example.com", WEEK + WEEK), ("eve@example.com", age)]);
    for age in [Millis(0), Millis(1), Millis::from_hours(24 * 6), Millis(WEEK.0 - 1), Millis(-1), Millis(-WEEK.0), Millis(i64::MIN / 2)] {
        assert_eq!(takes(&with_another(age), NOW), "the old one first", "{age:?}");
    }
    for age in [WEEK, Millis(WEEK.0 + 1), Millis::from_hours(24 * 365)] {
        assert_eq!(takes(&with_another(age), NOW), "the new one", "{age:?}");
    }
    let mut young = with_another(Millis(0));
    assert_eq!(takes(&young, NOW + Millis(WEEK.0 - 1)), "the old one first", "the clock moves");
    assert_eq!(takes(&young, NOW + WEEK), "the new one");
    young.identities.remove(1);
    assert_eq!(takes(&young, NOW + WEEK), "the old one first", "its own age is no help");
    assert_eq!(takes(&aged(&[("jane@example.com", Millis(0)), ("+15550100", WEEK)]), NOW), "the new one", "nor any hindrance");
}

/// So the owner puts something else in the place of what a thief added, and does not ask the thief.
#[test]
fn an_older_way_in_counts_at_once() {
    for (own, other, expected) in [
        (Millis(0), Millis(1), "the new one"),
        (Millis(5), Millis(6), "the new one"),
        (Millis(6), Millis(6), "the old one first"),
        (Millis(6), Millis(5), "the old one first"),
        (Millis(WEEK.0 - 2), Millis(WEEK.0 - 1), "the new one"),
    ] {
        assert_eq!(takes(&aged(&[("eve@example.com", own), ("jane@example.com", other)]), NOW), expected, "{own:?} {other:?}");
    }
    let own = aged(&[("eve@example.com", Millis(0)), ("jane@example.com", Millis(1))]);
    let step = first_step(&own, &Wish::Change(way("i0")), &identifier("new@example.com"), NOW).unwrap();
    assert_eq!(name(&prove(&step, &own)), "changed");
}

#[test]
fn what_is_younger_than_another_may_be_removed() {
    let facts = aged(&[("work@example.com", Millis(1)), ("jane@example.com", WEEK), ("+15550100", WEEK), ("eve@example.com", Millis(0))]);
    for (n, may) in [(0, true), (1, false), (2, false), (3, true)] {
        assert_eq!(may_remove(&facts, &facts.identities[n]), may, "i{n}");
        let Some((changes, gone)) = removed(&facts, &way(&format!("i{n}")), event()) else {
            assert!(!may, "i{n}");
            continue;
        };
        assert!(may, "one of the oldest");
        let [touched, Change::IdentityRemoved(seen), Change::EventRecorded(line)] = &changes[..] else { panic!("three changes") };
        assert!(is_touched(touched), "of two removals at once one looks again");
        assert_eq!((seen, gone, line), (&facts.identities[n], facts.identities[n].identifier().unwrap(), &event()));
    }
    for nobodys in ["i7", "eves"] {
        assert!(removed(&facts, &way(nobodys), event()).is_none(), "{nobodys}: another user's, or gone");
    }
    assert!(removed(&aged(&[("jane@example.com", WEEK)]), &way("i0"), event()).is_none(), "the last one");
}

#[test]
fn only_an_old_one_that_confirms_may_be_somebodys() {
    let (jane, to) = (user("jane"), identifier("new@example.com"));
    let change = |confirmed| Purpose::Change { user: jane.clone(), identity: way("i0"), version: 0, confirmed };
    let news = [Purpose::Add { user: jane.clone() }, change(false), change(true)];
    for purpose in &news {
        assert!(admits(purpose, false) && !admits(purpose, true), "{purpose:?}");
        // Somebody's or not: the same budget, and not that of whoever wants it.
        assert_eq!(account(purpose, &to, &jane), Account::identifier(Connection::Email, "new@example.com"), "{purpose:?}");
    }
    let confirm = Purpose::ConfirmOld { user: jane.clone(), identity: way("i0"), version: 0, to: to.clone() };
    assert!(admits(&confirm, true) && admits(&confirm, false));
    assert_eq!(account(&confirm, &identifier("jane@example.com"), &jane), Account::user(&jane));
    let number = identifier("+15550100");
    assert_eq!(account(&news[0], &number, &jane), Account::identifier(Connection::Sms, "+15550100"));
}

#[test]
fn of_two_pending_changes_the_second_has_to_confirm() {
    let mut facts = jane(&["jane@example.com", "jane@work.example"]);
    let wish = |n: usize, new: &str| first_step(&facts, &Wish::Change(way(&format!("i{n}"))), &identifier(new), NOW).unwrap();
    let (first, second) = (wish(0, "eve@example.com"), wish(1, "eve@work.example"));
    let Proved::Done { changes, .. } = prove(&first, &facts) else { panic!("not changed") };
    apply(&mut facts, changes);
    assert_eq!(name(&prove(&second, &facts)), "dead");
}

#[test]
fn a_plain_sign_in_changes_nothing() {
    let step = FirstStep { to: identifier("new@example.com"), purpose: Purpose::SignIn };
    assert_eq!(name(&prove(&step, &jane(&["jane@example.com"]))), "dead");
    assert_eq!(Purpose::SignIn.user(), None);
}

const SUBJECTS: [&str; 5] = ["jane@example.com", "jane@work.example", "+15550100", "+15550199", "j@example.org"];

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![Just(Wish::Add), (0..5usize).prop_map(|n| Wish::Change(way(&format!("i{n}"))))]
}

/// Ages around a week, most of all; some begin in the future, by another node's clock.
fn age() -> impl Strategy<Value = Millis> {
    let edge = prop::sample::select(vec![-1, 0, 1, WEEK.0 - 1, WEEK.0, WEEK.0 + 1]);
    prop_oneof![edge, -WEEK.0..3 * WEEK.0].prop_map(Millis)
}

/// Whether there is another identity that is at least a week old, or older than this one.
fn has_another(facts: &UserFacts, id: &IdentityId) -> bool {
    let own = facts.identities.iter().find(|identity| identity.id == *id).unwrap().created_at.0;
    let others = facts.identities.iter().filter(|identity| identity.id != *id).map(|identity| identity.created_at.0);
    others.min().is_some_and(|oldest| oldest <= NOW.0 - WEEK.0 || oldest < own)
}

/// What somebody with a stolen session does.
#[derive(Clone, Debug)]
enum Thief {
    Wait(Millis),
    Add,
    Change(usize),
    Remove(usize),
    Prove(usize),
}

fn thief() -> impl Strategy<Value = Thief> {
    prop_oneof![
        1 => (0..WEEK.0).prop_map(|length| Thief::Wait(Millis(length))),
        1 => Just(Thief::Add),
        3 => (0..8usize).prop_map(Thief::Change),
        2 => (0..8usize).prop_map(Thief::Remove),
        5 => (0..16usize).prop_map(Thief::Prove),
    ]
}

/// Does to `facts` what the store does.
fn apply(facts: &mut UserFacts, changes: Vec<Change>) {
    for change in changes {
        match change {
            Change::UserTouched { seen_version, .. } => facts.user.version = seen_version + 1,
            Change::IdentityCreated(new) => facts.identities.push(new),
            Change::IdentityChanged { seen, subject, since } => {
                let identity = facts.identities.iter_mut().find(|identity| **identity == seen).unwrap();
                (identity.subject, identity.created_at, identity.version) = (subject, since, seen.version + 1);
            }
            Change::IdentityRemoved(seen) => facts.identities.retain(|identity| *identity != seen),
            Change::EventRecorded(_) => {}
            _ => panic!("it writes something else"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is wished: it is for this user, whoever has no other way in that is older or a week old confirms, and a
    /// proof sent to it is never another's.
    #[test]
    fn without_another_way_in_that_counts_the_old_one_always_confirms(
        ages in prop::collection::vec(age(), 1..5), wish in wish(), new in 0..5usize,
    ) {
        let facts = aged(&SUBJECTS.into_iter().zip(ages).collect::<Vec<_>>());
        let new = identifier(SUBJECTS[new]);
        let Ok(step) = first_step(&facts, &wish, &new, NOW) else { return Ok(()) };
        prop_assert_eq!(step.purpose.user(), Some(&user("jane")));
        prop_assert!(!facts.identities.iter().any(|identity| identity.identifier().as_ref() == Some(&new)), "what is theirs is not proved again");
        match &step.purpose {
            Purpose::SignIn | Purpose::Login { .. } => prop_assert!(false, "a wish opens no session"),
            Purpose::Add { .. } => prop_assert!(wish == Wish::Add && step.to == new),
            Purpose::Change { identity, confirmed, .. } => {
                prop_assert!(wish == Wish::Change(identity.clone()) && !confirmed && step.to == new);
                prop_assert!(has_another(&facts, identity), "nobody confirms");
                prop_assert_eq!(name(&prove(&step, &facts)), "changed");
            }
            Purpose::ConfirmOld { identity, to, .. } => {
                prop_assert!(wish == Wish::Change(identity.clone()) && *to == new && !has_another(&facts, identity));
                let old = facts.identities.iter().find(|i| i.id == *identity).and_then(Identity::identifier);
                prop_assert_eq!(Some(&step.to), old.as_ref());
                prop_assert_eq!(name(&prove(&step, &facts)), "next", "it changes nothing by itself");
            }
        }
    }

    /// A pending change is alive exactly as long as its identity is as it was, and, unless the old one confirmed, as
    /// there is another way in that is older or a week old.
    #[test]
    fn a_pending_change_dies_with_the_version_and_with_the_other_way_in(
        ages in prop::collection::vec(age(), 1..5), which in 0..5usize, moved in -2..3i64, is_gone: bool, confirms: bool, confirmed: bool,
    ) {
        let mut facts = aged(&SUBJECTS.into_iter().zip(ages).collect::<Vec<_>>());
        let which = which % facts.identities.len();
        let (identity, version) = (facts.identities[which].id.clone(), facts.identities[which].version);
        let another = has_another(&facts, &identity);
        // An address takes the place of an address, a number that of a number.
        let new = identifier(if facts.identities[which].connection == Connection::Email { "new@example.com" } else { "+4915112345679" });
        let jane = user("jane");
        let step = match confirms {
            true => {
                let to = facts.identities[which].identifier().unwrap();
                FirstStep { to, purpose: Purpose::ConfirmOld { user: jane, identity, version, to: new } }
            }
            false => FirstStep { to: new, purpose: Purpose::Change { user: jane, identity, version, confirmed } },
        };
        facts.identities[which].version += moved;
        if is_gone {
            facts.identities.remove(which);
        }
        let expected = match (moved == 0 && !is_gone, confirms) {
            (false, _) => "dead",
            (true, true) => "next",
            (true, false) if !another && !confirmed => "dead",
            (true, false) => "changed",
        };
        prop_assert_eq!(name(&prove(&step, &facts)), expected);
    }

    /// Somebody with a stolen session, who reads none of Jane's mail, adds, changes, removes and waits in whatever order.
    /// For a week one of her own ways in stays, with which she gets in, throws out all that is not hers, and puts something
    /// else in its place without asking there.
    #[test]
    fn a_stolen_session_does_not_lock_its_owner_out_within_a_week(
        ages in prop::collection::vec(WEEK.0..WEEK.0 + 3, 1..4), moves in prop::collection::vec(thief(), 1..30),
    ) {
        let mut facts = aged(&SUBJECTS.into_iter().zip(ages.into_iter().map(Millis)).collect::<Vec<_>>());
        let (mut pending, mut now): (Vec<FirstStep>, _) = (Vec::new(), NOW);
        for (nth, what) in moves.iter().enumerate() {
            let new = identifier(&format!("eve{nth}@example.com"));
            match what {
                Thief::Wait(length) => now = (now + *length).min(NOW + Millis(WEEK.0 - 1)),
                Thief::Add => pending.extend(first_step(&facts, &Wish::Add, &new, now)),
                Thief::Change(n) => {
                    let id = facts.identities[n % facts.identities.len()].id.clone();
                    pending.extend(first_step(&facts, &Wish::Change(id), &new, now));
                }
                Thief::Remove(n) => {
                    let id = facts.identities[n % facts.identities.len()].id.clone();
                    if let Some((changes, _)) = removed(&facts, &id, event()) {
                        apply(&mut facts, changes);
                    }
                }
                Thief::Prove(n) => {
                    let Some(step) = pending.get(n % pending.len().max(1)).cloned() else { continue };
                    if !step.to.as_str().starts_with("eve") {
                        continue;
                    }
                    let sign_in = sign_in(&step.to, step.purpose);
                    match proved(&sign_in, &facts, way(&format!("fresh{nth}")), event(), now) {
                        Proved::Next(next) => pending.push(next),
                        Proved::Done { changes, .. } => apply(&mut facts, changes),
                        Proved::Dead => {}
                    }
                }
            }
            let (hers, eves): (Vec<_>, Vec<_>) = facts.identities.iter().partition(|i| SUBJECTS.contains(&i.subject.as_str()));
            prop_assert!(!hers.is_empty(), "{moves:?}");
            for identity in eves {
                prop_assert!(may_remove(&facts, identity), "{moves:?}");
                let step = first_step(&facts, &Wish::Change(identity.id.clone()), &identifier("new@example.com"), now).unwrap();
                let asks_eve = matches!(step.purpose, Purpose::ConfirmOld { .. });
                prop_assert!(!asks_eve, "{moves:?}");
            }
        }
    }

    /// However old they all are: exactly those go that have an older one beside them, so the last one never goes.
    #[test]
    fn the_oldest_always_stays(ages in prop::collection::vec(age(), 1..5), order in prop::collection::vec(0..5usize, 0..12)) {
        let mut facts = aged(&SUBJECTS.into_iter().zip(ages).collect::<Vec<_>>());
        let oldest = facts.identities.iter().map(|identity| identity.created_at).min();
        for n in order {
            let oldest_are = facts.identities.iter().filter(|identity| Some(identity.created_at) == oldest).count();
            prop_assert!(oldest_are > 0);
            let id = way(&format!("i{n}"));
            let known = facts.identities.iter().find(|identity| identity.id == id).cloned();
            let gone = removed(&facts, &id, event());
            prop_assert_eq!(gone.is_some(), known.is_some_and(|known| Some(known.created_at) > oldest));
            if let Some((changes, _)) = gone {
                apply(&mut facts, changes);
            }
        }
    }

    /// Held against the facts of another user, no purpose does anything, whatever it names.
    #[test]
    fn a_purpose_of_another_user_does_nothing(count in 1..5usize, version in 0..5i64, confirmed: bool) {
        let facts = jane(&SUBJECTS[..count]);
        let of = |who: &str, identity: &str| {
            let (to, identity) = (identifier("new@example.com"), way(identity));
            [
                Purpose::Change { user: user(who), identity: identity.clone(), version, confirmed },
                Purpose::ConfirmOld { user: user(who), identity, version, to },
                Purpose::Add { user: user(who) },
            ]
        };
        // Eve's on one of Jane's identities, as it is; and Jane's own on one of Eve's.
        let of_eve = of("eve", &format!("i{version}"));
        let of_jane = of("jane", "eves").into_iter().filter(|purpose| !matches!(purpose, Purpose::Add { .. }));
        for purpose in of_eve.into_iter().chain(of_jane) {
            let step = FirstStep { to: identifier("new@example.com"), purpose };
            prop_assert_eq!(name(&prove(&step, &facts)), "dead");
        }
    }
}
