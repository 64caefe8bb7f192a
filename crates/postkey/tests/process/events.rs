//! The audit trail as operators and back ends ask for it: filters, pages, the key, and who is said to have acted.

use crate::kit::{NO_LIMITS, handle_in, options, postkey, printed, refused, signed_in};
use postkey_bench::{Client, Options, Server};
use serde_json::Value;

const API_KEY: &str = "0123456789abcdefghij";

async fn asked(server: &Server, query: &str, key: Option<&str>) -> (u16, Value) {
    let mut client = Client::new(server.private(), &server.private().to_string());
    let headers: Vec<(&str, &str)> = key.map(|key| ("api-key", key)).into_iter().collect();
    let answer = client.send("GET", &format!("/postkey/events{query}"), &headers, None).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[tokio::test]
async fn the_trail_is_asked_for_by_kind_in_pages_and_with_a_key() {
    let config = format!("log = \"warn\"\napi_keys = [{API_KEY:?}]\n{NO_LIMITS}");
    let server = Server::start(Options { config, ..options() }).await.unwrap();
    let mut handles = Vec::new();
    for n in 0..3 {
        handles.push(handle_in(&signed_in(&server, &format!("p{n}@example.com")).await.jar));
    }
    for key in [None, Some("another-key-that-is-long")] {
        assert_eq!(asked(&server, "", key).await.0, 401);
    }
    // Page by page, newest first; the last page has no next one.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = asked(&server, &format!("?kind=signed_in&limit=2{cursor}"), Some(API_KEY)).await;
        assert_eq!(status, 200, "{page}");
        let events = page["events"].as_array().unwrap();
        assert!(events.iter().all(|event| event["kind"] == "signed_in" && event["actor"] == "person"), "{page}");
        seen.extend(events.iter().map(|event| event["subject"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    handles.reverse();
    assert_eq!(seen, handles);
    for wrong in ["?limit=0", "?limit=1001", "?kind=moon_landing", "?since=yesterday", "?cursor=x", "?tenant=a%2Fb%2Fc"] {
        let (status, said) = asked(&server, wrong, Some(API_KEY)).await;
        assert!(status == 400 && said["message"].is_string(), "{wrong}: {status} {said}");
    }
    assert_eq!(asked(&server, "?since=2999-01-01T00:00:00Z", Some(API_KEY)).await.1["events"], Value::Array(Vec::new()));

    // A back end acts by its key: the line tells which, and not the key.
    let mut client = Client::new(server.private(), &server.private().to_string());
    let body = br#"{"role":"admin","permissions":[]}"#;
    let headers = [("api-key", API_KEY)];
    assert_eq!(client.send("PUT", "/recipe/role", &headers, Some(("application/json", &body[..]))).await.unwrap().status, 200);
    let data = server.data_dir();
    let events = |more: &[&str]| postkey(&[&["events", "--data-dir", data.to_str().unwrap()], more].concat(), &[]);
    let said = printed(&events(&["--kind", "role_changed", "--json"]));
    let line: Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!(line["subject"], "admin");
    let actor = line["actor"].as_str().unwrap();
    assert!(actor.starts_with("api_key:") && actor.len() == 16 && !API_KEY.contains(&actor[8..]), "{actor}");
    // The command shows the newest, oldest of them first.
    let said = printed(&events(&["--kind", "signed_in", "--limit", "2"]));
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains(&handles[1]) && lines[1].contains(&handles[0]), "{said}");
    assert!(refused(&events(&["--kind", "moon_landing"])).contains("there is no kind"));
    // An operator acts by a command.
    printed(&postkey(&["keys", "rotate", "--data-dir", data.to_str().unwrap()], &[]));
    let said = printed(&events(&["--kind", "signing_key_created", "--limit", "1"]));
    assert!(said.contains("operator"), "{said}");
}
