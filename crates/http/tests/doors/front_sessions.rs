//! The frontend door: tokens in cookies and in headers (contract supertokens-frontend.md §4.2, §4.3). The rules of sessions
//! are tested elsewhere.

use crate::front::{Sdk, Tokens, front};
use crate::house::{House, Plan};
use crate::tape::Tape;
use crate::visitor::Browser;
use insta::assert_snapshot;
use postkey_model::Millis;

#[tokio::test]
async fn a_life_in_headers() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "header");
    let tokens = sdk.sign_in("jane@example.com").await;
    let mut tape = Tape::default();
    tape.add(&sdk.renew(&tokens.refresh).send().await);
    let out = sdk.sign_out(&tokens.access).send().await;
    tape.add(&out);
    tape.add(&sdk.renew(&tokens.refresh).send().await);
    tape.add(&sdk.sign_out(&tokens.access).send().await);
    assert!(tape.text().lines().all(|line| !line.starts_with("< set-cookie: s")), "no cookie of a session's");
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn the_first_call_of_a_fresh_browser() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    for mode in ["cookie", "header"] {
        tape.say(mode);
        tape.add(&Sdk::new(&house, "", mode).ask("POST", "/auth/session/refresh").send().await);
    }
    assert_snapshot!(tape.text());
}

/// Whoever does not say gets headers.
#[tokio::test]
async fn how_tokens_are_wanted() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    for (mode, in_cookies) in [(Some("cookie"), true), (Some("header"), false), (Some("any"), false), (Some(""), false), (None, false)] {
        let (attempt, mail) = sdk.start("jane@example.com").await;
        let ask = sdk.code(&attempt, mail.code()).without("st-auth-mode");
        let answer = mode.into_iter().fold(ask, |ask, mode| ask.header("st-auth-mode", mode)).send().await;
        assert_eq!(answer.set_cookie("sAccessToken").is_some(), in_cookies, "{mode:?}");
        assert_eq!(answer.set_cookie("sRefreshToken").is_some(), in_cookies, "{mode:?}");
        assert_eq!(answer.headers.contains_key("st-access-token"), !in_cookies, "{mode:?}");
        assert_eq!(front(answer.header("front-token"))["up"]["tId"], "public");
    }
}

/// The token in the header wins; the answer comes the way that the token came, and the other way is cleared.
#[tokio::test]
async fn a_client_that_carries_both() {
    let house = House::plain().await;
    let (by_header, by_cookie) = (Sdk::new(&house, "", "header"), Sdk::new(&house, "", "cookie"));
    let (older, newer) = (by_header.sign_in("older@example.com").await, by_cookie.sign_in("newer@example.com").await);
    let uid = |tokens: &Tokens| front(&tokens.front)["uid"].clone();
    let ask = by_header.renew(&older.refresh).cookie(&format!("sAccessToken={}; sRefreshToken={}", newer.access, newer.refresh));
    let answer = ask.header("st-auth-mode", "cookie").send().await;
    assert_eq!(uid(&Tokens::of(&answer)), uid(&older));
    assert!(answer.headers.contains_key("st-refresh-token"));
    for name in ["sAccessToken", "sRefreshToken"] {
        assert!(answer.set_cookie(name).unwrap().starts_with(&format!("{name}=; ")), "{name}");
    }
    let out = by_header.sign_out(&older.access).cookie(&format!("sAccessToken={}", newer.access)).send().await;
    assert_eq!((out.status, out.header("front-token")), (200, "remove"));
    assert_eq!(by_header.renew(&older.refresh).send().await.status, 401, "that session is over");
    assert_eq!(by_cookie.renew(&newer.refresh).send().await.status, 200, "this one is not");
    // Signing in anew takes away what was carried the other way.
    let (attempt, mail) = by_cookie.start("older@example.com").await;
    let answer = by_cookie.code(&attempt, mail.code()).header("authorization", &format!("Bearer {}", older.access)).send().await;
    assert_eq!((answer.header("st-access-token"), answer.headers.contains_key("st-refresh-token")), ("", true));
    assert!(answer.set_cookie("sAccessToken").unwrap().len() > 100 && answer.header("front-token") != "remove");
}

