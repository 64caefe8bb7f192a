//! The door of Authress' SDKs: what an application's page is told, what a link does in which browser, and the way back.

use crate::house::{HTTPS, House, LOCAL, Plan};
use crate::visitor::{Answer, Browser};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use postkey_model::{ClientKey, ClientSettings, LoginChange, Millis, Registered};
use serde_json::{Value, json};
use url::Url;

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-taken-by-everybody-here";
const HOME: &str = "http://localhost:3000/";
const SHOP: &str = "https://shop.example.org/in";
const NEAR: &str = "https://near.example.com/";

/// A back end that may say who somebody is.
struct BackEnd(Ed25519KeyPair);

impl BackEnd {
    async fn register(house: &House) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let now = house.now();
        let key = ClientKey { id: "k1".to_owned(), public_key: BASE64.encode(pair.public_key().as_ref()), created_at: now };
        let settings = ClientSettings { token_generation: true, keys: vec![key], ..ClientSettings::default() };
        let client = Registered { id: "sc_mailer".to_owned(), created_at: now, updated_at: now, version: 0, settings, sealed: None };
        house.store.commit(vec![LoginChange::Registered(client.row()).into()]).await.unwrap();
        house.auth.tend_registered().await.unwrap();
        BackEnd(pair)
    }

    /// The link that an SDK makes of a login's address: its path with the query.
    fn link(&self, house: &House, begun: &Value, sub: &str) -> String {
        let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let (second, issuer) = (house.now().as_secs(), format!("{}/v1/clients/sc_mailer", house.origin));
        let claims = json!({
            "aud": "acc_local.accounts.authress.io", "iss": issuer, "sub": sub, "client_id": "sc_mailer",
            "iat": second, "exp": second + 60, "max_age": 60, "email": sub, "email_verified": true,
        });
        let signed = format!("{}.{}", encode(&json!({ "alg": "EdDSA", "typ": "oauth-authz-req+jwt", "kid": "k1" })), encode(&claims));
        let token = format!("{signed}.{}", BASE64URL_NOPAD.encode(self.0.sign(signed.as_bytes()).as_ref()));
        let mut url = Url::parse(begun["authenticationUrl"].as_str().unwrap()).unwrap();
        url.query_pairs_mut().append_pair("code", &token).append_pair("iss", &issuer);
        format!("{}?{}", url.path(), url.query().unwrap())
    }
}

