//! What somebody who is signed in has: sessions to end, and email addresses and phone numbers to add and change.

use crate::house::{House, Mail};
use crate::visitor::{Answer, Browser};
use postkey_model::{Channel, MessageKind, Millis, UserId};

fn uid(answer: &Answer) -> UserId {
    let plain = data_encoding::BASE64.decode(answer.header("front-token").as_bytes()).unwrap();
    UserId::parse(serde_json::from_slice::<serde_json::Value>(&plain).unwrap()["uid"].as_str().unwrap()).unwrap()
}

/// The handle of a browser's session, from its access token.
fn handle(browser: &Browser<'_>) -> String {
    let token = browser.cookie("sAccessToken").unwrap();
    let plain = data_encoding::BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    serde_json::from_slice::<serde_json::Value>(&plain).unwrap()["sessionHandle"].as_str().unwrap().to_owned()
}

async fn at<'a>(house: &'a House, tenant: &str, who: &str) -> (Browser<'a>, UserId) {
    let browser = house.browser();
    let mail = browser.start_at(tenant, who).await;
    let answer = browser.post("/auth/_/code", &[("code", mail.code())]).await;
    assert!(answer.set_cookie("sAccessToken").is_some());
    house.mails();
    (browser, uid(&answer))
}

async fn is_in(browser: &Browser<'_>) -> bool {
    // A session that ended is still renewed first: in vain.
    browser.get("/auth/signed-in").await.body.contains("<title>You are signed in")
}

#[tokio::test]
async fn sessions_are_shown_and_ended() {
    let house = House::plain().await;
    let laptop = Browser::signed_in(&house, "jane@example.com").await;
    house.clock.forward(Millis::from_mins(5));
    let phone = house.browser();
    let mail = phone.start("jane@example.com").await;
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    phone.send(house.post("/auth/_/code", &[("code", mail.code())]).header("user-agent", agent)).await;
    let page = laptop.get("/auth/sessions").await;
    for shown in [
        "Where you are signed in",
        "This browser",
        "Firefox on Linux",
        "Another browser on another system",
        "Last used less than a minute ago",
    ] {
        assert!(page.said().contains(shown), "{shown}: {}", page.said());
    }
    assert_eq!(page.body.matches("action=\"/auth/_/sessions/end\"").count(), 1, "not for this browser's own");
    assert_eq!(page.field("session").as_deref(), Some(handle(&phone).as_str()));
    let answer = laptop.post("/auth/_/sessions/end", &[("session", &handle(&phone))]).await;
    assert_eq!(answer.location(), "/auth/sessions");
    let page = laptop.get("/auth/sessions").await;
    assert!(page.said().contains("Signed out there.") && page.said().contains("You are signed in nowhere else."));
    assert!(is_in(&laptop).await && !is_in(&phone).await);
}

#[tokio::test]
async fn only_ones_own_sessions_end() {
    let house = House::plain().await;
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    let eve = Browser::signed_in(&house, "eve@example.com").await;
    let (elsewhere, _) = at(&house, "acme", "eve@example.com").await;
    let page = eve.get("/auth/sessions").await;
    assert!(!page.body.contains(&handle(&jane)));
    let own = eve.post("/auth/_/sessions/end", &[("session", "0191")]).await;
    for foreign in [handle(&jane), handle(&elsewhere)] {
        let answer = eve.post("/auth/_/sessions/end", &[("session", &foreign)]).await;
        assert_eq!((answer.location(), answer.set_cookies()), (own.location(), own.set_cookies()), "as for one that is nobody's");
    }
    for session in ["", "../x", "' OR 1=1", "\u{7f}"] {
        assert_eq!(eve.post("/auth/_/sessions/end", &[("session", session)]).await.location(), "/auth/sessions", "{session}");
    }
    assert!(is_in(&jane).await && is_in(&eve).await && is_in(&elsewhere).await);
    // Nobody signed in, nothing ends.
    for path in ["/auth/_/sessions/end", "/auth/_/sessions/end-others"] {
        let answer = house.post(path, &[("session", &handle(&jane))]).send().await;
        assert_eq!((answer.location(), answer.set_cookies().len()), ("/auth/sessions", 0));
    }
    assert_eq!(house.get("/auth/sessions").send().await.location(), "/auth?redirectToPath=%2Fauth%2Fsessions");
    assert!(is_in(&jane).await);
}

