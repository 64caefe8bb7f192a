//! A link opened elsewhere, and the browser that waits: what a stranger sees, the number, the poll, going on.

use crate::house::{House, Mail, Plan};
use crate::tape::redacted;
use crate::visitor::{Answer, Browser};
use postkey_model::{Millis, SignInId};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// What differs between two visits to the same page for reasons of their own: ids and secrets.
fn masked(answer: &Answer, id: &str) -> String {
    let cookies = answer.set_cookies().join("\n");
    redacted(&format!("{}\n{cookies}\n{}", answer.status, answer.body.replace(id, "[id]")))
}

fn page_of(tenant: &str, id: &str) -> String {
    format!("/auth/verify?preAuthSessionId={id}&tenantId={tenant}")
}

fn is_in(answer: &Answer) -> bool {
    answer.set_cookie("sAccessToken").is_some()
}

/// The user whom an answer signs in.
fn user(answer: &Answer) -> String {
    let plain = data_encoding::BASE64.decode(answer.header("front-token").as_bytes()).unwrap();
    serde_json::from_slice::<serde_json::Value>(&plain).unwrap()["uid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_stranger_sees_a_masked_address_and_where_it_was_asked_for() {
    let house = House::new(Plan { places: true, trusted_proxies: vec!["0.0.0.0"], ..Plan::default() }).await;
    let asking = house.browser();
    let ask = house.post("/auth/_/start", &[("email", "jane.doe@example.com")]);
    asking.send(ask.header("user-agent", FIREFOX).header("x-forwarded-for", "203.0.113.9")).await;
    let (path, id, _) = house.mail().link();
    house.clock.forward(Millis::from_mins(3));
    let page = house.get(&path).send().await;
    for shown in ["j•••@e•••.com", "3 minutes ago", "Firefox", "Linux", "Vienna, Austria"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    for hidden in ["jane", "doe@", "203.0.113", "Mozilla", "140"] {
        assert!(!page.body.contains(hidden), "{hidden}");
    }
    // The browser that asked goes on by itself and needs none of that.
    let page = asking.get(&path).await;
    assert!(page.body.contains("data-link=\"go\"") && !page.body.contains("jane"));
    assert!(!page.body.contains("/auth/_/disown") && !page.body.contains("/auth/_/approve"));
    // With the cookie of another sign-in, or with this one's id and another secret, a browser is a stranger.
    let other = house.browser();
    other.start("eve@example.com").await;
    assert!(other.get(&path).await.body.contains("data-link=\"ask\""));
    other.plant("pk_sign_in", &format!("{id}.{}.public", "A".repeat(32)));
    assert!(other.get(&path).await.body.contains("data-link=\"ask\""));
}

/// For every link that opens nothing there is one page, whatever became of it: no oracle.
#[tokio::test]
async fn dead_links_look_alike() {
    let house = House::plain().await;
    let mut ids = Vec::new();
    let mut add = |mail: &Mail| ids.push(mail.link().1);
    let used = house.browser();
    let mail = used.start("used@example.com").await;
    used.post("/auth/_/code", &[("code", mail.code())]).await;
    add(&mail);
    let superseded = house.browser().start("used@example.com").await;
    add(&superseded);
    let newer = house.browser();
    let mail = newer.start("used@example.com").await;
    newer.post("/auth/_/code", &[("code", mail.code())]).await;
    let cancelled = house.browser();
    add(&cancelled.start("cancelled@example.com").await);
    cancelled.post("/auth/_/cancel", &[]).await;
    let exhausted = house.browser();
    let mail = exhausted.start("exhausted@example.com").await;
    let wrong = if mail.code() == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        exhausted.post("/auth/_/code", &[("code", wrong)]).await;
    }
    add(&mail);
    add(&house.browser().start("expired@example.com").await);
    house.clock.forward(Millis::from_mins(10));
    let open = house.browser().start("open@example.com").await;
    let of_acme = house.browser();
    of_acme.post("/auth/_/start", &[("email", "jane@example.com"), ("tenantId", "acme")]).await;
    let code_only = of_acme.cookie("pk_sign_in").unwrap().split('.').next().unwrap().to_owned();
    house.mails();
    ids.push(SignInId::new(house.now(), house.auth.entropy()).to_string());
    ids.push(open.link().1.chars().take(20).collect());
    ids.push("0191".to_owned());

    let usual = masked(&house.get(&page_of("public", "made-up")).send().await, "made-up");
    assert!(usual.contains("This link does not work") && !usual.contains('@'), "{usual}");
    for id in &ids {
        let page = house.get(&page_of("public", id)).send().await;
        assert_eq!(masked(&page, id), usual, "{id}");
    }
    // Also for somebody who is signed in, and for the id of another tenant or flow.
    let signed_in = used.get(&page_of("public", &ids[0])).await;
    assert!(signed_in.body.contains("data-link=\"go\""), "the browser that asked learns what became of it");
    let stranger = Browser::signed_in(&house, "eve@example.com").await;
    stranger.get("/auth/signed-in").await;
    let signed_in = masked(&stranger.get(&page_of("public", "made-up")).await, "made-up");
    for id in &ids {
        assert_eq!(masked(&stranger.get(&page_of("public", id)).await, id), signed_in, "{id}");
    }
    let of_acme = masked(&house.get(&page_of("acme", "made-up")).send().await, "made-up");
    for id in [&code_only, &open.link().1] {
        assert_eq!(masked(&house.get(&page_of("acme", id)).send().await, id), of_acme, "{id}");
    }
    assert_eq!(masked(&house.get(&page_of("public", &code_only)).send().await, &code_only), usual);
    assert_ne!(masked(&house.get(&page_of("public", &open.link().1)).send().await, &open.link().1), usual, "this one is open");
}

fn number_of(page: &Answer) -> String {
    page.body.split("<p class=\"number\" dir=\"ltr\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

async fn matching(house: &House) -> (Browser<'_>, Mail, String) {
    let waiting = house.browser();
    let mail = waiting.start_at("match", "jane@example.com").await;
    let number = number_of(&waiting.get("/auth/code").await);
    assert!(number.len() == 2 && number.parse::<u8>().is_ok(), "{number}");
    (waiting, mail, number)
}

#[tokio::test]
async fn the_right_number_lets_the_waiting_browser_in() {
    let house = House::plain().await;
    let (waiting, mail, number) = matching(&house).await;
    let phone = house.browser();
    let page = phone.get(&mail.link().0).await;
    assert!(page.body.contains("action=\"/auth/_/approve\"") && !page.body.contains(&format!(">{number}<")));
    assert_eq!(waiting.get("/auth/_/waiting").await.body, r#"{"state":"waiting"}"#);
    // Spaces and other scripts' digits are fine.
    let typed: String = number.chars().flat_map(|c| [char::from_u32(0xff10 + c.to_digit(10).unwrap()).unwrap(), ' ']).collect();
    let answer = phone.link("/auth/_/approve", "match", &mail, &[("number", &typed)]).await;
    assert_eq!(answer.location(), "/auth/link-problem?tenantId=match");
    assert!(!is_in(&answer) && answer.set_cookies().len() == 1, "the browser with the link gets a note only: {:?}", answer.set_cookies());
    let page = phone.get(answer.location()).await;
    assert!(page.said().contains("You can go back now"), "{}", page.said());
    // The waiting browser finds out, and collects its session itself.
    let poll = waiting.get("/auth/_/waiting").await;
    assert_eq!(poll.is_json(), serde_json::json!({ "state": "over", "location": "/auth/code" }));
    assert!(poll.set_cookies().is_empty());
    let page = waiting.get("/auth/code").await;
    assert!(page.body.contains("action=\"/auth/_/collect\" data-live data-auto") && page.set_cookie("sAccessToken").is_none());
    let answer = waiting.post("/auth/_/collect", &[]).await;
    assert!(is_in(&answer));
    assert_eq!((answer.status, answer.location()), (303, "/auth/signed-in"));
    // Once.
    let again = waiting.post("/auth/_/collect", &[]).await;
    assert!(!is_in(&again));
    assert!(!is_in(&phone.link("/auth/_/verify", "match", &mail, &[]).await));
}

/// Where only links are sent, the page that waits for one shows the number too.
#[tokio::test]
async fn the_number_stands_on_both_waiting_pages() {
    let change = |tenant: &mut postkey_model::Tenant| tenant.sign_in.number_match = true;
    let house = House::new(Plan { change, ..Plan::default() }).await;
    for (tenant, page) in [("email-link", "/auth/sent"), ("email-both", "/auth/code")] {
        let waiting = house.browser();
        let mail = waiting.start_at(tenant, "jane@example.com").await;
        let number = number_of(&waiting.get(page).await);
        assert_eq!(number_of(&waiting.get(page).await), number, "it stays");
        house.browser().link("/auth/_/approve", tenant, &mail, &[("number", &number)]).await;
        assert!(waiting.get(page).await.body.contains("/auth/_/collect"), "{tenant}");
        assert!(is_in(&waiting.post("/auth/_/collect", &[]).await), "{tenant}");
    }
    // Without a link there is nowhere to type it.
    let waiting = house.browser();
    waiting.start_at("email-code", "jane@example.com").await;
    assert!(!waiting.get("/auth/code").await.body.contains("class=\"number\""));
}

#[tokio::test]
async fn a_wrong_number_is_the_only_one() {
    let house = House::plain().await;
    let (waiting, mail, number) = matching(&house).await;
    let phone = house.browser();
    let wrong = if number == "10" { "11" } else { "10" };
    let answer = phone.link("/auth/_/approve", "match", &mail, &[("number", wrong)]).await;
    let page = phone.get(answer.location()).await;
    assert!(page.body.contains("<title>That did not work") && page.body.contains("That is not the number"), "{}", page.said());
    // The right one comes too late.
    let answer = phone.link("/auth/_/approve", "match", &mail, &[("number", &number)]).await;
    let page = phone.get(answer.location()).await;
    assert!(page.body.contains("<title>That did not work") && page.body.contains("A number was typed for this link before"));
    assert_eq!(waiting.get("/auth/_/waiting").await.body, r#"{"state":"waiting"}"#);
    assert!(!is_in(&waiting.post("/auth/_/collect", &[]).await));
    assert!(!phone.get(&mail.link().0).await.body.contains("/auth/_/approve"), "it is offered no more");
    // The link itself still works, for whoever has it.
    assert!(is_in(&phone.link("/auth/_/verify", "match", &mail, &[]).await));
}

/// Somebody starts a sign-in for another person and hopes that they press: without the number nothing happens.
#[tokio::test]
async fn an_attacker_who_waits_gets_nothing() {
    let house = House::plain().await;
    let (attacker, mail, number) = matching(&house).await;
    let own = attacker.cookie("pk_sign_in").unwrap();
    let (_, id, _) = mail.link();
    let other = house.browser().start_at("match", "eve@example.com").await.link().2;
    // The attacker knows the id and the number, but not the link's secret.
    for secret in ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA", &other] {
        let fields = [("preAuthSessionId", id.as_str()), ("tenantId", "match"), ("linkCode", secret), ("number", &number)];
        attacker.post("/auth/_/approve", &fields).await;
        attacker.plant("pk_sign_in", &own);
        assert!(!is_in(&attacker.post("/auth/_/collect", &[]).await), "{secret}");
    }
    // The victim, who has the link, presses without having seen a number.
    let victim = house.browser();
    for typed in ["", "x", "100", "-1"] {
        victim.link("/auth/_/approve", "match", &mail, &[("number", typed)]).await;
        attacker.plant("pk_sign_in", &own);
        assert_eq!(attacker.get("/auth/_/waiting").await.body, r#"{"state":"waiting"}"#, "{typed}");
        assert!(!is_in(&attacker.post("/auth/_/collect", &[]).await), "{typed}");
    }
    // Not even the right one helps after that: an attacker who calls and says it comes too late.
    victim.link("/auth/_/approve", "match", &mail, &[("number", &number)]).await;
    attacker.plant("pk_sign_in", &own);
    assert!(!is_in(&attacker.post("/auth/_/collect", &[]).await));
    // Signing in on the victim's device is the victim's alone.
    assert!(is_in(&victim.link("/auth/_/verify", "match", &mail, &[]).await));
    attacker.plant("pk_sign_in", &own);
    assert!(!is_in(&attacker.post("/auth/_/collect", &[]).await));
    // Numbers differ from sign-in to sign-in.
    let ids = std::iter::repeat_with(|| SignInId::new(house.now(), house.auth.entropy())).take(60);
    let numbers: std::collections::BTreeSet<u8> = ids.map(|id| house.auth.keyring().match_number(&id)).collect();
    assert!(numbers.len() > 20 && numbers.iter().all(|number| (10..100).contains(number)));
}

/// Where the tenant has not turned it on, there is no number and approving does nothing.
#[tokio::test]
async fn without_number_match_there_is_none() {
    let house = House::plain().await;
    let waiting = house.browser();
    let mail = waiting.start("jane@example.com").await;
    assert!(!waiting.get("/auth/code").await.body.contains("class=\"number\""));
    assert!(!house.get(&mail.link().0).send().await.body.contains("/auth/_/approve"));
    let id = SignInId::parse(&mail.link().1).unwrap();
    let number = house.auth.keyring().match_number(&id).to_string();
    house.browser().link("/auth/_/approve", "public", &mail, &[("number", &number)]).await;
    assert_eq!(waiting.get("/auth/_/waiting").await.body, r#"{"state":"waiting"}"#);
    assert!(!is_in(&waiting.post("/auth/_/collect", &[]).await));
}

#[tokio::test]
async fn the_poll_says_waiting_or_over_and_nothing_else() {
    let house = House::plain().await;
    let over = r#"{"location":"/auth/code","state":"over"}"#;
    let is = |answer: &Answer, body: &str| {
        assert_eq!((answer.status, answer.is_json()), (200, serde_json::from_str(body).unwrap()));
        assert!(answer.set_cookies().is_empty() && answer.header("front-token").is_empty(), "{:?}", answer.headers);
        assert_eq!(answer.header("cache-control"), "no-store");
    };
    // Without a sign-in there is none to wait for: to the login page of the tenant that the page was for.
    let none = |place: &str| format!(r#"{{"location":"{place}","state":"over"}}"#);
    is(&house.get("/auth/_/waiting").send().await, &none("/auth"));
    is(&house.get("/auth/_/waiting").cookie("pk_sign_in=a.b.public").send().await, &none("/auth"));
    is(&house.get("/auth/_/waiting?tenantId=acme").send().await, &none("/auth?tenantId=acme"));
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    is(&browser.get("/auth/_/waiting").await, r#"{"state":"waiting"}"#);
    // An expired code may still be replaced; twice its life, and it is over.
    house.clock.forward(Millis::from_mins(11));
    is(&browser.get("/auth/_/waiting").await, r#"{"state":"waiting"}"#);
    house.clock.forward(Millis::from_mins(9));
    is(&browser.get("/auth/_/waiting").await, over);
    // Used in another tab: this browser is signed in, and goes on where it wanted to go.
    let _ = mail;
    let browser = house.browser();
    browser.post("/auth/_/start", &[("email", "jane@example.com"), ("redirectToPath", "/shop")]).await;
    let mail = house.mail();
    assert!(is_in(&browser.link("/auth/_/verify", "public", &mail, &[]).await));
    is(&browser.get("/auth/_/waiting").await, over);
    let answer = browser.get("/auth/code").await;
    assert_eq!((answer.status, answer.location()), (303, "/shop"));
    // Used in another browser: this one starts again, and is told why.
    let browser = house.browser();
    browser.post("/auth/_/start", &[("email", "jane@example.com"), ("redirectToPath", "/shop")]).await;
    let mail = house.mail();
    house.browser().link("/auth/_/verify", "public", &mail, &[]).await;
    is(&browser.get("/auth/_/waiting").await, over);
    let answer = browser.get("/auth/code").await;
    assert_eq!(answer.location(), "/auth?redirectToPath=%2Fshop");
    let page = browser.get(answer.location()).await;
    assert_eq!(page.notice(), "You signed in on another device. To sign in here too, start again.");
    assert!(!page.body.contains("jane"), "a stale sign-in shows no address");
}

#[tokio::test]
async fn a_new_sign_in_in_the_place_of_a_dead_one() {
    let house = House::plain().await;
    let browser = house.browser();
    browser.post("/auth/_/start", &[("email", "jane@example.com"), ("tenantId", "email-link"), ("redirectToPath", "/shop")]).await;
    let first = house.mail();
    assert!(is_in(&house.browser().link("/auth/_/verify", "email-link", &first, &[]).await));
    browser.link("/auth/_/verify", "email-link", &first, &[]).await;
    let page = browser.get("/auth/link-problem?tenantId=email-link").await;
    assert!(page.body.contains("action=\"/auth/_/again\"") && page.body.contains("jane@example.com"), "{}", page.said());
    let answer = browser.post("/auth/_/again", &[]).await;
    assert_eq!(answer.location(), "/auth/sent");
    assert!(browser.get("/auth/sent").await.body.contains("A new message is on its way."));
    let second = house.mail();
    assert_ne!(second.link().1, first.link().1);
    let answer = browser.link("/auth/_/verify", "email-link", &second, &[]).await;
    assert!(is_in(&answer));
    assert_eq!(answer.location(), "/shop", "still on the way to the same place");
    // A browser that asked for nothing sends nothing.
    for cookie in ["", "pk_sign_in=a.b.public"] {
        let answer = house.post("/auth/_/again", &[]).cookie(cookie).send().await;
        assert_eq!(answer.location(), "/auth");
    }
    let stranger = format!("pk_sign_in={}.{}.email-link", first.link().1, "A".repeat(32));
    house.post("/auth/_/again", &[]).cookie(&stranger).send().await;
    assert!(house.mails().is_empty());
}

/// What was typed comes back to be mended, and the sign-in is over.
#[tokio::test]
async fn cancelling_brings_back_what_was_typed() {
    let house = House::plain().await;
    for (tenant, typed, name, shown) in [
        ("email-both", " Jane@Example.com", "email", "jane@example.com"),
        ("phone", "0660 1234567", "phone", "+43 660 1234567"),
        ("either", "0660 1234567", "identifier", "+43 660 1234567"),
        ("either", "jane@example.com", "identifier", "jane@example.com"),
    ] {
        let browser = house.browser();
        let mail = browser.start_at(tenant, typed).await;
        let answer = browser.post("/auth/_/cancel", &[]).await;
        assert_eq!(answer.location(), format!("/auth?tenantId={tenant}"));
        assert!(browser.cookie("pk_sign_in").is_none());
        let page = browser.get(answer.location()).await;
        assert_eq!((page.field(name).as_deref(), page.error().as_str(), page.notice().as_str()), (Some(shown), "", ""), "{tenant}");
        assert_eq!(browser.get(answer.location()).await.field(name).as_deref(), Some(""), "once");
        assert!(!is_in(&house.browser().link("/auth/_/verify", tenant, &mail, &[]).await), "{tenant}: its link is dead");
    }
}

#[tokio::test]
async fn this_was_not_me() {
    let house = House::plain().await;
    let asking = house.browser();
    let mail = asking.start("jane@example.com").await;
    // Without the link's secret nobody ends anything.
    let (path, id, _) = mail.link();
    for secret in ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        house.post("/auth/_/disown", &[("preAuthSessionId", &id), ("tenantId", "public"), ("linkCode", secret)]).send().await;
        assert_eq!(asking.get("/auth/_/waiting").await.body, r#"{"state":"waiting"}"#);
    }
    let owner = house.browser();
    assert!(owner.get(&path).await.body.contains("action=\"/auth/_/disown\""));
    let answer = owner.link("/auth/_/disown", "public", &mail, &[]).await;
    assert!(!is_in(&answer));
    assert!(owner.get(answer.location()).await.said().contains("That sign-in is over"));
    assert!(!is_in(&asking.post("/auth/_/code", &[("code", mail.code())]).await));
    assert!(!is_in(&owner.link("/auth/_/verify", "public", &mail, &[]).await));
    // Twice does no harm, and an account that is in stays in.
    owner.link("/auth/_/disown", "public", &mail, &[]).await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    assert!(is_in(&browser.post("/auth/_/code", &[("code", mail.code())]).await));
    owner.link("/auth/_/disown", "public", &mail, &[]).await;
    assert_eq!(browser.get("/auth/signed-in").await.status, 200);
}

/// A script that runs on the page says so, for the timeline; it spends nothing, however often it is said.
#[tokio::test]
async fn opening_a_link_is_noted_and_spends_nothing() {
    let house = House::plain().await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let id = SignInId::parse(&mail.link().1).unwrap();
    let opened = async || {
        let timeline = house.auth.timeline(&id).await.unwrap().unwrap();
        timeline.steps.iter().filter(|step| step.what == "opened").count()
    };
    let fields = [("preAuthSessionId", id.as_str()), ("tenantId", "public"), ("linkCode", "AAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    assert_eq!(house.post("/auth/_/opened", &fields).json().send().await.body, "{}");
    assert_eq!(opened().await, 0, "not by its secret");
    for _ in 0..3 {
        let answer = house.browser().link("/auth/_/opened", "public", &mail, &[]).await;
        assert_eq!((answer.status, answer.body.as_str(), answer.set_cookies().len()), (200, "{}", 0));
        house.clock.forward(Millis::from_secs(1));
    }
    assert_eq!(opened().await, 1);
    assert_eq!(browser.get("/auth/_/waiting").await.body, r#"{"state":"waiting"}"#);
    assert!(is_in(&house.browser().link("/auth/_/verify", "public", &mail, &[]).await));
    // Of what is nobody's it says the same.
    let fields = [("preAuthSessionId", "0191"), ("tenantId", "nowhere"), ("linkCode", "x")];
    assert_eq!(house.post("/auth/_/opened", &fields).json().send().await.body, "{}");
}

/// A link opened where somebody else is signed in asks first and says whom it would replace; pressing replaces them.
#[tokio::test]
async fn one_person_is_not_swapped_for_another_unasked() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "eve@example.com").await;
    let eves = browser.cookie("sAccessToken").unwrap();
    let mail = browser.start("jane@example.com").await;
    let page = browser.get(&mail.link().0).await;
    assert!(page.body.contains("data-link=\"ask\"") && !page.body.contains("data-link=\"go\""));
    assert!(page.said().contains("You are signed in as eve@example.com. Going on signs you in as jane@example.com instead."));
    // A stranger's browser is told the masked address only.
    let other = Browser::signed_in(&house, "joe@example.com").await;
    let page = other.get(&mail.link().0).await;
    assert!(
        page.said().contains("You are signed in as joe@example.com. Going on signs you in as j•••@e•••.com instead."),
        "{}",
        page.said()
    );
    let janes = browser.link("/auth/_/verify", "public", &mail, &[]).await;
    assert!(is_in(&janes));
    assert_eq!(
        house.get("/auth/signed-in").cookie(&format!("sAccessToken={eves}")).send().await.status,
        303,
        "the replaced session is over"
    );
    assert_eq!(browser.get("/auth/signed-in").await.status, 200);
}

#[tokio::test]
async fn the_same_person_goes_on() {
    let house = House::plain().await;
    let browser = house.browser();
    let first = browser.sign_in("jane@example.com").await;
    let old = browser.cookie("sAccessToken").unwrap();
    let mail = browser.start("jane@example.com").await;
    assert!(browser.get(&mail.link().0).await.body.contains("data-link=\"go\""));
    let second = browser.link("/auth/_/verify", "public", &mail, &[]).await;
    assert_eq!(user(&first), user(&second));
    assert_eq!(house.get("/auth/signed-in").cookie(&format!("sAccessToken={old}")).send().await.status, 303, "one session, not two");
    let sessions = browser.get("/auth/sessions").await;
    assert_eq!(sessions.body.matches("This browser").count() + sessions.body.matches("/auth/_/sessions/end\"").count(), 1);
    // The same address at another tenant is another person.
    let mail = browser.start_at("closed", "jane@example.com").await;
    assert!(mail.link.is_none());
    let mail = browser.start_at("invited", "jane@staff.example").await;
    assert!(browser.get(&mail.link().0).await.body.contains("data-link=\"ask\""));
}

/// Who signed out leaves nothing behind that the next person at this browser could see or go on with.
#[tokio::test]
async fn nothing_stays_after_signing_out() {
    let house = House::plain().await;
    let browser = Browser::signed_in(&house, "jane@example.com").await;
    browser.post("/auth/_/sign-out", &[]).await;
    assert_eq!((browser.cookie("pk_sign_in"), browser.cookie("pk_change")), (None, None));
    for path in ["/auth/code", "/auth/sent", "/auth/link-problem", "/auth"] {
        let answer = browser.get(path).await;
        assert!(!answer.body.contains("jane") && !answer.body.contains("You signed in on another device"), "{path}");
    }
}