async fn begin(browser: &Browser<'_>, house: &House, application: &str, place: &str, more: Value) -> Answer {
    let challenge = BASE64URL_NOPAD.encode(digest(&SHA256, VERIFIER.as_bytes()).as_ref());
    let mut body = json!({
        "applicationId": application, "redirectUrl": place, "codeChallenge": challenge, "codeChallengeMethod": "S256",
        "connectionId": "sc_mailer",
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let origin = Url::parse(place).unwrap().origin().ascii_serialization();
    let ask = house.ask("POST", "/api/authentication").body("application/json", body.to_string().as_bytes());
    browser.send(ask.header("origin", &origin).header("sec-fetch-site", "same-site")).await
}

/// The fields of a page's form.
fn fields(page: &Answer) -> Vec<(String, String)> {
    ["state", "code", "iss", "proof"].iter().filter_map(|name| Some(((*name).to_owned(), page.field(name)?))).collect()
}

async fn press(browser: &Browser<'_>, page: &Answer, action: &str) -> Answer {
    let fields = fields(page);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(action, &fields).await
}

fn query(answer: &Answer, name: &str) -> Option<String> {
    let url = Url::parse(answer.location()).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_page_on_this_machine_gets_tokens_in_its_address() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let back_end = BackEnd::register(&house).await;
    let (asking, reading) = (house.browser(), house.browser());
    let begun = begin(&asking, &house, "app_default", HOME, json!({})).await;
    assert_eq!((begun.status, begun.header("access-control-allow-origin")), (200, "http://localhost:3000"));
    let begun = begun.is_json();
    assert_eq!(begun["enableCredentials"], json!(false));
    // A browser that cannot have kept a cookie: on a developer's machine it goes on all the same.
    let page = reading.get(&back_end.link(&house, &begun, "jane@example.com")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("data-auto") && page.body.contains("jane@example.com"), "{}", page.said());
    assert!(page.header("content-security-policy").ends_with("form-action 'self' http://localhost:3000"));
    let back = press(&reading, &page, "/login").await;
    assert_eq!(back.status, 303);
    assert!(back.location().starts_with(HOME));
    let access = query(&back, "access_token").unwrap();
    assert_eq!(query(&back, "nonce").as_deref(), begun["authenticationRequestId"].as_str());
    assert_eq!(query(&back, "iss").as_deref(), Some(LOCAL));
    assert!(query(&back, "id_token").is_some() && query(&back, "code").is_none());
    assert!(back.set_cookie("authress-session").unwrap().contains("HttpOnly"));
    // The token opens the profile; the cookie of the link's browser renews.
    let bearer = format!("Bearer {access}");
    let profile = house.get("/api/session/profile").header("authorization", &bearer).header("origin", "http://localhost:3000").send().await;
    assert_eq!(profile.status, 200, "{}", profile.body);
    let renewed = reading.send(house.ask("PATCH", "/api/session").body("application/json", b"{}")).await;
    assert_eq!(renewed.status, 200);
    assert!(renewed.is_json()["access_token"].is_string());
    // Logging out ends it for the token too; looking ahead at the address does not.
    let out = "/logout?redirect_uri=http://localhost:3000/bye&client_id=app_default";
    for looking in [house.ask("HEAD", out), house.get(out).header("sec-purpose", "prefetch")] {
        assert!(reading.send(looking).await.set_cookies().is_empty());
    }
    let renewed = reading.send(house.ask("PATCH", "/api/session").body("application/json", b"{}")).await;
    assert_eq!(renewed.status, 200);
    let out = reading.get("/logout?redirect_uri=http://localhost:3000/bye&client_id=app_default").await;
    assert_eq!((out.status, out.location()), (303, "http://localhost:3000/bye"));
    let profile = house.get("/api/session/profile").header("authorization", &bearer).send().await;
    assert_eq!((profile.status, profile.is_json()["errorCode"].as_str()), (401, Some("Unauthorized")));
    let gone = reading.send(house.ask("PATCH", "/api/session").body("application/json", b"{}")).await;
    assert_eq!((gone.status, gone.is_json()["errorCode"].as_str()), (404, Some("SessionNotFound")));
}

#[tokio::test]
async fn looking_spends_nothing_and_pressing_spends_once() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let back_end = BackEnd::register(&house).await;
    let browser = house.browser();
    let begun = begin(&browser, &house, "app_default", HOME, json!({})).await.is_json();
    let link = back_end.link(&house, &begun, "jane@example.com");
    for method in ["GET", "HEAD", "GET"] {
        let looked = house.ask(method, &link).header("sec-purpose", "prefetch").send().await;
        assert_eq!(looked.status, 200, "{method}");
        assert!(looked.set_cookie("authress-session").is_none());
    }
    let page = browser.get(&link).await;
    // A post of another site is refused and spends nothing either.
    let fields = fields(&page);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let foreign =
        house.post("/login", &fields).header("origin", "https://evil.example").header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(foreign.status, 403);
    assert_eq!(press(&browser, &page, "/login").await.status, 303);
    let again = press(&browser, &page, "/login").await;
    assert_eq!(again.status, 410, "{}", again.said());
    assert!(again.body.contains("localhost:3000"), "the way back");
    let looked = browser.get(&link).await;
    assert_eq!(looked.status, 410);
    assert!(!looked.body.contains("eyJ"), "nothing of the link is repeated");
}

#[tokio::test]
async fn an_application_of_our_domain_gets_cookies() {
    let house = House::new(Plan { origin: HTTPS, ..Plan::default() }).await;
    let back_end = BackEnd::register(&house).await;
    let (asking, reading) = (house.browser(), house.browser());
    let begun = begin(&asking, &house, "app_near", NEAR, json!({})).await;
    assert!(begun.set_cookie("pk_login").unwrap().contains("HttpOnly"));
    assert_eq!(begun.header("access-control-allow-credentials"), "true");
    let begun = begun.is_json();
    assert_eq!(begun["enableCredentials"], json!(true));
    let link = back_end.link(&house, &begun, "jane@example.com");
    // Another browser: somebody has to press.
    let foreign = reading.get(&link).await;
    assert!(!foreign.body.contains("data-auto") && foreign.body.contains("jane@example.com"));
    // The one that asked: at once.
    let page = asking.get(&link).await;
    assert!(page.body.contains("data-auto"));
    let back = press(&asking, &page, "/login").await;
    assert!(back.location().starts_with(NEAR) && query(&back, "access_token").is_none() && query(&back, "code").is_none());
    let user = back.set_cookie("user").unwrap();
    assert!(user.contains("; Domain=example.com") && user.contains("; Secure") && !user.contains("HttpOnly"), "{user}");
    assert!(back.set_cookie("authorization").unwrap().contains("; Domain=example.com"));
    // Renewing tells the application by cookies too, and ending takes them away.
    let renew = || house.ask("PATCH", "/api/session").body("application/json", b"{}").header("origin", "https://near.example.com");
    let renewed = asking.send(renew()).await;
    assert!(renewed.set_cookie("user").is_some() && renewed.set_cookie("authress-session").is_some());
    let ended = asking.send(house.ask("DELETE", "/api/session").header("origin", "https://near.example.com")).await;
    assert_eq!(ended.status, 200);
    assert!(ended.set_cookie("user").unwrap().contains("Expires=Thu, 01 Jan 1970"));
    assert_eq!(asking.send(renew()).await.status, 404);
}

#[tokio::test]
async fn an_application_elsewhere_gets_a_code() {
    let house = House::new(Plan { origin: HTTPS, ..Plan::default() }).await;
    let back_end = BackEnd::register(&house).await;
    let browser = house.browser();
    let begun = begin(&browser, &house, "app_shop", SHOP, json!({})).await.is_json();
    let page = browser.get(&back_end.link(&house, &begun, "jane@example.com")).await;
    let back = press(&browser, &page, "/login").await;
    let code = query(&back, "code").unwrap();
    assert!(back.set_cookie("user").is_none());
    let id = begun["authenticationRequestId"].as_str().unwrap();
    let exchange = |verifier: &str, code: &str| {
        let body = json!({
            "grant_type": "authorization_code", "redirect_uri": SHOP, "client_id": "app_shop", "code": code, "code_verifier": verifier,
        });
        let ask = house.ask("POST", &format!("/api/authentication/{id}/tokens")).body("application/json", body.to_string().as_bytes());
        ask.header("origin", "https://shop.example.org")
    };
    for (verifier, shown) in [("x".repeat(50), code.as_str()), (VERIFIER.to_owned(), "wrong"), (String::new(), code.as_str())] {
        let refused = exchange(&verifier, shown).send().await;
        assert_eq!((refused.status, refused.is_json()["error"].as_str()), (400, Some("invalid_request")));
        assert_eq!(refused.header("access-control-allow-origin"), "https://shop.example.org", "errors are for the page too");
    }
    let tokens = exchange(VERIFIER, &code).send().await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(tokens.is_json()["expires_in"], json!(24 * 3600));
    house.clock.forward(Millis::from_secs(31));
    assert_eq!(exchange(VERIFIER, &code).send().await.status, 400);
}

#[tokio::test]
async fn our_own_pages_go_on_to_the_application() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let browser = house.browser();
    let begun = begin(&browser, &house, "app_default", HOME, json!({ "connectionId": "email" })).await.is_json();
    let url = Url::parse(begun["authenticationUrl"].as_str().unwrap()).unwrap();
    let start = browser.get(&format!("{}?{}", url.path(), url.query().unwrap())).await;
    assert_eq!(start.status, 303);
    let place = format!("/login/pages?state={}", begun["authenticationRequestId"].as_str().unwrap());
    assert!(start.location().starts_with("/auth?redirectToPath=%2Flogin%2Fpages%3Fstate%3Dreq_"), "{}", start.location());
    // Whoever is not signed in yet is sent back to where that happens.
    assert_eq!(browser.get(&place).await.status, 303);
    browser.sign_in("jane@example.com").await;
    let page = browser.get(&place).await;
    assert_eq!(page.status, 200);
    let back = press(&browser, &page, "/login/pages").await;
    assert!(back.location().starts_with(HOME), "{} {}", back.status, back.location());
    assert!(query(&back, "id_token").is_some());
    // Logging out of the application is logging out here.
    browser.get("/logout?redirect_uri=http://localhost:3000/&client_id=app_default").await;
    assert_eq!(browser.get(&place).await.status, 303);
}