#[tokio::test]
async fn all_others_end_at_once() {
    let house = House::plain().await;
    let here = Browser::signed_in(&house, "jane@example.com").await;
    let others = [Browser::signed_in(&house, "jane@example.com").await, Browser::signed_in(&house, "jane@example.com").await];
    let eve = Browser::signed_in(&house, "eve@example.com").await;
    assert!(here.get("/auth/sessions").await.body.contains("action=\"/auth/_/sessions/end-others\""));
    here.post("/auth/_/sessions/end-others", &[]).await;
    let page = here.get("/auth/sessions").await;
    assert!(page.said().contains("Signed out in 2 other places."), "{}", page.said());
    for other in &others {
        assert!(!is_in(other).await);
        // Not even renewed.
        let refresh = other.cookie("sRefreshToken").unwrap();
        let answer = house.ask("POST", "/auth/session/refresh").cookie(&format!("sRefreshToken={refresh}")).send().await;
        assert_eq!(answer.status, 401);
    }
    assert!(is_in(&here).await && is_in(&eve).await);
    // The session's own: this browser is signed out by it.
    here.post("/auth/_/sessions/end", &[("session", &handle(&here))]).await;
    assert!(!is_in(&here).await);
}

/// Sends the newest code of a pending change.
async fn prove(browser: &Browser<'_>, mail: &Mail) -> Answer {
    browser.post("/auth/_/identifiers/code", &[("code", mail.code())]).await
}

#[tokio::test]
async fn one_more_address_and_a_number() {
    let house = House::plain().await;
    let (browser, user) = at(&house, "either", "jane@example.com").await;
    let page = browser.get("/auth/identifiers").await;
    assert!(page.body.contains("jane@example.com") && page.body.contains("?add=email") && page.body.contains("?add=phone"));
    let page = browser.get("/auth/identifiers/new?add=phone").await;
    assert_eq!((page.field("phone").as_deref(), page.country().unwrap().0.as_str()), (Some(""), "AT"));
    let answer = browser.post("/auth/_/identifiers/start", &[("as", "phone"), ("phone", "0660 1234567"), ("country", "AT")]).await;
    assert_eq!(answer.location(), "/auth/identifiers/code");
    let mail = house.mail();
    assert_eq!((mail.kind, mail.channel, mail.to.as_str()), (MessageKind::Prove, Channel::WhatsApp, "+436601234567"));
    let page = browser.get("/auth/identifiers/code").await;
    assert!(page.said().contains("Confirm that it is yours") && page.body.contains("+43 660 1234567"));
    assert!(!page.body.contains("data-poll"));
    let wrong = if mail.code() == "000000" { "111111" } else { "000000" };
    for (typed, said) in [("12", "That is not a whole code."), (wrong, "That code is wrong. You have 4 tries left.")] {
        let answer = browser.post("/auth/_/identifiers/code", &[("code", typed)]).await;
        assert_eq!(answer.location(), "/auth/identifiers/code");
        assert!(browser.get("/auth/identifiers/code").await.error().starts_with(said));
    }
    let answer = prove(&browser, &mail).await;
    assert_eq!(answer.location(), "/auth/identifiers");
    assert!(browser.cookie("pk_change").is_none());
    let page = browser.get("/auth/identifiers").await;
    assert!(page.said().contains("+43 660 1234567 was added."), "{}", page.said());
    // The old one is told, and by which one.
    let told = house.mail();
    assert_eq!((told.kind, told.to.as_str(), told.other.as_deref()), (MessageKind::Added, "jane@example.com", Some("+43 660 1234567")));
    assert!(told.code.is_none() && told.link.is_none());
    // One can sign in with it, as the same person.
    let (_, same) = at(&house, "either", "+43 660 1234567").await;
    assert_eq!(same, user);
}

