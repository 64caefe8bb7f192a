//! The management interface of the Authress door on the wire: pages of lists, the two forms of answers, bodies of every kind,
//! and what callers are told when the store is away.

use crate::house::House;
use crate::management::{BackEnd, code};
use crate::tape::Tape;
use insta::assert_snapshot;
use serde_json::{Value, json};

/// A page ends where the next one begins, and the last one says so.
#[tokio::test]
async fn lists_come_in_pages() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    for n in 0..5 {
        admin.say("POST", "/v1/clients", json!({ "clientId": format!("sc_{n}") })).await;
        house.browser().sign_in(&format!("jane{n}@example.com")).await;
    }
    for (name, id, usual) in [("clients", "clientId", 6), ("users", "userId", 5)] {
        let all: Vec<Value> = admin.get(&format!("/v1/{name}")).await[name].as_array().unwrap().iter().map(|one| one[id].clone()).collect();
        assert_eq!(all.len(), usual);
        let (mut found, mut path, mut pages) = (Vec::new(), format!("/v1/{name}?limit=2"), 0);
        loop {
            let page = admin.get(&path).await;
            found.extend(page[name].as_array().unwrap().iter().map(|one| one[id].clone()));
            pages += 1;
            assert!(page["links"]["self"]["href"].is_string());
            let Some(cursor) = page["pagination"]["next"]["cursor"].as_str() else { break };
            path = format!("/v1/{name}?limit=2&cursor={cursor}");
            assert!(page["links"]["next"]["href"].as_str().unwrap().ends_with(&path));
        }
        assert_eq!((found, pages), (all, 3), "{name}");
        for bad in ["limit=0", "limit=-1", "limit=x", "cursor=%21", "limit=99999999999999999999"] {
            assert_eq!(code(&admin.ask("GET", &format!("/v1/{name}?{bad}")).send().await, 400), "InvalidRequest", "{bad}");
        }
        assert_eq!(admin.ask("GET", &format!("/v1/{name}?limit=100000")).send().await.status, 200, "more than there are");
    }
}

/// What the Go SDK asks for: its decoder refuses members that it does not know.
#[tokio::test]
async fn the_form_with_links_has_no_member_of_ours() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    house.browser().sign_in("jane@example.com").await;
    admin.say("POST", "/v1/connections", json!({ "connectionId": "google", "clientId": "ours", "data": { "name": "G", "more": 1 } })).await;
    let mut tape = Tape::default();
    for path in ["/v1/clients", "/v1/clients/sc_admin", "/v1/connections", "/v1/tenants/public", "/v1/users", "/v1/accounts"] {
        let answer = admin.ask("GET", path).header("accept", "application/links+json").send().await;
        assert_eq!(answer.header("content-type"), "application/links+json; charset=utf-8");
        tape.add(&answer);
    }
    // The SDK for Python asks for links, too, and knows more: what it reads it writes back, so it gets all.
    let ask = admin.ask("GET", "/v1/connections/email").header("accept", "application/links+json");
    let all = ask.header("user-agent", "Authress SDK; Python; 3.1.126; ").send().await;
    let all: Value = serde_json::from_str(&all.body).unwrap();
    assert!(all["conditions"].is_object() && all.get("linkingConfiguration").is_some(), "{all}");
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn bodies_are_json_objects_whatever_they_are_called() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    let say = |kind: &'static str, bytes: &'static [u8]| admin.ask("POST", "/v1/clients").body(kind, bytes).send();
    for kind in ["application/json", "application/json; charset=utf-8", "application/links+json", "text/plain"] {
        assert_eq!(say(kind, br#"{"name":"A"}"#).await.status, 201, "{kind}");
    }
    let without = admin.ask("POST", "/v1/clients").body("x", br#"{"name":"A"}"#).without("content-type").send().await;
    assert_eq!(without.status, 201);
    for bad in [&b"[]"[..], b"{", b"\"x\"", b"1", b"null", b"\xff"] {
        assert_eq!(code(&say("application/json", bad).await, 400), "InvalidRequest");
    }
    for wrong in
        [json!({ "name": 1 }), json!({ "options": { "grantTokenGeneration": "yes" } }), json!({ "options": { "assertionMaxAge": 600 } })]
    {
        assert_eq!(code(&admin.say("POST", "/v1/clients", wrong).await, 400), "InvalidRequest");
    }
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(70_000));
    assert_eq!(admin.ask("POST", "/v1/clients").body("application/json", long.as_bytes()).send().await.status, 413);
    // Ids come encoded.
    assert_eq!(admin.get("/v1/clients/sc%5Fadmin").await["clientId"], "sc_admin");
    assert_eq!(code(&admin.ask("GET", "/v1/users/slack%7CT%20b").send().await, 404), "NotFound");
}

#[tokio::test]
async fn without_the_store_everybody_is_told_to_try_again() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    house.close_for_writes().await;
    let answer = admin.say("POST", "/v1/clients", json!({})).await;
    assert_eq!((code(&answer, 503).as_str(), answer.header("retry-after")), ("Unavailable", "5"));
    house.lose_database().await;
    assert_eq!(code(&admin.ask("GET", "/v1/clients").send().await, 503), "Unavailable", "not 401: the key may be good");
}
