//! Cookies: their exact attributes, and what other people's cookies cannot do.

use crate::house::{House, LOCAL, Plan};
use crate::tape::Tape;
use crate::visitor::Answer;
use data_encoding::BASE64URL_NOPAD;
use insta::assert_snapshot;

/// The cookie lines of an answer, each with its value left out.
fn lines(answer: &Answer) -> String {
    let line = |line: &&str| {
        let (name, rest) = line.split_once('=').unwrap();
        let (value, attributes) = rest.split_once(';').unwrap();
        format!("{name}={};{attributes}", if value.is_empty() { "" } else { "…" })
    };
    let lines: Vec<String> = answer.set_cookies().iter().map(line).collect();
    format!(
        "{}\n{}\nfront-token: {}\n",
        answer.asked,
        lines.join("\n"),
        if answer.header("front-token").len() > 9 { "…" } else { answer.header("front-token") }
    )
}

async fn every_cookie(plan: Plan) -> String {
    let house = House::new(plan).await;
    let browser = house.browser();
    let mut all = lines(&browser.get("/auth").await);
    all += &lines(&browser.post("/auth/_/start", &[("email", "x")]).await);
    all += &lines(&browser.get("/auth").await);
    let start = browser.post("/auth/_/start", &[("email", "jane@example.com")]).await;
    all += &lines(&start);
    all += &lines(&browser.post("/auth/_/code", &[("code", house.mail().code())]).await);
    all += &lines(&browser.send(house.ask("POST", "/auth/session/refresh")).await);
    all += &lines(&browser.send(house.ask("POST", "/auth/signout")).await);
    browser.sign_in("jane@example.com").await;
    all += &lines(&browser.post("/auth/_/sign-out", &[]).await);
    all
}

#[tokio::test]
async fn attributes_over_https() {
    assert_snapshot!(every_cookie(Plan::default()).await);
}

#[tokio::test]
async fn attributes_over_plain_http() {
    let all = every_cookie(Plan { origin: LOCAL, ..Plan::default() }).await;
    assert!(!all.contains("Secure"));
    assert_snapshot!(all);
}

#[tokio::test]
async fn attributes_with_a_cookie_domain() {
    let all = every_cookie(Plan { cookie_domain: Some("example.com"), ..Plan::default() }).await;
    for line in all.lines().filter(|line| line.contains("Path=")) {
        // Without a domain the session's names are only taken away: what a time before the setting left behind.
        let taken_away = line.contains("=;") && !line.contains("Domain=");
        let of_the_session = line.starts_with('s') && !taken_away;
        assert_eq!(line.contains("Domain=example.com"), of_the_session, "{line}");
    }
    assert_snapshot!(all);
}

/// A cookie that comes twice was planted by somebody (a sibling host can): neither is believed.
#[tokio::test]
async fn duplicate_cookies_are_not_believed() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let own = browser.cookie("pk_sign_in").unwrap();
    let twice = format!("pk_sign_in={own}; pk_sign_in=0191.x.public");
    for answer in [
        house.post("/auth/_/code", &[("code", mail.code())]).cookie(&twice).send().await,
        house
            .post("/auth/_/code", &[("code", mail.code())])
            .cookie(&format!("pk_sign_in={own}"))
            .also("cookie", "pk_sign_in=x")
            .send()
            .await,
    ] {
        assert_eq!(answer.location(), "/auth");
        assert!(answer.set_cookie("sAccessToken").is_none());
    }
    browser.post("/auth/_/code", &[("code", mail.code())]).await;
    let (access, refresh) = (browser.cookie("sAccessToken").unwrap(), browser.cookie("sRefreshToken").unwrap());
    let mut tape = Tape::default();
    let twice = format!("sAccessToken={access}; sAccessToken=x");
    tape.add(&house.get("/auth/signed-in").cookie(&twice).send().await);
    tape.add(&house.ask("POST", "/auth/signout").cookie(&twice).send().await);
    tape.add(&house.ask("POST", "/auth/session/refresh").cookie(&format!("sRefreshToken={refresh}; sRefreshToken={refresh}")).send().await);
    assert_eq!(browser.get("/auth/signed-in").await.status, 200, "the session itself is untouched");
    assert_snapshot!(tape.text());
}

/// An application on the same host may set cookies that are not ASCII; they must not sign anybody out.
#[tokio::test]
async fn other_peoples_cookies_do_not_disturb() {
    let house = House::plain().await;
    let browser = house.browser();
    browser.sign_in("jane@example.com").await;
    let ours = browser.cookies_for("/auth/signed-in");
    for theirs in ["theme=grün".as_bytes(), b"x=\xff\xfe", b"=", b"==;;", b"naked", b"quoted=\"a b\""] {
        let line = [theirs, b"; ", ours.as_bytes()].concat();
        assert_eq!(house.get("/auth/signed-in").also("cookie", line).send().await.status, 200, "{theirs:?}");
    }
}

/// Notes come from a closed list: a planted one can show no words but ours.
#[tokio::test]
async fn a_planted_note_says_nothing_of_its_own() {
    let house = House::plain().await;
    let text = "Call +1 900 555 0199 <b>now</b> \"><script>alert(1)</script>";
    let encoded = BASE64URL_NOPAD.encode(text.as_bytes());
    let made_up = [
        text.replace([' ', '"'], "+"),
        format!("{encoded}.0.."),
        format!("call-now.0..{encoded}"),
        format!("too-soon.{encoded}.."),
        format!("not-an-email.0.{encoded}."),
        format!("not-an-email.0.{encoded}"),
    ];
    for note in made_up {
        let page = house.get("/auth").cookie(&format!("pk_note={note}")).send().await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("555") && !page.body.contains(&encoded), "{note}");
    }
    // What was typed comes back as the field's value, and as nothing else.
    let page = house.get("/auth").cookie(&format!("pk_note=not-an-email.0..{encoded}")).send().await;
    assert!(!page.body.contains("<b>now") && !page.body.contains("<script>alert"));
    assert_eq!(page.body.matches("555").count(), 1);
    assert!(page.body.contains(" value=\"Call +1 900"));
    let problem = house.get("/auth/link-problem").cookie(&format!("pk_note=link-used.0..{encoded}")).send().await;
    assert!(!problem.body.contains("555"));
    for number in ["-1", "99999999999999999999", "1e9", "<b>"] {
        let page = house.get("/auth").cookie(&format!("pk_note=wrong-code.{number}..")).send().await;
        assert!(!page.body.contains("<b>"), "{number}");
    }
}
