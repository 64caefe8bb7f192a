//! Sessions that back ends make: by lineage, by either kind of key, in apps that share nothing.

use crate::kit::*;
use postkey_auth::{BackEndSessionError, Checks, Issued, NewSession, RefreshError, Whose, says};
use postkey_model::{AppId, Call, EventKind, Millis, SessionHandle, TenantId, Timestamp};
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn new_session(user: &str) -> NewSession {
    NewSession { user: user.to_owned(), claims: object(json!({ "iss": "https://api.example.com/auth" })), ..NewSession::default() }
}

async fn made(node: &Node, user: &str, now: Timestamp) -> Issued {
    node.auth.make_session(&call(&public(), now), &new_session(user)).await.unwrap()
}

async fn refresh(node: &Node, token: &str, now: Timestamp) -> Result<Issued, RefreshError> {
    node.auth.refresh_for_back_end(&call(&public(), now), token, Some(false), None).await
}

fn refresh_token(issued: &Issued) -> String {
    issued.tokens.refresh.expose().clone()
}

fn access_token(issued: &Issued) -> String {
    issued.tokens.access.expose().clone()
}

async fn believed(node: &Node, token: &str, checks: Checks<'_>, now: Timestamp) -> Result<Option<String>, BackEndSessionError> {
    let believed = node.auth.believe(&AppId::public(), token, checks, now).await?;
    Ok(believed.renewed.map(|(token, _)| token.expose().clone()))
}

const DATABASE: Checks<'static> = Checks { database: true, anti_csrf: None };

fn local() -> Checks<'static> {
    Checks::default()
}

