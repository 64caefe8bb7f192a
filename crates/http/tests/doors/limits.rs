//! Too many messages: everybody is told the reason and until when, in the page and to our script alike.

use crate::house::{House, Plan};
use crate::visitor::Answer;
use postkey_model::{GuessRules, Millis, Region, ServerRules, TextRules};

const WAIT: i64 = 60 * 60;

/// A code of as many digits that is not `right`.
fn wrong(right: &str) -> String {
    let last = right.chars().last().and_then(|digit| digit.to_digit(10)).unwrap();
    format!("{}{}", &right[..right.len() - 1], (last + 1) % 10)
}

fn start<'a>(tenant: &'a str, who: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("tenantId", tenant), ("as", "either"), ("identifier", who), ("redirectToPath", "/shop")]
}

fn is_throttled(answer: &Answer, left: i64) {
    assert_eq!((answer.status, answer.header("retry-after")), (429, left.to_string().as_str()), "{}", answer.asked);
    assert!(answer.set_cookie("pk_sign_in").is_none(), "{:?}", answer.headers);
}

#[tokio::test]
async fn too_many_messages_to_one_address() {
    let house = House::plain().await;
    let browser = house.browser();
    browser.get("/auth?tenantId=limited").await;
    for _ in 0..2 {
        assert_eq!(browser.post("/auth/_/start", &start("limited", "jane@example.com")).await.status, 303);
    }
    assert_eq!(house.mails().len(), 2);
    house.clock.forward(Millis::from_secs(60));
    let page = browser.post("/auth/_/start", &start("limited", "jane@example.com")).await;
    is_throttled(&page, WAIT - 60);
    assert_eq!(page.notice(), "Too many messages were asked for. Try again in 59 minutes.");
    assert_eq!((page.field("identifier").as_deref(), page.field("redirectToPath").as_deref()), (Some("jane@example.com"), Some("/shop")));
    assert!(page.body.contains(&format!("data-wait=\"{}\"", (WAIT - 60) * 1000)), "the button counts down");
    assert!(page.set_cookie("pk_note").is_none(), "the page says it already");

    // Our script is told the same, and where the page is that says it.
    let told = browser.send(house.post("/auth/_/start", &start("limited", "jane@example.com")).json()).await;
    is_throttled(&told, WAIT - 60);
    assert_eq!(told.is_json(), serde_json::json!({ "location": "/auth?tenantId=limited&redirectToPath=%2Fshop" }));
    house.clock.forward(Millis::from_secs(30));
    let again = browser.get(told.is_json()["location"].as_str().unwrap()).await;
    assert_eq!((again.status, again.notice()), (200, page.notice()));
    assert_eq!(again.field("identifier"), page.field("identifier"));
    assert!(again.body.contains(&format!("data-wait=\"{}\"", (WAIT - 90) * 1000)), "the countdown goes on where it was");
    // Loaded again: the reason is still said. Whoever comes to this browser next is told no address, and may try theirs.
    let later = browser.get("/auth?tenantId=limited").await;
    assert_eq!(later.notice(), page.notice());
    assert!(!later.body.contains("jane@example.com") && !later.body.contains("data-wait"));

    // The first browser that asked has its sign-in still, and the window ends.
    assert_eq!(browser.get("/auth/code").await.status, 200);
    house.clock.forward(Millis::from_secs(WAIT - 91));
    is_throttled(&browser.post("/auth/_/start", &start("limited", "jane@example.com")).await, 1);
    house.clock.forward(Millis::from_secs(1));
    browser.get("/auth?tenantId=limited").await;
    let page = browser.get("/auth?tenantId=limited").await;
    assert!(!page.body.contains("data-wait") && page.notice().is_empty(), "and no longer than it counts: {}", page.notice());
    assert_eq!(browser.post("/auth/_/start", &start("limited", "jane@example.com")).await.status, 303);
    assert_eq!(house.mails().len(), 1);
}

/// Somebody asks for Jane's address again and again, from another network than hers.
#[tokio::test]
async fn who_asks_too_often_locks_out_nobody_elsewhere() {
    let house = House::new(Plan {
        trusted_proxies: vec!["0.0.0.0"],
        change: |tenant| (tenant.sign_in.sends.per_network, tenant.sign_in.sends.per_tenant) = (0, 0),
        ..Plan::default()
    })
    .await;
    let from = async |network: &str| {
        let ask = house.post("/auth/_/start", &start("limited", "jane@example.com"));
        ask.header("x-forwarded-for", network).send().await.status
    };
    let mut attack = Vec::new();
    for _ in 0..6 {
        attack.push(from("198.51.100.66").await);
    }
    assert_eq!(attack, [303, 303, 429, 429, 429, 429]);
    for network in ["198.51.100.7", "2001:db8:1::7", "2001:db8:1:1::7", "198.51.100.8"] {
        assert_eq!([from(network).await, from(network).await, from(network).await], [303, 303, 429], "{network}");
    }
    // Five times as many from everywhere.
    assert_eq!(from("198.51.100.9").await, 429);
    assert_eq!(house.mails().len(), 10);
}

