//! The rules of moving in: ids, rows, changes, and who is known again.

use super::*;
use postkey_model::bulk::{BulkUser, Rules};
use serde_json::json;

const NOW: Timestamp = Timestamp(10_000);

fn taken(value: Value) -> Taken {
    let user: BulkUser = serde_json::from_value(value).unwrap();
    user.check(&Rules { emailpassword_as_passwordless: false, now: NOW, taken_names: &[] }).0.unwrap()
}

fn come(value: Value) -> Newcomer {
    newcomer(&AppId::public(), &taken(value)).unwrap()
}

/// Each row as `id tenant connection subject`.
fn rows(newcomer: &Newcomer) -> Vec<String> {
    let row = |it: &Identity| format!("{} {} {} {}", it.id, it.tenant, it.connection.as_str(), it.subject);
    newcomer.identities.iter().map(row).collect()
}

fn facts(newcomer: &Newcomer) -> UserFacts {
    UserFacts { user: newcomer.user.clone(), identities: newcomer.identities.clone() }
}

#[test]
fn ids_are_those_that_applications_see() {
    let method = json!({"recipeId": "passwordless", "email": "a@example.com", "superTokensUserId": "st-1"});
    let plain = come(json!({"id": "st-1", "loginMethods": [method]}));
    assert_eq!((plain.user.id.as_str(), rows(&plain)), ("st-1", vec!["st-1 public email a@example.com".to_owned()]));
    // Another id was set: users are known by that one, and so is their first way in.
    for value in [
        json!({"id": "st-1", "externalUserId": "auth0|x", "loginMethods": [method]}),
        json!({"externalUserId": "auth0|x", "loginMethods": [{"recipeId": "passwordless", "email": "a@example.com"}]}),
        json!({"loginMethods": [{"recipeId": "passwordless", "email": "a@example.com", "superTokensUserId": "st-1", "externalUserId": "auth0|x"}]}),
    ] {
        let external = come(value);
        assert_eq!((external.user.id.as_str(), rows(&external)), ("auth0|x", vec!["auth0|x public email a@example.com".to_owned()]));
    }
    // Linked: each way in keeps its own; the user's lives on without the way in that gave it.
    let google = json!({"recipeId": "thirdparty", "thirdPartyId": "google", "thirdPartyUserId": "7", "superTokensUserId": "st-2"});
    let mut other = google.clone();
    (other["superTokensUserId"], other["externalUserId"], other["thirdPartyUserId"]) = ("st-3".into(), "mine".into(), "8".into());
    let linked = come(json!({"id": "gone", "externalUserId": "me", "loginMethods": [google, other]}));
    assert_eq!(linked.user.id.as_str(), "me");
    assert_eq!(rows(&linked), ["st-2 public provider:google 7", "mine public provider:google 8"]);
    assert!(linked.user.primary_at.is_some());
}

#[test]
fn who_comes_without_an_id_gets_the_same_one_each_time() {
    let one = |email: &str| come(json!({"loginMethods": [{"recipeId": "passwordless", "email": email}]}));
    let (first, again, other) = (one("a@example.com"), one("a@example.com"), one("b@example.com"));
    assert_eq!(first, again);
    assert_ne!(first.user.id, other.user.id);
    assert!(UserId::parse(first.user.id.as_str()).is_some() && first.user.id.as_str().len() == 36);
    assert_eq!(first.identities[0].id.as_str(), first.user.id.as_str());
    let shop = AppId::parse("shop").unwrap();
    let there = newcomer(&shop, &taken(json!({"loginMethods": [{"recipeId": "passwordless", "email": "a@example.com"}]}))).unwrap();
    assert_ne!(there.user.id, first.user.id, "another app, another person");
    assert_eq!((there.user.tenant.as_str(), there.identities[0].tenant.as_str()), ("shop/public", "shop/public"));
}

#[test]
fn control_characters_are_no_part_of_an_id() {
    let refusal = newcomer(
        &AppId::public(),
        &taken(json!({"externalUserId": "a\u{1}b", "loginMethods": [{"recipeId": "passwordless", "email": "a@example.com"}]})),
    );
    assert_eq!(refusal, Err(Refusal::BadId("a\u{1}b".to_owned())));
}

#[test]
fn an_address_and_a_number_in_two_tenants_are_four_rows_of_one_id() {
    let both = come(
        json!({"id": "u", "userMetadata": {"a": 1}, "userRoles": [{"role": "admin", "tenantIds": ["acme", "public"]}], "loginMethods": [
        {"recipeId": "passwordless", "email": "a@example.com", "phoneNumber": "+4915112345678", "tenantIds": ["acme", "public"],
         "superTokensUserId": "u", "timeJoinedInMSSinceEpoch": 700, "isVerified": false}]}),
    );
    assert_eq!(
        rows(&both),
        ["u acme email a@example.com", "u acme sms +4915112345678", "u public email a@example.com", "u public sms +4915112345678",]
    );
    let verified: Vec<Option<Timestamp>> = both.identities.iter().map(|row| row.verified_at).collect();
    assert_eq!(verified, [None, Some(Timestamp(700)), None, Some(Timestamp(700))], "the number got a code");
    assert_eq!((both.user.tenant.as_str(), both.user.created_at, both.user.primary_at), ("public", Timestamp(700), None));
    let changes = moved_in(&both, true);
    let joined: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Directory(change) => match &**change {
                DirectoryChange::MemberJoined { tenant, created_at: Timestamp(700), .. } => Some(tenant.as_str()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(joined, ["acme"], "home is joined by being made");
    // User, four rows, one tenant, metadata, two roles.
    assert_eq!((changes.len(), moved_in(&both, false).len()), (9, 8));
}

#[test]
fn roles_that_are_none_are_left_away() {
    let roles = json!([{"role": "admin", "tenantIds": ["public"]}, {"role": "gone", "tenantIds": ["public", "acme"]}]);
    let mut one = taken(json!({"userRoles": roles, "loginMethods": [{"recipeId": "passwordless", "email": "a@example.com"}]}));
    let said = keep_known_roles(&mut one, &HashSet::from(["admin".to_owned()]));
    assert_eq!((said.len(), one.roles.len()), (1, 1));
    assert!(said[0].contains("`gone`") && one.roles[0].0 == "admin");
}

#[test]
fn only_the_same_person_is_known_again() {
    let one = come(json!({"id": "u", "loginMethods": [{"recipeId": "passwordless", "email": "a@example.com", "superTokensUserId": "u"}]}));
    let mut here = facts(&one);
    assert_eq!(is_here(&one, &here), Ok(()));
    // More ways in since: still the same.
    let more =
        come(json!({"id": "u", "loginMethods": [{"recipeId": "passwordless", "phoneNumber": "+4915112345678", "superTokensUserId": "v"}]}));
    here.identities.extend(more.identities.clone());
    assert_eq!(is_here(&one, &here), Ok(()));
    // Changed since, or another person of this id.
    here.identities[0].subject = "b@example.com".to_owned();
    assert_eq!(is_here(&one, &here), Err(Refusal::OtherWays("email a@example.com in tenant public".to_owned())));
    let mut linked = facts(&one);
    linked.user.id = UserId::stored("other".to_owned());
    assert!(matches!(is_here(&one, &linked), Err(Refusal::LinkedHere(..))));
}
