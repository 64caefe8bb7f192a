//! Forms: only whole ones, only small ones, only from our own pages.

use crate::house::{FORM, HTTPS, House};
use crate::routes::forms;
use crate::tape::Tape;
use crate::visitor::Answer;
use insta::assert_snapshot;

/// The form that the tapes show.
const FIRST: &str = "/auth/_/start";

#[tokio::test]
async fn what_is_no_form_is_refused_everywhere() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    for path in forms() {
        for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "application/x-www-form-urlencodedx"] {
            let ask = house.post(path, &[]).body(kind, br#"{"email":"jane@example.com"}"#);
            let answer = if kind == "application/json" { ask.json().send().await } else { ask.send().await };
            assert_eq!(answer.status, 415, "{path} {kind}");
            if path == FIRST {
                tape.add(&answer);
            }
        }
        let answer = house.post(path, &[]).without("content-type").send().await;
        assert_eq!(answer.status, 415, "{path}");
    }
    let spelled = house.post("/auth/_/start", &[]).body("Application/X-WWW-Form-UrlEncoded; charset=UTF-8", b"email=jane%40example.com");
    assert_eq!(spelled.send().await.location(), "/auth/code");
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn big_bodies_are_refused_everywhere() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    let fits = format!("email=jane%40example.com&x={}", "a".repeat(64 * 1024 - 27));
    assert_eq!(fits.len(), 64 * 1024);
    let answer = house.post("/auth/_/start", &[]).body(FORM, fits.as_bytes()).send().await;
    assert_eq!(answer.location(), "/auth/code", "64 kB fit");
    for path in forms() {
        let answer = house.post(path, &[]).body(FORM, format!("{fits}a").as_bytes()).send().await;
        assert_eq!(answer.status, 413, "{path}");
        if path == FIRST {
            tape.add(&answer);
            tape.add(&house.post(path, &[]).body(FORM, format!("{fits}a").as_bytes()).json().send().await);
        }
    }
    assert_snapshot!(tape.text());
}

/// Broken encoding is read as far as it goes, and is then no address, no code, no link.
#[tokio::test]
async fn broken_encoding_is_no_address() {
    let house = House::plain().await;
    for body in [
        b"email=%" as &[u8],
        b"email=%4",
        b"email=%ZZ%40example.com%ZZ",
        b"email=%FF%FE%40example.com",
        b"email=\xff\xfe@example.com",
        b"email",
        b"=jane@example.com",
        b"&&&",
        b"",
        b"email=%00",
        b"{\"email\":\"jane@example.com\"}",
    ] {
        let answer = house.post("/auth/_/start", &[]).body(FORM, body).send().await;
        assert_eq!((answer.status, answer.location()), (303, "/auth"), "{:?}", String::from_utf8_lossy(body));
        assert!(
            answer.set_cookie("pk_note").is_some_and(|note| note.contains("address") || note.contains("email") || note.contains("domain"))
        );
    }
    assert!(house.mails().is_empty());
}

/// Fields beyond the first 32 are not read: nobody makes us look through thousands.
#[tokio::test]
async fn too_many_fields_are_not_read() {
    let house = House::plain().await;
    let mut fields = vec![("x", "y"); 32];
    fields.push(("email", "jane@example.com"));
    assert_eq!(house.post("/auth/_/start", &fields).send().await.location(), "/auth");
    fields.swap(0, 32);
    assert_eq!(house.post("/auth/_/start", &fields).send().await.location(), "/auth/code");
}

#[tokio::test]
async fn missing_fields() {
    let house = House::plain().await;
    let browser = house.browser();
    let mut tape = Tape::default();
    tape.add(&browser.post("/auth/_/start", &[]).await);
    tape.add(&browser.get("/auth").await);
    browser.start("jane@example.com").await;
    tape.add(&browser.post("/auth/_/code", &[]).await);
    tape.add(&browser.get("/auth/code").await);
    tape.add(&browser.post("/auth/_/verify", &[]).await);
    tape.add(&browser.get("/auth/link-problem").await);
    tape.say("none of that cost a try");
    tape.add(&browser.post("/auth/_/code", &[("code", "000000")]).await);
    assert_snapshot!(tape.text());
}

