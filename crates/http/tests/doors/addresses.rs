//! Addresses that people type: hostile ones are refused everywhere alike, known and unknown ones are answered alike.

use crate::house::House;
use crate::tape::Tape;
use crate::visitor::{Answer, Browser};
use insta::assert_snapshot;

fn hostile() -> Vec<(&'static str, String)> {
    let of = |words, text: &str| (words, text.to_owned());
    vec![
        of("nothing", ""),
        of("white space", " \t "),
        of("no address", "jane"),
        of("a header after it", "jane@example.com\r\nBcc: eve@example.com"),
        of("a header in it", "jane\r\nBcc: eve@example.com"),
        of("a line feed", "jane@example.com\n"),
        of("a carriage return", "jane@example.com\r"),
        of("a NUL in the name", "ja\0ne@example.com"),
        of("a NUL at the end", "jane@example.com\0"),
        of("two recipients", "jane@example.com,eve@example.com"),
        of("two recipients with a space", "jane@example.com eve@example.com"),
        of("two recipients, semicolon", "jane@example.com;eve@example.com"),
        of("a display name", "Jane <jane@example.com>"),
        ("10 kB of name", format!("{}@example.com", "a".repeat(10_240))),
        ("10 kB of domain", format!("jane@{}com", "a.".repeat(5_120))),
        of("full-width at", "jane＠example.com"),
        of("small at", "jane﹫example.com"),
        of("two at signs, one a look-alike", "jane＠evil.example@example.com"),
        of("a Cyrillic letter", "jаne@example.com"),
        of("a right-to-left mark", "jane@example.com\u{200f}"),
        of("a bare host", "jane@localhost"),
        of("an address literal", "jane@[127.0.0.1]"),
        of("markup", "<script>alert(1)</script>@example.com"),
        of("markup in the domain", "jane@\"><script>alert(1)</script>"),
    ]
}

#[tokio::test]
async fn hostile_addresses_are_refused_with_words() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    for (words, address) in hostile() {
        let browser = house.browser();
        let answer = browser.post("/auth/_/start", &[("email", &address)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/auth"), "{words}");
        let note = browser.cookie("pk_note").unwrap();
        assert!(note.len() < 2_000, "{words}: the note is bounded");
        let page = browser.get("/auth").await;
        assert!(!page.body.contains("<script>alert"), "{words}: markup stays text");
        assert!(page.body.contains("aria-invalid=\"true\""), "{words}");
        let error = page.body.split("id=\"who-error\" role=\"alert\">").nth(1).unwrap().split('<').next().unwrap();
        tape.say(&format!("{words}: {error}"));

        // The same for our script.
        let json = house.post("/auth/_/start", &[("email", &address)]).json().send().await;
        assert_eq!((json.status, json.body.as_str()), (200, r#"{"location":"/auth"}"#), "{words}");
        assert_eq!(json.set_cookies(), answer.set_cookies(), "{words}");
        // And for every tenant.
        let acme = house.post("/auth/_/start", &[("email", &address), ("tenantId", "acme")]).send().await;
        assert_eq!((acme.status, acme.set_cookies()), (303, answer.set_cookies()), "{words}");
    }
    assert!(house.mails().is_empty(), "nobody was written to");
    assert_snapshot!(tape.text());
}

/// The field `email` sent twice, or in pieces that only a careless reader would join, is read once.
#[tokio::test]
async fn a_second_address_in_the_form_is_not_read() {
    let house = House::plain().await;
    house.post("/auth/_/start", &[("email", "jane@example.com"), ("email", "eve@example.com")]).send().await;
    assert_eq!(house.mail().to, "jane@example.com");
    house.post("/auth/_/start", &[("email[]", "eve@example.com"), ("Email", "eve@example.com")]).send().await;
    assert!(house.mails().is_empty());
}

#[tokio::test]
async fn spellings_of_one_address_are_one_person() {
    let house = House::plain().await;
    let mut users = Vec::new();
    for address in ["jane@bücher.example", "JANE@xn--bcher-kva.example", "  jane@BÜCHER.example "] {
        let browser = house.browser();
        let mail = browser.start(address).await;
        assert_eq!(mail.to, "jane@xn--bcher-kva.example");
        let answer = browser.post("/auth/_/code", &[("code", mail.code())]).await;
        users.push(uid(&answer));
    }
    users.dedup();
    assert_eq!(users.len(), 1);
}

/// Nobody learns from an answer whether an address has an account: status, headers and body are the same but for
/// the ids in them, on every step that does not take the mail.
#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike() {
    let house = House::plain().await;
    Browser::signed_in(&house, "known@example.com").await;
    // Known, and with a code out in another browser.
    house.browser().start("known@example.com").await;
    for json in [false, true] {
        let [known, unknown] = [walk(&house, "known@example.com", json).await, walk(&house, "other@example.com", json).await];
        assert_eq!(known.replace("known@", "…@"), unknown.replace("other@", "…@"));
    }
}

/// Starts, looks, types wrong codes to the end: written down.
async fn walk(house: &House, address: &str, json: bool) -> String {
    let browser = house.browser();
    let mut tape = Tape::default();
    let post = |path: &str, fields: &[(&str, &str)]| if json { house.post(path, fields).json() } else { house.post(path, fields) };
    tape.add_whole(&browser.send(house.get("/auth")).await);
    tape.add_whole(&browser.send(post("/auth/_/start", &[("email", address)])).await);
    let mail = house.mail();
    assert_eq!(mail.code().len(), 6);
    let wrong = if mail.code() == "000000" { "111111" } else { "000000" };
    tape.add_whole(&browser.get("/auth/code").await);
    tape.add_whole(&browser.send(post("/auth/_/resend", &[])).await);
    for _ in 0..5 {
        tape.add_whole(&browser.send(post("/auth/_/code", &[("code", wrong)])).await);
        tape.add_whole(&browser.get("/auth/code").await);
    }
    tape.text()
}

fn uid(answer: &Answer) -> String {
    let token = answer.header("front-token");
    let plain = data_encoding::BASE64.decode(token.as_bytes()).unwrap();
    serde_json::from_slice::<serde_json::Value>(&plain).unwrap()["uid"].as_str().unwrap().to_owned()
}
