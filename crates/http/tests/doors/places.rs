//! Where people are sent: tricks in `redirectToPath` are refused, asked for in the address and in the form.

use crate::house::{House, Plan};
use crate::tape::Tape;
use crate::visitor::Browser;
use insta::assert_snapshot;
use postkey_auth::{StartError, Wanted};

const TRICKS: [&str; 22] = [
    "//evil.example",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "http://login.example.com@evil.example",
    "https://login.example.com.evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%2Fevil.example",
    "/%2F%2Fevil.example",
    "/%252Fevil.example",
    "/%5Cevil.example",
    "/%255C%255Cevil.example",
    "/..//evil.example",
    "/\t/evil.example",
    "/a\r\nSet-Cookie: x=y",
    "https://app.example.com/inner",
];

fn plan() -> Plan {
    Plan { return_urls: vec!["https://app.example.com/in".to_owned()], ..Plan::default() }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn tricks_are_refused_in_the_address_and_in_the_form() {
    let house = House::new(plan()).await;
    let signed_in = Browser::signed_in(&house, "jane@example.com").await;
    for trick in TRICKS {
        for (name, value) in
            [("redirectToPath", encoded(trick)), ("returnTo", encoded(trick)), ("redirectToPath", encoded(&encoded(trick)))]
        {
            let page = house.get(&format!("/auth?{name}={value}")).send().await;
            assert_eq!(page.status, 200, "{trick}");
            assert!(page.body.contains("asked for a place that is not allowed"), "{trick} ({value})");
            assert!(!page.body.contains("name=\"redirectToPath\""), "{trick}: the form does not carry it on");
            // Somebody signed in already is sent to the default place instead.
            assert_eq!(signed_in.get(&format!("/auth?{name}={value}")).await.location(), "/auth/signed-in", "{trick}");
        }
        let browser = house.browser();
        let answer = browser.post("/auth/_/start", &[("email", "jane@example.com"), ("redirectToPath", trick)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/auth"), "{trick}");
        assert!(browser.get("/auth").await.body.contains("asked for a place that is not allowed"), "{trick}");
        let json = house.post("/auth/_/start", &[("email", "jane@example.com"), ("redirectToPath", trick)]).json().send().await;
        assert_eq!(json.body, r#"{"location":"/auth"}"#, "{trick}");
    }
    assert!(house.mails().is_empty());
}

#[tokio::test]
async fn allowed_places_are_kept_to_the_end() {
    let house = House::new(plan()).await;
    for place in ["/", "/inside?a=b&c=//x#part", "https://app.example.com/in", "https://app.example.com/in/deep?x=1"] {
        let browser = house.browser();
        let (name, other) = if place.starts_with('/') { ("redirectToPath", "returnTo") } else { ("returnTo", "redirectToPath") };
        let page = browser.get(&format!("/auth?{name}={}", encoded(place))).await;
        assert!(page.body.contains(&format!("name=\"{name}\"")) && !page.body.contains(&format!("name=\"{other}\"")), "{place}");
        browser.post("/auth/_/start", &[("email", "jane@example.com"), (name, place)]).await;
        let answer = browser.post("/auth/_/code", &[("code", house.mail().code())]).await;
        assert_eq!((answer.status, answer.location()), (303, place));
        assert_eq!(browser.get(&format!("/auth?{name}={}", encoded(place))).await.location(), place);
    }
}

/// `redirectToPath` is a path of this site, also where an address would be allowed.
#[tokio::test]
async fn a_registered_address_is_no_path() {
    let house = House::new(plan()).await;
    let browser = house.browser();
    let place = "https://app.example.com/in";
    assert!(browser.get(&format!("/auth?redirectToPath={}", encoded(place))).await.body.contains("a place that is not allowed"));
    let answer = browser.post("/auth/_/start", &[("email", "jane@example.com"), ("redirectToPath", place)]).await;
    assert_eq!(answer.location(), "/auth");
    assert!(house.mails().is_empty());
}

/// Browsers hold the redirect after a form to `form-action`, so registered places are named there.
#[tokio::test]
async fn registered_places_are_in_the_policy() {
    let house = House::new(plan()).await;
    let page = house.get("/auth").send().await;
    assert!(page.header("content-security-policy").ends_with("form-action 'self' https://app.example.com"));
    let mut tape = Tape::default();
    tape.add(&page);
    assert_snapshot!(tape.text());
}

/// The verb itself refuses, so a door that forgot to look could not be used either.
#[tokio::test]
async fn the_verb_refuses_tricks_by_itself() {
    let house = House::new(plan()).await;
    let call = postkey_model::Call {
        now: crate::house::NOW,
        tenant: postkey_model::TenantId::public(),
        client_ip: postkey_model::ClientIp::of([127, 0, 0, 1].into()),
        user_agent: String::new(),
        lang: "en".to_owned(),
        request_id: String::new(),
    };
    for trick in TRICKS {
        let refused = house.auth.start(&call, Wanted { typed: "jane@example.com", destination: Some(trick), ..Wanted::default() }).await;
        assert!(matches!(refused, Err(StartError::Destination(_))), "{trick}");
    }
}
