//! Under test: people as back ends handle them.

use super::*;
use postkey_model::{EventId, UserId};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn tenant(name: &str) -> TenantId {
    TenantId::stored(name.to_owned())
}

/// Somebody with these rows: the tenant, the identity, the address.
fn somebody(id: &str, rows: &[(&str, &str, &str)]) -> UserFacts {
    let user = User { id: UserId::stored(id.to_owned()), tenant: TenantId::public(), created_at: NOW, version: 3, primary_at: None };
    let row = |(place, identity, subject): &(&str, &str, &str)| Identity {
        id: IdentityId::stored((*identity).to_owned()),
        user: user.id.clone(),
        tenant: tenant(place),
        connection: Connection::Email,
        subject: (*subject).to_owned(),
        created_at: NOW,
        version: 0,
        provider_email: None,
        verified_at: Some(NOW),
    };
    UserFacts { identities: rows.iter().map(row).collect(), user }
}

fn event() -> Event {
    Event {
        id: EventId::stored("e".to_owned()),
        at: NOW,
        tenant: TenantId::public(),
        kind: EventKind::UserRemoved,
        subject: "s".to_owned(),
        user: None,
        actor: postkey_model::Actor::Person,
    }
}

fn set(names: &[&str]) -> BTreeSet<TenantId> {
    names.iter().map(|name| tenant(name)).collect()
}

/// Who leaves and joins which tenants, and since when.
fn moves(changes: &[Change]) -> Vec<(char, String, Timestamp)> {
    let one = |change: &Change| match change {
        Change::Directory(change) => match &**change {
            DirectoryChange::MemberLeft { tenant, created_at, .. } => Some(('-', tenant.to_string(), *created_at)),
            DirectoryChange::MemberJoined { tenant, created_at, .. } => Some(('+', tenant.to_string(), *created_at)),
            _ => None,
        },
        _ => None,
    };
    changes.iter().filter_map(one).collect()
}

fn cancelled_in(changes: &[Change]) -> Vec<(String, String)> {
    let one = |change: &Change| match change {
        Change::SignInsCancelled { tenant, subject, .. } => Some((tenant.to_string(), subject.clone())),
        _ => None,
    };
    changes.iter().filter_map(one).collect()
}

#[test]
fn lists_of_members_follow_tenants_and_age() {
    let user = somebody("jane", &[]).user;
    let of = |before: &[&str], after: &[&str], age: Timestamp| moves(&membership(&user, &set(before), &set(after), age));
    assert_eq!(of(&["a", "b"], &["b", "c"], NOW), [('-', "a".to_owned(), NOW), ('+', "c".to_owned(), NOW)]);
    assert!(of(&["a"], &["a"], NOW).is_empty());
    let older = Timestamp(5);
    assert_eq!(of(&["a"], &["a"], older), [('-', "a".to_owned(), NOW), ('+', "a".to_owned(), older)]);
}

#[test]
fn the_place_of_an_identity_in_no_tenant_is_no_tenant() {
    let id = IdentityId::stored("x1".to_owned());
    for app in [AppId::public(), AppId::parse("shop").unwrap()] {
        let place = nowhere(&app, &id);
        assert!(is_nowhere(&place) && place.app() == app && TenantId::parse(place.name()).is_none());
    }
    assert!(!is_nowhere(&TenantId::public()) && !is_nowhere(&tenant("shop/public")));
}

#[test]
fn addresses_have_one_spelling() {
    for (typed, expected) in [
        (" Jane@Example.com ", "jane@example.com"),
        ("Odd@Sub_Domain.example", "odd@sub_domain.example"),
        ("J@BÜCHER.example", "j@xn--bcher-kva.example"),
    ] {
        assert_eq!(normal_email(typed), expected);
    }
}