/// The form for phone numbers stays that form, with the country that was chosen.
#[tokio::test]
async fn a_throttled_phone_form_stays_one() {
    let house = House::plain().await;
    let browser = house.browser();
    let fields = [("tenantId", "limited"), ("as", "phone"), ("phone", "0660 1234567"), ("country", "AT")];
    for _ in 0..2 {
        browser.post("/auth/_/start", &fields).await;
    }
    let page = browser.post("/auth/_/start", &fields).await;
    is_throttled(&page, WAIT);
    let told = browser.send(house.post("/auth/_/start", &fields).json()).await;
    is_throttled(&told, WAIT);
    let again = browser.get(told.is_json()["location"].as_str().unwrap()).await;
    for page in [page, again] {
        assert_eq!((page.field("phone").as_deref(), page.field("as").as_deref()), (Some("0660 1234567"), Some("phone")));
        assert_eq!(page.country().unwrap().0, "AT");
        assert!(page.notice().starts_with("Too many messages"), "{}", page.notice());
    }
}

/// Known and unknown addresses are limited alike: an answer tells nothing about who has an account.
#[tokio::test]
async fn limits_tell_nothing_about_accounts() {
    let house = House::plain().await;
    let known = house.browser();
    let mail = known.start_at("limited", "known@example.com").await;
    known.post("/auth/_/code", &[("code", mail.code())]).await;
    house.clock.forward(Millis::from_hours(2));
    let mut seen = Vec::new();
    for who in ["known@example.com", "other@example.com"] {
        let browser = house.browser();
        let mut walk = Vec::new();
        for _ in 0..3 {
            let answer = browser.post("/auth/_/start", &start("limited", who)).await;
            walk.push((answer.status, answer.header("retry-after").to_owned(), answer.location().to_owned(), answer.notice()));
        }
        assert_eq!(walk[2].0, 429, "{who}");
        seen.push(walk);
        house.clock.forward(Millis::from_hours(2));
    }
    assert_eq!(seen[0], seen[1]);
}

/// The limits of a network and of the whole tenant say the same.
#[tokio::test]
async fn too_many_messages_in_all() {
    let house = House::plain().await;
    for who in ["a@example.com", "b@example.com", "c@example.com", "d@example.com"] {
        assert_eq!(house.post("/auth/_/start", &start("limited", who)).send().await.status, 303);
    }
    is_throttled(&house.post("/auth/_/start", &start("limited", "e@example.com")).send().await, WAIT);
    assert_eq!(house.mails().len(), 4);
    // Other tenants have limits of their own.
    assert_eq!(house.post("/auth/_/start", &start("either", "e@example.com")).send().await.status, 303);
}

#[tokio::test]
async fn asking_again_is_limited_too() {
    let house = House::plain().await;
    let browser = house.browser();
    browser.post("/auth/_/start", &start("limited", "jane@example.com")).await;
    for note in ["pk_note=sent-again.", "pk_note=throttled."] {
        house.clock.forward(Millis::from_secs(15));
        let answer = browser.post("/auth/_/resend", &[]).await;
        assert_eq!(answer.location(), "/auth/code");
        assert!(answer.set_cookie("pk_note").unwrap().starts_with(note), "{:?}", answer.set_cookies());
    }
    let page = browser.get("/auth/code").await;
    assert_eq!(page.notice(), "Too many messages were asked for. Try again in 60 minutes.");
    assert_eq!(house.mails().len(), 2);
    // The same for a new sign-in in the place of one that is over.
    browser.post("/auth/_/again", &[]).await;
    assert!(house.mails().is_empty());
    let page = browser.get("/auth?tenantId=limited").await;
    assert!(page.notice().starts_with("Too many messages"));
    assert_eq!(page.field("identifier").as_deref(), Some("jane@example.com"));
}

/// Too many wrong codes came from a network: the page says so and for how long; the link goes on.
#[tokio::test]
async fn too_many_wrong_codes_from_a_network() {
    let house = House::new(Plan {
        change: |tenant| tenant.sign_in.guesses = GuessRules { per_network: 2, per_tenant: 0, window: Millis::from_mins(15) },
        ..Plan::default()
    })
    .await;
    for n in 0..2 {
        let guesser = house.browser();
        let mail = guesser.start(&format!("victim{n}@example.com")).await;
        guesser.post("/auth/_/code", &[("code", &wrong(mail.code()))]).await;
    }
    house.clock.forward(Millis::from_secs(60));
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let answer = browser.post("/auth/_/code", &[("code", mail.code())]).await;
    assert_eq!((answer.status, answer.location()), (303, "/auth/code"));
    let page = browser.get("/auth/code").await;
    assert_eq!(page.notice(), "Too many wrong codes came from your network. Try again in 14 minutes.");
    let entered = browser.link("/auth/_/verify", "public", &mail, &[]).await;
    assert!(entered.set_cookie("sAccessToken").is_some(), "the link goes on");
}

