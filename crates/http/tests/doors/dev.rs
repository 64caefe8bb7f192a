//! What only `postkey dev` has, and that `serve` has none of it.

use crate::house::{Dev, House, LOCAL, Plan};
use crate::routes::DEV;
use crate::tape::Tape;
use crate::visitor::Browser;
use insta::assert_snapshot;
use postkey_model::Millis;
use std::time::Duration;

fn plan(dev: Dev) -> Plan {
    Plan { origin: LOCAL, dev, ..Plan::default() }
}

#[tokio::test]
async fn serve_has_nothing_of_it() {
    let house = House::plain().await;
    for (_, path) in DEV {
        for method in ["GET", "HEAD", "POST"] {
            assert_eq!(house.ask(method, path).send().await.status, 404, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_demo_page() {
    let house = House::new(plan(Dev::Inbox)).await;
    let browser = house.browser();
    let mut tape = Tape::default();
    tape.add(&browser.get("/").await);
    tape.add(&browser.get("/demo").await);
    tape.add(&browser.sign_in("jane@example.com").await);
    tape.add_whole(&browser.get("/demo").await);
    tape.say("an access token that is over is renewed by the page");
    house.clock.forward(Millis::from_mins(61));
    tape.add(&browser.get("/demo").await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn the_inbox() {
    let house = House::new(plan(Dev::Inbox)).await;
    let post_room = house.post_room();
    let mut tape = Tape::default();
    tape.add(&house.get("/dev/inbox").send().await);
    tape.add(&house.get("/dev/inbox.json").send().await);
    for (count, address) in ["jane@example.com", "eve@example.com"].into_iter().enumerate() {
        house.post("/auth/_/start", &[("email", address)]).send().await;
        while house.inbox.mails(None).len() <= count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        house.clock.forward(Millis::from_secs(1));
    }
    post_room.stop().await;
    let page = house.get("/dev/inbox").send().await;
    let mails = house.inbox.mails(None);
    for mail in &mails {
        assert!(page.body.contains(mail.code.as_deref().unwrap()) && page.body.contains(&mail.to));
    }
    let all = house.get("/dev/inbox.json").send().await.is_json();
    let order: Vec<&str> = all.as_array().unwrap().iter().map(|mail| mail["to"].as_str().unwrap()).collect();
    assert_eq!(order, ["eve@example.com", "jane@example.com"], "newest first");
    let one = house.get("/dev/inbox.json?to=jane%40example.com").send().await;
    tape.add(&one);
    tape.add(&house.get("/dev/inbox.json?to=nobody@example.com").send().await);
    tape.add(&house.get("/dev/discarded.json").send().await);
    let code = mails[1].code.clone().unwrap();
    let text = tape.text().replace(&code, "[code]").replace(&format!("{} {}", &code[..3], &code[3..]), "[code]");
    assert_snapshot!(text);
}

#[tokio::test]
async fn the_benchmarks_outlet() {
    let house = House::new(plan(Dev::Discard)).await;
    let post_room = house.post_room();
    house.post("/auth/_/start", &[("email", "jane@example.com")]).send().await;
    let taken = loop {
        let taken = house.get("/dev/discarded.json").json().send().await.is_json();
        if taken.as_array().unwrap().len() == 1 {
            break taken;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    assert_eq!(taken[0]["to"], "jane@example.com");
    assert_eq!(taken[0]["code"].as_str().unwrap().len(), 6);
    assert!(taken[0]["link"].as_str().unwrap().starts_with(LOCAL));
    assert_eq!(house.get("/dev/discarded.json").send().await.body, "[]", "handed out once");
    post_room.stop().await;
    let mut tape = Tape::default();
    tape.add(&house.get("/dev/inbox").send().await);
    let house = House::new(plan(Dev::Elsewhere)).await;
    for path in ["/dev/inbox.json", "/dev/discarded.json"] {
        tape.add(&house.get(path).json().send().await);
    }
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn foreign_names_do_not_see_the_inbox() {
    let house = House::new(plan(Dev::Inbox)).await;
    let mut tape = Tape::default();
    for path in ["/dev/inbox", "/dev/inbox.json", "/dev/discarded.json"] {
        for host in ["evil.example", "evil.example:8000", "localhost.evil.example", "", "0.0.0.0:8000", "192.168.1.7:8000"] {
            let answer = house.get(path).header("host", host).send().await;
            assert_eq!(answer.status, 403, "{path} {host}");
            if path == "/dev/inbox.json" && host == "evil.example" {
                tape.add(&answer);
            }
        }
        assert_eq!(house.get(path).without("host").send().await.status, 403);
    }
    for host in ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LocalHost"] {
        assert_eq!(house.get("/dev/inbox.json").header("host", host).send().await.status, 200, "{host}");
    }
    assert_snapshot!(tape.text());
}

/// Cookies are kept by name: a page opened as 127.0.0.1 moves to the name that links carry.
#[tokio::test]
async fn pages_opened_by_another_name_of_this_machine_move() {
    let house = House::new(plan(Dev::Inbox)).await;
    let mut tape = Tape::default();
    let ask = |method: &str, path: &str, host: &str| house.ask(method, path).header("host", host).header("sec-fetch-mode", "navigate");
    tape.add(&ask("GET", "/auth?redirectToPath=/x", "127.0.0.1:8000").send().await);
    tape.add(&ask("GET", "/", "[::1]:8000").send().await);
    assert_eq!(ask("GET", "//evil.example/x", "127.0.0.1:8000").send().await.status, 404);
    for (method, path, host) in [
        ("GET", "/auth", "localhost:8000"),
        ("GET", "/dev/inbox.json", "127.0.0.1:8000"),
        ("HEAD", "/auth", "127.0.0.1:8000"),
        ("GET", "/auth", "evil.example"),
    ] {
        assert_eq!(ask(method, path, host).send().await.status, 200, "{method} {path} {host}");
    }
    // Programs are answered where they ask.
    assert_eq!(house.get("/auth").header("host", "127.0.0.1:8000").send().await.status, 200);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn logging_out_on_the_demo_page() {
    let house = House::new(plan(Dev::Inbox)).await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    let page = browser.get("/demo").await;
    let token = page.form_token().to_owned();
    let answer = browser.send(house.ask("POST", "/auth/_/sign-out").form(&[("form", &token)])).await;
    assert_eq!((answer.status, answer.location()), (303, "/auth"));
    assert!(browser.get("/demo").await.body.contains("You are not signed in"));
}