/// Another back end's bearer token hides no cookie of ours.
#[tokio::test]
async fn a_bearer_token_that_is_none_of_ours() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let tokens = sdk.sign_in("jane@example.com").await;
    let ask = sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &tokens.access).header("authorization", "Bearer opaque");
    assert_eq!(ask.send().await.status, 200);
    let ask = sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &tokens.access).header("authorization", "Bearer a.b.c");
    assert_eq!(ask.send().await.status, 401, "one that could be ours wins");
}

/// Two cookies of one name are believed neither of them; renewing mends it or says no, never a bare yes.
#[tokio::test]
async fn cookies_that_are_there_twice() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    for more in ["sAccessToken=a; sAccessToken=b", "sRefreshToken=old", "sIdRefreshToken=x"] {
        let tokens = sdk.sign_in("jane@example.com").await;
        let twice = format!("sRefreshToken={}; {more}", tokens.refresh);
        let answer = sdk.ask("POST", "/auth/session/refresh").cookie(&twice).send().await;
        match answer.status {
            200 => assert!(front(answer.header("front-token"))["up"]["sessionHandle"].is_string()),
            status => assert_eq!((status, answer.header("front-token")), (401, "remove"), "{more}"),
        }
        let twice = format!("sAccessToken={0}; sAccessToken={0}", tokens.access);
        for ask in [sdk.ask("POST", "/auth/signout"), sdk.ask("GET", "/auth/user/email/verify")] {
            let answer = ask.cookie(&twice).send().await;
            assert_eq!((answer.status, answer.is_json()["message"].as_str()), (401, Some("try refresh token")));
            assert!(answer.header("front-token").is_empty(), "the session may be good");
        }
    }
}

/// One session for the SDK and our own pages.
#[tokio::test]
async fn the_session_is_known_to_our_pages_and_back() {
    let house = House::plain().await;
    let browser = Browser::new(&house);
    let sdk = Sdk::new(&house, "", "cookie");
    let attempt = browser.send(sdk.create("jane@example.com")).await.is_json();
    browser.send(sdk.code(&attempt, house.mail().code())).await;
    assert_eq!(browser.get("/auth/signed-in").await.status, 200);
    assert!(browser.cookie("pk_device").is_some(), "this browser is known from now on");
    browser.send(sdk.ask("POST", "/auth/signout")).await;
    assert_eq!(browser.get("/auth/signed-in").await.status, 303);
    assert!(browser.cookie("pk_sign_in").is_none());

    let browser = Browser::signed_in(&house, "joe@example.com").await;
    let shown = browser.send(sdk.ask("GET", "/auth/user/email/verify")).await;
    assert_eq!(shown.is_json()["isVerified"], true);
}

#[tokio::test]
async fn a_session_that_is_over_is_taken_away() {
    let house = House::plain().await;
    for mode in ["cookie", "header"] {
        let sdk = Sdk::new(&house, "", mode);
        let tokens = sdk.sign_in("jane@example.com").await;
        assert_eq!(sdk.sign_out(&tokens.access).send().await.status, 200);
        let answer = sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &tokens.access).send().await;
        assert_eq!((answer.status, answer.header("front-token")), (401, "remove"));
        assert_eq!(answer.set_cookies().is_empty(), mode == "header");
    }
}

#[tokio::test]
async fn theft_takes_everything_away() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "header");
    let tokens = sdk.sign_in("jane@example.com").await;
    sdk.renew(&tokens.refresh).send().await;
    house.clock.forward(Millis::from_secs(31));
    let answer = sdk.renew(&tokens.refresh).send().await;
    assert_eq!((answer.status, answer.is_json()["message"].as_str()), (401, Some("token theft detected")));
    assert_eq!((answer.header("st-access-token"), answer.header("front-token")), ("", "remove"));
}

#[tokio::test]
async fn cookies_for_a_whole_site() {
    let house = House::new(Plan { cookie_domain: Some("example.com"), ..Plan::default() }).await;
    let sdk = Sdk::new(&house, "", "cookie");
    let tokens = sdk.sign_in("jane@example.com").await;
    let answer = sdk.with(sdk.ask("GET", "/auth/user/email/verify"), &tokens.access).send().await;
    assert!(answer.set_cookie("sAccessToken").unwrap().contains("; Domain=example.com"));
    let out = sdk.sign_out(&tokens.access).send().await;
    assert!(out.set_cookies().iter().filter(|line| line.starts_with('s')).all(|line| line.contains("; Domain=example.com")));
}
