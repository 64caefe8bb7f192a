//! SuperTokens' session endpoints, the key set and its discovery.

use crate::house::{HTTPS, House, LOCAL, Plan};
use crate::tape::Tape;
use crate::visitor::{Ask, Browser};
use data_encoding::BASE64URL_NOPAD;
use insta::assert_snapshot;
use postkey_model::Millis;

fn refresh<'a>(house: &'a House, token: &str) -> Ask<'a> {
    house.ask("POST", "/auth/session/refresh").header("accept", "*/*").cookie(&format!("sRefreshToken={token}"))
}

fn sign_out<'a>(house: &'a House, token: &str) -> Ask<'a> {
    house.ask("POST", "/auth/signout").header("accept", "*/*").cookie(&format!("sAccessToken={token}"))
}

#[tokio::test]
async fn a_session_is_refreshed() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let (access, first) = (browser.cookie("sAccessToken").unwrap(), browser.cookie("sRefreshToken").unwrap());
    house.clock.forward(Millis::from_mins(61));
    for page in ["/auth/signed-in", "/auth?returnTo=x"] {
        let renewing = browser.get(page).await;
        assert!(renewing.body.contains("data-refresh") && renewing.body.contains("renewed=1"), "{page}: the access token is over");
        let joint = if page.contains('?') { '&' } else { '?' };
        assert!(!browser.get(&format!("{page}{joint}renewed=1")).await.body.contains("data-refresh"), "{page}: only once");
    }
    let mut tape = Tape::default();
    tape.add_whole(&browser.send(house.ask("POST", "/auth/session/refresh")).await);
    let second = browser.cookie("sRefreshToken").unwrap();
    assert!(second != first && browser.cookie("sAccessToken").unwrap() != access);
    assert_eq!(browser.get("/auth/signed-in").await.status, 200);
    tape.say("the one before, within the grace: the same successor");
    house.clock.forward(Millis::from_secs(29));
    let again = refresh(&house, &first).send().await;
    tape.add(&again);
    assert!(again.set_cookie("sRefreshToken").unwrap().starts_with(&format!("sRefreshToken={second};")));
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_replaced_token_that_comes_back_late_ends_the_session() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let stolen = browser.cookie("sRefreshToken").unwrap();
    browser.send(house.ask("POST", "/auth/session/refresh")).await;
    house.clock.forward(Millis::from_secs(31));
    let mut tape = Tape::default();
    tape.add_whole(&refresh(&house, &stolen).send().await);
    tape.say("the thief's and the owner's tokens are dead now");
    tape.add(&refresh(&house, &stolen).send().await);
    tape.add(&browser.send(house.ask("POST", "/auth/session/refresh")).await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn refresh_without_a_good_token() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let good = browser.cookie("sRefreshToken").unwrap();
    let handle = good.split('.').next().unwrap().to_owned();
    let mut tape = Tape::default();
    tape.say("none");
    tape.add(&house.ask("POST", "/auth/session/refresh").send().await);
    let none = house.ask("POST", "/auth/session/refresh").send().await;
    let forged = format!("{handle}.0.{}", BASE64URL_NOPAD.encode(&[7; 32]));
    let ahead = good.replacen(".0.", ".1.", 1);
    for bad in ["", "x", "a.b.c", "...", forged.as_str(), ahead.as_str(), &format!("{good}x"), &good[..good.len() - 2], &"a".repeat(9_000)]
    {
        let answer = refresh(&house, bad).send().await;
        assert_eq!((answer.status, &answer.body, answer.set_cookies()), (401, &none.body, none.set_cookies()), "{bad}");
        assert_eq!(answer.header("front-token"), "remove");
    }
    assert_eq!(browser.get("/auth/signed-in").await.status, 200, "made-up tokens revoke nothing");
    tape.say("of a session that lived its time");
    house.clock.forward(Millis::from_hours(24 * 101));
    tape.add(&refresh(&house, &good).send().await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn signing_out() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let (access, refresh_token) = (browser.cookie("sAccessToken").unwrap(), browser.cookie("sRefreshToken").unwrap());
    let mut tape = Tape::default();
    tape.say("no token");
    tape.add(&house.ask("POST", "/auth/signout").send().await);
    tape.say("no token of ours");
    for bad in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", &format!("{access}x"), &"a".repeat(9_000)] {
        let answer = sign_out(&house, bad).send().await;
        assert_eq!((answer.status, answer.body.as_str()), (401, r#"{"message":"try refresh token"}"#), "{bad}");
        assert!(answer.set_cookies().is_empty() && answer.header("front-token").is_empty(), "{bad}");
    }
    tape.add(&sign_out(&house, "x").send().await);
    tape.say("too old");
    house.clock.forward(Millis::from_mins(61));
    tape.add(&sign_out(&house, &access).send().await);
    assert_eq!(refresh(&house, &refresh_token).send().await.status, 200, "the session lives");
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let access = browser.cookie("sAccessToken").unwrap();
    tape.say("good");
    tape.add_whole(&sign_out(&house, &access).send().await);
    tape.say("and over");
    tape.add(&sign_out(&house, &access).send().await);
    tape.add(&refresh(&house, &browser.cookie("sRefreshToken").unwrap()).send().await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn signing_out_with_a_bearer_token() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let access = browser.cookie("sAccessToken").unwrap();
    let answer = house.ask("POST", "/auth/signout").header("authorization", &format!("Bearer {access}")).send().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"status":"OK"}"#));
    let answer = house.ask("POST", "/auth/signout").header("authorization", "Basic eA==").send().await;
    assert_eq!(answer.status, 401);
}

/// Sibling hosts of the site get our cookies sent along; their pages may use neither endpoint.
#[tokio::test]
async fn other_origins_may_not_touch_sessions() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    for (origin, site, taken) in [
        (Some(HTTPS), Some("same-origin"), true),
        (Some(HTTPS), None, true),
        (None, Some("same-origin"), true),
        (None, Some("none"), true),
        (None, None, true),
        (None, Some("same-site"), false),
        (None, Some("cross-site"), false),
        (Some("https://app.example.com"), Some("same-site"), false),
        (Some("https://app.example.com"), None, false),
        (Some("https://evil.example"), Some("same-origin"), false),
        (Some("http://login.example.com"), None, false),
        (Some("null"), None, false),
        (Some("null"), Some("same-origin"), false),
    ] {
        let browser = Browser::signed_in(&house, "jane@example.com").await;
        for path in ["/auth/session/refresh", "/auth/signout"] {
            let mut ask = house.ask("POST", path).header("accept", "*/*");
            if let Some(origin) = origin {
                ask = ask.header("origin", origin);
            }
            if let Some(site) = site {
                ask = ask.header("sec-fetch-site", site);
            }
            let answer = browser.send(ask).await;
            // To a page that another tenant names there is just no session; all others are turned away.
            let refused = if origin == Some("https://app.example.com") { 401 } else { 403 };
            assert_eq!(answer.status, if taken { 200 } else { refused }, "{path} {origin:?} {site:?}");
            if !taken {
                assert!(answer.set_cookies().is_empty());
                if site == Some("cross-site") {
                    tape.add(&answer);
                }
            }
        }
    }
    assert_snapshot!(tape.text());
}

/// The endpoints take an empty body; a body of any kind changes nothing.
#[tokio::test]
async fn bodies_of_session_endpoints_are_not_read() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    for (kind, body) in [("application/json", b"{broken" as &[u8]), ("text/plain", &[b'x'; 100_000])] {
        let answer = browser.send(house.ask("POST", "/auth/session/refresh").body(kind, body)).await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn the_key_set_and_its_discovery() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    tape.add_whole(&house.get("/auth/jwt/jwks.json").send().await);
    tape.add_whole(&house.get("/auth/.well-known/openid-configuration").send().await);
    let sets = [
        house.get("/auth/jwt/jwks.json").send().await.body,
        house.get("/.well-known/jwks.json").send().await.body,
        house.back_end("GET", "/.well-known/jwks.json").send().await.body,
    ];
    assert!(sets.iter().all(|set| *set == sets[0]));
    let key = &serde_json::from_str::<serde_json::Value>(&sets[0]).unwrap()["keys"][0];
    assert!(key["kid"].as_str().unwrap().starts_with("d-"));
    assert!(key.get("d").is_none(), "no private part");
    tape.say("where the Authress verifier would look, there is nothing of this set");
    tape.add(&house.get("/auth/.well-known/openid-configuration/jwks").json().send().await);
    tape.say("a rotated key stands beside the old one");
    house.auth.rotate_keys(crate::house::NOW + Millis(1)).await.unwrap();
    tape.add(&house.get("/.well-known/jwks.json").send().await);
    assert_snapshot!(tape.text());
}

/// A token that this server made verifies by the key set and the issuer in its discovery document.
#[tokio::test]
async fn tokens_verify_by_what_is_published() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let token = browser.cookie("sAccessToken").unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let plain = |part: &str| serde_json::from_slice::<serde_json::Value>(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap();
    let discovery = house.get("/auth/.well-known/openid-configuration").send().await.is_json();
    assert_eq!(plain(parts[1])["iss"], discovery["issuer"]);
    let set = house.get(discovery["jwks_uri"].as_str().unwrap().strip_prefix(LOCAL).unwrap()).send().await.is_json();
    let kids: Vec<&str> = set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert!(kids.contains(&plain(parts[0])["kid"].as_str().unwrap()));
}
