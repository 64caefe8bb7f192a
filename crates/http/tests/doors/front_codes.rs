//! The frontend door: signing in by code and link as SuperTokens' web SDKs do (contract supertokens-frontend.md §2).

use crate::front::{Sdk, Tokens, front};
use crate::house::{APP, House, Plan};
use crate::tape::Tape;
use crate::visitor::Browser;
use insta::assert_snapshot;
use postkey_model::Millis;
use serde_json::{Value, json};

/// The same number of digits, and not these.
fn other(code: &str) -> String {
    code.bytes().map(|digit| char::from(b'0' + (digit - b'0' + 1) % 10)).collect()
}

#[tokio::test]
async fn by_code_in_cookies_and_by_link_in_headers() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    let sdk = Sdk::new(&house, "", "cookie");
    let created = sdk.create("jane@example.com").send().await;
    tape.add(&created);
    let mail = house.mail();
    tape.add_whole(&sdk.code(&created.is_json(), mail.code()).send().await);
    tape.say("again, by the link, and as the same user");
    let sdk = Sdk::new(&house, "", "header");
    sdk.create("jane@example.com").send().await;
    let (_, id, secret) = house.mail().link();
    tape.add(&sdk.link(&id, &secret).send().await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn numbers_sign_in_too() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "app", "cookie");
    let (attempt, mail) = sdk.start("+436641234567").await;
    assert_eq!(attempt["flowType"], "USER_INPUT_CODE_AND_MAGIC_LINK");
    let user = sdk.code(&attempt, mail.code()).send().await.is_json()["user"].clone();
    assert_eq!((&user["phoneNumbers"], &user["emails"]), (&json!(["+436641234567"]), &json!([])));
    assert_eq!(user["loginMethods"][0]["phoneNumber"], "+436641234567");
    assert_eq!(user["tenantIds"], json!(["app"]));
}

#[tokio::test]
async fn wrong_codes_are_counted_and_the_fifth_begins_anew() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let (attempt, mail) = sdk.start("jane@example.com").await;
    let said = |word: &str, count: i64| json!({ "status": word, "failedCodeInputAttemptCount": count, "maximumCodeInputAttempts": 5 });
    for count in 1..=2 {
        let answer = sdk.code(&attempt, &other(mail.code())).send().await.is_json();
        assert_eq!(answer, said("INCORRECT_USER_INPUT_CODE_ERROR", count));
    }
    // What cannot be a code costs no try, and is no other answer.
    for typed in ["", "12", "hello", "12345"] {
        let answer = sdk.code(&attempt, typed).send().await.is_json();
        assert_eq!(answer, said("INCORRECT_USER_INPUT_CODE_ERROR", 2), "{typed:?}");
    }
    for count in 3..=4 {
        let answer = sdk.code(&attempt, &other(mail.code())).send().await;
        assert_eq!(answer.is_json(), said("INCORRECT_USER_INPUT_CODE_ERROR", count));
        assert!(answer.header("front-token").is_empty() && answer.set_cookies().is_empty());
    }
    let restart = json!({ "status": "RESTART_FLOW_ERROR" });
    assert_eq!(sdk.code(&attempt, &other(mail.code())).send().await.is_json(), restart);
    assert_eq!(sdk.code(&attempt, mail.code()).send().await.is_json(), restart, "and the right one is too late");
    assert_eq!(sdk.code(&attempt, "hello").send().await.is_json(), restart);
    assert_eq!(sdk.resend(&attempt).send().await.is_json(), restart);
}

#[tokio::test]
async fn a_code_that_came_too_late_is_expired_and_counts() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let (attempt, mail) = sdk.start("jane@example.com").await;
    house.clock.forward(Millis::from_mins(11));
    let answer = sdk.code(&attempt, mail.code()).send().await.is_json();
    let expired = json!({
        "status": "EXPIRED_USER_INPUT_CODE_ERROR", "failedCodeInputAttemptCount": 1, "maximumCodeInputAttempts": 5,
    });
    assert_eq!(answer, expired);
}

/// Pages wait for ever on any other answer to a link.
#[tokio::test]
async fn links_that_are_of_no_use_only_ever_begin_anew() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let restart = json!({ "status": "RESTART_FLOW_ERROR" });
    let (attempt, mail) = sdk.start("jane@example.com").await;
    let (_, id, secret) = mail.link();
    for wrong in ["x", "", "123456", &"x".repeat(5_000), mail.code()] {
        assert_eq!(sdk.link(&id, wrong).send().await.is_json(), restart, "{wrong}");
    }
    for wrong in ["x", "", "../x", "a b"] {
        assert_eq!(sdk.link(wrong, &secret).send().await.is_json(), restart, "{wrong}");
    }
    assert_eq!(sdk.link(&id, &secret).send().await.is_json()["status"], "OK", "wrong ones cost nothing");
    assert_eq!(sdk.link(&id, &secret).send().await.is_json(), restart, "once");
    assert_eq!(sdk.code(&attempt, mail.code()).send().await.is_json(), restart, "and the code with it");
    let (_, mail) = sdk.start("jane@example.com").await;
    let (_, id, secret) = mail.link();
    house.clock.forward(Millis::from_mins(11));
    assert_eq!(sdk.link(&id, &secret).send().await.is_json(), restart, "late");
}