/// The only way in confirms first, then the new one proves itself: both codes are needed.
#[tokio::test]
async fn the_only_address_is_changed_in_two_steps() {
    let house = House::plain().await;
    let browser = house.browser();
    let user = uid(&browser.sign_in("jane@example.com").await);
    let page = browser.get("/auth/identifiers").await;
    let identity = page.body.split("?change=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = browser.get(&format!("/auth/identifiers/new?change={identity}")).await;
    assert!(page.body.contains("We send a code to the old one first") && page.field("change").as_deref() == Some(&identity));
    let fields = [("as", "email"), ("email", "jane@new.example"), ("change", identity.as_str())];
    assert_eq!(browser.post("/auth/_/identifiers/start", &fields).await.location(), "/auth/identifiers/code");
    let old = house.mail();
    assert_eq!((old.kind, old.to.as_str(), old.other.as_deref()), (MessageKind::ConfirmOld, "jane@example.com", Some("jane@new.example")));
    let page = browser.get("/auth/identifiers/code").await;
    assert!(page.said().contains("Confirm with the old one") && page.body.contains("jane@new.example"));
    // A code that only confirms opens no session.
    let own = browser.cookie("pk_change").unwrap();
    let stranger = house.browser();
    stranger.plant("pk_sign_in", &own);
    assert!(stranger.post("/auth/_/code", &[("code", old.code())]).await.set_cookie("sAccessToken").is_none());
    assert_eq!(prove(&browser, &old).await.location(), "/auth/identifiers/code");
    let new = house.mail();
    assert_eq!((new.kind, new.to.as_str()), (MessageKind::Prove, "jane@new.example"));
    assert!(browser.get("/auth/identifiers/code").await.said().contains("Confirm that it is yours"));
    assert!(browser.get("/auth/identifiers").await.body.contains("jane@example.com"), "nothing has changed yet");
    assert_eq!(prove(&browser, &new).await.location(), "/auth/identifiers");
    let page = browser.get("/auth/identifiers").await;
    assert!(page.said().contains("jane@new.example took the place of the old one."), "{}", page.said());
    assert!(!page.body.contains("jane@example.com"));
    let told = house.mail();
    assert_eq!((told.kind, told.to.as_str()), (MessageKind::Changed, "jane@example.com"));
    assert_eq!(uid(&house.browser().sign_in("jane@new.example").await), user);
    assert_ne!(uid(&house.browser().sign_in("jane@example.com").await), user, "the old one is nobody's now");
}

/// A code that was asked for in one session proves nothing in another person's.
#[tokio::test]
async fn nobody_proves_for_somebody_else() {
    let house = House::plain().await;
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    let eve = Browser::signed_in(&house, "eve@example.com").await;
    jane.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "jane@new.example")]).await;
    let mail = house.mail();
    let own = jane.cookie("pk_change").unwrap();
    eve.plant("pk_change", &own);
    assert_eq!(eve.get("/auth/identifiers/code").await.location(), "/auth/identifiers", "not even looked at");
    assert_eq!(prove(&eve, &mail).await.location(), "/auth/identifiers");
    // Wrong codes from there count for nothing.
    let wrong = if mail.code() == "000000" { "111111" } else { "000000" };
    for _ in 0..6 {
        eve.plant("pk_change", &own);
        assert_eq!(eve.post("/auth/_/identifiers/code", &[("code", wrong)]).await.location(), "/auth/identifiers");
    }
    for browser in [&eve, &jane] {
        assert!(!browser.get("/auth/identifiers").await.body.contains("jane@new.example"));
    }
    // Without a session, or without the cookie, neither.
    let answer = house.post("/auth/_/identifiers/code", &[("code", mail.code())]).cookie(&format!("pk_change={own}")).send().await;
    assert_eq!(answer.location(), "/auth/identifiers");
    let tab = house.browser();
    tab.plant("sAccessToken", &jane.cookie("sAccessToken").unwrap());
    assert_eq!(prove(&tab, &mail).await.location(), "/auth/identifiers");
    assert!(house.mails().is_empty());
    // Where it was asked for it still works.
    prove(&jane, &mail).await;
    assert!(jane.get("/auth/identifiers").await.body.contains("jane@new.example"));
}

