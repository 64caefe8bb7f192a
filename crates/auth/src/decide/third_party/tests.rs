//! Under test: people whom another service vouches for.

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn says(email: &str, is_verified: bool) -> ServiceSays<'_> {
    ServiceSays { provider: ProviderId::parse("google").unwrap(), subject: "g1", email, is_verified }
}

/// Whoever the service spoke of first, as it is stored then.
fn known(email: &str, is_verified: bool) -> UserFacts {
    let changes = new_user(UserId::stored("jane".to_owned()), &TenantId::public(), &says(email, is_verified), NOW);
    let [Change::IdentityCreated(identity), Change::UserCreated(user)] = &changes[..] else { panic!("a user and an identity") };
    UserFacts { user: user.clone(), identities: vec![identity.clone()] }
}

fn came_again(facts: &UserFacts, says: &ServiceSays<'_>, rivals: &Rivals) -> Result<Vec<(Option<String>, bool)>, AddressHeld> {
    let named = |change: Change| match change {
        Change::Directory(change) => match *change {
            DirectoryChange::ProviderEmailChanged { email, verified_at, .. } => Some((email, verified_at.is_some())),
            _ => None,
        },
        _ => None,
    };
    Ok(known_user(facts, &TenantId::public(), says, rivals, NOW)?.into_iter().filter_map(named).collect())
}

#[test]
fn what_the_service_names_anew_is_written_and_nothing_else() {
    let some = |email: &str, is_verified: bool| Ok(vec![(Some(email.to_owned()), is_verified)]);
    let (proved, unproved) = (known("a@example.com", true), known("a@example.com", false));
    for (before, now, expected) in [
        (&proved, says("a@example.com", true), Ok(Vec::new())),
        (&proved, says("a@example.com", false), Ok(Vec::new())),
        (&unproved, says("a@example.com", false), Ok(Vec::new())),
        (&unproved, says("a@example.com", true), some("a@example.com", true)),
        (&proved, says("b@example.com", false), some("b@example.com", false)),
        (&unproved, says("b@example.com", true), some("b@example.com", true)),
    ] {
        assert_eq!(came_again(before, &now, Rivals::NONE), expected, "{now:?}");
    }
}

#[test]
fn only_primary_users_keep_an_address_from_primary_users() {
    let primary = |mut facts: UserFacts| {
        facts.user.primary_at = Some(NOW);
        facts
    };
    let mut other = known("b@example.com", true);
    other.user.id = UserId::stored("eve".to_owned());
    let (single, held) = (Rivals::of([other.clone()]), Rivals::of([primary(other)]));
    let (ours, new) = (known("a@example.com", true), says("b@example.com", true));
    assert!(asks_where(&ours, &TenantId::public(), &new).is_empty(), "nothing to ask for one who is none");
    assert!(came_again(&ours, &new, &held).is_ok());
    let ours = primary(ours);
    assert_eq!(asks_where(&ours, &TenantId::public(), &new), [TenantId::public()]);
    assert!(came_again(&ours, &new, &single).is_ok());
    assert_eq!(came_again(&ours, &new, &held), Err(AddressHeld));
    assert!(came_again(&ours, &says("a@example.com", true), &held).is_ok(), "its own it keeps");
}
