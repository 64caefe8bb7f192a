//! Logins of applications: requests, what service clients state, typed codes, codes to exchange, and the sessions that come of
//! them. Everything that is good once is tried by many at once.

use crate::kit::*;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use postkey_auth::decide::assertion::Fault;
use postkey_auth::{
    CallingPage, Choice, CodeWish, CompleteError, ExchangeError, FinishError, Finished, LoginCodeError, LoginTokens, LoginWish,
    LoginWishError, NextStep, RefreshError,
};
use postkey_model::{
    AppId, ClientKey, ClientSettings, CustomClaim, LinkTo, LoginChange, LoginRequestId, Millis, Registered, ReturnMode, ServiceClient,
    Session, Timestamp, UserId,
};
use serde_json::{Value, json};
use std::future::Future;

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-taken-by-everybody-here";

/// A back end with a key, as the SDKs have it.
struct BackEnd {
    client: ServiceClient,
    pair: Ed25519KeyPair,
}

impl BackEnd {
    async fn register(node: &Node, id: &str, change: impl FnOnce(&mut ClientSettings)) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let key = ClientKey { id: "k1".to_owned(), public_key: BASE64.encode(pair.public_key().as_ref()), created_at: NOW };
        let mut settings = ClientSettings { token_generation: true, keys: vec![key], ..ClientSettings::default() };
        change(&mut settings);
        let client = Registered { id: id.to_owned(), created_at: NOW, updated_at: NOW, version: 0, settings, sealed: None };
        node.auth.store().commit(vec![LoginChange::Registered(client.row()).into()]).await.unwrap();
        node.auth.tend_registered().await.unwrap();
        BackEnd { client, pair }
    }

    fn state(&self, sub: &str, now: Timestamp, more: &[(&str, Value)]) -> String {
        let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let second = now.as_secs();
        let id = &self.client.id;
        let mut claims = json!({
            "aud": "acc_local.accounts.authress.io", "iss": format!("{}/v1/clients/{id}", origin()), "sub": sub, "client_id": id,
            "iat": second, "exp": second + 60, "max_age": 60,
        });
        for (name, value) in more {
            claims[*name] = value.clone();
        }
        let header = json!({ "alg": "EdDSA", "typ": "oauth-authz-req+jwt", "kid": "k1" });
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        format!("{signed}.{}", BASE64URL_NOPAD.encode(self.pair.sign(signed.as_bytes()).as_ref()))
    }
}

fn challenge() -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, VERIFIER.as_bytes()).as_ref())
}

fn wish<'a>(application: &'a str, redirect_url: &'a str, connection: &'a str, challenge: &'a str) -> LoginWish<'a> {
    LoginWish { application, redirect_url, code_challenge: challenge, connection: Some(connection), ..LoginWish::default() }
}

async fn begun(node: &Node, application: &str, place: &str, connection: &str, now: Timestamp) -> LoginRequestId {
    let challenge = challenge();
    let wish = wish(application, place, connection, &challenge);
    node.auth.begin_login(&call(&public(), now), &CallingPage::default(), wish).await.unwrap().id
}

async fn at_home(node: &Node, connection: &str, now: Timestamp) -> LoginRequestId {
    begun(node, "app_default", "http://localhost:3000/", connection, now).await
}

async fn on_the_web(node: &Node, connection: &str, now: Timestamp) -> LoginRequestId {
    begun(node, "app_web", "https://shop.example.org/in", connection, now).await
}

async fn finish(node: &Node, id: &LoginRequestId, token: &str, now: Timestamp) -> Result<Finished, FinishError> {
    node.auth.finish_by_assertion(&call(&public(), now), id, token, None, None).await
}

async fn exchange(node: &Node, id: &LoginRequestId, code: &str, now: Timestamp) -> Result<LoginTokens, ExchangeError> {
    node.auth.exchange_login(&call(&public(), now), id, code, VERIFIER, Some("app_web"), Some("https://shop.example.org/in")).await
}