on_both_engines! {
    async fn a_refresh_is_answered_until_its_child_is_used(bed: Bed) {
        let node = &bed.node;
        let first = made(node, "somebody", NOW).await;
        assert_eq!(believed(node, &access_token(&first), local(), NOW).await, Ok(None), "nothing to look up");
        let (one, two) = (refresh(node, &refresh_token(&first), NOW).await.unwrap(), refresh(node, &refresh_token(&first), NOW).await.unwrap());
        assert_ne!(refresh_token(&one), refresh_token(&two), "two children");
        let renewed = believed(node, &access_token(&one), local(), NOW + secs(1)).await.unwrap().expect("a new token");
        assert_eq!(believed(node, &renewed, local(), NOW + secs(2)).await, Ok(None), "from then on nothing is looked up");
        assert_eq!(believed(node, &access_token(&one), local(), NOW + secs(2)).await.map(|new| new.is_some()), Ok(true), "it was slow");
        for stale in [&first, &two] {
            let RefreshError::Reused { handle, user } = refresh(node, &refresh_token(stale), NOW + secs(3)).await.err().unwrap() else { panic!() };
            assert_eq!((handle, user.as_str()), (first.session.handle.clone(), "somebody"));
        }
        assert_eq!(node.auth.store().count_events(EventKind::RefreshTokenReused).await.unwrap(), 2);
        assert_eq!(believed(node, &renewed, DATABASE, NOW + secs(3)).await, Ok(None), "whether the session goes is for the back end to say");
        let ended = node.auth.revoke_in(&AppId::public(), std::slice::from_ref(&first.session.handle), NOW + secs(4)).await.unwrap();
        assert_eq!(ended, std::slice::from_ref(&first.session.handle));
        assert_eq!(believed(node, &renewed, DATABASE, NOW + secs(4)).await, Err(BackEndSessionError::Unauthorised));
        assert_eq!(refresh(node, &refresh_token(&one), NOW + secs(4)).await.err(), Some(RefreshError::Unauthorised));
    }

    /// Eight tabs refresh at once and use what they got: one family goes on, and nobody is told of a theft who was not late.
    async fn of_many_first_uses_one_advances(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        for round in 0..20 {
            let first = made(&node, &format!("user-{round}"), NOW).await;
            let one = refresh(&node, &refresh_token(&first), NOW).await.unwrap();
            let racer = |i: usize| {
                let (node, token) = ([&node, &other][i % 2].clone(), access_token(&one));
                async move { believed(&node, &token, local(), NOW + secs(1)).await }
            };
            for outcome in at_once((0..16).map(racer).collect()).await {
                assert!(outcome.unwrap().is_some(), "round {round}");
            }
            assert!(refresh(&node, &refresh_token(&one), NOW + secs(2)).await.is_ok());
            assert!(matches!(refresh(&node, &refresh_token(&first), NOW + secs(2)).await, Err(RefreshError::Reused { .. })));
        }
    }

    async fn a_session_lives_on_from_the_use_of_a_child(bed: Bed) {
        let node = &bed.node;
        let first = made(node, "somebody", NOW).await;
        let end = first.session.expires_at;
        let late = Timestamp(end.0 - 1);
        let child = refresh(node, &refresh_token(&first), late).await.unwrap();
        assert!(refresh(node, &refresh_token(&child), late).await.unwrap().session.expires_at > end);
        assert!(refresh(node, &refresh_token(&child), end + secs(1)).await.is_ok());
        let other = made(node, "somebody", NOW).await;
        assert_eq!(refresh(node, &refresh_token(&other), end).await.err(), Some(RefreshError::Unauthorised));
    }

    async fn what_a_back_end_keeps_is_kept(bed: Bed) {
        let node = &bed.node;
        let app = AppId::public();
        let mut new = new_session("somebody");
        new.data = object(json!({ "cart": [1, 2] }));
        let issued = node.auth.make_session(&call(&public(), NOW), &new).await.unwrap();
        let handle = issued.session.handle.clone();
        let session = || async { node.auth.session_in(&app, &handle).await.unwrap().unwrap() };
        assert_eq!(postkey_auth::Auth::data_of(&session().await), new.data);
        assert_eq!(node.auth.claims_of(&session().await), new.claims);
        let (claims, data) = (object(json!({ "iss": "x", "role": "admin" })), object(json!({})));
        node.auth.keep_with_session(&app, &handle, Some(&claims), None, NOW).await.unwrap();
        assert_eq!(postkey_auth::Auth::data_of(&session().await), new.data, "the other part stays");
        node.auth.keep_with_session(&app, &handle, None, Some(&data), NOW).await.unwrap();
        assert_eq!((node.auth.claims_of(&session().await), postkey_auth::Auth::data_of(&session().await)), (claims.clone(), data));
        // An access token that says something else is renewed as soon as somebody looks.
        let renewed = believed(node, &access_token(&issued), DATABASE, NOW).await.unwrap().expect("a new one");
        let believed = node.auth.believe(&app, &renewed, local(), NOW).await.unwrap();
        assert_eq!(says(&believed.claims), claims);
        // Another in its place, with the same end.
        let claims = object(json!({ "iss": "x", "role": "guest" }));
        let (_, again) = node.auth.regenerate(&app, &renewed, Some(&claims), NOW + secs(60)).await.unwrap();
        let (again, end) = again.unwrap();
        let old_end = node.auth.believe(&app, &renewed, local(), NOW).await.unwrap().claims.exp;
        let now_says = node.auth.believe(&app, again.expose(), local(), NOW).await.unwrap().claims;
        assert_eq!((says(&now_says), now_says.exp, end.as_secs()), (claims.clone(), old_end, old_end));
        let (_, none) = node.auth.regenerate(&app, &renewed, None, NOW + Millis::from_hours(2)).await.unwrap();
        assert!(none.is_none(), "it has expired");
        // What is ours to say nobody else says.
        for name in postkey_auth::PROTECTED_CLAIMS {
            let claims = object(json!({ name: "x" }));
            let kept = node.auth.keep_with_session(&app, &handle, Some(&claims), None, NOW).await;
            assert_eq!(kept, Err(BackEndSessionError::ProtectedClaim), "{name}");
        }
        node.auth.revoke(NOW, &handle).await.unwrap();
        assert_eq!(node.auth.keep_with_session(&app, &handle, Some(&claims), None, NOW).await, Err(BackEndSessionError::Unauthorised));
        assert_eq!(node.auth.regenerate(&app, &renewed, None, NOW).await.err(), Some(BackEndSessionError::Unauthorised));
    }

    /// A back end may say more in the tokens of a session that our own doors made; they stay tokens of ours.
    async fn what_is_kept_with_a_session_of_our_own_leaves_it_ours(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in("jane@example.com", NOW).await.tokens;
        let claims = object(json!({ "iss": "https://elsewhere.example.com", "plan": "gold" }));
        node.auth.keep_with_session(&AppId::public(), &jane.handle, Some(&claims), None, NOW).await.unwrap();
        let next = node.auth.refresh(&call(&public(), NOW), jane.refresh.expose()).await.unwrap();
        let (claims, session) = node.auth.verify_session(next.access.expose(), NOW).await.unwrap();
        assert_eq!((claims.iss.as_deref(), &claims.others["plan"]), (Some("https://login.example.com/auth"), &json!("gold")));
        assert_eq!(session.handle, jane.handle);
        assert_eq!(believed(node, next.access.expose(), DATABASE, NOW).await, Ok(None));
    }

    async fn forms_bring_a_token_along_where_a_back_end_wants_one(bed: Bed) {
        let node = &bed.node;
        let new = NewSession { anti_csrf: true, ..new_session("somebody") };
        let issued = node.auth.make_session(&call(&public(), NOW), &new).await.unwrap();
        let own = issued.session.back_end.as_ref().unwrap().anti_csrf.clone().unwrap();
        let with = |brought| Checks { database: false, anti_csrf: Some(brought) };
        assert_eq!(believed(node, &access_token(&issued), with(Some(own.as_str())), NOW).await, Ok(None));
        for wrong in [None, Some("else")] {
            assert!(matches!(believed(node, &access_token(&issued), with(wrong), NOW).await, Err(BackEndSessionError::TryRefresh(_))));
            let refreshed = node.auth.refresh_for_back_end(&call(&public(), NOW), &refresh_token(&issued), None, Some(wrong)).await;
            assert_eq!(refreshed.err(), Some(RefreshError::Unauthorised));
        }
        let refreshed = node.auth.refresh_for_back_end(&call(&public(), NOW), &refresh_token(&issued), None, Some(Some(&own))).await.unwrap();
        assert_eq!(refreshed.session.back_end.unwrap().anti_csrf, Some(own));
    }

    /// A session is its person's: linked or removed in the very moment, no session is left that nobody can find.
    async fn no_session_outlives_a_link_or_a_removal(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        let app = AppId::public();
        for round in 0..10 {
            let [p, q] = ["p", "q"].map(|name| format!("{name}{round}@example.com"));
            let (p, q) = (node.signed_in(&p, NOW).await.tokens.user, node.signed_in(&q, NOW).await.tokens.user);
            node.auth.make_primary(&app, p.as_str(), NOW).await.unwrap();
            let racer = |i: usize| {
                let (node, app, p, q) = ([&node, &other][i % 2].clone(), app.clone(), p.clone(), q.clone());
                async move {
                    match i {
                        5 if round % 2 == 0 => drop(node.auth.link_identity(&app, q.as_str(), p.as_str(), NOW).await.unwrap()),
                        5 => drop(node.auth.remove_person(&app, q.as_str(), true, NOW).await.unwrap()),
                        _ => drop(node.auth.make_session(&call(&public(), NOW), &new_session(q.as_str())).await),
                    }
                }
            };
            at_once((0..12).map(racer).collect()).await;
            if round % 2 == 0 {
                assert_eq!(node.auth.sessions_of(&q, NOW).await.unwrap().len(), 0, "round {round}: they are p's, or ended");
            }
        }
    }

    async fn claims_that_no_token_can_hold_are_refused(bed: Bed) {
        let node = &bed.node;
        for wrong in [json!({ "iss": 5 }), json!({ "iss": null }), json!({ "much": "x".repeat(17_000) })] {
            let new = NewSession { claims: object(wrong), ..new_session("somebody") };
            let made = node.auth.make_session(&call(&public(), NOW), &new).await;
            assert!(matches!(made.err(), Some(BackEndSessionError::BadClaims(_))));
        }
        let new = NewSession { claims: object(json!({ "much": "x".repeat(15_000) })), ..new_session("somebody") };
        let made = node.auth.make_session(&call(&public(), NOW), &new).await.unwrap();
        assert_eq!(believed(node, &access_token(&made), DATABASE, NOW).await, Ok(None));
    }

    /// What is taken away on one node is gone on all, also for what another one does in that moment.
    async fn a_tenant_that_is_gone_takes_nobody_in(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        let gone = TenantId::parse("gone").unwrap();
        let wish = postkey_auth::decide::tenants::TenantWish { first_factors: Some(None), ..Default::default() };
        node.auth.set_tenant(&gone, &wish, NOW).await.unwrap();
        other.auth.tend_tenants(NOW).await.unwrap();
        node.auth.remove_tenant(&gone, NOW).await.unwrap();
        assert!(other.auth.tenant(&gone).is_some(), "it has not heard of it yet");
        assert!(other.auth.make_session(&call(&gone, NOW), &new_session("somebody")).await.is_err());
        node.auth.set_tenant(&gone, &wish, NOW).await.unwrap();
        let whose = Whose { user: "somebody".to_owned(), tenant: None, with_linked: true };
        assert_eq!(node.auth.sessions_in(&AppId::public(), &whose, NOW).await.unwrap(), []);
    }

    /// Static keys are made once, whoever asks first; a session changes from one kind of key to the other when refreshed.
    async fn the_key_that_stays_is_one(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        let sign = |i: usize| {
            let node = [&node, &other][i % 2].clone();
            async move {
                let payload = object(json!({ "sub": "x" }));
                node.auth.sign_for_back_end(&AppId::public(), "https://api.example.com", &payload, Millis::from_hours(1), true, NOW).await.unwrap()
            }
        };
        let kids: std::collections::HashSet<_> = at_once((0..4).map(sign).collect()).await.iter().map(|token| kid(token.expose())).collect();
        assert_eq!(kids.len(), 1);
        assert!(kids.iter().all(|kid| kid.starts_with("s-")));
        let new = NewSession { is_static: true, ..new_session("somebody") };
        let issued = node.auth.make_session(&call(&public(), NOW), &new).await.unwrap();
        assert!(kids.contains(&kid(issued.tokens.access.expose())));
        assert_eq!(believed(&other, &access_token(&issued), local(), NOW + secs(5)).await, Ok(None));
        let call_now = call(&public(), NOW);
        let dynamic = node.auth.refresh_for_back_end(&call_now, &refresh_token(&issued), Some(false), None).await.unwrap();
        assert!(kid(dynamic.tokens.access.expose()).starts_with("d-"));
        let stays = node.auth.refresh_for_back_end(&call_now, &refresh_token(&dynamic), None, None).await.unwrap();
        assert!(kid(stays.tokens.access.expose()).starts_with("d-"), "it is remembered");
        let (set, _) = other.auth.key_set_of(&AppId::public(), NOW + secs(5)).await.unwrap();
        let known: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect();
        assert!(known.len() == 2 && known[0].starts_with("d-") && kids.contains(&known[1]), "{known:?}");
    }

    async fn what_is_signed_for_back_ends_is_no_access_token(bed: Bed) {
        let node = &bed.node;
        let issued = made(node, "somebody", NOW).await;
        let payload: String = access_token(&issued).split('.').nth(1).unwrap().to_owned();
        let claims: Map<String, Value> = serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap();
        for is_static in [false, true] {
            let token = node.auth.sign_for_back_end(&AppId::public(), "x", &claims, Millis::from_hours(1), is_static, NOW).await.unwrap();
            let worth = believed(node, token.expose(), local(), NOW).await;
            assert!(matches!(worth, Err(BackEndSessionError::TryRefresh(_))), "{worth:?}");
            assert!(node.auth.verify(token.expose(), NOW).await.is_err());
        }
    }

    /// Tokens, sessions and keys of one app are nothing in another.
    async fn apps_share_nothing(bed: Bed) {
        let node = &bed.node;
        let app = AppId::parse("shop").unwrap();
        let wish = postkey_auth::decide::tenants::TenantWish::default();
        node.auth.set_app(&app, &wish, NOW).await.unwrap();
        let there = Call { tenant: TenantId::in_app(&app, &public()), ..call(&public(), NOW) };
        let issued = node.auth.make_session(&there, &new_session("somebody")).await.unwrap();
        assert!(node.auth.believe(&app, &access_token(&issued), DATABASE, NOW).await.is_ok());
        assert!(matches!(believed(node, &access_token(&issued), local(), NOW).await, Err(BackEndSessionError::TryRefresh(_))));
        assert_eq!(refresh(node, &refresh_token(&issued), NOW).await.err(), Some(RefreshError::Unauthorised));
        assert!(node.auth.session_in(&AppId::public(), &issued.session.handle).await.unwrap().is_none());
        let ended = node.auth.revoke_in(&AppId::public(), std::slice::from_ref(&issued.session.handle), NOW).await.unwrap();
        assert_eq!(ended, Vec::<SessionHandle>::new());
        let whose = Whose { user: "somebody".to_owned(), tenant: None, with_linked: true };
        assert_eq!(node.auth.sessions_in(&AppId::public(), &whose, NOW).await.unwrap(), []);
        assert_eq!(node.auth.sessions_in(&app, &whose, NOW).await.unwrap(), std::slice::from_ref(&issued.session.handle));
        let ours = node.auth.key_set().0;
        let theirs = node.auth.key_set_of(&app, NOW).await.unwrap().0;
        assert_ne!(ours["keys"][0]["kid"], Value::Null);
        assert_ne!(ours["keys"][0]["x"], theirs["keys"][0]["x"]);
    }
}

fn kid(token: &str) -> String {
    let header = data_encoding::BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}