/// Somebody else's address is answered as a free one is; only the message there knows.
#[tokio::test]
async fn somebody_elses_address_is_not_told_from_a_free_one() {
    let house = House::plain().await;
    Browser::signed_in(&house, "taken@example.com").await;
    let mut seen = Vec::new();
    for (who, kind) in [("taken@example.com", MessageKind::InUse), ("free@example.com", MessageKind::Prove)] {
        let browser = Browser::signed_in(&house, "jane@example.com").await;
        let mut tape = crate::tape::Tape::default();
        tape.add_whole(&browser.post("/auth/_/identifiers/start", &[("as", "email"), ("email", who)]).await);
        let mail = house.mail();
        assert_eq!((mail.kind, mail.code.is_some()), (kind, kind == MessageKind::Prove));
        tape.add_whole(&browser.get("/auth/identifiers/code").await);
        for typed in ["000000", "12"] {
            tape.add_whole(&browser.post("/auth/_/identifiers/code", &[("code", typed)]).await);
            tape.add_whole(&browser.get("/auth/identifiers/code").await);
        }
        seen.push(tape.text().replace(who, "[address]"));
    }
    assert_eq!(seen[0], seen[1]);
}

/// What is sent, where it leads, and what is said there.
type Wrong<'a> = (&'a [(&'a str, &'a str)], String, &'a str);

#[tokio::test]
async fn what_cannot_be_added_or_changed() {
    let house = House::plain().await;
    let (browser, _) = at(&house, "either", "jane@example.com").await;
    let (eve, _) = at(&house, "either", "eve@example.com").await;
    let identity = |page: Answer| page.body.split("?change=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (janes, eves) = (identity(browser.get("/auth/identifiers").await), identity(eve.get("/auth/identifiers").await));
    let table: [Wrong<'_>; 9] = [
        (&[("as", "email"), ("email", "jane@example.com")], "/auth/identifiers/new?add=email".into(), "That is yours already."),
        (
            &[("as", "email"), ("email", "Jane@Example.com"), ("change", &janes)],
            format!("/auth/identifiers/new?change={janes}"),
            "That is yours already.",
        ),
        (&[("as", "email"), ("email", "jane")], "/auth/identifiers/new?add=email".into(), "Enter one email address"),
        (&[("as", "email"), ("email", "")], "/auth/identifiers/new?add=email".into(), "Enter your email address."),
        (
            &[("as", "phone"), ("phone", "0660 12"), ("country", "AT")],
            "/auth/identifiers/new?add=phone".into(),
            "That is not a phone number",
        ),
        (&[("as", "email"), ("email", "x@y.example"), ("change", &eves)], "/auth/identifiers".into(), "That is not yours to change"),
        (&[("as", "email"), ("email", "x@y.example"), ("change", "0191")], "/auth/identifiers".into(), "That is not yours to change"),
        // An address takes the place of an address, a number that of a number.
        (&[("as", "phone"), ("phone", "+436601234567"), ("change", &janes)], "/auth/identifiers".into(), "That is not yours to change"),
        (&[("as", "email"), ("email", "x@y.example"), ("change", "a b\r\nä")], "/auth/identifiers".into(), ""),
    ];
    for (fields, place, said) in table {
        let answer = browser.post("/auth/_/identifiers/start", fields).await;
        assert_eq!((answer.status, answer.location()), (303, place.as_str()), "{fields:?}");
        let page = browser.get(&place).await;
        let words = if place.contains("/new") { page.error() } else { page.notice() };
        assert!(words.starts_with(said), "{fields:?}: {words}");
        if place.contains("/new") {
            let typed = fields.iter().find(|(name, _)| matches!(*name, "email" | "phone")).unwrap();
            assert_eq!(page.field(typed.0).as_deref(), Some(typed.1));
        }
    }
    assert!(house.mails().is_empty(), "nobody was written to");
    // A tenant that takes email addresses only has no form for numbers, whatever a form says.
    let plain = Browser::signed_in(&house, "jane@example.com").await;
    assert!(!plain.get("/auth/identifiers").await.body.contains("?add=phone"));
    for path in ["/auth/identifiers/new?add=phone", "/auth/identifiers/new", "/auth/identifiers/new?change=0191"] {
        assert_eq!(plain.get(path).await.location(), "/auth/identifiers", "{path}");
    }
    plain.post("/auth/_/identifiers/start", &[("as", "phone"), ("phone", "+436601234567")]).await;
    assert!(house.mails().is_empty());
    // Without a session there is nothing to see.
    for path in ["/auth/identifiers", "/auth/identifiers/new", "/auth/identifiers/code"] {
        assert!(house.get(path).send().await.location().starts_with("/auth?redirectToPath="), "{path}");
    }
    assert_eq!(
        house.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "x@y.example")]).send().await.location(),
        "/auth/identifiers"
    );
    assert!(house.mails().is_empty());
}

