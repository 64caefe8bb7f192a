//! Tenants, invitations and numbers as operators of logins see them.

use crate::kit::*;
use postkey_auth::decide::registered::{ClientWish, InviteWish, LoginTenantWish};
use postkey_auth::{MapNumberError, RegisterError};
use postkey_model::{Millis, TenantId, UserId};
use serde_json::{Map, json};
use std::collections::BTreeSet;

fn wrong<T>(outcome: Result<T, RegisterError>) -> String {
    match outcome.map(|_| ()) {
        Err(RegisterError::Wrong(why)) => why,
        other => panic!("not refused as wrong: {other:?}"),
    }
}

on_both_engines! {
    async fn a_tenant_has_what_its_logins_need(bed: Bed) {
        let auth = &bed.node.auth;
        auth.create_client(Some("sc_mail"), &ClientWish { token_generation: Some(true), ..ClientWish::default() }, NOW).await.unwrap();
        let wish = LoginTenantWish {
            lookup_identifier: Some(Some("Globex Inc.".to_owned())),
            connection: Some(Some("sc_mail".to_owned())),
            access_lifetime: Some(Some(Millis::from_mins(15))),
            session_lifetime: Some(Some(Millis::from_hours(48))),
            kept: json!({ "data": { "name": "Globex" } }).as_object().unwrap().clone(),
        };
        let made = auth.create_login_tenant(Some("globex"), &wish, NOW).await.unwrap();
        assert_eq!((made.rules.access_lifetime, made.rules.session_lifetime), (Millis::from_mins(15), Millis::from_hours(48)));
        assert_eq!(made.settings.kept["data"]["name"], "Globex");
        assert_eq!(auth.create_login_tenant(Some("globex"), &wish, NOW).await.map(|_| ()), Err(RegisterError::Taken));
        assert_eq!(auth.create_login_tenant(Some("acme"), &LoginTenantWish::default(), NOW).await.map(|_| ()), Err(RegisterError::Taken));
        // People get in there by codes, as in `public`.
        let globex = TenantId::parse("globex").unwrap();
        assert!(bed.node.start_at(&call(&globex, NOW), "jane@example.com", None).await.1.expires_at > NOW);
        let back = LoginTenantWish { connection: Some(None), access_lifetime: Some(None), ..LoginTenantWish::default() };
        let changed = auth.change_login_tenant("globex", &back, NOW).await.unwrap();
        assert_eq!((changed.settings.connection, changed.rules.access_lifetime), (None, Millis::from_hours(24)));
        assert_eq!(changed.settings.lookup_identifier.as_deref(), Some("Globex Inc."), "the rest stays");
        // What people type means one tenant.
        let lookup = |text: &str| LoginTenantWish { lookup_identifier: Some(Some(text.to_owned())), ..LoginTenantWish::default() };
        for taken in ["Globex Inc.", "globex", "public"] {
            assert!(wrong(auth.change_login_tenant("acme", &lookup(taken), NOW).await).contains("another tenant"), "{taken}");
        }
        let unknown = LoginTenantWish { connection: Some(Some("nope".to_owned())), ..LoginTenantWish::default() };
        assert!(wrong(auth.change_login_tenant("globex", &unknown, NOW).await).contains("no connection"));
        for bad in ["Globex", "a/b", "sessions", ""] {
            assert!(wrong(auth.create_login_tenant(Some(bad), &LoginTenantWish::default(), NOW).await).contains("tenantId"), "{bad}");
        }
        assert!(wrong(auth.remove_login_tenant("public", NOW).await).contains("public"));
        assert!(wrong(auth.remove_login_tenant("acme", NOW).await).contains("configuration"));
        auth.remove_login_tenant("globex", NOW).await.unwrap();
        assert_eq!(auth.login_tenant("globex", NOW).await.map(|_| ()), Err(RegisterError::Unknown));
        let drawn = auth.create_login_tenant(None, &LoginTenantWish::default(), NOW).await.unwrap();
        assert!(drawn.id.as_str().starts_with("tenant-"));
    }

    async fn of_two_tenants_of_one_name_one_is_made(bed: Bed) {
        let auth = bed.node.auth.clone();
        let racers = (0..8).map(|n| {
            let auth = auth.clone();
            let wish = LoginTenantWish { kept: json!({ "data": { "name": format!("{n}") } }).as_object().unwrap().clone(), ..LoginTenantWish::default() };
            async move { auth.create_login_tenant(Some("one"), &wish, NOW).await.map(|made| made.settings.kept) }
        });
        let outcomes = at_once(racers.collect()).await;
        let made: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(made.len(), 1, "{outcomes:?}");
        assert_eq!(auth.login_tenant("one", NOW).await.unwrap().settings.kept, *made[0]);
    }

    async fn a_user_is_let_into_another_tenant(bed: Bed) {
        let auth = &bed.node.auth;
        let jane = bed.node.signed_in("jane@example.com", NOW).await.tokens.user;
        auth.admit_user(&call(&acme(), NOW), jane.as_str()).await.unwrap();
        auth.admit_user(&call(&acme(), NOW), jane.as_str()).await.unwrap();
        let facts = auth.find_person(&postkey_model::AppId::public(), jane.as_str()).await.unwrap().unwrap();
        let tenants: BTreeSet<&str> = facts.identities.iter().map(|identity| identity.tenant.as_str()).collect();
        assert_eq!(tenants, BTreeSet::from(["acme", "public"]));
        assert!(auth.admit_user(&call(&acme(), NOW), "nobody").await.is_err());
        assert!(auth.admit_user(&call(&TenantId::parse("nowhere").unwrap(), NOW), jane.as_str()).await.is_err());
    }

    async fn an_invitation_is_good_until_it_ends(bed: Bed) {
        let auth = &bed.node.auth;
        let wish = InviteWish {
            linked_user_id: Some("old-1".to_owned()),
            default_login_tenant_id: Some("acme".to_owned()),
            expires_at: Some(NOW + Millis::from_hours(1)),
            kept: Map::new(),
        };
        let invite = auth.create_login_invite(&wish, NOW).await.unwrap();
        assert!(invite.id.starts_with("inv_"));
        assert_eq!(auth.login_invite(&invite.id, NOW).await.unwrap().settings.linked_user_id, UserId::parse("old-1"));
        assert_eq!(auth.login_invite(&invite.id, NOW + Millis::from_hours(1)).await.map(|_| ()), Err(RegisterError::Unknown));
        let nowhere = InviteWish { default_login_tenant_id: Some("nowhere".to_owned()), ..wish };
        assert!(wrong(auth.create_login_invite(&nowhere, NOW).await).contains("no tenant"));
        auth.remove_login_invite(&invite.id).await.unwrap();
        assert_eq!(auth.remove_login_invite(&invite.id).await, Err(RegisterError::Unknown));
    }

    async fn a_number_is_said_to_be_somebody_s_who_proved_an_address(bed: Bed) {
        let auth = &bed.node.auth;
        let jane = bed.node.signed_in("jane@example.com", NOW).await.tokens.user;
        let number = "+49 151 12345678";
        let mapped = auth.map_number(jane.as_str(), number, NOW).await.unwrap();
        assert_eq!(mapped.as_str(), "+4915112345678");
        assert_eq!(auth.numbers_of(jane.as_str()).await.unwrap(), [("+4915112345678".to_owned(), NOW, false)]);
        assert_eq!(auth.store().number_mapped_to(&public(), mapped.as_str()).await.unwrap(), Some(jane.clone()));
        assert!(matches!(auth.map_number(jane.as_str(), "123", NOW).await, Err(MapNumberError::NoNumber(_))));
        assert_eq!(auth.map_number("nobody", number, NOW).await, Err(MapNumberError::UnknownUser));
        // The newest word counts.
        let june = bed.node.signed_in("june@example.com", NOW).await.tokens.user;
        auth.map_number(june.as_str(), number, NOW).await.unwrap();
        assert!(auth.numbers_of(jane.as_str()).await.unwrap().is_empty());
        assert_eq!(auth.unmap_number(jane.as_str(), number).await, Err(MapNumberError::UnknownNumber));
        auth.unmap_number(june.as_str(), number).await.unwrap();
        assert_eq!(auth.unmap_number(june.as_str(), number).await, Err(MapNumberError::UnknownNumber));
        assert_eq!(auth.store().number_mapped_to(&public(), mapped.as_str()).await.unwrap(), None);
    }

    async fn a_number_that_somebody_proved_is_nobody_else_s(bed: Bed) {
        let node = bed.node_of(|tenant| tenant.contact = postkey_model::ContactMethod::EmailOrPhone).await;
        let (jane, mary) = (node.signed_in("jane@example.com", NOW).await.tokens.user, node.signed_in("+4915112345678", NOW).await.tokens.user);
        assert_eq!(node.auth.map_number(jane.as_str(), "+4915112345678", NOW).await, Err(MapNumberError::Taken));
        assert_eq!(node.auth.map_number(mary.as_str(), "+4915112345679", NOW).await, Err(MapNumberError::NoVerifiedAddress));
        assert_eq!(node.auth.numbers_of(mary.as_str()).await.unwrap(), [("+4915112345678".to_owned(), NOW, true)]);
        node.close().await;
    }

    async fn numbers_go_with_their_user(bed: Bed) {
        let auth = bed.node.auth.clone();
        let jane = bed.node.signed_in("jane@example.com", NOW).await.tokens.user;
        auth.map_number(jane.as_str(), "+4915112345678", NOW).await.unwrap();
        // Whichever comes first: nobody is left with a number and no user.
        let (mapping, removing) = (auth.clone(), auth.clone());
        let (one, two) = (jane.clone(), jane.clone());
        let mapped = tokio::spawn(async move { mapping.map_number(one.as_str(), "+4915112345679", NOW).await.map(|_| ()) });
        let removed = tokio::spawn(async move { removing.remove_person(&postkey_model::AppId::public(), two.as_str(), true, NOW).await });
        let mapped = mapped.await.unwrap();
        assert!(removed.await.unwrap().unwrap());
        assert!(mapped.is_ok() || mapped == Err(MapNumberError::UnknownUser), "{mapped:?}");
        for number in ["+4915112345678", "+4915112345679"] {
            assert_eq!(auth.store().number_mapped_to(&public(), number).await.unwrap(), None, "{number}");
        }
    }
}
