//! What back ends keep about people: metadata, roles, and proofs of addresses.

use crate::back_end_people::{app, by_google, by_mail, first, google, person};
use crate::kit::*;
use postkey_auth::decide::people::login_methods;
use postkey_auth::decide::tenants::TenantWish;
use postkey_auth::{EmailTokenError, RoleError};
use postkey_model::{AppId, Millis, TenantId, Timestamp};
use serde_json::{Map, Value, json};

const JANE: &str = "jane@example.com";

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

async fn token(node: &Node, tenant: &TenantId, id: &str, email: &str, now: Timestamp) -> Result<String, EmailTokenError> {
    node.auth.make_email_token(tenant, id, email, now).await.map(|token| token.expose().clone())
}

on_both_engines! {
    async fn metadata_is_merged_at_the_top_only(bed: Bed) {
        let auth = &bed.node.auth;
        assert!(auth.metadata(&app(), "any word").await.unwrap().is_empty());
        let first = object(json!({ "a": { "x": 1, "y": null }, "b": [1, 2], "c": "c", "never": null }));
        let stored = object(json!({ "a": { "x": 1, "y": null }, "b": [1, 2], "c": "c" }));
        assert_eq!(auth.update_metadata(&app(), "any word", &first).await.unwrap(), stored);
        assert_eq!(auth.metadata(&app(), "any word").await.unwrap(), stored);
        let next = object(json!({ "a": { "z": 2 }, "b": [3], "c": null }));
        assert_eq!(auth.update_metadata(&app(), "any word", &next).await.unwrap(), object(json!({ "a": { "z": 2 }, "b": [3] })));
        assert!(auth.metadata(&AppId::parse("other").unwrap(), "any word").await.unwrap().is_empty());
        auth.remove_metadata(&app(), "any word").await.unwrap();
        auth.remove_metadata(&app(), "any word").await.unwrap();
        assert!(auth.metadata(&app(), "any word").await.unwrap().is_empty());
    }

    async fn of_many_updates_at_once_none_is_lost(bed: Bed) {
        let other = bed.node_of(|_| {}).await;
        for id in ["one", "two"] {
            let racers = (0..16).map(|n| {
                let node = if n % 2 == 0 { bed.node.clone() } else { other.clone() };
                async move { node.auth.update_metadata(&app(), id, &object(json!({ format!("k{n}"): n }))).await.map(|_| ()) }
            });
            assert!(at_once(racers.collect()).await.into_iter().all(|answer| answer.is_ok()));
            let stored = bed.node.auth.metadata(&app(), id).await.unwrap();
            assert_eq!(stored, (0..16).map(|n| (format!("k{n}"), json!(n))).collect::<Map<_, _>>());
        }
        other.close().await;
    }

    async fn roles_are_made_given_taken_and_removed(bed: Bed) {
        let auth = &bed.node.auth;
        let list = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(auth.give_role(&public(), "jane", "admin").await, Err(RoleError::UnknownRole));
        assert!(auth.set_role(&app(), "admin", list(&["read"])).await.unwrap());
        assert!(!auth.set_role(&app(), "admin", list(&["write"])).await.unwrap());
        assert!(!auth.set_role(&app(), "admin", Vec::new()).await.unwrap());
        assert!(auth.set_role(&app(), "guest", list(&["read"])).await.unwrap());
        assert_eq!(auth.permissions_of(&app(), "admin").await.unwrap(), ["read", "write"]);
        assert_eq!(
            (auth.roles(&app()).await.unwrap(), auth.roles_with(&app(), "write").await.unwrap()),
            (list(&["admin", "guest"]), list(&["admin"]))
        );
        assert_eq!(
            (auth.give_role(&public(), "jane", "admin").await, auth.give_role(&public(), "jane", "admin").await),
            (Ok(false), Ok(true))
        );
        assert_eq!(auth.roles_of(&public(), "jane").await.unwrap(), ["admin"]);
        assert!(auth.roles_of(&acme(), "jane").await.unwrap().is_empty(), "in that tenant only");
        assert_eq!(auth.who_has_role(&public(), "admin").await.unwrap(), ["jane"]);
        assert_eq!(
            (auth.take_role(&public(), "jane", "admin").await, auth.take_role(&public(), "jane", "admin").await),
            (Ok(true), Ok(false))
        );
        auth.give_role(&acme(), "jane", "admin").await.unwrap();
        auth.shrink_role(&app(), "admin", Some(list(&["read"]))).await.unwrap();
        assert_eq!(auth.permissions_of(&app(), "admin").await.unwrap(), ["write"]);
        auth.shrink_role(&app(), "admin", None).await.unwrap();
        assert!(auth.permissions_of(&app(), "admin").await.unwrap().is_empty());
        assert!(auth.remove_role(&app(), "admin").await.unwrap() && !auth.remove_role(&app(), "admin").await.unwrap());
        assert!(auth.roles_of(&acme(), "jane").await.unwrap().is_empty());
        for unknown in [
            auth.take_role(&public(), "jane", "admin").await.map(|_| ()),
            auth.permissions_of(&app(), "admin").await.map(|_| ()),
            auth.who_has_role(&public(), "admin").await.map(|_| ()),
            auth.shrink_role(&app(), "admin", None).await,
            auth.permissions_of(&AppId::parse("other").unwrap(), "guest").await.map(|_| ()),
        ] {
            assert_eq!(unknown, Err(RoleError::UnknownRole));
        }
    }

    async fn of_many_who_give_a_role_one_is_first_at_most(bed: Bed) {
        bed.node.auth.set_role(&app(), "admin", Vec::new()).await.unwrap();
        let racers = (0..16).map(|_| {
            let node = bed.node.clone();
            async move { node.auth.give_role(&public(), "jane", "admin").await }
        });
        assert!(at_once(racers.collect()).await.iter().all(Result::is_ok));
        assert_eq!(bed.node.auth.roles_of(&public(), "jane").await.unwrap(), ["admin"]);
    }

    async fn a_token_proves_an_address(bed: Bed) {
        let node = &bed.node;
        let known = node.auth.third_party_sign_in(&call(&public(), NOW), google(), "g1", JANE, false).await.unwrap();
        let id = known.identity.as_str();
        assert!(!node.auth.is_email_verified(&app(), id, JANE).await.unwrap());
        let (one, two) = (token(node, &public(), id, JANE, NOW).await.unwrap(), token(node, &public(), id, JANE, NOW).await.unwrap());
        assert!(one != two && one.len() == 43);
        let used = async |text: &str, now: Timestamp| node.auth.use_email_token(&app(), text, now).await;
        assert_eq!(used("nonsense", NOW).await, Err(EmailTokenError::InvalidToken));
        assert_eq!(node.auth.use_email_token(&AppId::parse("other").unwrap(), &one, NOW).await, Err(EmailTokenError::InvalidToken));
        let day = Millis::from_hours(24);
        assert_eq!(used(&one, NOW + day).await, Err(EmailTokenError::InvalidToken), "too old");
        assert_eq!(used(&one, just_before(NOW + day)).await, Ok((known.identity.clone(), JANE.to_owned())));
        for spent in [&one, &two] {
            assert_eq!(used(spent, NOW).await, Err(EmailTokenError::InvalidToken), "once, and the others with it");
        }
        assert!(node.auth.is_email_verified(&app(), id, JANE).await.unwrap() && login_methods(&person(node, id).await)[0].is_verified);
        assert_eq!(token(node, &public(), id, JANE, NOW).await, Err(EmailTokenError::AlreadyVerified));
        node.auth.unverify_email(&app(), id, JANE).await.unwrap();
        assert!(!node.auth.is_email_verified(&app(), id, JANE).await.unwrap());
        let third = token(node, &public(), id, JANE, NOW).await.unwrap();
        node.auth.remove_email_tokens(&app(), id, JANE).await.unwrap();
        assert_eq!(used(&third, NOW).await, Err(EmailTokenError::InvalidToken));
        // What nobody has cannot be proved.
        for (id, email) in [(id, "other@example.com"), ("never", JANE)] {
            assert_eq!(token(node, &public(), id, email, NOW).await, Err(EmailTokenError::UnknownAddress));
            assert!(!node.auth.is_email_verified(&app(), id, email).await.unwrap());
            node.auth.unverify_email(&app(), id, email).await.unwrap();
            node.auth.remove_email_tokens(&app(), id, email).await.unwrap();
        }
        assert_eq!(token(node, &TenantId::parse("nowhere").unwrap(), id, JANE, NOW).await, Err(EmailTokenError::UnknownTenant));
    }

    async fn a_token_lives_as_long_as_the_tenant_says_and_no_longer_than_the_address(bed: Bed) {
        let node = &bed.node;
        let core_config = object(json!({ "email_verification_token_lifetime": 1000 }));
        node.auth.set_tenant(&public(), &TenantWish { core_config, ..TenantWish::default() }, NOW).await.unwrap();
        let sign_in =
            async |email: &str| node.auth.third_party_sign_in(&call(&public(), NOW), google(), "g1", email, false).await.unwrap().identity;
        let id = sign_in(JANE).await;
        let one = token(node, &public(), id.as_str(), JANE, NOW).await.unwrap();
        assert_eq!(node.auth.use_email_token(&app(), &one, NOW + secs(1)).await, Err(EmailTokenError::InvalidToken));
        sign_in("new@example.com").await;
        assert_eq!(node.auth.use_email_token(&app(), &one, NOW).await, Err(EmailTokenError::InvalidToken), "the address is another by now");
        assert!(!node.auth.is_email_verified(&app(), id.as_str(), "new@example.com").await.unwrap());
    }

    /// The identity moves to another user in the middle: what its token proves is proved all the same.
    async fn a_token_is_good_while_its_identity_is_linked(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        node.auth.make_primary(&app(), jane.as_str(), NOW).await.unwrap();
        for round in 0..8 {
            let (subject, email) = (format!("g{round}"), format!("g{round}@service.example"));
            let id = by_google(node, &public(), &subject, &email, NOW).await.identity;
            node.auth.unverify_email(&app(), id.as_str(), &email).await.unwrap();
            let one = token(node, &public(), id.as_str(), &email, NOW).await.unwrap();
            let racers: Vec<_> = (0..16)
                .map(|n| {
                    let (node, id, one, to) = (node.clone(), id.clone(), one.clone(), first(&jane));
                    async move {
                        if n % 2 == 0 {
                            node.auth.link_identity(&app(), id.as_str(), to.as_str(), NOW).await.unwrap();
                            return false;
                        }
                        node.auth.use_email_token(&app(), &one, NOW).await.is_ok()
                    }
                })
                .collect();
            assert_eq!(at_once(racers).await.into_iter().filter(|used| *used).count(), 1, "used once");
            assert!(node.auth.is_email_verified(&app(), id.as_str(), &email).await.unwrap(), "round {round}");
        }
    }
}