/// A browser without any cookie, or with made-up ones, starts nothing and ends nothing, whatever form it sends.
#[tokio::test]
async fn without_cookies_forms_do_nothing() {
    let house = House::plain().await;
    let owner = house.browser();
    owner.sign_in("jane@example.com").await;
    let mail = owner.start("jane@example.com").await;
    let (_, id, _) = mail.link();
    let before = house.stored();
    let made_up =
        format!("pk_sign_in={id}.{0}.public; pk_change={id}.{0}.public; sAccessToken={0}; pk_device={0}; pk_note=x", "A".repeat(32));
    let fields = [
        ("code", mail.code()),
        ("preAuthSessionId", &id),
        ("linkCode", "AAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("number", "10"),
        ("session", "0191"),
        ("change", "0191"),
        ("as", "email"),
        ("email", "not an address"),
    ];
    for path in forms() {
        for cookie in ["", "pk_sign_in=; pk_change=; sAccessToken=", &made_up] {
            for fields in [&fields[..], &[]] {
                let answer = house.post(path, fields).cookie(cookie).send().await;
                let json = matches!(path, "/auth/_/check" | "/auth/_/opened");
                assert_eq!(answer.status, if json { 200 } else { 303 }, "{path} {cookie}");
                assert!(answer.location().starts_with(if json { "" } else { "/auth" }), "{path}");
                for name in ["sRefreshToken", "sAccessToken", "pk_device"] {
                    let set = answer.set_cookie(name).unwrap_or_default();
                    assert!(set.is_empty() || set.starts_with(&format!("{name}=;")), "{path}: {set}");
                }
                assert!(answer.set_cookie("pk_sign_in").is_none_or(|set| set.starts_with("pk_sign_in=;")), "{path}");
            }
        }
    }
    assert!(house.stored() == before, "something was written");
    assert!(house.mails().is_empty());
}

/// Every combination of what browsers say of themselves, for every form.
#[tokio::test]
async fn only_our_own_pages_may_send_forms() {
    let house = House::plain().await;
    let page = house.get("/auth").send().await;
    let cookie = page.set_cookie("pk_form").unwrap().split(';').next().unwrap().to_owned();
    let token = page.form_token().to_owned();
    let mut tape = Tape::default();
    let mut table = Vec::new();
    for site in [None, Some("same-origin"), Some("same-site"), Some("cross-site"), Some("none"), Some("Same-Origin"), Some("")] {
        for origin in [None, Some(HTTPS), Some("https://evil.example"), Some("http://login.example.com"), Some("null"), Some("")] {
            for proof in ["token and cookie", "no token", "no cookie", "neither", "wrong token", "token of another cookie", "two cookies"] {
                let allowed = match (site, origin) {
                    (_, Some(origin)) if origin != HTTPS && origin != "null" => false,
                    (Some(site), _) => site == "same-origin",
                    (None, _) => proof == "token and cookie",
                };
                for path in forms() {
                    let token = match proof {
                        "no token" | "neither" => None,
                        "wrong token" => Some("AAAAAAAAAAAAAAAAAAAAAA"),
                        _ => Some(token.as_str()),
                    };
                    let mut fields = vec![("email", "jane@example.com"), ("code", "1")];
                    fields.extend(token.map(|token| ("form", token)));
                    let mut ask = house.ask("POST", path).form(&fields);
                    ask = match proof {
                        "no cookie" | "neither" => ask,
                        "token of another cookie" => ask.cookie("pk_form=AAAAAAAAAAAAAAAAAAAAAA"),
                        "two cookies" => ask.cookie(&format!("{cookie}; pk_form=AAAAAAAAAAAAAAAAAAAAAA")),
                        _ => ask.cookie(&cookie),
                    };
                    if let Some(site) = site {
                        ask = ask.header("sec-fetch-site", site);
                    }
                    if let Some(origin) = origin {
                        ask = ask.header("origin", origin);
                    }
                    let answer = ask.send().await;
                    let told = format!("{path} site={site:?} origin={origin:?} {proof}");
                    assert_eq!(answer.status == 403, !allowed, "{told}: {}", answer.status);
                    if !allowed {
                        assert!(answer.set_cookies().is_empty(), "{told}");
                    }
                    if path == FIRST {
                        let word = if allowed { "taken" } else { "refused" };
                        table.push(format!("{word:<8} site={:<12} origin={:<26} {proof}", site.unwrap_or("-"), origin.unwrap_or("-")));
                        if table.len() == 1 || (site == Some("cross-site") && origin == Some("https://evil.example") && proof == "neither")
                        {
                            tape.add(&answer);
                        }
                    }
                }
            }
        }
    }
    house.mails();
    // What the session check says is the same whatever the proof: one line is enough.
    let mut short: Vec<String> = Vec::new();
    for line in table {
        if line.contains("site=-") || line.ends_with(" neither") {
            short.push(line);
        }
    }
    tape.say(&short.join("\n# "));
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_form_token_goes_with_its_browser() {
    let house = House::plain().await;
    let browser = house.browser();
    let first: Answer = browser.get("/auth").await;
    let token = first.form_token().to_owned();
    assert!(first.set_cookie("pk_form").is_some());
    let second = browser.get("/auth").await;
    assert_eq!(second.form_token(), token, "the token stays as long as the cookie does");
    assert!(second.set_cookie("pk_form").is_none());
    assert_ne!(house.browser().get("/auth").await.form_token(), token);
    // A cookie that was planted in another form is replaced.
    assert!(house.get("/auth").cookie("pk_form=x").send().await.set_cookie("pk_form").is_some());
}
