//! The frontend door: tenants by path, how they sign people in, who has an account, email verification, and what is not
//! offered (contract supertokens-frontend.md §1.3, §3, §6, §7).

use crate::front::{Sdk, Tokens, front};
use crate::house::{House, NINE};
use crate::routes::{OF_NO_TENANT, OF_TENANTS};
use crate::tape::Tape;
use insta::assert_snapshot;
use postkey_model::{DirectoryChange, IdentityId, Millis, UserId};
use serde_json::json;

/// The name in the path is anybody's text.
#[tokio::test]
async fn tenants_by_path() {
    let house = House::plain().await;
    let nowhere = [
        "nowhere",
        "a/../x",
        "%2e%2e",
        "..%2f..",
        "%00",
        "a%20b",
        "PUBLIC",
        "%3Cscript%3E",
        "_",
        "-",
        "%ff",
        "app%2Fpublic",
        "%F0%9F%98%80",
    ];
    for name in nowhere.into_iter().chain([&*"x".repeat(300)]) {
        for (method, path) in [("POST", "/signinup/code"), ("GET", "/loginmethods"), ("POST", "/user/email/verify")] {
            let ask = house.ask(method, &format!("/auth/{name}{path}")).header("accept", "*/*");
            let answer = ask.body("application/json", br#"{"email":"jane@example.com"}"#).send().await;
            assert_eq!(answer.status, 404, "{name}{path}");
            assert!(answer.is_json()["message"].is_string() && !answer.body.contains("script"));
        }
    }
    assert!(house.mails().is_empty());
    let named = Sdk::new(&house, "public", "cookie").sign_in("jane@example.com").await;
    let unnamed = Sdk::new(&house, "", "cookie").sign_in("jane@example.com").await;
    let elsewhere = Sdk::new(&house, "app", "cookie").sign_in("jane@example.com").await;
    let of = |tokens: &Tokens| (front(&tokens.front)["uid"].clone(), front(&tokens.front)["up"]["tId"].clone());
    assert_eq!(of(&named), of(&unnamed));
    assert_ne!(of(&named).0, of(&elsewhere).0, "the same address in another tenant is somebody else");
    assert_eq!((of(&named).1, of(&elsewhere).1), (json!("public"), json!("app")));
}

/// A sign-in is its tenant's only.
#[tokio::test]
async fn codes_open_nothing_in_another_tenant() {
    let house = House::plain().await;
    let (attempt, mail) = Sdk::new(&house, "app", "cookie").start("jane@example.com").await;
    let other = Sdk::new(&house, "branded", "cookie");
    let (_, id, secret) = mail.link();
    for ask in [other.code(&attempt, mail.code()), other.link(&id, &secret), other.resend(&attempt)] {
        assert_eq!(ask.send().await.is_json(), json!({ "status": "RESTART_FLOW_ERROR" }));
    }
}

#[tokio::test]
async fn how_tenants_sign_people_in() {
    let house = House::plain().await;
    for (name, contact, flow) in NINE {
        let told = Sdk::new(&house, name, "cookie").get("/loginmethods?clientType=web").send().await.is_json();
        let mut expected = Vec::new();
        for (kind, takes) in [("email", contact.takes_email()), ("phone", contact.takes_phone())] {
            for (way, has) in [("otp", flow.has_code()), ("link", flow.has_link())] {
                expected.extend((takes && has).then(|| format!("{way}-{kind}")));
            }
        }
        assert_eq!(told["firstFactors"], json!(expected), "{name}");
    }
    let mut tape = Tape::default();
    tape.add(&Sdk::new(&house, "", "cookie").get("/loginmethods").send().await);
    assert_snapshot!(tape.text());
}

const BY_EMAIL: [&str; 2] = ["/passwordless/email/exists", "/signup/email/exists"];
const BY_PHONE: [&str; 3] = ["/passwordless/phonenumber/exists", "/passwordless/phoneNumber/exists", "/signup/phonenumber/exists"];

#[tokio::test]
async fn who_has_an_account_is_told_where_a_tenant_lets_it() {
    let house = House::plain().await;
    let app = Sdk::new(&house, "app", "cookie");
    app.sign_in("jane@example.com").await;
    app.sign_in("+436641234567").await;
    for (paths, name, known, unknown) in [
        (&BY_EMAIL[..], "email", "Jane%40Example.com", "joe%40example.com"),
        (&BY_PHONE[..], "phoneNumber", "%2B436641234567", "%2B436641234568"),
    ] {
        for path in paths {
            for (who, exists) in [(known, true), (unknown, false)] {
                let answer = app.get(&format!("{path}?{name}={who}")).send().await;
                assert_eq!(answer.is_json(), json!({ "status": "OK", "exists": exists }), "{path}");
            }
            for query in ["", "?", &format!("?{name}="), &format!("?{name}=nobody"), "?other=x"] {
                assert_eq!(app.get(&format!("{path}{query}")).send().await.status, 400, "{path}{query}");
            }
            // A tenant that says nothing says that to everybody.
            let mut said = Vec::new();
            for who in [known, unknown] {
                let answer = Sdk::new(&house, "", "cookie").get(&format!("{path}?{name}={who}")).send().await;
                assert_eq!(answer.status, 404);
                said.push(answer.body);
            }
            assert_eq!(said[0], said[1]);
        }
    }
}

#[tokio::test]
async fn addresses_are_verified_by_signing_in() {
    let house = House::plain().await;
    for mode in ["cookie", "header"] {
        let sdk = Sdk::new(&house, "app", mode);
        for who in ["jane@example.com", "+436641234567"] {
            let tokens = sdk.sign_in(who).await;
            house.clock.forward(Millis::from_secs(100));
            let shown = sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &tokens.access).send().await;
            assert_eq!(shown.is_json(), json!({ "status": "OK", "isVerified": true }));
            let asked = sdk.ask("POST", "/auth/user/email/verify/token").body("application/json", b"{}");
            let asked = sdk.with(asked, &tokens.access).send().await;
            assert_eq!(asked.is_json(), json!({ "status": "EMAIL_ALREADY_VERIFIED_ERROR" }));
            for answer in [shown, asked] {
                let fresh = Tokens::of(&answer);
                let (before, after) = (front(&tokens.front), front(&fresh.front));
                assert_eq!(after["up"]["iat"].as_i64().unwrap() * 1000, house.now().0, "freshly made");
                assert_eq!(
                    (&after["up"]["sessionHandle"], &after["up"]["st-ev"]),
                    (&before["up"]["sessionHandle"], &before["up"]["st-ev"])
                );
                assert_eq!(fresh.refresh, "", "the refresh token stays");
                assert_eq!(answer.headers.contains_key("st-access-token"), mode == "header");
                assert_eq!(answer.set_cookie("sAccessToken").is_some(), mode == "cookie");
                assert_eq!(sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &fresh.access).send().await.status, 200);
            }
            assert_eq!(sdk.renew(&tokens.refresh).send().await.status, 200, "and is good");
        }
    }
}