fn only(letters: &str) -> TextRules {
    TextRules { countries: Some([Region::parse(letters).unwrap()].into()), ..TextRules::none() }
}

/// No text goes there: the form takes an address instead, where the tenant does, and else keeps the number.
#[tokio::test]
async fn no_text_goes_to_that_country() {
    let house = House::new(Plan { texts: only("AT"), ..Plan::default() }).await;
    for (tenant, says, field) in [
        ("either", "We do not send messages to that country. Use your email address instead.", "identifier"),
        ("phone", "We do not send messages to that country.", "phone"),
    ] {
        let browser = house.browser();
        browser.get(&format!("/auth?tenantId={tenant}&as=phone")).await;
        let fields = [("tenantId", tenant), ("as", "phone"), ("phone", "+44 7400 123456"), ("redirectToPath", "/shop")];
        let answer = browser.post("/auth/_/start", &fields).await;
        assert_eq!(answer.status, 303);
        let page = browser.get(answer.location()).await;
        assert_eq!(page.notice(), says);
        let kept = if field == "phone" { "+44 7400 123456" } else { "" };
        assert_eq!((page.field(field).as_deref(), page.field("redirectToPath").as_deref()), (Some(kept), Some("/shop")));
        assert_eq!(browser.post("/auth/_/start", &[("tenantId", tenant), ("as", "phone"), ("phone", "0660 1234567")]).await.status, 303);
    }
    assert_eq!(house.mails().len(), 2);
}

/// The same in an application's own pages: a sentence to show.
#[tokio::test]
async fn an_application_is_told_why_no_text_goes_out() {
    let house = House::new(Plan { texts: only("AT"), ..Plan::default() }).await;
    let body = br#"{"phoneNumber":"+447400123456"}"#;
    let answer = house.ask("POST", "/auth/app/signinup/code").body("application/json", body).send().await;
    let message = "We do not send messages to that country. Use your email address instead.";
    assert_eq!((answer.status, answer.is_json()), (200, serde_json::json!({ "status": "GENERAL_ERROR", "message": message })));
}

/// Texts to a country went unused: closed for now, and mails go on.
#[tokio::test]
async fn a_country_is_closed_for_now() {
    let house = House::new(Plan { texts: TextRules { unused_per_country: 1, ..TextRules::none() }, ..Plan::default() }).await;
    let ask = async |number: &str| {
        let browser = house.browser();
        browser.post("/auth/_/start", &[("tenantId", "either"), ("as", "phone"), ("phone", number)]).await;
        browser.get("/auth?tenantId=either").await.notice()
    };
    assert_eq!(ask("+44 7400 123456").await, "");
    assert_eq!(ask("+44 7400 123457").await, "We cannot send messages to that number just now. Use your email address instead.");
    assert_eq!(house.mails().len(), 1);
    house.browser().start_at("either", "jane@example.com").await;
}

/// Whether somebody has an account, and to begin a login: questions that anybody may ask, so often.
#[tokio::test]
async fn questions_are_counted_by_network() {
    let limits = ServerRules { asks_per_network: 2, window: Millis::from_mins(15), ..ServerRules::NONE };
    let house = House::new(Plan { limits, trusted_proxies: vec!["0.0.0.0"], ..Plan::default() }).await;
    let exists = async |network: &str| {
        let path = "/auth/app/passwordless/email/exists?email=jane%40example.com";
        house.ask("GET", path).header("x-forwarded-for", network).send().await
    };
    assert_eq!([exists("198.51.100.1").await.status, exists("198.51.100.1").await.status], [200, 200]);
    let told = exists("198.51.100.1").await;
    assert_eq!(
        (told.status, told.header("retry-after"), told.is_json()["message"].as_str()),
        (429, "900", Some("this network asked too often"))
    );
    assert_eq!(exists("198.51.100.2").await.status, 200);
    let begin = async |network: &str| {
        let body = br#"{"applicationId":"app_default","redirectUrl":"http://localhost:8080/"}"#;
        let ask = house.ask("POST", "/api/authentication").header("x-forwarded-for", network);
        ask.body("application/json", body).send().await
    };
    // To begin logins is another question.
    assert_ne!([begin("198.51.100.1").await.status, begin("198.51.100.1").await.status], [429, 429]);
    let told = begin("198.51.100.1").await;
    assert_eq!((told.status, told.header("retry-after"), told.is_json()["errorCode"].as_str()), (429, "900", Some("TooManyRequests")));
    assert_ne!(begin("198.51.100.3").await.status, 429);
}
