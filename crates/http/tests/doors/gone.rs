//! The database does not work: a plain sentence, a hint when to come again, nothing half-done.

use crate::house::{Dev, House, LOCAL, Plan};
use crate::tape::Tape;
use crate::visitor::{Answer, Browser, plain};
use insta::assert_snapshot;
use postkey_model::Millis;

const SENTENCE: &str = "Something on our side does not work just now. Try again in a moment; trying twice does no harm.";

fn is_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{}", answer.asked);
    assert!(answer.body.contains(SENTENCE), "{}: {}", answer.asked, answer.body);
    assert!(answer.set_cookies().is_empty(), "{}: {:?}", answer.asked, answer.set_cookies());
    assert!(answer.header("front-token").is_empty(), "{}", answer.asked);
}

/// Somebody in the middle of everything: signed in, waiting for a sign-in, and for a change of identifiers.
struct Busy<'a> {
    browser: Browser<'a>,
    code: String,
    id: String,
    secret: String,
    change: String,
    identity: String,
    younger: String,
    session: String,
}

impl<'a> Busy<'a> {
    async fn new(house: &'a House) -> Busy<'a> {
        let browser = Browser::signed_in(house, "jane@example.com").await;
        house.clock.forward(Millis::from_secs(1));
        browser.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "jane@work.example")]).await;
        browser.post("/auth/_/identifiers/code", &[("code", house.mail().code())]).await;
        house.mails();
        browser.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "jane@new.example")]).await;
        let change = house.mail();
        let mail = browser.start("jane@example.com").await;
        let (_, id, secret) = mail.link();
        let page = browser.get("/auth/identifiers").await;
        let identity = page.body.split("?change=").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let younger = page.field("identity").unwrap();
        house.clock.forward(Millis::from_secs(20));
        let session = browser.cookie("sRefreshToken").unwrap().split('.').next().unwrap().to_owned();
        let (code, change) = (mail.code().to_owned(), change.code().to_owned());
        Busy { browser, code, id, secret, change, identity, younger, session }
    }

    /// The forms and endpoints that need the store, with fields that would otherwise succeed.
    fn posts(&self) -> Vec<(&'static str, Vec<(&'static str, &str)>)> {
        let link = || vec![("preAuthSessionId", self.id.as_str()), ("linkCode", self.secret.as_str())];
        vec![
            ("/auth/_/start", vec![("email", "new@example.com"), ("redirectToPath", "/shop?a=1&b=<2>")]),
            ("/auth/_/code", vec![("code", &self.code)]),
            ("/auth/_/resend", vec![]),
            ("/auth/_/again", vec![]),
            ("/auth/_/cancel", vec![]),
            ("/auth/_/verify", link()),
            ("/auth/_/approve", [link(), vec![("number", "00")]].concat()),
            ("/auth/_/disown", link()),
            ("/auth/_/sign-out", vec![]),
            ("/auth/_/sessions/end", vec![("session", &self.session)]),
            ("/auth/_/sessions/end-others", vec![]),
            ("/auth/_/identifiers/start", vec![("as", "email"), ("email", "jane@other.example"), ("change", &self.identity)]),
            ("/auth/_/identifiers/remove", vec![("identity", &self.younger)]),
            ("/auth/_/identifiers/code", vec![("code", &self.change)]),
            ("/auth/_/identifiers/resend", vec![]),
            ("/auth/_/identifiers/cancel", vec![]),
            ("/auth/session/refresh", vec![]),
            ("/auth/signout", vec![]),
        ]
    }
}

fn matching(plan: Plan) -> Plan {
    Plan { change: |tenant| tenant.sign_in.number_match = true, ..plan }
}

/// The page offers the form once more, with all that was typed.
fn offers_again(answer: &Answer, path: &str, fields: &[(&str, &str)]) {
    let body = plain(&answer.body);
    if !path.starts_with("/auth/_/") {
        assert!(!body.contains("Try again</button>"), "{path}");
        return;
    }
    let form = body.split(&format!("<form method=\"post\" action=\"{path}\">")).nth(1).unwrap().split("</form>").next().unwrap();
    assert!(form.contains("<button>Try again</button>"), "{path}: {form}");
    for (name, value) in fields {
        assert!(form.contains(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")), "{path} {name}: {form}");
    }
    assert_eq!(form.matches("<input").count(), fields.len(), "{path}: nothing else");
}

#[tokio::test]
async fn no_writing() {
    let house = House::new(matching(Plan::default())).await;
    let busy = Busy::new(&house).await;
    house.close_for_writes().await;
    let before = busy.browser.cookies_for("/auth");
    for (path, fields) in busy.posts() {
        let answer = busy.browser.post(path, &fields).await;
        is_unavailable(&answer);
        offers_again(&answer, path, &fields);
        is_unavailable(&busy.browser.send(house.post(path, &fields).json()).await);
    }
    assert_eq!(busy.browser.cookies_for("/auth"), before);
    assert!(house.mails().is_empty(), "no mail for what was not stored");
    // That a link was opened is worth no error.
    let fields = [("preAuthSessionId", busy.id.as_str()), ("linkCode", busy.secret.as_str())];
    assert_eq!(busy.browser.post("/auth/_/opened", &fields).await.status, 200);
}

#[tokio::test]
async fn no_reading_either() {
    let house = House::new(matching(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() })).await;
    let busy = Busy::new(&house).await;
    let browser = &busy.browser;
    house.lose_database().await;
    let mut tape = Tape::default();
    let link = format!("/auth/verify?preAuthSessionId={}&tenantId=public", busy.id);
    for page in [
        "/auth",
        "/auth/code",
        "/auth/sent",
        "/auth/signed-in",
        "/auth/sessions",
        "/auth/identifiers",
        "/auth/identifiers/new?add=email",
        "/auth/identifiers/code",
        "/auth/_/waiting",
        "/demo",
        &link,
    ] {
        is_unavailable(&browser.get(page).await);
        is_unavailable(&browser.send(house.get(page).json()).await);
    }
    for (path, fields) in busy.posts().into_iter().chain([("/auth/_/collect", Vec::new())]) {
        let answer = browser.post(path, &fields).await;
        is_unavailable(&answer);
        offers_again(&answer, path, &fields);
        is_unavailable(&browser.send(house.post(path, &fields).json()).await);
    }
    let timeline = house.back_end("GET", &format!("/postkey/sign-ins/{}", busy.id)).send().await;
    is_unavailable(&timeline);
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
    for path in ["/health", "/ready"] {
        tape.add(&house.get(path).send().await);
        tape.add(&house.back_end("GET", path).send().await);
    }
    house.lose_database().await;
    for path in ["/health", "/ready"] {
        tape.add(&house.get(path).send().await);
        tape.add(&house.back_end("GET", path).send().await);
    }
    assert_snapshot!(tape.text());
}
