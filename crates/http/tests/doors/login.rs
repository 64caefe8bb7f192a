//! Whole logins through the pages, by code and by link, with and without our script, and everything a person can
//! do wrong on the way.

use crate::house::{House, LOCAL, Plan};
use crate::tape::Tape;
use crate::visitor::Browser;
use insta::assert_snapshot;
use postkey_model::{Flow, Millis};

#[tokio::test]
async fn a_login_by_code() {
    let house = House::plain().await;
    let browser = house.browser();
    let mut tape = Tape::default();
    tape.add_whole(&browser.get("/auth").await);
    tape.add_whole(&browser.post("/auth/_/start", &[("email", " Jane@Example.COM "), ("redirectToPath", "/inside?a=b")]).await);
    let mail = house.mail();
    assert_eq!(mail.to, "jane@example.com");
    tape.add_whole(&browser.get("/auth/code").await);
    tape.add_whole(&browser.post("/auth/_/code", &[("code", mail.code())]).await);
    tape.add_whole(&browser.get("/auth/signed-in").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_login_over_plain_http_on_this_machine() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let browser = house.browser();
    let mut tape = Tape::default();
    tape.add(&browser.get("/auth").await);
    tape.add(&browser.post("/auth/_/start", &[("email", "jane@example.com")]).await);
    let mail = house.mail();
    assert!(mail.link.as_deref().unwrap().starts_with("http://localhost:8000/auth/verify?preAuthSessionId="));
    tape.add(&browser.post("/auth/_/code", &[("code", mail.code())]).await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn our_script_is_told_where_to_go() {
    let house = House::plain().await;
    let browser = house.browser();
    let mut tape = Tape::default();
    let post = |path: &str, fields: &[(&str, &str)]| house.post(path, fields).json();
    tape.add(&browser.send(post("/auth/_/start", &[("email", "jane")])).await);
    tape.add(&browser.send(post("/auth/_/start", &[("email", "jane@example.com")])).await);
    let mail = house.mail();
    tape.add(&browser.send(post("/auth/_/resend", &[])).await);
    tape.add(&browser.send(post("/auth/_/code", &[("code", "12")])).await);
    tape.add(&browser.send(post("/auth/_/code", &[("code", mail.code())])).await);
    tape.add(&browser.send(post("/auth/_/sign-out", &[])).await);
    browser.start("jane@example.com").await;
    tape.add(&browser.send(post("/auth/_/cancel", &[])).await);
    tape.add(&browser.send(post("/auth/_/verify", &[("preAuthSessionId", "x"), ("linkCode", "y")])).await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn wrong_codes_are_counted_and_end_the_sign_in() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let wrong = if mail.code() == "000000" { "111111" } else { "000000" };
    let mut tape = Tape::default();
    tape.add(&browser.post("/auth/_/code", &[("code", "not a code")]).await);
    tape.add(&browser.get("/auth/code").await);
    tape.say("the note is shown once");
    tape.add(&browser.get("/auth/code").await);
    for _ in 0..4 {
        tape.add(&browser.post("/auth/_/code", &[("code", wrong)]).await);
        tape.add(&browser.get("/auth/code").await);
    }
    tape.add(&browser.post("/auth/_/code", &[("code", wrong)]).await);
    tape.add(&browser.get("/auth").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn after_too_many_wrong_codes_the_right_one_is_dead_too() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let wrong = if mail.code() == "000000" { "111111" } else { "000000" };
    let own = browser.cookie("pk_sign_in").unwrap();
    for _ in 0..5 {
        browser.plant("pk_sign_in", &own);
        browser.post("/auth/_/code", &[("code", wrong)]).await;
    }
    browser.plant("pk_sign_in", &own);
    let mut tape = Tape::default();
    tape.add(&browser.post("/auth/_/code", &[("code", mail.code())]).await);
    browser.plant("pk_sign_in", &own);
    house.clock.forward(Millis::from_secs(20));
    tape.add(&browser.post("/auth/_/resend", &[]).await);
    browser.plant("pk_sign_in", &own);
    tape.add(&browser.get("/auth/code").await);
    assert!(house.mails().is_empty());
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn expired_codes_and_asking_again() {
    let house = House::plain().await;
    let browser = house.browser();
    let old = browser.start("jane@example.com").await;
    let mut tape = Tape::default();
    tape.say("too soon");
    tape.add(&browser.post("/auth/_/resend", &[]).await);
    tape.add(&browser.get("/auth/code").await);
    tape.say("in time");
    house.clock.forward(Millis::from_secs(15));
    tape.add(&browser.post("/auth/_/resend", &[]).await);
    tape.add(&browser.get("/auth/code").await);
    let newer = house.mail();
    tape.say("both dead");
    house.clock.forward(Millis::from_mins(11));
    tape.add(&browser.post("/auth/_/code", &[("code", old.code())]).await);
    tape.add(&browser.post("/auth/_/code", &[("code", newer.code())]).await);
    tape.add(&browser.get("/auth/code").await);
    tape.say("so long ago that it is over");
    house.clock.forward(Millis::from_mins(30));
    tape.add(&browser.get("/auth/code").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn the_older_code_is_good_until_it_expires() {
    let house = House::plain().await;
    let browser = house.browser();
    let old = browser.start("jane@example.com").await;
    house.clock.forward(Millis::from_secs(15));
    browser.post("/auth/_/resend", &[]).await;
    house.mail();
    let answer = browser.post("/auth/_/code", &[("code", old.code())]).await;
    assert_eq!((answer.status, answer.location()), (303, "/auth/signed-in"));
}

#[tokio::test]
async fn another_address_is_chosen() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let own = browser.cookie("pk_sign_in").unwrap();
    let mut tape = Tape::default();
    tape.add(&browser.post("/auth/_/cancel", &[]).await);
    tape.say("its code does not work any more");
    browser.plant("pk_sign_in", &own);
    tape.add(&browser.post("/auth/_/code", &[("code", mail.code())]).await);
    tape.add(&browser.get("/auth/code").await);
    tape.say("without a sign-in there is nothing to cancel");
    browser.forget("pk_sign_in");
    tape.add(&browser.post("/auth/_/cancel", &[]).await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn without_a_sign_in_the_waiting_pages_send_people_to_the_start() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    for path in ["/auth/code", "/auth/sent", "/auth/signed-in"] {
        tape.add(&house.get(path).send().await);
    }
    for path in ["/auth/_/code", "/auth/_/resend", "/auth/_/sign-out"] {
        tape.add(&house.post(path, &[("code", "123456")]).send().await);
    }
    tape.say("made-up and damaged cookies are no sign-in");
    for cookie in ["x", "a.b", "a.b.public", "a.b.nowhere", "..", "a..public", "a.b.PUBLIC"] {
        let ask = house.post("/auth/_/code", &[("code", "123456")]).cookie(&format!("pk_sign_in={cookie}"));
        let answer = ask.send().await;
        assert_eq!((answer.status, answer.location()), (303, "/auth"), "{cookie}");
        assert_eq!(house.get("/auth/code").cookie(&format!("pk_sign_in={cookie}")).send().await.location(), "/auth", "{cookie}");
    }
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_tenant_that_mails_links_only() {
    let house = House::new(Plan { flow: Flow::MagicLink, ..Plan::default() }).await;
    let browser = house.browser();
    let mut tape = Tape::default();
    tape.add(&browser.get("/auth").await);
    tape.add(&browser.post("/auth/_/start", &[("email", "jane@example.com")]).await);
    let mail = house.mail();
    assert!(mail.code.is_none() && mail.link.is_some());
    tape.add_whole(&browser.get("/auth/sent").await);
    tape.say("the code page is not for this sign-in");
    tape.add(&browser.get("/auth/code").await);
    tape.say("without JavaScript: a code instead");
    house.clock.forward(Millis::from_secs(15));
    tape.add(&browser.post("/auth/_/resend", &[("as", "code")]).await);
    let mail = house.mail();
    tape.add(&browser.get("/auth/sent").await);
    tape.add(&browser.get("/auth/code").await);
    tape.add(&browser.post("/auth/_/code", &[("code", mail.code())]).await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn another_tenant_has_its_own_name_and_users() {
    let house = House::plain().await;
    let browser = house.browser();
    let mut tape = Tape::default();
    tape.add(&browser.get("/auth?tenantId=acme&redirectToPath=/x").await);
    tape.add(&browser.post("/auth/_/start", &[("email", "jane"), ("tenantId", "acme"), ("redirectToPath", "/x")]).await);
    tape.add(&browser.post("/auth/_/start", &[("email", "jane@example.com"), ("tenantId", "acme")]).await);
    let mail = house.mail();
    assert!(mail.link.is_none());
    tape.add(&browser.get("/auth/code").await);
    tape.add(&browser.post("/auth/_/code", &[("code", mail.code())]).await);
    tape.add(&browser.get("/auth/signed-in").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn unknown_tenants() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    tape.say("nobody is led to another tenant than the one that was named");
    tape.add(&house.get("/auth?tenantId=nowhere").send().await);
    tape.add(&house.post("/auth/_/start", &[("email", "jane@example.com"), ("tenantId", "nowhere")]).send().await);
    tape.add(&house.post("/auth/_/start", &[("email", "jane@example.com"), ("tenantId", "nowhere")]).json().send().await);
    tape.add(&house.post("/auth/_/verify", &[("preAuthSessionId", "a"), ("linkCode", "b"), ("tenantId", "nowhere")]).send().await);
    assert!(house.mails().is_empty());
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_signed_in_browser_goes_on_and_logs_out() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let mut tape = Tape::default();
    tape.add(&browser.get("/auth").await);
    tape.add(&browser.get("/auth?redirectToPath=/deep").await);
    tape.add(&browser.get("/auth?redirectToPath=//evil.example").await);
    let access = browser.cookie("sAccessToken").unwrap();
    tape.add(&browser.post("/auth/_/sign-out", &[]).await);
    tape.add(&browser.get("/auth/signed-in").await);
    tape.say("the old token opens nothing any more");
    browser.plant("sAccessToken", &access);
    tape.add(&browser.get("/auth/signed-in").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_new_sign_in_ends_what_the_address_had_out() {
    let house = House::plain().await;
    let (one, two) = (house.browser(), house.browser());
    let first = one.start("jane@example.com").await;
    let second = two.start("jane@example.com").await;
    two.post("/auth/_/code", &[("code", second.code())]).await;
    let mut tape = Tape::default();
    tape.add(&one.post("/auth/_/code", &[("code", first.code())]).await);
    tape.add(&one.get("/auth/code").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_code_works_only_in_the_browser_that_asked() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let own = browser.cookie("pk_sign_in").unwrap();
    let (id, _) = own.split_once('.').unwrap();
    let other = format!("pk_sign_in={id}.{}.public", "A".repeat(32));
    let answer = house.post("/auth/_/code", &[("code", mail.code())]).cookie(&other).send().await;
    assert_eq!((answer.status, answer.location()), (303, "/auth"));
    assert!(answer.set_cookie("sAccessToken").is_none());
    let answer = house.post("/auth/_/resend", &[]).cookie(&other).send().await;
    assert_eq!(answer.location(), "/auth");
    house.post("/auth/_/cancel", &[]).cookie(&other).send().await;
    let answer = browser.post("/auth/_/code", &[("code", mail.code())]).await;
    assert!(answer.set_cookie("sAccessToken").is_some(), "a stranger's tries changed nothing");
}

/// Whoever has to start again is still on the way to the same place.
#[tokio::test]
async fn the_wanted_place_outlives_wrong_codes_and_other_addresses() {
    let house = House::plain().await;
    let start = [("email", "jane@example.com"), ("redirectToPath", "/welcome")];
    let again = "/auth?redirectToPath=%2Fwelcome";
    let browser = house.browser();
    browser.post("/auth/_/start", &start).await;
    assert_eq!(browser.post("/auth/_/cancel", &[]).await.location(), again);
    house.mails();
    browser.post("/auth/_/start", &start).await;
    let wrong = if house.mail().code() == "000000" { "111111" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(browser.post("/auth/_/code", &[("code", wrong)]).await.location(), "/auth/code");
    }
    assert_eq!(browser.post("/auth/_/code", &[("code", wrong)]).await.location(), again);
}

#[tokio::test]
async fn logging_out_ends_the_session_also_with_an_expired_access_token() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let refresh = browser.cookie("sRefreshToken").unwrap();
    house.clock.forward(Millis::from_hours(2));
    assert_eq!(browser.post("/auth/_/sign-out", &[]).await.location(), "/auth");
    let answer = house.ask("POST", "/auth/session/refresh").cookie(&format!("sRefreshToken={refresh}")).send().await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_tenant_that_cannot_be_one_is_unknown_not_public() {
    let house = House::plain().await;
    let answer = house.post("/auth/_/start", &[("email", "jane@example.com"), ("tenantId", "../public")]).send().await;
    assert_eq!(answer.status, 404);
    assert!(house.mails().is_empty());
}

/// Elsewhere a session opens nothing: sent on as signed in, its owner would only be sent back.
#[tokio::test]
async fn a_session_of_one_tenant_is_none_at_another() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    assert_eq!(browser.get("/auth").await.status, 303);
    let elsewhere = browser.get("/auth?tenantId=acme").await;
    assert_eq!(elsewhere.status, 200);
    assert!(elsewhere.body.contains("name=\"email\"") && elsewhere.body.contains("value=\"acme\""));
}
