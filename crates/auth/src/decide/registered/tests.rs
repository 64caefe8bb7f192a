//! Tests of the rules of what operators register.

use super::*;
use serde_json::json;

fn min(n: i64) -> Option<Option<Millis>> {
    Some(Some(Millis::from_mins(n)))
}

#[test]
fn what_a_wish_does_not_name_stays() {
    let before = ClientSettings {
        name: "Mailer".to_owned(),
        token_generation: true,
        authorization_url: Some("https://app.example.com/login".to_owned()),
        linking: Linking::Explicit,
        kept: json!({ "tags": { "a": "b" } }).as_object().unwrap().clone(),
        ..ClientSettings::default()
    };
    assert_eq!(client(&before, &ClientWish::default()), Ok(before.clone()));
    let wish = ClientWish { name: Some("Post".to_owned()), authorization_url: Some(None), ..ClientWish::default() };
    let after = client(&before, &wish).unwrap();
    assert_eq!(after, ClientSettings { name: "Post".to_owned(), authorization_url: None, ..before });
}

#[test]
fn what_nobody_knows_is_kept_by_name() {
    let object = |value: serde_json::Value| value.as_object().unwrap().clone();
    let before = ApplicationSettings { kept: object(json!({ "a": 1, "b": [2] })), ..ApplicationSettings::default() };
    let wish = ApplicationWish { kept: object(json!({ "a": null, "c": { "d": 3 } })), ..ApplicationWish::default() };
    assert_eq!(application(&before, &wish).unwrap().kept, object(json!({ "b": [2], "c": { "d": 3 } })));
}

#[test]
fn a_login_lives_as_long_as_its_links_unless_somebody_says_how_long() {
    let aged = |before: &ClientSettings, age: i64| client(before, &ClientWish { assertion_max_age: min(age), ..ClientWish::default() });
    let fresh = ClientSettings::default();
    assert_eq!(aged(&fresh, 5).unwrap().login_life, None, "the usual five minutes do");
    assert_eq!(aged(&fresh, 10).unwrap().login_life, Some(Millis::from_mins(10)));
    assert_eq!(aged(&fresh, 60).unwrap().login_life, Some(Millis::from_mins(60)));
    assert!(aged(&fresh, 61).is_err() && aged(&fresh, 0).is_err());
    let set = ClientSettings { login_life: Some(Millis::from_mins(10)), ..fresh };
    assert!(aged(&set, 10).is_ok());
    assert!(aged(&set, 11).unwrap_err().contains("authenticationLeewayDuration"));
    let shorter = ConnectionWish { login_life: min(2), ..ConnectionWish::default() };
    assert!(client(&aged(&set, 10).unwrap(), &ClientWish { connection: shorter, ..ClientWish::default() }).is_err());
}

#[test]
fn logins_take_a_minute_to_an_hour() {
    let settings = ConnectionSettings { way: Way::Email, linking: Linking::Disabled, login_life: None, kept: Map::new() };
    let lived = |n: i64| connection(&settings, &ConnectionWish { login_life: Some(Some(Millis(n))), ..ConnectionWish::default() });
    assert!(lived(60_000).is_ok() && lived(3_600_000).is_ok());
    assert!(lived(59_999).is_err() && lived(3_600_001).is_err() && lived(-1).is_err());
}

#[test]
fn people_are_sent_to_a_client_s_own_page_over_https_only() {
    let at = |url: &str| {
        client(&ClientSettings::default(), &ClientWish { authorization_url: Some(Some(url.to_owned())), ..ClientWish::default() })
    };
    for ok in ["https://app.example.com/login?x=1", "http://localhost:3000/login", "http://127.0.0.1:8080"] {
        assert!(at(ok).is_ok(), "{ok}");
    }
    for bad in [
        "",
        "/login",
        "app.example.com",
        "http://app.example.com/",
        "ftp://x/",
        "https://u@x.example/",
        "https://x.example/#a",
        "javascript:alert(1)",
    ] {
        assert!(at(bad).unwrap_err().starts_with("authorizationUrl"), "{bad}");
    }
}

#[test]
fn names_are_short_and_plain() {
    let named = |name: &str| client(&ClientSettings::default(), &ClientWish { name: Some(name.to_owned()), ..ClientWish::default() });
    assert!(named(&"ü".repeat(128)).is_ok());
    assert!(named(&"x".repeat(129)).is_err() && named("a\nb").is_err());
}

#[test]
fn every_listed_place_is_checked() {
    let listed = |urls: &[&str]| {
        let wish =
            ApplicationWish { redirect_urls: Some(urls.iter().map(|url| (*url).to_owned()).collect()), ..ApplicationWish::default() };
        application(&ApplicationSettings::default(), &wish)
    };
    assert!(listed(&["https://app.example.com/", "https://*.example.com/in", "http://localhost:*"]).is_ok());
    let error = listed(&["https://app.example.com/", "http://app.example.com/"]).unwrap_err();
    assert!(error.contains("http://app.example.com/") && error.contains("https"), "{error}");
    assert!(listed(&vec!["https://app.example.com/"; 101]).is_err());
    // Anybody may have a name there.
    for shared in ["https://*.github.io", "https://*.co.uk/in"] {
        let error = listed(&[shared]).unwrap_err();
        assert!(error.contains(shared) && error.contains("list your own"), "{error}");
    }
    assert!(listed(&["https://*.jane.github.io", "https://*.example.co.uk", "https://*.corp.internal"]).is_ok());
}

#[test]
fn tokens_of_a_tenant_live_within_bounds() {
    let lived = |access: Option<Millis>, session: Option<Millis>| {
        let wish = LoginTenantWish { access_lifetime: Some(access), session_lifetime: Some(session), ..LoginTenantWish::default() };
        tenant(&LoginSettings::default(), &wish)
    };
    assert!(lived(Some(Millis::from_mins(1)), Some(Millis::from_hours(720))).is_ok() && lived(None, None).is_ok());
    assert!(lived(Some(Millis::from_hours(24)), None).is_ok());
    for (access, session) in [(Some(Millis(59_999)), None), (Some(Millis(86_400_001)), None), (None, Some(Millis::from_mins(4)))] {
        assert!(lived(access, session).unwrap_err().starts_with("tokenConfiguration"));
    }
    let lookup = |text: &str| {
        tenant(&LoginSettings::default(), &LoginTenantWish { lookup_identifier: Some(Some(text.to_owned())), ..LoginTenantWish::default() })
    };
    assert!(lookup("Acme Inc.").is_ok());
    assert!(lookup("").is_err() && lookup(&"x".repeat(65)).is_err());
}

#[test]
fn invitations_end_later_and_name_ids() {
    let now = Timestamp(1000);
    let made = |wish: InviteWish| invite(&wish, now);
    assert!(made(InviteWish::default()).is_ok());
    assert!(
        made(InviteWish { linked_user_id: Some("old-1".to_owned()), expires_at: Some(Timestamp(1001)), ..InviteWish::default() }).is_ok()
    );
    assert!(made(InviteWish { linked_user_id: Some("a|b".to_owned()), ..InviteWish::default() }).is_err());
    assert!(made(InviteWish { expires_at: Some(now), ..InviteWish::default() }).is_err());
}
