//! The frontend door: whose pages may call, and what their browsers are told (contract supertokens-frontend.md §4.10).

use crate::front::Sdk;
use crate::house::{APP, FRIEND, HTTPS, House, SHOP};
use crate::tape::Tape;
use crate::visitor::Ask;
use insta::assert_snapshot;
use serde_json::json;

fn preflight<'a>(house: &'a House, path: &str, origin: &str) -> Ask<'a> {
    let ask = house.ask("OPTIONS", path).header("accept", "*/*").header("origin", origin).header("sec-fetch-site", "same-site");
    let ask = ask.header("access-control-request-method", "POST");
    ask.header("access-control-request-headers", "content-type,fdi-version,rid,st-auth-mode")
}

#[tokio::test]
async fn browsers_ask_first() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    tape.add(&preflight(&house, "/auth/app/signinup/code", APP).send().await);
    tape.add(&preflight(&house, "/auth/app/signinup/code", "https://evil.example").send().await);
    let asks = [
        ("/auth/signinup/code", HTTPS, true),
        ("/auth/public/signinup/code", HTTPS, true),
        ("/auth/app/signinup/code", HTTPS, true),
        ("/auth/app/loginmethods", SHOP, true),
        ("/auth/friend/signinup", FRIEND, true),
        ("/auth/session/refresh", APP, true),
        ("/auth/signout", FRIEND, true),
        ("/auth/user/email/verify", SHOP, true),
        ("/auth/mfa/info", SHOP, true),
        ("/auth/jwt/jwks.json", APP, true),
        // Without a name it is for the default tenant, which names nobody.
        ("/auth/signinup/code", APP, false),
        ("/auth/public/signinup/code", APP, false),
        ("/auth/app/signinup/code", FRIEND, false),
        ("/auth/app/signinup/code", "null", false),
        ("/auth/app/signinup/code", "https://app.example.com.evil.example", false),
        ("/auth/app/signinup/code", "http://app.example.com", false),
        ("/auth/app/signinup/code", "https://app.example.com:8443", false),
        ("/auth/session/refresh", "https://evil.example", false),
    ];
    for (path, origin, may) in asks {
        let answer = preflight(&house, path, origin).header("sec-fetch-site", if origin == HTTPS { "same-origin" } else { "same-site" });
        let answer = answer.send().await;
        assert_eq!(answer.status, 204, "{path} {origin}");
        assert_eq!(answer.header("access-control-allow-origin"), if may { origin } else { "" }, "{path} {origin}");
        assert_eq!(answer.header("access-control-allow-credentials"), if may { "true" } else { "" });
        assert_eq!(answer.header("access-control-allow-headers").is_empty(), !may);
        assert_eq!(answer.header("vary"), "Origin");
    }
    assert_eq!(preflight(&house, "/auth/nowhere/signinup/code", APP).send().await.status, 404);
    assert_eq!(preflight(&house, "/auth/code", APP).send().await.status, 405, "our pages are nobody's to call");
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn pages_that_may_call_are_named_in_every_answer() {
    let house = House::plain().await;
    for (tenant, origin) in [("app", APP), ("app", SHOP), ("friend", FRIEND), ("app", HTTPS), ("", HTTPS)] {
        let sdk = Sdk { origin, ..Sdk::new(&house, tenant, "cookie") };
        let (attempt, mail) = sdk.start("jane@example.com").await;
        let consumed = sdk.code(&attempt, mail.code()).send().await;
        let tokens = crate::front::Tokens::of(&consumed);
        let renewed = sdk.renew(&tokens.refresh).send().await;
        let tokens = crate::front::Tokens::of(&renewed);
        let verified = sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &tokens.access).send().await;
        let out = sdk.sign_out(&tokens.access).send().await;
        let gone = sdk.renew(&tokens.refresh).send().await;
        let brings = [&consumed, &renewed, &verified, &out, &gone];
        assert_eq!(brings.map(|answer| answer.status), [200, 200, 200, 200, 401]);
        for answer in brings {
            assert!(!answer.header("front-token").is_empty());
            let exposed = answer.header("access-control-expose-headers");
            assert_eq!(exposed, "front-token, anti-csrf, st-access-token, st-refresh-token", "{}", answer.asked);
        }
        let others = [
            sdk.get("/loginmethods"),
            sdk.post("/signinup/code", &json!({})),
            sdk.post("/signin", &json!({})),
            sdk.ask("PUT", "/auth/mfa/info"),
        ];
        let mut all = Vec::from(brings.map(|answer| answer.headers.clone()));
        for ask in others {
            all.push(ask.send().await.headers);
        }
        for headers in all {
            assert_eq!(headers["access-control-allow-origin"], origin);
            assert_eq!(headers["access-control-allow-credentials"], "true");
            assert_eq!(headers["vary"], "Origin");
        }
    }
}

