//! Which language a page speaks, who remembers it, and where choosing one leads.

use crate::house::{House, LOCAL, Plan};
use crate::visitor::Answer;

fn language(page: &Answer) -> (String, String) {
    let tag = page.body.split("<html ").nth(1).unwrap().split('>').next().unwrap();
    let of = |name: &str| tag.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    (of("lang"), of("dir"))
}

/// The address says it, else the cookie, else the browser, else the tenant.
#[tokio::test]
async fn which_language_is_spoken() {
    let house = House::plain().await;
    // Query, cookie, Accept-Language: the language, and whether it is remembered.
    let table = [
        ("", "", "", "en", false),
        ("", "", "fr-CA, de;q=0.9", "fr", false),
        ("", "", "xx, de;q=0.1", "de", false),
        ("", "", "xx", "en", false),
        ("", "", "de;q=0, es", "es", false),
        ("", "ja", "de", "ja", false),
        ("", "xx", "de", "de", false),
        ("lang=es", "ja", "de", "es", true),
        ("lang=pt-BR", "", "", "pt", true),
        ("lang=AR", "", "de", "ar", true),
        ("ui_locales=xx%20ko%20de", "ja", "de", "ko", true),
        ("ui_locales=xx+fr", "", "de", "fr", true),
        ("lang=xx", "", "de", "de", false),
        ("lang=xx", "ja", "de", "ja", false),
        ("lang=", "", "de", "de", false),
        ("lang=en", "", "de", "en", true),
        ("lang=../../etc/passwd", "", "", "en", false),
        ("tenantId=german", "", "", "de", false),
        ("tenantId=german", "", "xx", "de", false),
        ("tenantId=german", "", "fr", "fr", false),
        ("tenantId=german&lang=en", "", "", "en", true),
        ("tenantId=german&lang=xx", "", "", "de", false),
    ];
    for (query, cookie, accepted, expected, remembered) in table {
        let ask = house.get(&format!("/auth?{query}")).header("accept-language", accepted).cookie(&format!("pk_lang={cookie}"));
        let page = ask.send().await;
        let told = format!("{query} cookie={cookie} accept={accepted}");
        let dir = if expected == "ar" { "rtl" } else { "ltr" };
        assert_eq!(language(&page), (expected.to_owned(), dir.to_owned()), "{told}");
        let set = page.set_cookie("pk_lang");
        assert_eq!(set.is_some(), remembered, "{told}: {set:?}");
        if let Some(set) = set {
            assert!(set.starts_with(&format!("pk_lang={expected}; Path=/auth; SameSite=Lax; Expires=Sat, 15 Jan 2028")), "{set}");
            assert!(set.contains("HttpOnly"), "{set}");
        }
    }
}

/// What is said, typed and mailed after it follows the choice, and the choice stays.
#[tokio::test]
async fn a_choice_stays() {
    let house = House::plain().await;
    let browser = house.browser();
    let page = browser.get("/auth?redirectToPath=/shop").await;
    assert_eq!(page.field("back").as_deref(), Some("/auth?redirectToPath=%2Fshop"));
    let fields = [("lang", "ar"), ("back", "/auth?redirectToPath=%2Fshop")];
    let answer = browser.post("/auth/_/language", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/auth?redirectToPath=%2Fshop"));
    let page = browser.get(answer.location()).await;
    assert_eq!(language(&page), ("ar".to_owned(), "rtl".to_owned()));
    assert_eq!(page.field("redirectToPath").as_deref(), Some("/shop"));
    assert!(page.body.contains("<option value=\"ar\" lang=\"ar\" selected>"));
    let mail = browser.start("jane@example.com").await;
    assert_eq!(mail.lang, "ar");
    assert_eq!(language(&browser.get("/auth/code").await).1, "rtl");
    // The address beats the choice, and becomes it.
    assert_eq!(browser.get("/auth/code?lang=de").await.field("back").as_deref(), Some("/auth/code"));
    assert_eq!(browser.start("jane@example.com").await.lang, "de");
    // Programs are told where to go on, too.
    let json = browser.send(house.post("/auth/_/language", &[("lang", "fr"), ("back", "/auth/code")]).json()).await;
    assert_eq!(json.is_json(), serde_json::json!({ "location": "/auth/code" }));
    assert_eq!(browser.cookie("pk_lang").as_deref(), Some("fr"));
    // A language that we have not changes nothing.
    for unknown in ["xx", "", "de; Domain=example.com", "d", "de-AT"] {
        let answer = browser.post("/auth/_/language", &[("lang", unknown), ("back", "/auth")]).await;
        assert_eq!((answer.location(), answer.set_cookies().len()), ("/auth", 0), "{unknown}");
    }
}

/// Coming back leads nowhere but to this server.
#[tokio::test]
async fn coming_back_is_no_way_out() {
    let house = House::plain().await;
    for trick in [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/ /evil.example",
        "https://evil.example",
        "HTTPS:evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        ".evil.example",
        "?x=y",
        "#x",
        "",
        "/a\r\nset-cookie: x=y",
        "/grün",
        "/\u{ff0f}evil.example",
        "\u{ff0f}\u{ff0f}evil.example",
        " //evil.example",
    ] {
        for ask in [house.post("/auth/_/language", &[("lang", "de"), ("back", trick)])] {
            let answer = ask.send().await;
            assert_eq!((answer.status, answer.location()), (303, "/auth"), "{trick:?}");
        }
        let json = house.post("/auth/_/language", &[("lang", "de"), ("back", trick)]).json().send().await;
        assert_eq!(json.body, r#"{"location":"/auth"}"#, "{trick:?}");
    }
    for fine in ["/auth", "/auth/code", "/auth?redirectToPath=%2Fx%2Fy&tenantId=acme", "/demo"] {
        assert_eq!(house.post("/auth/_/language", &[("lang", "de"), ("back", fine)]).send().await.location(), fine);
    }
}

/// What a page gives to come back to is its own address, and for an answer to a form the start.
#[tokio::test]
async fn pages_give_their_own_address() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    for (path, back) in [
        ("/auth", "/auth"),
        ("/auth?lang=de", "/auth"),
        ("/auth?lang=de&tenantId=acme&ui_locales=fr", "/auth?tenantId=acme"),
        ("/auth?redirectToPath=/a%26b", "/auth?redirectToPath=%2Fa%26b"),
        ("/auth?x=%22%3E%3Cscript%3E", "/auth?x=%22%3E%3Cscript%3E"),
        ("/auth/link-problem", "/auth/link-problem"),
        ("/auth/_/assets/none.css", "/auth"),
        ("//evil.example/x", "/auth"),
    ] {
        assert_eq!(house.get(path).send().await.field("back").as_deref(), Some(back), "{path}");
    }
    let page = house.post("/auth/_/start", &[("identifier", "x"), ("tenantId", "nowhere")]).send().await;
    assert_eq!((page.status, page.field("back").as_deref()), (404, Some("/auth")));
}