#[tokio::test]
async fn a_pending_change_is_asked_for_again_or_given_up() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    browser.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "jane@new.example")]).await;
    house.mail();
    browser.post("/auth/_/identifiers/resend", &[]).await;
    assert!(browser.get("/auth/identifiers/code").await.notice().starts_with("Wait a moment"));
    house.clock.forward(Millis::from_secs(15));
    browser.post("/auth/_/identifiers/resend", &[]).await;
    assert!(browser.get("/auth/identifiers/code").await.said().contains("A new message is on its way."));
    let mail = house.mail();
    let own = browser.cookie("pk_change").unwrap();
    assert_eq!(browser.post("/auth/_/identifiers/cancel", &[]).await.location(), "/auth/identifiers");
    assert!(browser.cookie("pk_change").is_none());
    browser.plant("pk_change", &own);
    assert_eq!(prove(&browser, &mail).await.location(), "/auth/identifiers");
    assert!(!browser.get("/auth/identifiers").await.body.contains("jane@new.example"));
    // Signing in goes on beside it: one cookie does not take the other's place.
    browser.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "jane@new.example")]).await;
    let change = house.mail();
    let mail = browser.start("jane@example.com").await;
    browser.post("/auth/_/code", &[("code", mail.code())]).await;
    prove(&browser, &change).await;
    assert!(browser.get("/auth/identifiers").await.body.contains("jane@new.example"));
}

/// A change that was begun before the identifier changed otherwise is dead.
#[tokio::test]
async fn a_change_dies_when_the_address_changes_again() {
    let house = House::plain().await;
    let (one, _) = at(&house, "public", "jane@example.com").await;
    let (two, _) = at(&house, "public", "jane@example.com").await;
    let page = one.get("/auth/identifiers").await;
    let identity = page.body.split("?change=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let start = async |browser: &Browser<'_>, to: &str| {
        browser.post("/auth/_/identifiers/start", &[("as", "email"), ("email", to), ("change", &identity)]).await;
        let confirm = house.mail();
        prove(browser, &confirm).await;
        house.mail()
    };
    let first = start(&one, "one@example.com").await;
    let second = start(&two, "two@example.com").await;
    prove(&two, &second).await;
    house.mails();
    prove(&one, &first).await;
    let page = one.get("/auth/identifiers").await;
    assert!(page.body.contains("two@example.com") && !page.body.contains("one@example.com"));
    assert!(page.notice().starts_with("That did not work out") || page.notice().contains("over"), "{}", page.notice());
    assert!(house.mails().is_empty());
}

/// Asking again and giving up are for whoever asked, as long as they are signed in.
#[tokio::test]
async fn a_pending_change_is_its_users_alone() {
    let house = House::plain().await;
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    let eve = Browser::signed_in(&house, "eve@example.com").await;
    jane.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "jane@new.example")]).await;
    let mail = house.mail();
    let own = jane.cookie("pk_change").unwrap();
    house.clock.forward(Millis::from_secs(20));
    for path in ["/auth/_/identifiers/resend", "/auth/_/identifiers/cancel"] {
        eve.plant("pk_change", &own);
        let answer = eve.post(path, &[]).await;
        assert_eq!(answer.location(), "/auth/identifiers", "{path}");
        assert!(answer.set_cookie("pk_change").is_some_and(|line| line.starts_with("pk_change=;")), "{path}: it is not hers");
        // Signed out, with the cookie still there.
        let answer = house.post(path, &[]).cookie(&format!("pk_change={own}")).send().await;
        assert_eq!((answer.location(), answer.set_cookies().len()), ("/auth/identifiers", 0), "{path}");
    }
    assert!(house.mails().is_empty(), "nothing was sent again");
    assert_eq!(jane.post("/auth/_/identifiers/resend", &[]).await.location(), "/auth/identifiers/code");
    house.mail();
    assert_eq!(prove(&jane, &mail).await.location(), "/auth/identifiers");
    assert!(jane.get("/auth/identifiers").await.body.contains("jane@new.example"), "nothing was given up");
}

