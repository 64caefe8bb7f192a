//! Removing an address or number: a button beside the younger ones, and never beside the oldest.

use crate::house::House;
use crate::visitor::{Answer, Browser};
use postkey_model::{MessageKind, Millis};

const REMOVE: &str = "/auth/_/identifiers/remove";

/// Adds `who` to the account of whoever is signed in, a second later than what was before.
async fn add(browser: &Browser<'_>, who: &str) {
    browser.house.clock.forward(Millis::from_secs(1));
    browser.post("/auth/_/identifiers/start", &[("as", "email"), ("email", who)]).await;
    let mail = browser.house.mail();
    browser.post("/auth/_/identifiers/code", &[("code", mail.code())]).await;
    assert_eq!(browser.house.mails().first().map(|told| told.kind), Some(MessageKind::Added));
    assert!(browser.get("/auth/identifiers").await.said().contains(&format!("{who} was added.")));
}

/// The ids of all identities that are shown, oldest first.
fn identities(page: &Answer) -> Vec<String> {
    page.body.split("?change=").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// Those of them beside which there is a button that removes them.
fn removable(page: &Answer) -> Vec<String> {
    let action = format!("action=\"{REMOVE}\"");
    let forms = page.body.split(&action).skip(1);
    forms.map(|form| form.split("name=\"identity\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_younger_ones_are_removed_and_told() {
    let house = House::plain().await;
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    let page = jane.get("/auth/identifiers").await;
    assert!(removable(&page).is_empty(), "the only one stays");
    add(&jane, "eve@example.com").await;
    add(&jane, "jane@work.example").await;
    let page = jane.get("/auth/identifiers").await;
    let all = identities(&page);
    assert_eq!((all.len(), removable(&page)), (3, all[1..].to_vec()));
    assert!(page.body.contains("aria-label=\"Remove: eve@example.com\""), "{}", page.body);

    let answer = jane.post(REMOVE, &[("identity", &all[1])]).await;
    assert_eq!((answer.status, answer.location()), (303, "/auth/identifiers"));
    assert!(answer.set_cookie("pk_note").unwrap().starts_with("pk_note=identifier-removed."));
    let told = house.mail();
    assert_eq!((told.kind, told.to.as_str(), told.code.is_none() && told.link.is_none()), (MessageKind::Removed, "eve@example.com", true));
    let page = jane.get("/auth/identifiers").await;
    assert!(page.body.contains("class=\"notice good\"") && !page.notice().is_empty(), "{}", page.body);
    assert!(!page.body.contains("eve@example.com") && page.body.contains("jane@work.example"));
    assert_eq!(identities(&page), [all[0].clone(), all[2].clone()]);
    // It opens an account of its own now.
    let eve = house.browser();
    eve.sign_in("eve@example.com").await;
    let page = eve.get("/auth/identifiers").await;
    assert!(page.body.contains("eve@example.com") && !page.body.contains("jane@example.com"));
}

#[tokio::test]
async fn the_oldest_and_what_is_anothers_stay() {
    let house = House::plain().await;
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    add(&jane, "jane@work.example").await;
    let all = identities(&jane.get("/auth/identifiers").await);
    let eve = Browser::signed_in(&house, "eve@example.com").await;
    add(&eve, "eve@work.example").await;
    house.clock.forward(Millis::from_hours(30 * 24));
    let jane_later = Browser::signed_in(&house, "jane@example.com").await;
    let eve_later = Browser::signed_in(&house, "eve@example.com").await;
    // Her own oldest, another's, one of nobody: all the same.
    for (browser, id) in [(&jane_later, all[0].as_str()), (&eve_later, &all[0]), (&eve_later, &all[1]), (&eve_later, "0191")] {
        let answer = browser.post(REMOVE, &[("identity", id)]).await;
        assert_eq!(answer.location(), "/auth/identifiers", "{id}");
        assert!(browser.get("/auth/identifiers").await.notice().starts_with("That is not yours to change"), "{id}");
    }
    for id in ["", "a b\r\n\u{e4}", "../x"] {
        assert_eq!(jane_later.post(REMOVE, &[("identity", id)]).await.location(), "/auth/identifiers", "{id}");
    }
    assert_eq!(jane_later.post(REMOVE, &[]).await.location(), "/auth/identifiers");
    // Without a session, or from another site's page, nothing goes.
    let answer = house.post(REMOVE, &[("identity", &all[1])]).send().await;
    assert_eq!((answer.location(), answer.set_cookies().len()), ("/auth/identifiers", 0));
    let cookies = jane_later.cookies_for("/auth");
    let foreign = house.ask("POST", REMOVE).header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    assert_ne!(foreign.form(&[("identity", &all[1])]).cookie(&cookies).send().await.status, 303);
    assert_eq!(jane_later.get("/auth/identifiers").await.body.matches("?change=").count(), 2);
    assert!(house.mails().is_empty(), "nobody is told of anything");
    // Twice is once.
    for said in ["identifier-removed", "not-yours"] {
        let answer = jane_later.post(REMOVE, &[("identity", &all[1])]).await;
        assert!(answer.set_cookie("pk_note").unwrap().starts_with(&format!("pk_note={said}.")), "{:?}", answer.set_cookies());
    }
    assert_eq!(house.mails().len(), 1);
}

/// What somebody with a stolen session added is neither asked nor waited for.
#[tokio::test]
async fn what_a_thief_added_is_replaced_without_asking_there() {
    let house = House::plain().await;
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    add(&jane, "eve@example.com").await;
    let all = identities(&jane.get("/auth/identifiers").await);
    for (id, asks_first) in [(&all[0], true), (&all[1], false)] {
        let page = jane.get(&format!("/auth/identifiers/new?change={id}")).await;
        assert_eq!(page.body.contains("We send a code to the old one first"), asks_first, "{id}");
        jane.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "jane@work.example"), ("change", id)]).await;
        let mail = house.mail();
        let expected = if asks_first { ("jane@example.com", MessageKind::ConfirmOld) } else { ("jane@work.example", MessageKind::Prove) };
        assert_eq!((mail.to.as_str(), mail.kind), expected);
        assert_eq!(mail.other.as_deref(), asks_first.then_some("jane@work.example"));
    }
}
