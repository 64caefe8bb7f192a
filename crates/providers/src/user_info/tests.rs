//! GitHub's two answers, in the shape in which it gives them, and claims from two places.

use super::*;
use serde_json::json;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("an object") };
    object
}

fn github(account: &str, addresses: &str) -> Map<String, Value> {
    let mut claims: Map<String, Value> = serde_json::from_str(account).unwrap();
    in_words_of_openid(&mut claims, serde_json::from_str(addresses).unwrap());
    claims
}

#[test]
fn github_says_it_in_words_of_its_own() {
    let claims = github(include_str!("github_user.json"), include_str!("github_emails.json"));
    assert_eq!(claims["id"], 9_021_077);
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!("ann@example.com"), &json!(true)));
    assert_eq!(claims["name"], "Ann Example");
    assert_eq!(claims["preferred_username"], "ann-example");
    assert_eq!(claims["picture"], "https://avatars.githubusercontent.com/u/9021077?v=4");
}

#[test]
fn only_githubs_first_address_counts() {
    let account = r#"{"id": 1, "login": "ann", "name": null, "email": "shown@example.com", "email_verified": true}"#;
    for (addresses, email, verified) in [
        (r#"[{"email":"a@x.example","primary":true,"verified":false,"visibility":null}]"#, json!("a@x.example"), json!(false)),
        (
            r#"[{"email":"b@x.example","primary":false,"verified":true,"visibility":null},{"email":"a@x.example","primary":true,"verified":true,"visibility":"private"}]"#,
            json!("a@x.example"),
            json!(true),
        ),
        (r#"[{"email":"b@x.example","primary":false,"verified":true,"visibility":null}]"#, Value::Null, Value::Null),
        ("[]", Value::Null, Value::Null),
    ] {
        let claims = github(account, addresses);
        let value = |name: &str| claims.get(name).cloned().unwrap_or_default();
        assert_eq!((value("email"), value("email_verified")), (email, verified), "{addresses}");
        assert_eq!(claims["name"], "ann");
    }
}

#[test]
fn the_signed_claims_win_and_an_address_keeps_its_word() {
    let both = |id_token: Value, user_info: Value| joined(object(id_token), object(user_info)).map(Value::Object);
    let yes = ("a@x", true);
    for (id_token, user_info, email, verified) in [
        (json!({ "sub": "1" }), json!({ "sub": "1", "email": yes.0, "email_verified": yes.1 }), json!("a@x"), json!(true)),
        (json!({ "sub": "1", "email": "b@x" }), json!({ "sub": "1", "email": yes.0, "email_verified": yes.1 }), json!("a@x"), json!(true)),
        (
            json!({ "sub": "1", "email": "b@x", "email_verified": false }),
            json!({ "sub": "1", "email": yes.0, "email_verified": yes.1 }),
            json!("b@x"),
            json!(false),
        ),
        // No word without its address, from neither side.
        (json!({ "sub": "1", "email": "b@x" }), json!({ "sub": "1", "email_verified": true }), json!("b@x"), Value::Null),
        (json!({ "sub": "1", "email_verified": true }), json!({ "sub": "1", "email": "a@x" }), json!("a@x"), Value::Null),
    ] {
        let claims = both(id_token.clone(), user_info.clone()).unwrap();
        assert_eq!((&claims["email"], &claims["email_verified"]), (&email, &verified), "{id_token} {user_info}");
    }
    let claims = both(json!({ "sub": "1", "name": "Signed" }), json!({ "sub": "1", "name": "Said", "locale": "de" })).unwrap();
    assert_eq!((&claims["name"], &claims["locale"]), (&json!("Signed"), &json!("de")));
    for other in [json!({ "sub": "2" }), json!({}), json!({ "sub": 1 })] {
        assert_eq!(both(json!({ "sub": "1" }), other), Err(Doubt::Subject));
    }
    assert_eq!(both(json!({}), json!({})), Err(Doubt::Subject));
}
