//! Apps and tenants that back ends make: they take effect at once, lie over the config's, and go with everything in them.

use crate::back_end_people::{by_google, by_mail, google};
use crate::kit::*;
use postkey_auth::TenantError;
use postkey_auth::decide::tenants::{TenantWish, factors};
use postkey_model::{AppId, KeySet, KeyUse, Millis, TenantId};
use serde_json::{Map, Value, json};

fn shop() -> AppId {
    AppId::parse("shop").unwrap()
}

fn named(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

fn in_shop(name: &str) -> TenantId {
    TenantId::in_app(&shop(), &named(name))
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn with(core_config: Value) -> TenantWish {
    TenantWish { core_config: object(core_config), ..TenantWish::default() }
}

fn by(factors: &[&str]) -> TenantWish {
    TenantWish { first_factors: Some(Some(factors.iter().map(|text| (*text).to_owned()).collect())), ..TenantWish::default() }
}

async fn names(node: &Node, app: &AppId) -> Vec<String> {
    let views = node.auth.tenants_of(app, NOW).await.unwrap();
    views.into_iter().map(|view| view.tenant.id.name().to_owned()).collect()
}

on_both_engines! {
    async fn a_tenant_is_made_once_and_changed_at_once(bed: Bed) {
        let node = &bed.node;
        let id = named("new");
        assert!(node.auth.tenant_view(&id, NOW).await.unwrap().is_none());
        assert_eq!(node.auth.set_tenant(&id, &TenantWish::default(), NOW).await, Ok(true));
        let view = node.auth.tenant_view(&id, NOW).await.unwrap().unwrap();
        assert_eq!(
            (view.settings.first_factors, factors(&view.tenant).len()),
            (Some(Vec::new()), 0),
            "nobody gets in until it is said by what"
        );
        assert_eq!(node.auth.set_tenant(&id, &by(&["otp-email"]), NOW).await, Ok(false));
        assert_eq!(factors(&node.auth.tenant(&id).unwrap()), ["otp-email"]);
        assert_eq!(node.auth.set_tenant(&id, &with(json!({ "access_token_validity": "60" })), NOW).await, Ok(false));
        let view = node.auth.tenant_view(&id, NOW).await.unwrap().unwrap();
        assert_eq!(
            (view.tenant.session.access_lifetime, view.settings.first_factors.unwrap().len()),
            (Millis::from_secs(60), 1),
            "the rest stays"
        );
        let lifetime = node.auth.tenant(&public()).unwrap().session.access_lifetime;
        node.auth.set_tenant(&id, &with(json!({ "access_token_validity": null })), NOW).await.unwrap();
        assert_eq!(node.auth.tenant(&id).unwrap().session.access_lifetime, lifetime);
        for wrong in [json!({ "access_token_validity": "long" }), json!({ "no_such_setting": 1 })] {
            assert!(matches!(node.auth.set_tenant(&id, &with(wrong), NOW).await, Err(TenantError::Setting(_))));
        }
        assert_eq!(node.auth.set_tenant(&in_shop("one"), &TenantWish::default(), NOW).await, Err(TenantError::UnknownApp));
    }

    async fn the_config_s_tenants_are_listed_changed_and_stay(bed: Bed) {
        let node = &bed.node;
        assert_eq!(names(node, &AppId::public()).await, ["public", "acme"]);
        assert_eq!(node.auth.set_tenant(&public(), &with(json!({ "access_token_validity": 60 })), NOW).await, Ok(false));
        assert_eq!(node.auth.set_tenant(&acme(), &with(json!({ "access_token_validity": 70 })), NOW).await, Ok(false));
        let view = node.auth.tenant_view(&acme(), NOW).await.unwrap().unwrap();
        assert_eq!(
            (view.settings.first_factors, view.tenant.session.access_lifetime),
            (None, Millis::from_secs(70)),
            "takes all in as before"
        );
        node.auth.set_tenant(&named("a-new-one"), &TenantWish::default(), NOW).await.unwrap();
        assert_eq!(names(node, &AppId::public()).await, ["public", "a-new-one", "acme"]);
        assert_eq!(node.auth.remove_tenant(&public(), NOW).await, Err(TenantError::PublicStays));
        assert_eq!(node.auth.remove_tenant(&acme(), NOW).await, Err(TenantError::Configured(acme())));
        assert_eq!(node.auth.remove_app(&AppId::public(), NOW).await, Err(TenantError::PublicStays));
        assert!(
            node.auth.remove_tenant(&named("a-new-one"), NOW).await.unwrap()
                && !node.auth.remove_tenant(&named("a-new-one"), NOW).await.unwrap()
        );
        assert_eq!(names(node, &AppId::public()).await, ["public", "acme"]);
    }

    async fn another_node_sees_them(bed: Bed) {
        let other = bed.node_of(|_| {}).await;
        bed.node.auth.set_tenant(&named("new"), &by(&["otp-email"]), NOW).await.unwrap();
        assert!(other.auth.find_tenant(&named("new"), NOW).await.unwrap().is_some());
        // Changed on both, one after the other: nothing is lost.
        other.auth.set_tenant(&named("new"), &with(json!({ "access_token_validity": 60 })), NOW).await.unwrap();
        bed.node.auth.set_tenant(&named("new"), &by(&["link-email"]), NOW).await.unwrap();
        let tenant = bed.node.auth.tenant(&named("new")).unwrap();
        assert_eq!((tenant.session.access_lifetime, factors(&tenant)), (Millis::from_secs(60), vec!["link-email"]));
        assert!(other.auth.remove_tenant(&named("new"), NOW).await.unwrap());
        assert!(!bed.node.auth.remove_tenant(&named("new"), NOW).await.unwrap());
        other.close().await;
    }

    async fn an_app_shares_nothing_and_goes_with_everything(bed: Bed) {
        let node = &bed.node;
        for round in 0..2 {
            assert_eq!(node.auth.set_app(&shop(), &TenantWish::default(), NOW).await, Ok(true), "round {round}");
            assert_eq!(node.auth.set_app(&shop(), &with(json!({ "access_token_validity": 60 })), NOW).await, Ok(false));
            assert_eq!(node.auth.set_tenant(&in_shop("one"), &by(&["otp-email"]), NOW).await, Ok(true));
            assert_eq!(names(node, &shop()).await, ["public", "one"]);
            assert_eq!(
                node.auth.tenant(&in_shop("one")).unwrap().session.access_lifetime,
                Millis::from_secs(60),
                "as its app's public one"
            );
            let known = by_google(node, &in_shop("public"), "g1", "jane@example.com", NOW).await;
            assert!(known.is_new_user, "nothing of round {round} is left");
            assert!(node.auth.find_person(&AppId::public(), known.identity.as_str()).await.unwrap().is_none());
            node.auth.disassociate(&in_shop("public"), known.identity.as_str(), NOW).await.unwrap();
            node.auth.set_role(&shop(), "admin", vec!["read".to_owned()]).await.unwrap();
            node.auth.update_metadata(&shop(), "x", &object(json!({ "a": 1 }))).await.unwrap();
            let (keys, _) = node.auth.key_set_of(&shop(), NOW).await.unwrap();
            assert!(!keys["keys"].as_array().unwrap().is_empty());
            assert_eq!(node.auth.remove_tenant(&in_shop("public"), NOW).await, Err(TenantError::PublicStays));
            assert_eq!((node.auth.remove_app(&shop(), NOW).await, node.auth.remove_app(&shop(), NOW).await), (Ok(true), Ok(false)));
            assert!(names(node, &shop()).await.is_empty() && node.auth.tenant(&in_shop("one")).is_none());
            assert!(node.auth.find_person(&shop(), known.identity.as_str()).await.unwrap().is_none());
            assert!(node.auth.roles(&shop()).await.unwrap().is_empty() && node.auth.metadata(&shop(), "x").await.unwrap().is_empty());
            for purpose in [KeyUse::Session, KeyUse::Static] {
                assert!(node.auth.store().signing_keys(&KeySet::of(&shop(), purpose)).await.unwrap().is_empty());
            }
        }
    }

    async fn who_was_signed_in_to_a_removed_tenant_is_not_in_its_successor(bed: Bed) {
        let node = &bed.node;
        let id = named("new");
        node.auth.set_tenant(&id, &by(&["otp-email"]), NOW).await.unwrap();
        let jane = by_mail(node, &id, "jane@example.com", NOW).await;
        let session = node.auth.sessions_of(&jane, NOW).await.unwrap().remove(0);
        node.auth.remove_tenant(&id, NOW).await.unwrap();
        node.auth.set_tenant(&id, &by(&["otp-email"]), NOW).await.unwrap();
        assert!(node.auth.store().session(&session.handle).await.unwrap().is_none_or(|session| !session.is_live(NOW)));
        assert_ne!(by_mail(node, &id, "jane@example.com", NOW).await, jane);
    }

    async fn services_are_configured_by_name(bed: Bed) {
        let node = &bed.node;
        let config = |client: &str| object(json!({ "thirdPartyId": "google", "clients": [{ "clientId": client }] }));
        assert_eq!(node.auth.set_provider(&acme(), &config("one"), NOW).await, Ok(true));
        assert_eq!(node.auth.set_provider(&acme(), &config("two"), NOW).await, Ok(false));
        assert_eq!(node.auth.set_provider(&acme(), &object(json!({ "thirdPartyId": "github" })), NOW).await, Ok(true));
        let view = node.auth.tenant_view(&acme(), NOW).await.unwrap().unwrap();
        assert_eq!((view.settings.providers.len(), &view.settings.providers[0]), (2, &Value::Object(config("two"))));
        assert_eq!(view.settings.first_factors, None, "and nothing else changed");
        assert_eq!(node.auth.remove_provider(&acme(), "google", NOW).await, Ok(true));
        assert_eq!(node.auth.remove_provider(&acme(), "google", NOW).await, Ok(false));
        assert_eq!(node.auth.tenant_view(&acme(), NOW).await.unwrap().unwrap().settings.providers.len(), 1);
        assert_eq!(node.auth.set_provider(&acme(), &object(json!({ "clients": [] })), NOW).await, Err(TenantError::NoProvider));
        assert_eq!(node.auth.set_provider(&named("nowhere"), &config("one"), NOW).await, Err(TenantError::UnknownTenant));
        assert_eq!(google().as_str(), "google");
    }

    async fn of_many_changes_of_a_tenant_none_is_lost(bed: Bed) {
        let other = bed.node_of(|_| {}).await;
        let racers = (0..16).map(|n| {
            let node = if n % 2 == 0 { bed.node.clone() } else { other.clone() };
            async move { node.auth.set_provider(&public(), &object(json!({ "thirdPartyId": format!("p{n}") })), NOW).await }
        });
        assert!(at_once(racers.collect()).await.into_iter().all(|answer| answer == Ok(true)));
        assert_eq!(bed.node.auth.tenants_of(&AppId::public(), NOW).await.unwrap()[0].settings.providers.len(), 16);
        other.close().await;
    }
}