#[test]
fn one_of_two_identities_is_removed_and_the_user_stays() {
    let jane = somebody("jane", &[("public", "jane", "j@example.com"), ("acme", "x", "x@example.com"), ("public", "x", "x@example.com")]);
    let changes = removed(&jane, "x", false, event(), NOW).unwrap();
    assert_eq!(changes.iter().filter(|change| matches!(change, Change::IdentityRemoved(row) if row.id.as_str() == "x")).count(), 2);
    assert_eq!(moves(&changes), [('-', "acme".to_owned(), NOW)]);
    assert_eq!(cancelled_in(&changes).len(), 2);
    let is_kept = |change: &Change| matches!(change, Change::Directory(change) if matches!(&**change, DirectoryChange::UserChanged(user) if user.version == 3));
    let kept = |changes: &[Change]| changes.iter().any(is_kept);
    assert!(kept(&changes));
    assert!(matches!(changes.last(), Some(Change::EventRecorded(Event { kind: EventKind::IdentityRemoved, .. }))));
    // What is kept under the user's id stays with the user, also when its own identity goes.
    let own = removed(&jane, "jane", false, event(), NOW).unwrap();
    let belongings =
        |change: &Change| matches!(change, Change::Directory(change) if matches!(**change, DirectoryChange::BelongingsRemoved { .. }));
    assert!(kept(&own) && !own.iter().any(belongings) && changes.iter().any(belongings));
    assert!(removed(&jane, "never", false, event(), NOW).is_none());
    let all = removed(&jane, "x", true, event(), NOW).unwrap();
    assert!(!kept(&all) && all.iter().filter(|change| belongings(change)).count() == 2 && moves(&all).len() == 2);
}

#[test]
fn another_address_in_every_tenant_is_not_proved() {
    let jane = somebody("jane", &[("public", "jane", "j@example.com"), ("acme", "jane", "j@example.com")]);
    let id = &jane.identities[0].id;
    let wish = NewContact { email: Some(Some(EmailAddress::parse("new@example.com").unwrap())), phone: None };
    let changes = updated(&jane, id, &wish, Rivals::NONE, event(), NOW).unwrap();
    assert!(matches!(changes[0], Change::UserTouched { seen_version: 3, .. }));
    assert_eq!(changes.iter().filter(|change| matches!(change, Change::IdentityChanged { since: NOW, .. })).count(), 2);
    let unproved = |change: &&Change| match change {
        Change::Directory(change) => matches!(**change, DirectoryChange::AddressVerified { at: None, .. }),
        _ => false,
    };
    assert_eq!(changes.iter().filter(unproved).count(), 2);
    assert_eq!(cancelled_in(&changes).len(), 4, "the old one and the new one, in both");
    let same = NewContact { email: Some(Some(EmailAddress::parse("j@example.com").unwrap())), phone: Some(None) };
    assert!(updated(&jane, id, &same, Rivals::NONE, event(), NOW).unwrap().is_empty());
    // Somebody of another tenant is no hindrance; one of either of these is.
    for (place, refused) in [("far", None), ("acme", Some(NoUpdate::EmailTaken))] {
        let rivals = Rivals::of([somebody("eve", &[(place, "eve", "new@example.com")])]);
        assert_eq!(updated(&jane, id, &wish, &rivals, event(), NOW).err(), refused);
    }
}

#[test]
fn out_of_the_last_tenant_an_identity_is_kept_aside_and_comes_back() {
    let jane = somebody("jane", &[("public", "jane", "j@example.com")]);
    let roles = [("jane".to_owned(), "admin".to_owned())];
    let changes = disassociated(&jane, "jane", &TenantId::public(), &roles, NOW);
    let aside = changes.iter().find_map(|change| if let Change::IdentityCreated(row) = change { Some(row.clone()) } else { None }).unwrap();
    assert!(is_nowhere(&aside.tenant) && aside.subject == "j@example.com");
    assert_eq!(moves(&changes), [('-', "public".to_owned(), NOW)]);
    assert!(disassociated(&jane, "jane", &tenant("acme"), &roles, NOW).is_empty());
    let parked = UserFacts { identities: vec![aside.clone()], ..jane };
    let back = associated(&parked, "jane", &tenant("acme"), Rivals::NONE).unwrap();
    assert!(back.iter().any(|change| matches!(change, Change::IdentityRemoved(row) if *row == aside)));
    assert_eq!(moves(&back), [('+', "acme".to_owned(), NOW)]);
    // One of two stays a member, and keeps the roles.
    let two = somebody("jane", &[("public", "jane", "j@example.com"), ("public", "x", "x@example.com")]);
    let changes = disassociated(&two, "x", &TenantId::public(), &roles, NOW);
    let takes = |change: &Change| matches!(change, Change::Directory(change) if matches!(**change, DirectoryChange::RoleTaken { .. }));
    assert!(moves(&changes).is_empty() && !changes.iter().any(takes));
}