/// What a back end took back is not verified any more; nothing is mailed, signing in once more proves it anew.
#[tokio::test]
async fn an_address_whose_proof_was_taken_back() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let tokens = sdk.sign_in("jane@example.com").await;
    let id = front(&tokens.front)["uid"].as_str().unwrap().to_owned();
    let (user, identity, email) = (UserId::stored(id.clone()), IdentityId::stored(id), "jane@example.com".to_owned());
    let withdrawn = DirectoryChange::AddressVerified { user, identity, email, at: None };
    assert!(house.store.commit(vec![withdrawn.into()]).await.is_ok());
    let show = || sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &tokens.access);
    assert_eq!(show().send().await.is_json(), json!({ "status": "OK", "isVerified": false }));
    let send = sdk.ask("POST", "/auth/user/email/verify/token").body("application/json", b"{}");
    let told = sdk.with(send, &tokens.access).send().await.is_json();
    assert_eq!(told["status"], "GENERAL_ERROR");
    assert!(told["message"].as_str().unwrap().len() > 10 && house.mails().is_empty());
    sdk.sign_in("jane@example.com").await;
    assert_eq!(show().send().await.is_json()["isVerified"], true);
}

#[tokio::test]
async fn email_verification_needs_a_session_or_a_token() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let tokens = sdk.sign_in("jane@example.com").await;
    let mut tape = Tape::default();
    tape.add(&sdk.ask("GET", "/auth/user/email/verify").send().await);
    tape.add(&sdk.post("/user/email/verify/token", &json!({})).send().await);
    tape.say("too old");
    house.clock.forward(Millis::from_mins(61));
    tape.add(&sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &tokens.access).send().await);
    tape.say("tokens, of which none is ours");
    for (sdk, body) in [
        (&sdk, json!({ "method": "token", "token": "x" })),
        (&Sdk::new(&house, "app", "cookie"), json!({ "method": "token", "token": "x" })),
        (&sdk, json!({ "method": "token" })),
        (&sdk, json!({ "method": "x", "token": "x" })),
    ] {
        tape.add(&sdk.post("/user/email/verify", &body).send().await);
    }
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn other_services() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    let sdk = Sdk::new(&house, "", "cookie");
    tape.add(&sdk.get("/authorisationurl?thirdPartyId=google&redirectURIOnProviderDashboard=https%3A%2F%2Fx.example").send().await);
    tape.add(&sdk.get("/authorisationurl").send().await);
    tape.add(
        &Sdk::new(&house, "app", "cookie").post("/signinup", &json!({ "thirdPartyId": "google", "redirectURIInfo": {} })).send().await,
    );
    tape.add(&sdk.post("/signinup", &json!({})).send().await);
    let form = house.ask("POST", "/auth/callback/apple").form(&[("code", "x"), ("state", "e30=")]);
    tape.add(&form.send().await);
    assert_snapshot!(tape.text());
}

