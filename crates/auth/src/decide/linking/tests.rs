//! Under test: linked users.

use super::*;
use crate::decide::people::login_methods;
use postkey_model::{EventId, EventKind};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// Somebody with these rows: the tenant, the identity, the subject.
fn somebody(id: &str, rows: &[(&str, &str, &str)]) -> UserFacts {
    let user = User { id: UserId::stored(id.to_owned()), tenant: TenantId::public(), created_at: NOW, version: 3, primary_at: None };
    let row = |(tenant, identity, subject): &(&str, &str, &str)| Identity {
        id: IdentityId::stored((*identity).to_owned()),
        user: user.id.clone(),
        tenant: TenantId::stored((*tenant).to_owned()),
        connection: match subject.split_once(':') {
            Some(_) => Connection::Provider(ProviderId::parse("google").unwrap()),
            None if subject.starts_with('+') => Connection::Sms,
            None => Connection::Email,
        },
        subject: (*subject).to_owned(),
        created_at: NOW,
        version: 0,
        provider_email: subject.split_once(':').map(|(_, email)| email.to_owned()),
        verified_at: Some(NOW),
    };
    UserFacts { identities: rows.iter().map(row).collect(), user }
}

fn primary(mut facts: UserFacts) -> UserFacts {
    facts.user.primary_at = Some(NOW);
    facts
}

fn event() -> Event {
    let kind = EventKind::IdentityLinked;
    Event {
        id: EventId::stored("e".to_owned()),
        at: NOW,
        tenant: TenantId::public(),
        kind,
        subject: "s".to_owned(),
        user: None,
        actor: postkey_model::Actor::Person,
    }
}

fn none() -> Rivals {
    Rivals::default()
}

/// Whose versions a decision holds on to, in order.
fn guards(changes: &[Change]) -> Vec<String> {
    let guard = |change: &Change| match change {
        Change::UserTouched { user, seen_version: 3 } => Some(user.to_string()),
        Change::Directory(change) => match &**change {
            DirectoryChange::UserMadePrimary { user, seen_version: 3, .. } | DirectoryChange::UserRemoved { user, seen_version: 3 } => {
                Some(user.to_string())
            }
            DirectoryChange::UserChanged(user) if user.version == 3 => Some(user.id.to_string()),
            _ => None,
        },
        _ => None,
    };
    changes.iter().filter_map(guard).collect()
}

fn taken_by(id: &str, what: Shared) -> NoLink {
    NoLink::Taken { by: UserId::stored(id.to_owned()), what }
}

#[test]
fn everything_is_asked_once_in_as_few_questions_as_possible() {
    let jane = somebody("jane", &[("public", "jane", "j@example.com"), ("acme", "jane", "j@example.com"), ("public", "jane", "+1555")]);
    let joe = somebody("joe", &[("public", "joe", "g1:joe@example.com"), ("~joe", "joe", "g1:joe@example.com")]);
    let asked = questions(&[&jane, &joe]);
    assert_eq!(asked.len(), 4, "two addresses in two tenants, and the rest along with them: {asked:?}");
    let phones: Vec<_> = asked.iter().filter_map(|(_, info)| info.phone.clone()).collect();
    let providers = asked.iter().filter(|(_, info)| info.provider.is_some()).count();
    assert_eq!((phones.len(), providers), (2, 2));
}

#[test]
fn whoever_shares_with_a_primary_user_of_its_tenants_is_no_primary() {
    let jane = somebody("jane", &[("public", "jane", "j@example.com"), ("public", "jane", "+1555")]);
    for (rows, expected) in [
        (("public", "x", "j@example.com"), Some(Shared::Email)),
        (("public", "x", "g1:j@example.com"), Some(Shared::Email)),
        (("public", "x", "+1555"), Some(Shared::Phone)),
        (("acme", "x", "j@example.com"), None),
        (("public", "x", "other@example.com"), None),
    ] {
        let rivals = Rivals::of([primary(somebody("x", &[rows]))]);
        let made = made_primary(&jane, "jane", &rivals, NOW);
        assert_eq!(made.err(), expected.map(|what| taken_by("x", what)), "{rows:?}");
    }
    let known = somebody("known", &[("public", "known", "g1:a@example.com")]);
    let same = primary(somebody("x", &[("public", "x", "g1:a@example.com")]));
    assert_eq!(made_primary(&known, "known", &Rivals::of([same]), NOW).err(), Some(taken_by("x", Shared::Provider)));
}

