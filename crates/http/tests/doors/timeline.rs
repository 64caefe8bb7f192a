//! The timeline of a sign-in on the private listener: for those with a key, masked, without anything that opens a door.

use crate::house::{Dev, House, LOCAL, Plan};
use crate::visitor::Answer;
use postkey_model::Millis;
use std::time::Duration;

async fn started(house: &House) -> String {
    let browser = house.browser();
    browser.post("/auth/_/start", &[("email", "jane.doe@example.com")]).await;
    browser.cookie("pk_sign_in").unwrap().split('.').next().unwrap().to_owned()
}

fn path(id: &str) -> String {
    format!("/postkey/sign-ins/{id}")
}

#[tokio::test]
async fn only_with_a_key() {
    let house = House::new(Plan { api_keys: vec!["first-key-of-32-characters-or-so", "the-second-one"], ..Plan::default() }).await;
    let id = started(&house).await;
    let keys = [
        ("first-key-of-32-characters-or-so", 200),
        ("the-second-one", 200),
        ("the-second-on", 401),
        ("the-second-one ", 200),
        ("The-Second-One", 401),
        ("the-second-onee", 401),
        ("", 401),
        ("Bearer the-second-one", 401),
    ];
    for (key, status) in keys {
        let answer = house.back_end("GET", &path(&id)).header("api-key", key.trim()).send().await;
        assert_eq!(answer.status, status, "{key:?}");
        assert_eq!(answer.body.contains("@e"), status == 200, "{key:?}");
    }
    let without = house.back_end("GET", &path(&id)).send().await;
    assert_eq!((without.status, without.body.as_str()), (401, r#"{"message":"the api-key header is missing or wrong"}"#));
    // Neither id nor key can be guessed apart: without a key all ids look alike.
    let unknown = house.back_end("GET", &path("0191")).send().await;
    assert_eq!((unknown.status, unknown.body), (without.status, without.body));
    for id in ["0191", "..", "x%20y", "%ff"] {
        let answer = house.back_end("GET", &path(id)).header("api-key", "the-second-one").send().await;
        assert!(matches!(answer.status, 400 | 404), "{id}: {}", answer.status);
    }
    // The public listener has no such thing.
    assert_eq!(house.get(&path(&id)).header("api-key", "the-second-one").send().await.status, 404);
    // Browsers are refused, key or not.
    let browser = house.back_end("GET", &path(&id)).header("api-key", "the-second-one").header("origin", "https://evil.example");
    assert_eq!(browser.send().await.status, 403);
}

/// Without keys in the config it stays shut under `serve`, and is open under `dev`.
#[tokio::test]
async fn without_keys() {
    let serving = House::plain().await;
    let id = started(&serving).await;
    for key in ["", "x"] {
        let answer = serving.back_end("GET", &path(&id)).header("api-key", key).send().await;
        assert_eq!((answer.status, answer.body.as_str()), (401, r#"{"message":"set api_keys in the config to use this"}"#), "{key:?}");
    }
    let developing = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    let id = started(&developing).await;
    assert_eq!(developing.back_end("GET", &path(&id)).send().await.status, 200);
    let keyed = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, api_keys: vec!["k"], ..Plan::default() }).await;
    let id = started(&keyed).await;
    assert_eq!(keyed.back_end("GET", &path(&id)).send().await.status, 401, "a key that is set is asked for");
}

fn steps(answer: &Answer) -> Vec<String> {
    answer.is_json()["steps"].as_array().unwrap().iter().map(|step| step["what"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_it_says() {
    let house = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    let post_room = house.post_room();
    let browser = house.browser();
    browser.post("/auth/_/start", &[("email", "jane.doe@example.com")]).await;
    let own = browser.cookie("pk_sign_in").unwrap();
    let (id, device) = own.split_once('.').unwrap();
    while house.inbox.mails(None).is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mail = house.inbox.mails(None).remove(0);
    post_room.stop().await;
    let secret = mail.link.as_deref().unwrap().split_once('#').unwrap().1.to_owned();
    let code = mail.code.clone().unwrap().replace(' ', "");
    house.clock.forward(Millis::from_secs(5));
    let fields = [("preAuthSessionId", id), ("tenantId", "public"), ("linkCode", secret.as_str())];
    house.browser().post("/auth/_/opened", &fields).await;
    house.clock.forward(Millis::from_secs(5));
    let wrong = if code == "000000" { "111111" } else { "000000" };
    browser.post("/auth/_/code", &[("code", wrong)]).await;
    let before = house.stored();
    let answer = house.back_end("GET", &path(id)).send().await;
    assert_eq!(before, house.stored(), "looking changes nothing");
    assert_eq!(steps(&answer), ["asked", "queued", "accepted", "opened"]);
    let told = answer.is_json();
    assert_eq!((told["to"].as_str(), told["wrongCodes"].as_i64(), told["sends"].as_i64()), (Some("j•••@e•••.com"), Some(1), Some(1)));
    assert_eq!((told["tenant"].as_str(), told["id"].as_str()), (Some("public"), Some(id)));
    assert_eq!(told["steps"][2]["provider"], "inbox");
    browser.post("/auth/_/code", &[("code", &code)]).await;
    let answer = house.back_end("GET", &path(id)).send().await;
    assert_eq!(steps(&answer), ["asked", "queued", "accepted", "opened", "used"]);
    for hidden in ["jane", "doe", &code, &format!("{} {}", &code[..3], &code[3..]), &secret, device.split('.').next().unwrap()] {
        assert!(!answer.body.contains(hidden), "{hidden}: {}", answer.body);
    }
}