async fn session(node: &Node, tokens: &LoginTokens, now: Timestamp) -> Option<Session> {
    node.auth.verify_login(tokens.access.expose(), now).await.ok()
}

async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(count: usize, racer: impl Fn(usize) -> F) -> Vec<T> {
    at_once((0..count).map(racer).collect()).await
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap()).unwrap()
}

on_both_engines! {
    async fn a_link_of_a_back_end_opens_a_session_once(bed: Bed) {
        let node = &bed.node;
        let back_end = BackEnd::register(node, "sc_mailer", |_| {}).await;
        let id = at_home(node, "sc_mailer", NOW).await;
        let token = back_end.state("jane@example.com", NOW, &[("email", json!("Jane@example.com")), ("email_verified", json!(true))]);
        let finished = finish(node, &id, &token, NOW).await.unwrap();
        assert!(finished.is_new_user && finished.code.is_none());
        assert_eq!((finished.mode, finished.redirect_url.as_str()), (ReturnMode::Query, "http://localhost:3000/"));
        let tokens = finished.tokens.unwrap();
        let (access, identity) = (claims(tokens.access.expose()), claims(tokens.id.expose()));
        assert_eq!((&access["azp"], &access["client_id"], &access["iss"]), (&json!("sc_mailer"), &json!("app_default"), &json!(origin().as_text())));
        assert_eq!((&identity["email"], &identity["email_verified"], &identity["aud"]), (&json!("jane@example.com"), &json!(true), &json!(["app_default"])));
        assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), 24 * 3600);
        assert_eq!(session(node, &tokens, NOW).await.unwrap().user, tokens.user);
        // Neither the link nor another one for the same request is good again.
        assert_eq!(finish(node, &id, &token, NOW).await.err(), Some(FinishError::Over));
        let second = back_end.state("jane@example.com", NOW + Millis::from_secs(1), &[]);
        assert_eq!(finish(node, &id, &second, NOW + Millis::from_secs(1)).await.err(), Some(FinishError::Over));
        // The same link for another request: the state is not in the signature.
        let other = at_home(node, "sc_mailer", NOW).await;
        assert_eq!(finish(node, &other, &token, NOW).await.err(), Some(FinishError::NotBelieved(Fault::Used)));
        // Somebody known comes back as the same user.
        let again = finish(node, &other, &second, NOW + Millis::from_secs(1)).await.unwrap();
        assert!(!again.is_new_user);
        assert_eq!(again.tokens.unwrap().user, tokens.user);
    }

    async fn tokens_of_applications_say_of_metadata_what_the_tenant_wants(bed: Bed) {
        let claim = |name| CustomClaim::parse(name, "plan").unwrap();
        let node = bed.another_node(|settings| settings.tenants.get_mut(&public()).unwrap().claims.push(claim("plan"))).await;
        node.auth.tend_keys(NOW).await.unwrap();
        let back_end = BackEnd::register(&node, "sc_mailer", |_| {}).await;
        let id = at_home(&node, "sc_mailer", NOW).await;
        let first = finish(&node, &id, &back_end.state("jane", NOW, &[]), NOW).await.unwrap().tokens.unwrap();
        assert_eq!(claims(first.access.expose()).get("plan"), None);
        node.auth.update_metadata(&AppId::public(), first.user.as_str(), json!({ "plan": "gold" }).as_object().unwrap()).await.unwrap();
        let (later, page) = (NOW + Millis::from_secs(60), CallingPage::default());
        let second = node.auth.refresh_login(&call(&public(), later), &page, first.refresh.expose()).await.unwrap();
        for token in [&second.access, &second.id] {
            assert_eq!(claims(token.expose())["plan"], "gold");
        }
        assert!(session(&node, &second, later).await.is_some());
    }

    async fn of_many_who_open_a_link_at_once_one_gets_in(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        let back_end = BackEnd::register(&node, "sc_mailer", |_| {}).await;
        other.auth.tend_registered().await.unwrap();
        for round in 0..10 {
            let (one, two) = (at_home(&node, "sc_mailer", NOW).await, at_home(&node, "sc_mailer", NOW).await);
            let token = back_end.state(&format!("p{round}"), NOW, &[]);
            let racer = |i: usize| {
                let node = [&node, &other][i % 2].clone();
                let (id, token) = ([&one, &two][(i / 2) % 2].clone(), token.clone());
                async move { finish(&node, &id, &token, NOW).await.map(|_| ()) }
            };
            let ends = race(32, racer).await;
            let known = |end: &Result<(), FinishError>| matches!(end, Ok(()) | Err(FinishError::Over | FinishError::NotBelieved(Fault::Used) | FinishError::Busy));
            assert!(ends.iter().all(known), "{ends:?}");
            assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "round {round}: one link, one session, whatever the request");
        }
    }

    async fn a_code_is_exchanged_once_by_whoever_asked(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        let back_end = BackEnd::register(&node, "sc_mailer", |_| {}).await;
        let id = on_the_web(&node, "sc_mailer", NOW).await;
        let finished = finish(&node, &id, &back_end.state("jane", NOW, &[]), NOW).await.unwrap();
        assert_eq!(finished.mode, ReturnMode::Code);
        let code = finished.code.unwrap().expose().clone();
        let wrong = |verifier: &'static str, client: &'static str, place: &'static str| {
            let (node, id, code) = (node.clone(), id.clone(), code.clone());
            async move { node.auth.exchange_login(&call(&public(), NOW), &id, &code, verifier, Some(client), Some(place)).await.err() }
        };
        assert_eq!(wrong("a-verifier-of-somebody-else-who-kept-the-link-to-himself", "app_web", "https://shop.example.org/in").await, Some(ExchangeError::Wrong));
        assert_eq!(wrong(VERIFIER, "app_default", "https://shop.example.org/in").await, Some(ExchangeError::Wrong));
        assert_eq!(wrong(VERIFIER, "app_web", "https://shop.example.org/else").await, Some(ExchangeError::Wrong));
        assert_eq!(exchange(&node, &id, "not-the-code", NOW).await.err(), Some(ExchangeError::Wrong));
        // An answer that is lost is asked for again, from whichever node; all have the same session.
        let racer = |i: usize| {
            let (node, id, code) = ([&node, &other][i % 2].clone(), id.clone(), code.clone());
            async move { exchange(&node, &id, &code, NOW).await.map(|tokens| tokens.handle) }
        };
        let ends = race(16, racer).await;
        let first = ends[0].clone().unwrap();
        assert!(ends.iter().all(|end| end.as_ref() == Ok(&first)), "{ends:?}");
        assert!(exchange(&node, &id, &code, NOW + Millis::from_secs(29)).await.is_ok());
        assert_eq!(exchange(&node, &id, &code, NOW + Millis::from_secs(31)).await.err(), Some(ExchangeError::Wrong));
        // And one that waited too long is worth nothing.
        let id = on_the_web(&node, "sc_mailer", NOW).await;
        let late = finish(&node, &id, &back_end.state("late", NOW, &[]), NOW).await.unwrap().code.unwrap();
        assert_eq!(exchange(&node, &id, late.expose(), NOW + Millis::from_secs(60)).await.err(), Some(ExchangeError::Wrong));
    }

    async fn a_session_is_renewed_and_ended_and_is_no_other_doors(bed: Bed) {
        let node = &bed.node;
        let back_end = BackEnd::register(node, "sc_mailer", |_| {}).await;
        let id = at_home(node, "sc_mailer", NOW).await;
        let first = finish(node, &id, &back_end.state("jane", NOW, &[]), NOW).await.unwrap().tokens.unwrap();
        let call_at = |now| call(&public(), now);
        assert_eq!(node.auth.refresh(&call_at(NOW), first.refresh.expose()).await.err(), Some(RefreshError::Unauthorised), "another encoding");
        assert!(node.auth.verify(first.access.expose(), NOW).await.is_err(), "another key set");
        let pages = node.signed_in("jane@example.com", NOW).await;
        assert!(node.auth.verify_login(pages.tokens.access.expose(), NOW).await.is_err());
        assert_eq!(node.auth.refresh_login(&call_at(NOW), &CallingPage::default(), pages.tokens.refresh.expose()).await.err(), Some(RefreshError::Unauthorised));
        assert!(node.auth.login_session(pages.tokens.refresh.expose(), NOW).await.unwrap().is_none());

        let later = NOW + Millis::from_hours(1);
        let second = node.auth.refresh_login(&call_at(later), &CallingPage::default(), first.refresh.expose()).await.unwrap();
        assert_eq!(second.handle, first.handle);
        assert!(session(node, &second, later).await.is_some());
        // Another tab, or a lost answer, has the same one; whoever comes much later kept a copy.
        let again = node.auth.refresh_login(&call_at(later + Millis::from_secs(20)), &CallingPage::default(), first.refresh.expose()).await.unwrap();
        assert_eq!(again.refresh.expose(), second.refresh.expose());
        assert!(node.auth.login_session(first.refresh.expose(), later + Millis::from_secs(20)).await.unwrap().is_some());
        assert!(node.auth.login_session(first.refresh.expose(), later + Millis::from_secs(31)).await.unwrap().is_none());
        let reused = node.auth.refresh_login(&call_at(later + Millis::from_secs(31)), &CallingPage::default(), first.refresh.expose()).await;
        assert!(matches!(reused, Err(RefreshError::Reused { .. })));
        assert!(session(node, &second, later + Millis::from_secs(31)).await.is_none(), "the family is over");
    }

    async fn what_begins_no_login(bed: Bed) {
        let node = &bed.node;
        BackEnd::register(node, "sc_off", |settings| settings.token_generation = false).await;
        BackEnd::register(node, "sc_mailer", |_| {}).await;
        let challenge = challenge();
        let begin = |wish: LoginWish<'static>, page: CallingPage| {
            let node = node.clone();
            async move { node.auth.begin_login(&call(&public(), NOW), &page, wish).await.err() }
        };
        let challenge: &'static str = Box::leak(challenge.into_boxed_str());
        let good = || wish("app_default", "http://localhost:3000/", "sc_mailer", challenge);
        let page = |origin: &str| CallingPage { origin: Some(origin.to_owned()), is_elsewhere: true };
        assert_eq!(begin(good(), page("http://localhost:3000")).await, None);
        assert_eq!(begin(good(), CallingPage::default()).await, None, "programs name no origin");
        assert_eq!(begin(good(), page("https://evil.example")).await, Some(LoginWishError::WrongOrigin));
        assert_eq!(begin(good(), page("null")).await, Some(LoginWishError::WrongOrigin));
        for (wish, why) in [
            (LoginWish { application: "app_none", ..good() }, LoginWishError::UnknownApplication),
            (LoginWish { redirect_url: "http://evil.example/", ..good() }, LoginWishError::WrongRedirect),
            (LoginWish { redirect_url: "", ..good() }, LoginWishError::WrongRedirect),
            (LoginWish { code_challenge: "plain", ..good() }, LoginWishError::NoChallenge),
            (LoginWish { connection: Some("con_none"), ..good() }, LoginWishError::Unknown("connection")),
            (LoginWish { connection: Some("sc_off"), ..good() }, LoginWishError::TokenGenerationOff),
            (LoginWish { invite: Some("inv_none"), ..good() }, LoginWishError::Unknown("invite")),
            (LoginWish { tenant_lookup: Some("nowhere"), ..good() }, LoginWishError::Unknown("tenant")),
        ] {
            assert_eq!(begin(wish, CallingPage::default()).await, Some(why));
        }
    }

    async fn work_is_taken_once(bed: Bed) {
        let node = bed.another_node(|settings| settings.logins.wants_work = true).await;
        let work = |values: &str| {
            (1..).find_map(|counter| {
                let hash = BASE64URL_NOPAD.encode(digest(&SHA256, format!("{};{counter};{values}", NOW.0).as_bytes()).as_ref());
                hash.starts_with("00").then(|| format!("v2;{};{counter};{hash}", NOW.0))
            }).unwrap()
        };
        node.auth.tend_keys(NOW).await.unwrap();
        BackEnd::register(&node, "sc_mailer", |_| {}).await;
        let (challenge, shown) = (challenge(), work("sc_mailer|app_default"));
        let begin = |work: Option<&str>, place: &str, now: Timestamp| {
            let (node, challenge) = (node.clone(), challenge.clone());
            let (work, place) = (work.map(str::to_owned), place.to_owned());
            async move {
                let worked_for = vec!["sc_mailer|app_default".to_owned()];
                let wish = LoginWish { work: work.as_deref(), worked_for, ..wish("app_default", &place, "sc_mailer", &challenge) };
                node.auth.begin_login(&call(&public(), now), &CallingPage::default(), wish).await.map(|begun| begun.id)
            }
        };
        let home = "http://localhost:3000/";
        for none in [None, Some(work("other")), Some("v2;1;1;00".to_owned())] {
            assert_eq!(begin(none.as_deref(), home, NOW).await, Err(LoginWishError::NoWork));
        }
        let first = begin(Some(&shown), home, NOW).await.unwrap();
        // The answer was lost: the very same question has the same one, for a moment. Another question has none.
        assert_eq!(begin(Some(&shown), home, NOW + Millis::from_secs(29)).await, Ok(first));
        assert_eq!(begin(Some(&shown), "http://localhost:3000/other", NOW).await, Err(LoginWishError::NoWork));
        assert_eq!(begin(Some(&shown), home, NOW + Millis::from_secs(30)).await, Err(LoginWishError::NoWork));
    }

    async fn a_typed_code_finishes_a_login(bed: Bed) {
        let node = &bed.node;
        let back_end = BackEnd::register(node, "sc_mailer", |settings| settings.trust_subject_as_verified_email = true).await;
        let other = BackEnd::register(node, "sc_other", |_| {}).await;
        let id = at_home(node, "sc_mailer", NOW).await;
        let for_jane = CodeWish { subject: "jane@example.com", digits: Some(8), ..CodeWish::default() };
        let make = |client: &ServiceClient, wish: CodeWish<'static>| {
            let (node, client, id) = (node.clone(), client.clone(), id.clone());
            async move { node.auth.make_login_code(&call(&public(), NOW), &client, &id, wish).await }
        };
        assert_eq!(make(&other.client, for_jane).await.err(), Some(LoginCodeError::Unknown), "another client's login");
        assert!(matches!(make(&back_end.client, CodeWish { digits: Some(4), ..for_jane }).await.err(), Some(LoginCodeError::Wrong(_))));
        let made = make(&back_end.client, for_jane).await.unwrap();
        assert_eq!(made.code.expose().len(), 8);
        let typed = |code: &str, id: &LoginRequestId| {
            let (node, code, id) = (node.clone(), code.to_owned(), id.clone());
            async move { node.auth.type_login_code(&call(&public(), NOW), &id, &code).await }
        };
        let elsewhere = at_home(node, "sc_mailer", NOW).await;
        assert_eq!(typed(made.code.expose(), &elsewhere).await.err(), Some(CompleteError::Unknown), "no code was made for that one");
        assert_eq!(typed("00000000", &id).await.err(), Some(CompleteError::WrongCode { left: 4, attempts: 1 }));
        let url = typed(&format!("{} {}", &made.code.expose()[..4], &made.code.expose()[4..]), &id).await.unwrap();
        assert!(typed(made.code.expose(), &id).await.is_err(), "once");
        let secret = url.split("proof=").nth(1).unwrap();
        assert_eq!(node.auth.finish_by_proof(&call(&public(), NOW), &id, "wrong", None).await.err(), Some(FinishError::Unknown));
        let finished = node.auth.finish_by_proof(&call(&public(), NOW), &id, secret, None).await.unwrap();
        let tokens = finished.tokens.unwrap();
        assert_eq!(claims(tokens.id.expose())["email"], json!("jane@example.com"));
        assert!(node.auth.finish_by_proof(&call(&public(), NOW), &id, secret, None).await.is_err());
        // The code was for whom the link would have been.
        let link = at_home(node, "sc_mailer", NOW).await;
        let by_link = finish(node, &link, &back_end.state("jane@example.com", NOW, &[]), NOW).await.unwrap();
        assert_eq!(by_link.tokens.unwrap().user, tokens.user);
    }

    async fn a_typed_code_is_guessed_at_five_times_and_used_once(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        let back_end = BackEnd::register(&node, "sc_mailer", |_| {}).await;
        other.auth.tend_registered().await.unwrap();
        let made = |id: &LoginRequestId| {
            let (node, client, id) = (node.clone(), back_end.client.clone(), id.clone());
            async move { node.auth.make_login_code(&call(&public(), NOW), &client, &id, CodeWish { subject: "jane", ..CodeWish::default() }).await.unwrap() }
        };
        for _ in 0..5 {
            let id = at_home(&node, "sc_mailer", NOW).await;
            let code = made(&id).await.code.expose().clone();
            let racer = |i: usize| {
                let (node, id, code) = ([&node, &other][i % 2].clone(), id.clone(), code.clone());
                async move { node.auth.type_login_code(&call(&public(), NOW), &id, &code).await.map(|_| ()) }
            };
            let ends = race(20, racer).await;
            assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{ends:?}");
        }
        let id = at_home(&node, "sc_mailer", NOW).await;
        let code = made(&id).await.code.expose().clone();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let guess = |_| {
            let (node, id) = (node.clone(), id.clone());
            async move { node.auth.type_login_code(&call(&public(), NOW), &id, wrong).await.err() }
        };
        let ends = race(20, guess).await;
        assert_eq!(ends.iter().filter(|end| matches!(end, Some(CompleteError::WrongCode { .. }))).count(), 4, "{ends:?}");
        assert_eq!(node.auth.type_login_code(&call(&public(), NOW), &id, &code).await.err(), Some(CompleteError::TooManyWrong));
    }

    async fn whoever_signed_in_on_our_pages_goes_on_to_the_application(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in("jane@example.com", NOW).await;
        let (_, pages) = node.auth.verify_session(jane.tokens.access.expose(), NOW).await.unwrap();
        let id = at_home(node, "email", NOW).await;
        let state = node.auth.login_request(&id).await.unwrap().unwrap();
        assert_eq!(node.auth.next_step(&state.request), NextStep::OwnPages { tenant: public() });
        let finished = node.auth.finish_by_pages(&call(&public(), NOW), &id, &pages, None).await.unwrap();
        let tokens = finished.tokens.unwrap();
        assert_eq!(tokens.user, jane.tokens.user);
        assert_ne!(tokens.handle, pages.handle, "a session of its own");
        assert_eq!(claims(tokens.id.expose())["email"], json!("jane@example.com"));
        assert_eq!(node.auth.finish_by_pages(&call(&public(), NOW), &id, &pages, None).await.err(), Some(FinishError::Over));
        // Signing out everywhere means both.
        node.auth.revoke_all(&call(&public(), NOW), &jane.tokens.user, None).await.unwrap();
        assert!(session(node, &tokens, NOW).await.is_none());
        // By another way than asked for nobody goes on.
        let id = at_home(node, "sms", NOW).await;
        assert_eq!(node.auth.finish_by_pages(&call(&public(), NOW), &id, &pages, None).await.err(), Some(FinishError::Unknown));
    }

    async fn a_user_who_is_gone_leaves_nothing_open(bed: Bed) {
        let node = &bed.node;
        let back_end = BackEnd::register(node, "sc_mailer", |_| {}).await;
        let id = on_the_web(node, "sc_mailer", NOW).await;
        let finished = finish(node, &id, &back_end.state("jane", NOW, &[]), NOW).await.unwrap();
        let (code, tokens) = (finished.code.unwrap(), finished.tokens.unwrap());
        let user: UserId = tokens.user.clone();
        node.auth.revoke_all(&call(&public(), NOW), &user, None).await.unwrap();
        assert_eq!(exchange(node, &id, code.expose(), NOW).await.err(), Some(ExchangeError::Wrong));
    }

    /// A code is for whom a client made it, and for nobody of another client: whoever chooses another connection starts anew.
    async fn a_code_of_one_client_opens_nothing_of_another(bed: Bed) {
        let node = &bed.node;
        let own = BackEnd::register(node, "sc_own", |_| {}).await;
        let other = BackEnd::register(node, "sc_other", |_| {}).await;
        let id = at_home(node, "sc_other", NOW).await;
        let boss = finish(node, &id, &other.state("boss", NOW, &[]), NOW).await.unwrap().tokens.unwrap().user;
        let choose = |id: &LoginRequestId| {
            let (node, id) = (node.clone(), id.clone());
            async move {
                let choice = Choice { connection: Some("sc_other"), ..Choice::default() };
                node.auth.choose_connection(&call(&public(), NOW), &CallingPage::default(), &id, choice).await.unwrap();
            }
        };
        let wish = CodeWish { subject: "boss", ..CodeWish::default() };
        // Chosen before the code is typed, and after.
        let id = at_home(node, "sc_own", NOW).await;
        let made = node.auth.make_login_code(&call(&public(), NOW), &own.client, &id, wish).await.unwrap();
        choose(&id).await;
        let typed = node.auth.type_login_code(&call(&public(), NOW), &id, made.code.expose()).await;
        assert_eq!(typed.err(), Some(CompleteError::Unknown));
        let id = at_home(node, "sc_own", NOW).await;
        let made = node.auth.make_login_code(&call(&public(), NOW), &own.client, &id, wish).await.unwrap();
        let url = node.auth.type_login_code(&call(&public(), NOW), &id, made.code.expose()).await.unwrap();
        choose(&id).await;
        let secret = url.split("proof=").nth(1).unwrap();
        assert_eq!(node.auth.finish_by_proof(&call(&public(), NOW), &id, secret, None).await.err(), Some(FinishError::Unknown));
        // Without that it opens the client's own "boss", who is somebody else.
        let id = at_home(node, "sc_own", NOW).await;
        let made = node.auth.make_login_code(&call(&public(), NOW), &own.client, &id, wish).await.unwrap();
        let url = node.auth.type_login_code(&call(&public(), NOW), &id, made.code.expose()).await.unwrap();
        let finished = node.auth.finish_by_proof(&call(&public(), NOW), &id, url.split("proof=").nth(1).unwrap(), None).await.unwrap();
        assert_ne!(finished.tokens.unwrap().user, boss);
    }

    async fn signing_out_ends_the_session_whoever_renewed_it(bed: Bed) {
        let node = &bed.node;
        let back_end = BackEnd::register(node, "sc_mailer", |_| {}).await;
        let id = at_home(node, "sc_mailer", NOW).await;
        let first = finish(node, &id, &back_end.state("jane", NOW, &[]), NOW).await.unwrap().tokens.unwrap();
        let stolen = node.auth.refresh_login(&call(&public(), NOW), &CallingPage::default(), first.refresh.expose()).await.unwrap();
        let later = NOW + Millis::from_mins(5);
        node.auth.sign_out_login("made.up.token", later).await.unwrap();
        assert!(session(node, &stolen, later).await.is_some());
        node.auth.sign_out_login(first.refresh.expose(), later).await.unwrap();
        assert!(session(node, &stolen, later).await.is_none());
        let renewed = node.auth.refresh_login(&call(&public(), later), &CallingPage::default(), stolen.refresh.expose()).await;
        assert_eq!(renewed.err(), Some(RefreshError::Unauthorised));
    }

    async fn the_session_of_one_application_is_no_others(bed: Bed) {
        let node = &bed.node;
        let back_end = BackEnd::register(node, "sc_mailer", |_| {}).await;
        let page = |origin: &str| CallingPage { origin: Some(origin.to_owned()), is_elsewhere: true };
        let id = at_home(node, "sc_mailer", NOW).await;
        let tokens = finish(node, &id, &back_end.state("jane", NOW, &[]), NOW).await.unwrap().tokens.unwrap();
        let renew = |origin: &'static str| {
            let (node, token) = (node.clone(), tokens.refresh.expose().clone());
            async move { node.auth.refresh_login(&call(&public(), NOW), &page(origin), &token).await.map(|_| ()) }
        };
        assert_eq!(renew("https://shop.example.org").await, Err(RefreshError::Unauthorised), "another application's page");
        assert_eq!(renew("http://localhost:3000").await, Ok(()));
        // The next login of the same application in this browser ends this one; that of another application does not.
        let here = session(node, &tokens, NOW).await.unwrap();
        let id = on_the_web(node, "sc_mailer", NOW).await;
        let link = back_end.state("joe", NOW, &[]);
        let web = node.auth.finish_by_assertion(&call(&public(), NOW), &id, &link, None, Some(&here)).await.unwrap().tokens.unwrap();
        assert!(session(node, &tokens, NOW).await.is_some());
        let id = at_home(node, "sc_mailer", NOW).await;
        let link = back_end.state("eve", NOW, &[]);
        node.auth.finish_by_assertion(&call(&public(), NOW), &id, &link, None, Some(&here)).await.unwrap();
        assert!(session(node, &tokens, NOW).await.is_none() && session(node, &web, NOW).await.is_some());
        // It asks for no linking either.
        let here = session(node, &web, NOW).await.unwrap();
        let link = LinkTo { user: here.user.clone(), session: here.handle.clone(), identity: here.identity.clone() };
        let challenge = challenge();
        let wish = LoginWish { link: Some(link), ..wish("app_default", "http://localhost:3000/", "sc_mailer", &challenge) };
        let begun = node.auth.begin_login(&call(&public(), NOW), &CallingPage::default(), wish).await;
        assert_eq!(begun.err(), Some(LoginWishError::LinkingDisabled));
    }

    async fn what_an_application_says_is_bounded(bed: Bed) {
        let node = &bed.node;
        BackEnd::register(node, "sc_mailer", |_| {}).await;
        let challenge = challenge();
        let begin = |audiences: Vec<String>, properties: Vec<(String, String)>| {
            let (node, challenge) = (node.clone(), challenge.clone());
            async move {
                let wish = LoginWish { audiences, properties: properties.into_iter().collect(), ..wish("app_default", "http://localhost:3000/", "sc_mailer", &challenge) };
                node.auth.begin_login(&call(&public(), NOW), &CallingPage::default(), wish).await.err()
            }
        };
        assert_eq!(begin(vec!["https://api.example.com".to_owned()], Vec::new()).await, None);
        for audiences in [vec!["x".repeat(257)], vec!["x".to_owned(); 11], vec!["acme".to_owned()]] {
            assert!(matches!(begin(audiences.clone(), Vec::new()).await, Some(LoginWishError::TooMuch(_))), "{audiences:?}");
        }
        let long = vec![("a".to_owned(), "x".repeat(5000))];
        assert!(matches!(begin(Vec::new(), long).await, Some(LoginWishError::TooMuch(_))));
    }
}