#[test]
fn a_decision_holds_on_to_all_that_it_counted_on() {
    let jane = somebody("jane", &[("public", "jane", "j@example.com")]);
    let rivals = Rivals::of(["zoe", "abe"].map(|id| somebody(id, &[("public", id, "g1:j@example.com")])));
    assert_eq!(guards(&made_primary(&jane, "jane", &rivals, NOW).unwrap()), ["abe", "jane", "zoe"], "in the order of ids");
    let mary = primary(somebody("mary", &[("public", "mary", "m@example.com")]));
    let changes = linked(&jane, &mary, &rivals, event(), NOW).unwrap();
    assert_eq!(guards(&changes), ["abe", "jane", "mary", "zoe"]);
}

#[test]
fn who_is_primary_is_not_made_so_and_not_linked() {
    let two = somebody("jane", &[("public", "jane", "j@example.com"), ("public", "x", "x@example.com")]);
    assert!(made_primary(&two, "jane", &none(), NOW).unwrap().is_empty());
    let elsewhere = NoLink::LinkedElsewhere(two.user.id.clone());
    assert_eq!(made_primary(&two, "x", &none(), NOW).err(), Some(elsewhere.clone()));
    let mary = primary(somebody("mary", &[("public", "mary", "m@example.com")]));
    assert_eq!(linked(&two, &mary, &none(), event(), NOW).err(), Some(elsewhere));
    assert!(linked(&two, &two, &none(), event(), NOW).unwrap().is_empty(), "that it is already");
    let joe = somebody("joe", &[("public", "joe", "joe@example.com")]);
    assert_eq!(linked(&mary, &joe, &none(), event(), NOW).err(), Some(NoLink::NotPrimary));
}

#[test]
fn what_is_unlinked_takes_its_own_age_along() {
    let mut jane = primary(somebody("jane", &[("public", "x", "x@example.com"), ("public", "jane", "j@example.com")]));
    jane.identities[1].created_at = Timestamp(NOW.0 + 5);
    let out = unlinked(&jane, &IdentityId::stored("x".to_owned()), event(), NOW).unwrap();
    let ages: Vec<(String, Timestamp)> = out
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::UserCreated(user) => Some((user.id.to_string(), user.created_at)),
            Change::Directory(change) => match &**change {
                DirectoryChange::UserChanged(user) => Some((user.id.to_string(), user.created_at)),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(ages, [("jane".to_owned(), Timestamp(NOW.0 + 5)), ("x".to_owned(), NOW)]);
    assert!(out.was_linked && !out.was_deleted);
    assert!(unlinked(&jane, &IdentityId::stored("never".to_owned()), event(), NOW).is_none());
}

#[test]
fn rows_of_one_identity_are_one_login_method() {
    let rows = [
        ("public", "jane", "j@example.com"),
        ("acme", "jane", "j@example.com"),
        ("public", "jane", "+1555"),
        ("~x", "x", "g1:g@example.com"),
    ];
    let methods = login_methods(&somebody("jane", &rows));
    assert_eq!(methods.len(), 2);
    assert_eq!(
        (methods[0].tenants.len(), methods[0].email.as_deref(), methods[0].phone.as_deref()),
        (2, Some("j@example.com"), Some("+1555"))
    );
    assert_eq!((methods[1].tenants.len(), methods[1].email.as_deref()), (0, Some("g@example.com")));
    let mut unproved = somebody("joe", &[("public", "joe", "+1555"), ("public", "x", "x@example.com")]);
    unproved.identities.iter_mut().for_each(|row| row.verified_at = None);
    let is_verified: Vec<bool> = login_methods(&unproved).iter().map(|method| method.is_verified).collect();
    assert_eq!(is_verified, [true, false], "a number always is");
}