/// What waits in one cookie is never taken for what waits in the other: a change is not shown, sent again, given up or
/// begun anew where people sign in, nor a sign-in where they change.
#[tokio::test]
async fn a_change_is_no_sign_in_and_a_sign_in_no_change() {
    let house = House::plain().await;
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    jane.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "jane@new.example")]).await;
    let change = house.mail();
    let sign_in = jane.start("jane@example.com").await;
    let (waits, changes) = (jane.cookie("pk_sign_in").unwrap(), jane.cookie("pk_change").unwrap());
    house.clock.forward(Millis::from_secs(20));

    // Without a session: the cookie of a change, planted where that of a sign-in stands.
    let thief = house.browser();
    for path in ["/auth/code", "/auth/sent"] {
        thief.plant("pk_sign_in", &changes);
        let page = thief.get(path).await;
        assert_eq!((page.status, page.location()), (303, "/auth"), "{path}");
    }
    assert_eq!(thief.get("/auth/_/waiting").await.is_json()["state"], "over");
    for path in ["/auth/_/resend", "/auth/_/again", "/auth/_/cancel", "/auth/_/collect", "/auth/_/code"] {
        thief.plant("pk_sign_in", &changes);
        let answer = thief.post(path, &[("code", change.code())]).await;
        assert_eq!(answer.location(), "/auth", "{path}");
        assert!(answer.set_cookie("sAccessToken").is_none(), "{path}");
        assert!(!thief.get("/auth").await.body.contains("jane@new.example"), "{path} shows nobody's address");
    }
    // With the session of its user: the other way round.
    for path in ["/auth/_/identifiers/code", "/auth/_/identifiers/resend", "/auth/_/identifiers/cancel"] {
        jane.plant("pk_change", &waits);
        assert_eq!(jane.get("/auth/identifiers/code").await.location(), "/auth/identifiers");
        assert_eq!(jane.post(path, &[("code", sign_in.code())]).await.location(), "/auth/identifiers", "{path}");
    }
    assert!(house.mails().is_empty(), "nothing was sent");
    // Neither of the two was hurt.
    jane.plant("pk_change", &changes);
    assert_eq!(prove(&jane, &change).await.location(), "/auth/identifiers");
    assert!(jane.get("/auth/identifiers").await.body.contains("jane@new.example"));
    assert!(jane.post("/auth/_/code", &[("code", sign_in.code())]).await.set_cookie("sAccessToken").is_some());
}

#[tokio::test]
async fn changes_are_limited_like_sign_ins() {
    let house = House::plain().await;
    let (browser, _) = at(&house, "limited", "jane@example.com").await;
    let fields = [("as", "email"), ("email", "new@example.com")];
    for _ in 0..2 {
        assert_eq!(browser.post("/auth/_/identifiers/start", &fields).await.location(), "/auth/identifiers/code");
    }
    let page = browser.post("/auth/_/identifiers/start", &fields).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "3600"));
    assert!(page.notice().starts_with("Too many messages") && page.body.contains("data-wait=\"3600000\""));
    assert_eq!(page.field("email").as_deref(), Some("new@example.com"));
    let told = browser.send(house.post("/auth/_/identifiers/start", &fields).json()).await;
    assert_eq!((told.status, told.header("retry-after")), (429, "3600"));
    assert_eq!(told.is_json(), serde_json::json!({ "location": "/auth/identifiers/new?add=email" }));
    assert!(browser.get("/auth/identifiers/new?add=email").await.notice().starts_with("Too many messages"));
}
