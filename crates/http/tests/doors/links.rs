//! Links: looked at by anybody without effect, opened by the browser that asked, by another, twice, too late.

use crate::house::House;
use crate::tape::Tape;
use crate::visitor::Browser;
use insta::assert_snapshot;
use postkey_model::Millis;

#[tokio::test]
async fn a_link_opened_in_the_same_browser() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let (path, id, secret) = mail.link();
    let own = browser.cookie("pk_sign_in").unwrap();
    let mut tape = Tape::default();
    tape.add_whole(&browser.get(&path).await);
    tape.add(&browser.post("/auth/_/verify", &[("preAuthSessionId", &id), ("tenantId", "public"), ("linkCode", &secret)]).await);
    tape.say("once only: whoever is in goes on");
    tape.add(&browser.post("/auth/_/verify", &[("preAuthSessionId", &id), ("tenantId", "public"), ("linkCode", &secret)]).await);
    tape.add(&browser.get("/auth/code").await);
    tape.say("and who is not in any more is told");
    browser.forget("sAccessToken");
    browser.forget("sRefreshToken");
    browser.plant("pk_sign_in", &own);
    tape.add(&browser.post("/auth/_/verify", &[("preAuthSessionId", &id), ("tenantId", "public"), ("linkCode", &secret)]).await);
    tape.add(&browser.get("/auth/link-problem").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_link_opened_in_another_browser_asks_first() {
    let house = House::plain().await;
    let asking = house.browser();
    let mail = asking.start("jane@example.com").await;
    let (path, id, secret) = mail.link();
    let other = house.browser();
    let mut tape = Tape::default();
    tape.add(&other.get(&path).await);
    tape.say("any order of the query, and more in it");
    tape.add(&other.get(&format!("/auth/verify?rid=passwordless&tenantId=public&preAuthSessionId={id}")).await);
    tape.add(&other.post("/auth/_/verify", &[("preAuthSessionId", &id), ("tenantId", "public"), ("linkCode", &secret)]).await);
    tape.say("the browser that asked finds out");
    tape.add(&asking.get("/auth/code").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn somebody_signed_in_is_asked_before_the_session_is_replaced() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "eve@example.com").await;
    let mail = browser.start("jane@example.com").await;
    let answer = browser.get(&mail.link().0).await;
    let mut tape = Tape::default();
    tape.add(&answer);
    assert!(answer.body.contains("data-link=\"ask\""));
    assert_snapshot!(tape.text());
}

/// Whatever looks at a link, however often, changes nothing: it still works afterwards.
#[tokio::test]
async fn scanners_change_nothing() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let (path, id, secret) = mail.link();
    let mut tape = Tape::default();
    for method in ["HEAD", "OPTIONS", "TRACE"] {
        tape.add(&house.ask(method, &path).send().await);
    }
    for path in
        [path.clone(), format!("{path}&linkCode={secret}"), format!("{path}%23{secret}"), format!("/auth/_/verify?linkCode={secret}")]
    {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"] {
            for purpose in [("purpose", "prefetch"), ("sec-purpose", "prefetch;prerender"), ("user-agent", "Scanner/1.0")] {
                let answer = house.ask(method, &path).header(purpose.0, purpose.1).send().await;
                assert!(matches!(answer.status, 200 | 405), "{method} {path}: {}", answer.status);
                assert!(answer.set_cookie("sAccessToken").is_none());
            }
        }
    }
    tape.say("a POST to the page, as some scanners send it, and one without the secret");
    tape.add(&house.post(&path, &[("linkCode", &secret)]).send().await);
    tape.add(&house.post("/auth/_/verify", &[("preAuthSessionId", &id), ("tenantId", "public")]).send().await);
    let answer = browser.post("/auth/_/verify", &[("preAuthSessionId", &id), ("tenantId", "public"), ("linkCode", &secret)]).await;
    assert!(answer.set_cookie("sAccessToken").is_some(), "the link is still good");
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn links_that_do_not_work() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let (_, id, secret) = mail.link();
    let mut tape = Tape::default();
    let stranger = house.browser();
    for (words, id, secret) in [
        ("cut short", id.as_str(), ""),
        ("of nobody", "0191", secret.as_str()),
        ("not even an id", "../x", secret.as_str()),
        ("with another secret", id.as_str(), "AAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("with the secret of another case", id.as_str(), &secret.to_ascii_lowercase()),
    ] {
        tape.say(words);
        tape.add(&stranger.post("/auth/_/verify", &[("preAuthSessionId", id), ("linkCode", secret)]).await);
        tape.add(&stranger.get("/auth/link-problem").await);
    }
    tape.say("of another tenant");
    tape.add(&browser.post("/auth/_/verify", &[("preAuthSessionId", &id), ("tenantId", "acme"), ("linkCode", &secret)]).await);
    tape.say("too late, where it was asked for");
    house.clock.forward(Millis::from_mins(11));
    tape.add(&browser.post("/auth/_/verify", &[("preAuthSessionId", &id), ("linkCode", &secret)]).await);
    tape.add_whole(&browser.get("/auth/link-problem").await);
    tape.say("too late, elsewhere");
    tape.add(&stranger.post("/auth/_/verify", &[("preAuthSessionId", &id), ("linkCode", &secret)]).await);
    tape.say("nothing left to say");
    tape.add(&house.get("/auth/link-problem").send().await);
    assert_snapshot!(tape.text());
}

/// The used link of somebody else tells a stranger nothing: it looks like any dead one.
#[tokio::test]
async fn a_stranger_cannot_tell_used_links_from_made_up_ones() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let (_, id, secret) = mail.link();
    browser.post("/auth/_/code", &[("code", mail.code())]).await;
    let used = house.post("/auth/_/verify", &[("preAuthSessionId", &id), ("linkCode", &secret)]).send().await;
    let made_up = house.post("/auth/_/verify", &[("preAuthSessionId", "0191"), ("linkCode", &secret)]).send().await;
    assert_eq!((used.status, used.location(), used.set_cookies()), (made_up.status, made_up.location(), made_up.set_cookies()));
}

#[tokio::test]
async fn too_many_wrong_codes_kill_the_link_too() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let own = browser.cookie("pk_sign_in").unwrap();
    let wrong = if mail.code() == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        browser.post("/auth/_/code", &[("code", wrong)]).await;
    }
    browser.plant("pk_sign_in", &own);
    let (_, id, secret) = mail.link();
    let mut tape = Tape::default();
    tape.add(&browser.post("/auth/_/verify", &[("preAuthSessionId", &id), ("linkCode", &secret)]).await);
    tape.add(&browser.get("/auth/link-problem").await);
    assert_snapshot!(tape.text());
}