#[tokio::test]
async fn sending_again() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let (attempt, first) = sdk.start("jane@example.com").await;
    let mut tape = Tape::default();
    tape.say("too soon");
    tape.add(&sdk.resend(&attempt).send().await);
    tape.add(&sdk.resend(&attempt).header("accept-language", "de").send().await);
    house.clock.forward(Millis::from_secs(15));
    tape.say("in time");
    tape.add(&sdk.resend(&attempt).send().await);
    assert_ne!(house.mail().code(), first.code());
    tape.say("none of ours");
    tape.add(&sdk.resend(&json!({ "deviceId": "A", "preAuthSessionId": "B" })).send().await);
    let (second, _) = Sdk::new(&house, "", "cookie").start("joe@example.com").await;
    let mixed = json!({ "deviceId": attempt["deviceId"], "preAuthSessionId": second["preAuthSessionId"] });
    tape.add(&sdk.resend(&mixed).send().await);
    tape.say("the first code is still good");
    assert_eq!(sdk.code(&attempt, first.code()).send().await.is_json()["status"], "OK");
    tape.add(&sdk.resend(&attempt).send().await);
    assert_snapshot!(tape.text());
}

/// What a person did is said in words for them; what a page did wrong is 400.
#[tokio::test]
async fn what_is_wrong_is_said() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let mut tape = Tape::default();
    let bodies = [
        json!({}),
        json!({ "email": "jane@example.com", "phoneNumber": "+436641234567" }),
        json!({ "phoneNumber": "+436641234567" }),
        json!({ "email": 7 }),
        json!({ "email": "jane@example.com", "shouldTryLinkingWithSessionUser": "no" }),
        json!([]),
        json!({ "email": "no address" }),
        json!({ "email": "" }),
    ];
    for body in &bodies {
        tape.say(&body.to_string());
        tape.add(&sdk.post("/signinup/code", body).send().await);
    }
    tape.add(&sdk.post("/signinup/code", &json!({ "email": "jane@" })).header("accept-language", "fr").send().await);
    tape.add(&Sdk::new(&house, "app", "cookie").create("+4366412").send().await);
    let consume = |body: &Value| sdk.post("/signinup/code/consume", body);
    tape.say("consume");
    tape.add(&consume(&json!({ "preAuthSessionId": "x" })).send().await);
    tape.add(&consume(&json!({ "preAuthSessionId": "x", "linkCode": "x", "deviceId": "x" })).send().await);
    tape.add(&consume(&json!({ "linkCode": "x" })).send().await);
    tape.add(&consume(&json!({ "preAuthSessionId": "x", "deviceId": "x.y", "userInputCode": "1" })).send().await);
    tape.say("resend");
    tape.add(&sdk.post("/signinup/code/resend", &json!({ "deviceId": "x" })).send().await);
    assert!(house.mails().is_empty());
    assert_snapshot!(tape.text());
}

/// Only JSON is read: a form of another site cannot send that without asking first.
#[tokio::test]
async fn only_json_is_read() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "", "cookie");
    let body = json!({ "email": "jane@example.com" }).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json+x", ""] {
        let answer = sdk.ask("POST", "/auth/signinup/code").body(kind, body.as_bytes()).send().await;
        assert_eq!(answer.status, 400, "{kind}");
        assert!(answer.is_json()["message"].as_str().unwrap().contains("JSON"));
    }
    for broken in ["", "{", "\"x\"", "{\"email\":\"jane@example.com\"", "\u{0}"] {
        let answer = sdk.ask("POST", "/auth/signinup/code").body("application/json", broken.as_bytes()).send().await;
        assert_eq!(answer.status, 400, "{broken:?}");
    }
    let large = json!({ "email": "x".repeat(70_000) }).to_string();
    assert_eq!(sdk.ask("POST", "/auth/signinup/code").body("application/json", large.as_bytes()).send().await.status, 413);
    assert!(house.mails().is_empty());
    let right = sdk.ask("POST", "/auth/signinup/code").body("application/json; charset=utf-8", body.as_bytes()).send().await;
    assert_eq!(right.is_json()["status"], "OK");
}

