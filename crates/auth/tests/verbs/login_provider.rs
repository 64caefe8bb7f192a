//! A login on its way to a service and back: what is good only in the browser that went, for the service it went to, and whose id
//! a service may choose.

use crate::kit::*;
use crate::login_joining::{arrive, request, vouched};
use postkey_auth::{ProviderSays, ProviderTrip};
use postkey_model::provider::ProviderSettings;
use postkey_model::{ConnectionSettings, Linking, LoginChange, LoginRequestId, Registered, Secret, UserId, Way};
use serde_json::{Value, json};

const BROWSER: &str = "the secret of the browser";

/// Registers a service with a secret, and whatever else is set for it.
async fn service(node: &Node, id: &str, more: Value) {
    let settings = ProviderSettings { client_id: format!("client of {id}"), ..ProviderSettings::default() };
    let Value::Object(kept) = more else { panic!("no object") };
    let settings = ConnectionSettings { way: Way::Provider(Box::new(settings)), linking: Linking::Disabled, login_life: None, kept };
    let sealed = Some(node.auth.keyring().seal_provider_secret(id, &format!("secret of {id}"), node.auth.entropy()));
    let row = Registered { id: id.to_owned(), created_at: NOW, updated_at: NOW, version: 0, settings, sealed }.row();
    node.auth.store().commit(vec![LoginChange::Registered(row).into()]).await.unwrap();
    node.auth.tend_registered().await.unwrap();
}

async fn trip(node: &Node, id: &LoginRequestId, browser: &str) -> ProviderTrip {
    let state = node.auth.login_request(id).await.unwrap().unwrap();
    node.auth.provider_trip(&state.request, browser, None).await.unwrap().unwrap()
}

fn said(trip: &ProviderTrip) -> (String, String, String) {
    (trip.state.clone(), trip.nonce.clone(), trip.verifier.expose().clone())
}

on_both_engines! {
    async fn what_goes_to_a_service_is_good_in_one_browser_and_at_one_service(bed: Bed) {
        let node = &bed.node;
        for id in ["google", "gitlab"] {
            service(node, id, json!({})).await;
        }
        let id = request(node, &vouched("google", "g", None, false), None, NOW).await;
        let there = trip(node, &id, BROWSER).await;
        assert_eq!(there.secret.as_ref().map(Secret::expose).map(String::as_str), Some("secret of google"));
        assert_eq!((there.settings.client_id.as_str(), there.redirect_uri.as_str()), ("client of google", "https://login.example.com/login"));
        assert_eq!(said(&there), said(&trip(node, &id, BROWSER).await), "made again, not kept");
        assert!(postkey_auth::decide::login::verifier_fits(&there.challenge, there.verifier.expose()));
        assert_eq!(node.auth.back_from_provider(&there.state, BROWSER), Some(id.clone()));
        for wrong in [id.as_str(), &there.state[..there.state.len() - 1], &there.state.replacen("req_", "req_a", 1), "", "."] {
            assert_eq!(node.auth.back_from_provider(wrong, BROWSER), None, "{wrong}");
        }
        let other = trip(node, &id, "another browser").await;
        assert_eq!(node.auth.back_from_provider(&there.state, "another browser"), None);
        let (a, b) = (said(&there), said(&other));
        assert!(a.0 != b.0 && a.1 != b.1 && a.2 != b.2);
        let all = [&a.0.split('.').next_back().unwrap().to_owned(), &a.1, &a.2];
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2], "each is made for one purpose");
        // Another service is chosen while the browser is away.
        node.auth.choose_connection(&call(&public(), NOW), &postkey_auth::CallingPage::default(), &id, postkey_auth::Choice { connection: Some("gitlab"), ..postkey_auth::Choice::default() }).await.unwrap();
        let changed = trip(node, &id, BROWSER).await;
        assert!(changed.nonce != there.nonce && changed.verifier.expose() != there.verifier.expose());
        assert_eq!(changed.secret.as_ref().map(Secret::expose).map(String::as_str), Some("secret of gitlab"));
    }

    async fn a_service_names_ids_of_users_only_where_it_is_trusted_with_that(bed: Bed) {
        let node = &bed.node;
        service(node, "strict", json!({ "data": { "trustIdentityUserId": false }, "trustIdentityUserId": true })).await;
        service(node, "trusted", json!({ "data": { "trustIdentityUserId": true } })).await;
        let from = async |by: &str, subject: &str| {
            let id = request(node, &vouched(by, subject, None, false), None, NOW).await;
            let says = ProviderSays { subject: subject.to_owned(), email: Some("Jane@Example.com ".to_owned()), is_verified: true, ..ProviderSays::default() };
            trip(node, &id, BROWSER).await.vouched(says)
        };
        assert_eq!(from("strict", "jane-1").await.wanted_id, None);
        let jane = from("trusted", "jane-1").await;
        assert_eq!((jane.email.as_deref(), jane.is_verified), (Some("jane@example.com"), true));
        assert_eq!(arrive(node, &jane).await.user.as_str(), "jane-1");
        assert_eq!(from("trusted", "no id of ours").await.wanted_id, None);
        // An id that is somebody's is not given, whoever says so.
        let joe = node.signed_in("joe@example.com", NOW).await.tokens.user;
        let squatter = from("trusted", joe.as_str()).await;
        assert_eq!(squatter.wanted_id, Some(joe.clone()));
        let new: UserId = arrive(node, &squatter).await.user;
        assert_ne!(new, joe);
        assert_eq!(arrive(node, &squatter).await.user, new);
    }
}
