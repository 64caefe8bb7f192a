//! What operators register: service clients and their keys, applications, connections. What is limited or unique is tried
//! by many at once.

use crate::kit::*;
use postkey_auth::decide::registered::{ApplicationWish, ClientWish, ConnectionWish};
use postkey_auth::{ClientAuthError, NewKey, ProviderWish, RegisterError, ViewedWay};
use postkey_model::provider::ProviderSettings;
use postkey_model::service_client::{MOST_KEYS, spki};
use postkey_model::{Linking, Millis, Secret, TenantId};
use serde_json::{Map, json};
use std::collections::BTreeSet;

fn named(name: &str) -> ClientWish {
    ClientWish { name: Some(name.to_owned()), token_generation: Some(true), ..ClientWish::default() }
}

fn shown(key: &NewKey) -> String {
    key.access_key.as_ref().unwrap().expose().clone()
}

fn places(urls: &[&str]) -> ApplicationWish {
    ApplicationWish { redirect_urls: Some(urls.iter().map(|url| (*url).to_owned()).collect()), ..ApplicationWish::default() }
}

fn service() -> ProviderSettings {
    ProviderSettings { client_id: "ours".to_owned(), issuer: Some("https://id.example.com".to_owned()), ..ProviderSettings::default() }
}

fn wish_for(secret: Option<&str>) -> ProviderWish {
    ProviderWish { settings: service(), secret: secret.map(|secret| Secret::new(secret.to_owned())), seen_version: None }
}

fn wrong<T>(outcome: Result<T, RegisterError>) -> String {
    match outcome.map(|_| ()) {
        Err(RegisterError::Wrong(why)) => why,
        other => panic!("not refused as wrong: {other:?}"),
    }
}

