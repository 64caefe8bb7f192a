//! The frontend door: one more identifier for whoever is signed in (contract supertokens-frontend.md §2.3).

use crate::front::Sdk;
use crate::house::{APP, FRIEND, House};
use crate::visitor::Ask;
use postkey_model::Millis;
use serde_json::{Value, json};

fn create<'a>(sdk: &Sdk<'a>, contact: &str) -> Ask<'a> {
    let field = if contact.starts_with('+') { "phoneNumber" } else { "email" };
    sdk.post("/signinup/code", &json!({ field: contact, "shouldTryLinkingWithSessionUser": true }))
}

fn with_session<'a>(sdk: &Sdk<'a>, path: &str, attempt: &Value, typed: Option<&str>) -> Ask<'a> {
    let mut body = json!({
        "deviceId": attempt["deviceId"], "preAuthSessionId": attempt["preAuthSessionId"], "shouldTryLinkingWithSessionUser": true,
    });
    if let Some(typed) = typed {
        body["userInputCode"] = typed.into();
    }
    sdk.post(path, &body)
}

#[tokio::test]
async fn an_identifier_is_added_and_the_session_stays() {
    let house = House::plain().await;
    for mode in ["cookie", "header"] {
        let sdk = Sdk::new(&house, "app", mode);
        let (first, second) = (format!("{mode}@example.com"), format!("{mode}-2@example.com"));
        let tokens = sdk.sign_in(&first).await;
        let created = sdk.with(create(&sdk, &second), &tokens.access).send().await.is_json();
        assert_eq!((&created["status"], &created["flowType"]), (&json!("OK"), &json!("USER_INPUT_CODE")));
        house.mail();
        house.clock.forward(Millis::from_secs(15));
        let again = sdk.with(with_session(&sdk, "/signinup/code/resend", &created, None), &tokens.access).send().await;
        assert_eq!(again.is_json(), json!({ "status": "OK" }));
        let mail = house.mail();
        assert_eq!(mail.to, second);
        let wrong = sdk.with(with_session(&sdk, "/signinup/code/consume", &created, Some("x")), &tokens.access).send().await;
        assert_eq!(wrong.is_json()["failedCodeInputAttemptCount"], 0);
        let done = sdk.with(with_session(&sdk, "/signinup/code/consume", &created, Some(mail.code())), &tokens.access).send().await;
        let told = done.is_json();
        assert_eq!((&told["status"], &told["createdNewRecipeUser"]), (&json!("OK"), &json!(true)));
        assert_eq!(told["user"]["emails"], json!([first, second]));
        assert!(done.header("front-token").is_empty() && done.set_cookie("sAccessToken").is_none(), "no other session");
        house.mails();
        // It opens the same account from now on.
        let (attempt, mail) = sdk.start(&second).await;
        let known = sdk.code(&attempt, mail.code()).send().await.is_json();
        assert_eq!((&known["createdNewRecipeUser"], &known["user"]["id"]), (&json!(false), &told["user"]["id"]));
    }
}

#[tokio::test]
async fn nobody_adds_to_an_account_without_its_session() {
    let house = House::plain().await;
    let sdk = Sdk::new(&house, "app", "cookie");
    let tokens = sdk.sign_in("jane@example.com").await;
    let attempt = json!({ "deviceId": "x.y", "preAuthSessionId": "x" });
    let asks = || {
        [
            create(&sdk, "joe@example.com"),
            with_session(&sdk, "/signinup/code/resend", &attempt, None),
            with_session(&sdk, "/signinup/code/consume", &attempt, Some("123456")),
        ]
    };
    for ask in asks() {
        let answer = ask.send().await;
        assert_eq!((answer.status, answer.is_json()["message"].as_str()), (401, Some("unauthorised")));
    }
    for ask in asks() {
        assert_eq!(ask.cookie(&format!("sAccessToken={0}; sAccessToken={0}", tokens.access)).send().await.status, 401, "twice");
    }
    // A page that may call another tenant may not use this session, also when it names its own.
    let friend = Sdk { origin: FRIEND, ..Sdk::new(&house, "friend", "cookie") };
    let answer = friend.with(create(&friend, "joe@example.com"), &tokens.access).send().await;
    assert_eq!(answer.status, 400);
    house.clock.forward(Millis::from_mins(61));
    for ask in asks() {
        let answer = sdk.with(ask, &tokens.access).send().await;
        assert_eq!((answer.status, answer.is_json()["message"].as_str()), (401, Some("try refresh token")));
    }
    assert!(house.mails().is_empty());
}

#[tokio::test]
async fn what_is_somebodys_already_is_not_added() {
    let house = House::plain().await;
    let sdk = Sdk { origin: APP, ..Sdk::new(&house, "app", "cookie") };
    sdk.sign_in("joe@example.com").await;
    let tokens = sdk.sign_in("jane@example.com").await;
    let own = sdk.with(create(&sdk, "jane@example.com"), &tokens.access).send().await.is_json();
    assert_eq!(own["status"], "SIGN_IN_UP_NOT_ALLOWED");
    assert!(own["reason"].as_str().unwrap().len() > 10);
    // For somebody else's the answers are those for anybody's; the message says more.
    let created = sdk.with(create(&sdk, "joe@example.com"), &tokens.access).send().await.is_json();
    assert_eq!(created["status"], "OK");
    assert!(house.mail().code.is_none());
    let typed = sdk.with(with_session(&sdk, "/signinup/code/consume", &created, Some("123456")), &tokens.access).send().await;
    assert_eq!(typed.is_json()["status"], "INCORRECT_USER_INPUT_CODE_ERROR");
}