/// Whoever does not ask first is refused all the same, before anything happens; never with 401 or 403.
#[tokio::test]
async fn foreign_pages_are_refused() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    for (tenant, origin) in [("", APP), ("app", FRIEND), ("app", "null"), ("friend", APP), ("", "https://evil.example")] {
        let sdk = Sdk { origin, ..Sdk::new(&house, tenant, "cookie") };
        for ask in [sdk.create("jane@example.com"), sdk.get("/loginmethods"), sdk.post("/signinup/code/consume", &json!({}))] {
            let answer = ask.send().await;
            assert_eq!(answer.status, 400, "{tenant} {origin}");
            assert!(answer.header("access-control-allow-origin").is_empty());
            if origin == FRIEND {
                tape.add(&answer);
            }
        }
    }
    let silent = Sdk::new(&house, "", "cookie").create("jane@example.com").without("origin").header("sec-fetch-site", "cross-site");
    assert_eq!(silent.send().await.status, 400);
    assert!(house.mails().is_empty());
    let program = Sdk::new(&house, "", "cookie").create("jane@example.com").without("origin").without("sec-fetch-site");
    assert_eq!(program.send().await.status, 200, "programs say nothing of pages");
    assert_snapshot!(tape.text());
}

/// A page that may call one tenant can do nothing to the sessions of another.
#[tokio::test]
async fn sessions_are_for_the_pages_of_their_tenant() {
    let house = House::plain().await;
    for mode in ["cookie", "header"] {
        let sdk = Sdk { origin: APP, ..Sdk::new(&house, "app", mode) };
        let tokens = sdk.sign_in("jane@example.com").await;
        let friend = Sdk { origin: FRIEND, ..Sdk::new(&house, "friend", mode) };
        for ask in [friend.renew(&tokens.refresh), friend.sign_out(&tokens.access)] {
            let answer = ask.send().await;
            assert_eq!((answer.status, answer.header("front-token")), (401, "remove"), "{}: to it there is none", answer.asked);
            assert!(answer.set_cookies().is_empty(), "the cookies are another page's");
        }
        let answer = friend.with(friend.ask("GET", "/auth/user/email/verify"), &tokens.access).send().await;
        assert_eq!(answer.status, 400, "never 403 where a claim could fail");
        // A token that is none opens nothing, so there is nothing to keep from anybody.
        assert_eq!(friend.renew("x").send().await.status, 401);
        for origin in [APP, SHOP, HTTPS] {
            let sdk = Sdk { origin, ..Sdk::new(&house, "app", mode) };
            assert_eq!(sdk.renew(&tokens.refresh).send().await.status, 200, "{origin}");
        }
        assert_eq!(sdk.sign_out(&tokens.access).send().await.status, 200);
    }
}

/// Public keys are no secret; the SDKs fetch them with credentials on, and that wants the origin by name.
#[tokio::test]
async fn keys_are_for_everybody() {
    let house = House::plain().await;
    for path in ["/auth/jwt/jwks.json", "/.well-known/jwks.json", "/auth/.well-known/openid-configuration"] {
        for (origin, told) in [(APP, APP), (FRIEND, FRIEND), (HTTPS, HTTPS), ("https://evil.example", "*"), ("null", "*")] {
            let site = if origin == HTTPS { "same-origin" } else { "cross-site" };
            let answer = house.get(path).header("origin", origin).header("sec-fetch-site", site).send().await;
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, told), "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), if told == "*" { "" } else { "true" });
            assert_eq!(answer.header("vary"), "Origin");
        }
        assert_eq!(house.get(path).send().await.header("access-control-allow-origin"), "*");
    }
}