/// A sentence and 501, with and without a session: never a status that the SDKs take for something else.
#[tokio::test]
async fn recipes_that_are_not_offered_say_so() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let tokens = sdk.sign_in("jane@example.com").await;
    let begins = ["/signin", "/signup", "/emailpassword", "/user/password", "/user/webauthn", "/webauthn", "/mfa", "/totp", "/oauth"];
    let is_passwordless = |path: &str| path.starts_with("/signinup") || path.starts_with("/signup/");
    let mut count = 0;
    for (methods, path) in OF_TENANTS.iter().chain(&OF_NO_TENANT).filter(|(_, path)| begins.iter().any(|start| path.starts_with(start))) {
        for method in methods.split(' ').filter(|_| !is_passwordless(path)) {
            let ask = || sdk.ask(method, &format!("/auth{path}")).body("application/json", b"{}");
            for answer in [ask().send().await, sdk.with(ask(), &tokens.access).send().await] {
                assert_eq!(answer.status, 501, "{method} {path}");
                let message = answer.is_json()["message"].as_str().unwrap().to_owned();
                assert!(message.contains(' ') && message.ends_with('.'), "{message}");
                assert!(answer.set_cookies().is_empty());
            }
            count += 1;
        }
    }
    assert!(count > 25, "only {count}");
}

/// Pages of single-page applications share our prefix; what posts there gets no page (contract §10 item 14).
#[tokio::test]
async fn what_is_no_call_is_answered_with_an_error_in_json() {
    let house = House::plain().await;
    for path in [
        "",
        "/verify",
        "/verify-email",
        "/callback/google",
        "/mfa",
        "/mfa/totp",
        "/reset-password",
        "/webauthn/recover",
        "/try-refresh",
        "/x/y",
    ] {
        let ask = house.ask("POST", &format!("/auth{path}")).header("accept", "*/*").body("application/json", b"{}");
        let answer = ask.send().await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.status);
        assert!(answer.is_json()["message"].is_string());
    }
}