#[tokio::test]
async fn pages_of_others_are_refused_and_told_why() {
    let house = House::new(Plan { origin: HTTPS, ..Plan::default() }).await;
    BackEnd::register(&house).await;
    let preflight = |path: &'static str, origin: &'static str| {
        house
            .ask("OPTIONS", path)
            .header("origin", origin)
            .header("access-control-request-method", "PATCH")
            .header("sec-fetch-site", "cross-site")
    };
    let may = preflight("/api/session", "https://shop.example.org").send().await;
    assert_eq!(may.status, 204);
    assert!(may.header("access-control-allow-headers").contains("x-powered-by") && may.header("vary").contains("Origin"));
    for (path, origin) in [
        ("/api/session", "https://evil.example"),
        ("/api/authentication", "null"),
        ("/api/session", "https://shop.example.org.evil.example"),
    ] {
        let may_not = preflight(path, origin).send().await;
        assert_eq!((may_not.status, may_not.header("access-control-allow-origin")), (204, ""), "{origin}");
        let refused = house.ask("PATCH", "/api/session").header("origin", origin).body("application/json", b"{}").send().await;
        assert_eq!((refused.status, refused.is_json()["errorCode"].as_str()), (403, Some("InvalidOrigin")));
    }
    let browser = house.browser();
    for (place, more, code) in [
        ("https://evil.example/", json!({}), "InvalidOrigin"),
        (SHOP, json!({ "redirectUrl": "https://shop.example.org/inner" }), "InvalidRedirectUrl"),
        (SHOP, json!({ "applicationId": "app_none" }), "InvalidApplication"),
        (SHOP, json!({ "connectionId": "con_none" }), "InvalidConnection"),
        (SHOP, json!({ "codeChallenge": "x" }), "InvalidRequest"),
        (SHOP, json!({ "codeChallengeMethod": "plain" }), "InvalidRequest"),
        (SHOP, json!({ "redirectUrl": 7 }), "InvalidRequest"),
        (SHOP, json!({ "linkIdentity": true }), "Unauthorized"),
    ] {
        let refused = begin(&browser, &house, "app_shop", place, more.clone()).await;
        assert!((400..500).contains(&refused.status), "{more}: {}", refused.status);
        assert_eq!(refused.is_json()["errorCode"].as_str(), Some(code), "{more}");
    }
    let odd =
        house.ask("POST", "/api/authentication").header("origin", "https://shop.example.org").body("application/json", b"{").send().await;
    assert_eq!((odd.status, odd.header("access-control-allow-origin")), (400, "https://shop.example.org"));
}

#[tokio::test]
async fn links_that_lead_nowhere_say_so_without_an_oracle() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let back_end = BackEnd::register(&house).await;
    let browser = house.browser();
    let begun = begin(&browser, &house, "app_default", HOME, json!({})).await.is_json();
    let link = back_end.link(&house, &begun, "jane@example.com");
    for bad in ["/login", "/login?state=req_unknown0", "/login?state=x&code=a.b.c&iss=y"] {
        let page = browser.get(bad).await;
        assert_eq!(page.status, 404, "{bad}: {}", page.said());
    }
    let broken = link.replace("code=ey", "code=ex");
    assert_eq!(browser.get(&broken).await.status, 400);
    // Made for another address of ours: a login all the same. Anything else there is nothing.
    let elsewhere = link.replacen("/login", "/somewhere/else", 1);
    assert_eq!(browser.get(&elsewhere).await.status, 200);
    assert_eq!(browser.get("/somewhere/else?code=a.b.c&state=req_x").await.status, 404);
    house.clock.forward(Millis::from_secs(121));
    assert_eq!(browser.get(&link).await.status, 410, "too old");
    house.clock.forward(Millis::from_mins(5));
    assert_eq!(browser.get(&link).await.status, 410, "the request is over");
}