on_both_engines! {
    async fn an_access_key_opens_until_it_is_deleted(bed: Bed) {
        let auth = &bed.node.auth;
        let client = auth.create_client(None, &named("Mailer"), NOW).await.unwrap();
        assert!(client.id.starts_with("sc_") && client.id.len() == 25, "{}", client.id);
        let (one, two) = (auth.add_client_key(&client.id, None, NOW).await.unwrap(), auth.add_client_key(&client.id, None, NOW).await.unwrap());
        for key in [&one, &two] {
            assert_eq!(auth.authenticate_client(&shown(key), NOW).await.unwrap().id, client.id);
        }
        // Another node that never saw the client knows it at once, and that the key is gone.
        let other = bed.another_node(|_| {}).await;
        assert_eq!(other.auth.authenticate_client(&shown(&one), NOW).await.unwrap().id, client.id);
        auth.remove_client_key(&client.id, &one.key.id, NOW).await.unwrap();
        for auth in [auth, &other.auth] {
            assert_eq!(auth.authenticate_client(&shown(&one), NOW).await.map(|c| c.id), Err(ClientAuthError::Unauthorised));
            assert!(auth.authenticate_client(&shown(&two), NOW).await.is_ok());
        }
        assert_eq!(auth.remove_client_key(&client.id, &one.key.id, NOW).await, Err(RegisterError::Unknown));
        auth.remove_client(&client.id).await.unwrap();
        assert_eq!(other.auth.authenticate_client(&shown(&two), NOW).await.map(|c| c.id), Err(ClientAuthError::Unauthorised));
        assert_eq!(auth.remove_client(&client.id).await, Err(RegisterError::Unknown));
        other.close().await;
    }

    async fn a_key_that_its_owner_brings_along_is_never_shown(bed: Bed) {
        let auth = &bed.node.auth;
        auth.create_client(Some("sc_own"), &named("Own"), NOW).await.unwrap();
        let key = auth.add_client_key("sc_own", Some(&spki(&[7; 32])), NOW).await.unwrap();
        assert!(key.access_key.is_none());
        assert_eq!(key.key.bytes(), Some([7; 32]));
        for bad in ["", "AAAA", "-----BEGIN PUBLIC KEY-----"] {
            assert!(wrong(auth.add_client_key("sc_own", Some(bad), NOW).await).contains("Ed25519"));
        }
    }

    async fn nothing_is_accepted_that_is_no_key_or_token(bed: Bed) {
        let auth = &bed.node.auth;
        auth.create_client(Some("sc_a"), &named("A"), NOW).await.unwrap();
        auth.create_client(Some("sc_b"), &named("B"), NOW).await.unwrap();
        let key = shown(&auth.add_client_key("sc_a", None, NOW).await.unwrap());
        let parts: Vec<&str> = key.split('.').collect();
        let with = |at: usize, text: &str| {
            let mut parts = parts.clone();
            parts[at] = text;
            parts.join(".")
        };
        for bad in ["", "x", "a.b.c", "a.b.c.d", &with(0, "sc_b"), &with(1, "k9"), &with(2, "acc_other"), &format!("{key}.x"), parts[3]] {
            assert_eq!(auth.authenticate_client(bad, NOW).await.map(|c| c.id), Err(ClientAuthError::Unauthorised), "{bad}");
        }
        let elsewhere = bed.another_node(|settings| settings.logins.account = "acc_other".to_owned()).await;
        assert!(elsewhere.auth.authenticate_client(&key, NOW).await.is_err(), "a server of another account");
        elsewhere.close().await;
    }

    async fn of_two_clients_of_one_id_one_is_made(bed: Bed) {
        let auth = bed.node.auth.clone();
        let racers = (0..16).map(|n| {
            let auth = auth.clone();
            async move { auth.create_client(Some("sc_one"), &named(&format!("Racer {n}")), NOW).await.map(|client| client.settings.name) }
        });
        let outcomes = at_once(racers.collect()).await;
        let made: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(made.len(), 1);
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() || *outcome == Err(RegisterError::Taken)), "{outcomes:?}");
        assert_eq!(auth.known_client("sc_one").unwrap().settings.name, *made[0]);
    }

    async fn a_client_never_has_more_than_five_keys(bed: Bed) {
        let auth = bed.node.auth.clone();
        auth.create_client(Some("sc_many"), &named("Many"), NOW).await.unwrap();
        let racers = (0..16).map(|_| {
            let auth = auth.clone();
            async move { auth.add_client_key("sc_many", None, NOW).await.map(|key| shown(&key)) }
        });
        let outcomes = at_once(racers.collect()).await;
        let keys: BTreeSet<String> = outcomes.iter().filter_map(|outcome| outcome.clone().ok()).collect();
        assert_eq!(keys.len(), MOST_KEYS, "{outcomes:?}");
        for key in &keys {
            assert!(auth.authenticate_client(key, NOW).await.is_ok(), "every key that was shown is good");
        }
        assert!(wrong(auth.add_client_key("sc_many", None, NOW).await).contains("5 keys"));
        let first = auth.known_client("sc_many").unwrap().settings.keys[0].id.clone();
        auth.remove_client_key("sc_many", &first, NOW).await.unwrap();
        assert!(auth.add_client_key("sc_many", None, NOW).await.is_ok(), "there is room again");
    }

    async fn a_key_deleted_while_it_is_used_opens_nothing_afterwards(bed: Bed) {
        let auth = bed.node.auth.clone();
        auth.create_client(Some("sc_used"), &named("Used"), NOW).await.unwrap();
        let key = auth.add_client_key("sc_used", None, NOW).await.unwrap();
        let access = shown(&key);
        // Each looks again and again; none may be let in by a look that began after the deletion was done.
        let deleted = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let looking = (0..8).map(|_| {
            let (auth, access, deleted) = (auth.clone(), access.clone(), deleted.clone());
            tokio::spawn(async move {
                loop {
                    let was = deleted.load(std::sync::atomic::Ordering::SeqCst);
                    let found = auth.authenticate_client(&access, NOW).await;
                    assert!(found.is_err() || !was, "let in after the deletion");
                    if was {
                        return;
                    }
                }
            })
        });
        let looking: Vec<_> = looking.collect();
        auth.remove_client_key("sc_used", &key.key.id, NOW).await.unwrap();
        deleted.store(true, std::sync::atomic::Ordering::SeqCst);
        for looker in looking {
            looker.await.unwrap();
        }
        assert!(auth.authenticate_client(&access, NOW).await.is_err());
    }

    async fn changes_by_many_are_all_kept(bed: Bed) {
        let auth = bed.node.auth.clone();
        auth.create_client(Some("sc_busy"), &named("Busy"), NOW).await.unwrap();
        // One changes the name, one the options, one the connection: none takes another's back.
        let kept = json!({ "tags": { "a": "b" } }).as_object().unwrap().clone();
        let wishes = [
            named("Busier"),
            ClientWish { is_admin: Some(true), ..ClientWish::default() },
            ClientWish { kept, ..ClientWish::default() },
            ClientWish { connection: ConnectionWish { linking: Some(Linking::Automatic), ..ConnectionWish::default() }, ..ClientWish::default() },
        ];
        let racers = wishes.into_iter().map(|wish| {
            let auth = auth.clone();
            async move { auth.change_client("sc_busy", &wish, NOW).await.map(|_| ()) }
        });
        for outcome in at_once(racers.collect()).await {
            outcome.unwrap();
        }
        let settings = auth.known_client("sc_busy").unwrap().settings.clone();
        assert_eq!((settings.name.as_str(), settings.is_admin, settings.linking), ("Busier", true, Linking::Automatic));
        assert_eq!(settings.kept["tags"]["a"], "b");
    }

    async fn ids_and_settings_are_checked(bed: Bed) {
        let auth = &bed.node.auth;
        assert!(wrong(auth.create_client(Some("app_x"), &named("x"), NOW).await).contains("sc_"));
        assert!(wrong(auth.create_client(Some("sc_a.b"), &named("x"), NOW).await).contains("letters"));
        assert!(wrong(auth.create_application(Some("sc_x"), &places(&[]), NOW).await).contains("sc_"));
        assert!(wrong(auth.create_application(Some("app_x"), &places(&["http://shop.example.com/"]), NOW).await).contains("https"));
        let nowhere = ApplicationWish { tenant: Some(TenantId::parse("nowhere").map(Some).unwrap()), ..places(&[]) };
        assert!(wrong(auth.create_application(Some("app_x"), &nowhere, NOW).await).contains("no tenant"));
        assert!(wrong(auth.create_connection(Some("sc_x"), wish_for(None), &ConnectionWish::default(), NOW).await).contains("sc_"));
        let unset = ProviderWish { settings: ProviderSettings::default(), secret: None, seen_version: None };
        assert!(wrong(auth.create_connection(Some("bad"), unset, &ConnectionWish::default(), NOW).await).contains("client id"));
        assert_eq!(auth.change_client("sc_none", &named("x"), NOW).await.map(|_| ()), Err(RegisterError::Unknown));
        assert_eq!(auth.change_application("app_none", &places(&[]), NOW).await.map(|_| ()), Err(RegisterError::Unknown));
    }

    async fn an_application_of_the_config_is_changed_but_never_taken_away(bed: Bed) {
        let auth = &bed.node.auth;
        assert_eq!(auth.create_application(Some("app_default"), &places(&[]), NOW).await.map(|_| ()), Err(RegisterError::Taken));
        assert!(wrong(auth.remove_application("app_default").await).contains("always there"));
        let named = ApplicationWish { name: Some("Mine".to_owned()), ..ApplicationWish::default() };
        let changed = auth.change_application("app_default", &named, NOW).await.unwrap();
        assert_eq!((changed.settings.name.as_str(), changed.settings.is_development), ("Mine", true), "the rest stays");
        let again = auth.change_application("app_default", &places(&["http://localhost:3000/"]), NOW).await.unwrap();
        assert_eq!((again.settings.name.as_str(), again.version), ("Mine", 1));
        assert_eq!(auth.application("app_default").unwrap().settings.redirect_urls, ["http://localhost:3000/"]);
        auth.remove_application("app_default").await.unwrap();
        assert_eq!(auth.find_application("app_default").await.unwrap().settings.name, "app_default", "as the config has it");
        auth.create_application(Some("app_shop"), &places(&["https://shop.example.com/"]), NOW).await.unwrap();
        let ids: Vec<String> = auth.all_applications().await.unwrap().into_iter().map(|application| application.id).collect();
        assert_eq!(ids, ["app_default", "app_near", "app_shop", "app_web"]);
        auth.remove_application("app_shop").await.unwrap();
        assert_eq!(auth.find_application("app_shop").await.map(|_| ()), Err(RegisterError::Unknown));
    }

    async fn clients_and_our_own_ways_are_connections_too(bed: Bed) {
        let auth = &bed.node.auth;
        auth.create_client(Some("sc_mail"), &named("Mail"), NOW).await.unwrap();
        auth.create_client(Some("sc_mute"), &ClientWish { token_generation: Some(false), ..named("Mute") }, NOW).await.unwrap();
        auth.create_connection(Some("acme"), wish_for(Some("s3cret")), &ConnectionWish::default(), NOW).await.unwrap();
        let ids = |all: Vec<postkey_auth::ConnectionView>| all.into_iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(auth.all_connections().await.unwrap()), ["email", "sms", "acme", "sc_mail"]);
        let wish = ConnectionWish { linking: Some(Linking::Explicit), login_life: Some(Some(Millis::from_mins(10))), kept: Map::new() };
        for id in ["email", "sc_mail", "acme"] {
            for _ in 0..2 {
                let changed = auth.change_connection(id, None, &wish, NOW).await.unwrap();
                assert_eq!((changed.linking, changed.login_life), (Linking::Explicit, Some(Millis::from_mins(10))), "{id}");
            }
            assert_eq!(auth.linking(id), Linking::Explicit, "{id}");
            assert_eq!(auth.find_connection(id).await.unwrap().linking, Linking::Explicit, "{id}");
        }
        assert_eq!(auth.known_client("sc_mail").unwrap().settings.linking, Linking::Explicit);
        assert_eq!(auth.find_connection("sc_mute").await.map(|_| ()), Err(RegisterError::Unknown));
        assert_eq!(auth.change_connection("sc_mute", None, &wish, NOW).await.map(|_| ()), Err(RegisterError::Unknown));
        assert!(wrong(auth.remove_connection("email").await).contains("always there"));
        assert!(wrong(auth.remove_connection("sc_mail").await).contains("service client"));
        auth.remove_connection("acme").await.unwrap();
        assert_eq!(auth.remove_connection("acme").await, Err(RegisterError::Unknown));
    }

    async fn the_secret_of_a_service_is_sealed_and_stays_until_it_is_replaced(bed: Bed) {
        let auth = &bed.node.auth;
        let view = auth.create_connection(Some("acme"), wish_for(Some("s3cret")), &ConnectionWish::default(), NOW).await.unwrap();
        assert!(view.has_secret && matches!(view.way, ViewedWay::Provider(_)));
        let opened = async || {
            let sealed = auth.registered::<postkey_model::ConnectionSettings>("acme").await.unwrap().unwrap().sealed.unwrap();
            assert!(!sealed.as_bytes().windows(6).any(|part| part == b"s3cret"), "not in the clear");
            auth.keyring().open_provider_secret("acme", &sealed).map(|secret| secret.expose().clone()).unwrap()
        };
        assert_eq!(opened().await, "s3cret");
        auth.change_connection("acme", Some(wish_for(None)), &ConnectionWish::default(), NOW).await.unwrap();
        assert_eq!(opened().await, "s3cret");
        auth.change_connection("acme", Some(wish_for(Some("other"))), &ConnectionWish::default(), NOW).await.unwrap();
        assert_eq!(opened().await, "other");
    }
}
