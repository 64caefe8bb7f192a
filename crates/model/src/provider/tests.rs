//! Settings that are taken and refused, and ids made of claims.

use super::*;
use serde_json::{Value, json};

fn good() -> ProviderSettings {
    ProviderSettings { client_id: "c".to_owned(), issuer: Some("https://id.example.com".to_owned()), ..ProviderSettings::default() }
}

#[test]
fn a_claim_or_several_make_the_id() {
    let claims = json!({
        "sub": "u1", "id": 583_231, "tid": "t", "oid": "o", "piped": "a|b", "empty": "", "float": 1.5, "yes": true, "nothing": null,
        "list": ["x"], "line": "a\nb", "user": { "id": 7, "deep": { "key": "k" } }, "user.id": "flat", "https://x.example/uid": "ns",
        "long": "x".repeat(256), "edge": "x".repeat(255),
    });
    let Value::Object(claims) = claims else { panic!("an object") };
    let missing = |claim: &str| Err(ExpressionError::Missing(claim.to_owned()));
    let unusable = |claim: &str| Err(ExpressionError::Unusable(claim.to_owned()));
    for (expression, value) in [
        ("{sub}", Ok("u1".to_owned())),
        ("{id}", Ok("583231".to_owned())),
        ("{tid}|{oid}", Ok("t|o".to_owned())),
        ("gh-{id}", Ok("gh-583231".to_owned())),
        ("{sub}@x", Ok("u1@x".to_owned())),
        ("{user.deep.key}", Ok("k".to_owned())),
        ("{user.id}", Ok("flat".to_owned())),
        ("{https://x.example/uid}", Ok("ns".to_owned())),
        ("{edge}", Ok("x".repeat(255))),
        // One claim alone may hold anything; joined, it must not hold what joins.
        ("{piped}", Ok("a|b".to_owned())),
        ("{piped}|{oid}", unusable("piped")),
        ("{oid}|{piped}", unusable("piped")),
        ("{long}", Err(ExpressionError::TooLong)),
        ("{none}", missing("none")),
        ("{nothing}", missing("nothing")),
        ("{user.none}", missing("user.none")),
        ("{sub.id}", missing("sub.id")),
        ("{empty}", unusable("empty")),
        ("{float}", unusable("float")),
        ("{yes}", unusable("yes")),
        ("{list}", unusable("list")),
        ("{user}", unusable("user")),
        ("{line}", unusable("line")),
    ] {
        assert_eq!(Expression::parse(expression).unwrap().value(&claims), value, "{expression}");
    }
}

#[test]
fn an_expression_without_sense_is_refused() {
    for bad in ["", "sub", "{", "}", "{sub", "sub}", "{}", "{a b}", "{a}{b}", "x{a}{b}", "{a}}", "}{a}", "{a}|{b", "{ä}", "é{a}"] {
        assert!(Expression::parse(bad).is_err(), "{bad}");
    }
    assert!(Expression::parse(&format!("{{{}}}", "a".repeat(300))).is_err());
}

#[test]
fn every_preset_passes_its_own_check() {
    for preset in Preset::ALL {
        let settings = preset.settings("client");
        assert_eq!(settings.check(), Ok(()), "{preset:?}");
        assert_eq!(Preset::parse(preset.as_str()), Some(preset));
        assert_eq!(json!(preset), preset.as_str());
        assert_eq!(serde_json::from_value::<ProviderSettings>(json!(settings)).unwrap(), settings);
    }
    assert!(!Preset::Microsoft.settings("c").trusts_email);
    assert_eq!(Preset::parse("apple"), None);
}

#[test]
fn what_is_not_said_has_a_usual_value() {
    let settings: ProviderSettings = serde_json::from_value(json!({ "clientId": "c", "issuer": "https://id.example.com" })).unwrap();
    assert_eq!(settings, good());
    assert_eq!(settings.check(), Ok(()));
    assert_eq!((settings.scopes.as_str(), settings.user_id_expression.as_str()), ("openid profile email", "{sub}"));
    assert!(!settings.trusts_email);
}

#[test]
fn settings_that_cannot_work_are_refused_with_a_sentence() {
    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }
    type Break = fn(&mut ProviderSettings);
    let cases: [(Break, &str); 17] = [
        (|s| s.client_id.clear(), "client id"),
        (|s| s.client_id = "a b".to_owned(), "client id"),
        (|s| s.issuer = None, "set the issuer"),
        (|s| s.issuer = text("http://id.example.com"), "must be https"),
        (|s| s.issuer = text("https://id.example.com?x"), "no ?query"),
        (|s| s.issuer = text("https://u:hidden@id.example.com"), "no user name"),
        (|s| s.issuer = text("id.example.com"), "not a URL"),
        (|s| s.token_endpoint = text("http://10.0.0.1/token"), "must be https"),
        (|s| s.user_info_endpoint = text("https://id.example.com/me#x"), "#fragment"),
        (|s| s.scopes = "profile".to_owned(), "openid"),
        (|s| s.scopes = "openid \"x\"".to_owned(), "words"),
        (|s| s.user_id_expression = "{sub".to_owned(), "user id expression"),
        (|s| s.user_id_expression = "{email}".to_owned(), "change hands"),
        (|s| s.tenant_expression = text("hd"), "tenant expression"),
        (|s| s.allowed_tenants = vec!["example.com".to_owned()], "which claim"),
        (
            |s| {
                s.tenant_expression = text("{hd}");
                s.allowed_tenants = vec![String::new()];
            },
            "none of them empty",
        ),
        (|s| drop(s.parameters.insert("redirect_uri".to_owned(), "x".to_owned())), "redirect_uri"),
    ];
    for (number, (spoil, says)) in cases.into_iter().enumerate() {
        let mut settings = good();
        spoil(&mut settings);
        let said = settings.check().unwrap_err();
        assert!(said.contains(says), "{number}: {said}");
        assert!(!said.contains("hidden"), "{said}");
    }
    let explicit = ProviderSettings {
        issuer: None,
        authorization_endpoint: text("https://id.example.com/a"),
        token_endpoint: text("https://id.example.com/t"),
        user_info_endpoint: text("https://id.example.com/u"),
        ..good()
    };
    assert_eq!(explicit.check(), Ok(()));
    assert!(ProviderSettings { user_info_endpoint: None, ..explicit }.check().is_err());
}