#[tokio::test]
async fn too_many_messages() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "limited", "cookie");
    let (attempt, _) = sdk.start("jane@example.com").await;
    sdk.start("jane@example.com").await;
    let mut tape = Tape::default();
    tape.add(&sdk.create("jane@example.com").send().await);
    house.clock.forward(Millis::from_secs(20));
    tape.add(&sdk.resend(&attempt).header("accept-language", "de").send().await);
    assert!(house.mails().is_empty());
    assert_snapshot!(tape.text());
}

/// Whoever gets no account is told by mail, never by an answer.
#[tokio::test]
async fn a_closed_tenant_answers_alike() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "closed", "cookie");
    let (attempt, mail) = sdk.start("jane@example.com").await;
    assert_eq!(attempt["flowType"], "USER_INPUT_CODE_AND_MAGIC_LINK");
    assert!(mail.code.is_none() && mail.link.is_none());
    assert_eq!(sdk.code(&attempt, "000000").send().await.is_json()["status"], "INCORRECT_USER_INPUT_CODE_ERROR");
}

/// The flow is what the message holds; every tenant has its own.
#[tokio::test]
async fn flows_of_tenants() {
    let house = House::plain().await;
    for (tenant, flow) in
        [("email-link", "MAGIC_LINK"), ("email-code", "USER_INPUT_CODE"), ("email-both", "USER_INPUT_CODE_AND_MAGIC_LINK")]
    {
        let (attempt, mail) = Sdk::new(&house, tenant, "cookie").start("jane@example.com").await;
        assert_eq!(attempt["flowType"], flow);
        assert_eq!((mail.code.is_some(), mail.link.is_some()), (flow != "MAGIC_LINK", flow != "USER_INPUT_CODE"));
    }
}

/// The same sign-in on both sides: a link that an application asked for opens on our page in one step, and one that was
/// asked for here opens in the application.
#[tokio::test]
async fn links_open_on_both_sides() {
    let house = House::plain().await;
    let browser = house.browser();
    let sdk = Sdk::new(&house, "", "cookie");
    browser.send(sdk.create("jane@example.com")).await;
    let (page, ..) = house.mail().link();
    assert!(browser.get(&page).await.body.contains("data-link=\"go\""), "this browser asked");
    assert!(!house.browser().get(&page).await.body.contains("data-link=\"go\""));

    let browser = Browser::new(&house);
    let mail = browser.start_at("app", "jane@example.com").await;
    let link = mail.link.clone().unwrap();
    assert!(link.starts_with(&format!("{APP}/auth/verify?preAuthSessionId=")) && link.contains("&tenantId=app#"), "{link}");
    let (_, id, secret) = mail.link();
    let answer = Sdk { origin: APP, ..Sdk::new(&house, "app", "cookie") }.link(&id, &secret).send().await;
    assert_eq!(answer.is_json()["status"], "OK");
}

#[tokio::test]
async fn the_token_says_what_the_sdk_needs() {
    let house = House::plain().await;
    for mode in ["cookie", "header"] {
        let sdk = Sdk::new(&house, "app", mode);
        let (attempt, mail) = sdk.start(&format!("{mode}@example.com")).await;
        let answer = sdk.code(&attempt, mail.code()).send().await;
        let user = answer.is_json()["user"].clone();
        let tokens = Tokens::of(&answer);
        let front = front(&tokens.front);
        assert_eq!(front["uid"], user["id"]);
        assert_eq!(front["ate"].as_i64().unwrap(), front["up"]["exp"].as_i64().unwrap() * 1000);
        assert_eq!(front["up"]["iat"].as_i64().unwrap() * 1000, house.now().0);
        assert_eq!((&front["up"]["tId"], &front["up"]["st-ev"]["v"]), (&json!("app"), &json!(true)));
        assert_eq!(front["up"]["rsub"], user["loginMethods"][0]["recipeUserId"]);
        for token in [&tokens.access, &tokens.refresh] {
            assert!(token.len() < 3_000 && !token.contains([';', ',', ' ', '%']), "{token}");
        }
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_503_in_json() {
    let house = House::new(Plan::default()).await;
    let sdk = Sdk::new(&house, "", "cookie");
    let (attempt, mail) = sdk.start("jane@example.com").await;
    house.close_for_writes().await;
    let (_, id, secret) = mail.link();
    let asks =
        [sdk.create("joe@example.com"), sdk.code(&attempt, mail.code()), sdk.link(&id, &secret), sdk.code(&attempt, &other(mail.code()))];
    for ask in asks {
        let answer = ask.send().await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.is_json()["message"].is_string() && answer.set_cookies().is_empty());
        assert_eq!(answer.header("access-control-allow-origin"), house.origin);
    }
}
