//! The database does not work: a plain sentence, a hint when to come again, nothing half-done.

use crate::house::{Dev, House, LOCAL, Plan};
use crate::tape::Tape;
use crate::visitor::{Answer, Browser};
use insta::assert_snapshot;

const SENTENCE: &str = "The server cannot reach its database just now. Try again in a moment; trying twice does no harm.";

fn is_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{}", answer.asked);
    assert!(answer.body.contains(SENTENCE), "{}: {}", answer.asked, answer.body);
    assert!(answer.set_cookies().is_empty(), "{}: {:?}", answer.asked, answer.set_cookies());
    assert!(answer.header("front-token").is_empty(), "{}", answer.asked);
}

/// The forms and endpoints that need the store, with fields that would otherwise succeed.
fn posts<'a>(code: &'a str, id: &'a str, secret: &'a str) -> Vec<(&'static str, Vec<(&'a str, &'a str)>)> {
    vec![
        ("/auth/_/start", vec![("email", "new@example.com")]),
        ("/auth/_/code", vec![("code", code)]),
        ("/auth/_/resend", vec![]),
        ("/auth/_/cancel", vec![]),
        ("/auth/_/verify", vec![("preAuthSessionId", id), ("linkCode", secret)]),
        ("/auth/_/sign-out", vec![]),
        ("/auth/session/refresh", vec![]),
        ("/auth/signout", vec![]),
    ]
}

#[tokio::test]
async fn no_writing() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let mail = browser.start("jane@example.com").await;
    house.clock.forward(postkey_model::Millis::from_secs(20));
    let (_, id, secret) = mail.link();
    house.close_for_writes().await;
    let before = browser.cookies_for("/auth");
    for (path, fields) in posts(mail.code(), &id, &secret) {
        is_unavailable(&browser.post(path, &fields).await);
        is_unavailable(&browser.send(house.post(path, &fields).json()).await);
    }
    assert_eq!(browser.cookies_for("/auth"), before);
    assert!(house.mails().is_empty(), "no mail for what was not stored");
}

#[tokio::test]
async fn no_reading_either() {
    let house = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let mail = browser.start("jane@example.com").await;
    let (path, id, secret) = mail.link();
    house.lose_database().await;
    let mut tape = Tape::default();
    for page in ["/auth", "/auth/code", "/auth/sent", "/auth/signed-in", "/demo", &path] {
        is_unavailable(&browser.get(page).await);
        is_unavailable(&browser.send(house.get(page).json()).await);
    }
    for (path, fields) in posts(mail.code(), &id, &secret) {
        is_unavailable(&browser.post(path, &fields).await);
        is_unavailable(&browser.send(house.post(path, &fields).json()).await);
    }
    tape.add_whole(&browser.get("/auth/code").await);
    tape.add_whole(&browser.send(house.ask("POST", "/auth/session/refresh").header("accept", "*/*")).await);
    tape.say("what needs no store goes on");
    for page in ["/auth", "/.well-known/jwks.json", "/auth/.well-known/openid-configuration", "/nowhere"] {
        let answer = house.get(page).send().await;
        assert_eq!(answer.status, if page == "/nowhere" { 404 } else { 200 }, "{page}");
    }
    assert_eq!(house.back_end("GET", "/hello").send().await.status, 200);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn health_says_so() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    tape.add(&house.get("/health").send().await);
    tape.add(&house.back_end("GET", "/health").send().await);
    house.lose_database().await;
    tape.add(&house.get("/health").send().await);
    tape.add(&house.back_end("GET", "/health").send().await);
    assert_snapshot!(tape.text());
}
