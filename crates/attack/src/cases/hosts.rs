//! C: forged hosts, places to return to, and what people type where an address or a number belongs.

use crate::browser::{Browser, THROTTLED, let_in};
use crate::case::{Case, Need, Verdict};
use crate::flood::loopback;
use crate::http::Ask;
use crate::world::World;
use serde_json::json;
use url::Url;

/// The place that the suite's own servers let people return to, beside their own.
const REGISTERED: &str = "https://app.example.com/in";

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "C01",
            "Forged Host, X-Forwarded-Host, Forwarded and the like: links, redirects, cookies and issuers keep the configured name.",
            |world| Box::pin(c01(world)),
        ),
        Case::new(
            "C02",
            "Forty tricks with places to return to, on the pages and at the Authress door: nobody is sent anywhere else.",
            |world| Box::pin(c02(world)),
        ),
        Case::new(
            "C03",
            "Hostile addresses (two in one, line breaks, look-alikes, a kilobyte): every door takes or refuses them alike, and no third person gets mail.",
            |world| Box::pin(c03(world)),
        ),
        Case::new("C04", "HTML and template syntax in addresses, names and headers: inert in mail, text and pages.", |world| {
            Box::pin(c04(world))
        }),
        Case::new(
            "C05",
            "Odd phone numbers: short codes, premium lines, letters, spellings of one number: refused, or one number.",
            |world| Box::pin(c05(world)),
        )
        .needs(&[Need::OwnServers]),
    ]
}

async fn c01(world: &World) -> Result<Verdict, String> {
    let port = world.host().rsplit_once(':').map_or("443", |(_, port)| port).to_owned();
    let with_port = format!("evil.example:{port}");
    let forged: Vec<Vec<(&str, &str)>> = vec![
        vec![("host", "evil.example")],
        vec![("host", &with_port)],
        vec![("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https"), ("x-forwarded-port", "444")],
        vec![("forwarded", "for=1.2.3.4;host=evil.example;proto=https")],
        vec![("x-original-host", "evil.example"), ("x-host", "evil.example"), ("x-forwarded-server", "evil.example")],
        vec![("x-original-url", "http://evil.example/auth"), ("x-rewrite-url", "//evil.example/auth")],
        vec![("x-forwarded-prefix", "//evil.example"), ("x-http-host-override", "evil.example")],
        vec![("referer", "https://evil.example/auth")],
    ];
    let mut wrong = Vec::new();
    let mut mails = 0;
    for headers in &forged {
        let (mut browser, who) = (world.browser()?, world.address("c01"));
        let ask = browser.form("/auth/_/start", &[("email", &who), ("tenantId", "public")]).instead(headers);
        let answer = browser.send(ask).await?;
        if answer.whole().contains("evil.example") {
            wrong.push(format!("{headers:?}: it is in the answer"));
        }
        if answer.status == 429 {
            return Err(THROTTLED.to_owned());
        }
        if answer.status == 303 {
            mails += 1;
            let mail = world.mail(&who, 1).await?;
            let text = format!("{} {} {} {}", mail.link, mail.text, mail.html, mail.subject);
            if text.contains("evil.example") || !mail.link.starts_with(&format!("{}/", world.origin)) {
                wrong.push(format!("{headers:?}: the mail does not keep the configured name"));
            }
        }
        for path in ["/auth", "/auth/code", "/auth/signed-in", "/.well-known/jwks.json", "/auth/.well-known/openid-configuration"] {
            // (A development server sends browsers on that call it by another name of this machine: not by a foreign one.)
            let answer = world.http()?.ask(Ask::get(path).instead(headers)).await?;
            if answer.whole().contains("evil.example") {
                wrong.push(format!("{headers:?}: it is in the answer to {path}"));
            }
        }
    }
    if mails == 0 {
        wrong.push("no mail came at all".to_owned());
    }
    Ok(Verdict::unless(&wrong, format!("{} kinds of forged headers, {mails} mails: the forged name is nowhere", forged.len())))
}

/// Places that are none of ours, as they have got past other servers.
const TRICKS: [&str; 40] = [
    "//evil.example",
    "///evil.example",
    "////evil.example/x",
    "/\\evil.example",
    "/\\/evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example",
    "http://app.example.com/in",
    "https://app.example.com.evil.example/in",
    "https://app.example.com@evil.example/in",
    "https://evil.example#https://app.example.com/in",
    "https://evil.example?https://app.example.com/in",
    "https://evil.example\\@app.example.com/in",
    "https://app.example.com/inner",
    "https://app.example.com/in/../x",
    "https://app.example.com/in/%2e%2e/x",
    "https://app.example.com/in/%252e%252e/x",
    "https://app.example.com:8443/in",
    "https://sub.app.example.com/in",
    "/%2F/evil.example",
    "/%5Cevil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/a\r\nLocation: https://evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt://%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "ftp://app.example.com/in",
    "blob:https://app.example.com/in",
    "https://app\u{3002}example\u{3002}com.evil.example/in",
    "evil.example",
    "http://127.0.0.1:1/",
];

/// Whether a `Location` stays with the server, or with the one registered place.
fn stays(location: &str, origin: &str) -> bool {
    let Ok(base) = Url::parse(origin) else { return false };
    let Ok(there) = base.join(location) else { return false };
    let registered = there.scheme() == "https"
        && there.host_str() == Some("app.example.com")
        && there.port().is_none()
        && (there.path() == "/in" || there.path().starts_with("/in/"));
    there.origin() == base.origin() || registered
}

async fn c02(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let mut sent = 0;
    for trick in TRICKS {
        for name in ["redirectToPath", "returnTo"] {
            let (mut browser, who) = (world.browser()?, world.address("c02"));
            let ask = browser.form("/auth/_/start", &[("email", &who), ("tenantId", "public"), (name, trick)]);
            let answer = browser.send(ask).await?;
            let mut places = vec![answer.header("location").to_owned()];
            if answer.status == 303 && !browser.jar.get("pk_sign_in").is_empty() {
                sent += 1;
                let mail = world.mail(&who, 1).await?;
                places.push(mail.link.clone());
                places.push(browser.code(&mail.code).await?.header("location").to_owned());
            } else if answer.status == 429 {
                return Err(THROTTLED.to_owned());
            }
            if let Some(place) = places.iter().find(|place| !place.is_empty() && !stays(place, &world.origin)) {
                wrong.push(format!("{name}={trick:?} led to {place:?}"));
            }
        }
        // A page that asks for a login by the Authress door.
        let body =
            json!({ "redirectUrl": trick, "codeChallengeMethod": "S256", "codeChallenge": "A".repeat(43), "applicationId": "app_default" });
        let answer = world.http()?.ask(Ask::post("/api/authentication").json(&body)).await?;
        if answer.status < 400 {
            wrong.push(format!("the Authress door took redirectUrl {trick:?}"));
        }
    }
    if world.house.is_some() {
        // The other way round: what is registered works.
        let (mut browser, who) = (world.browser()?, world.address("c02"));
        browser.send(browser.form("/auth/_/start", &[("email", &who), ("tenantId", "public"), ("returnTo", REGISTERED)])).await?;
        let place = browser.code(&world.mail(&who, 1).await?.code).await?.header("location").to_owned();
        if place != REGISTERED {
            wrong.push(format!("the registered place led to {place:?}"));
        }
    }
    Ok(Verdict::unless(&wrong, format!("{} tricks, {sent} of them asked for a code all the same: all ended at home", TRICKS.len())))
}

async fn c03(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let third = world.address("third");
    let long = format!("{}@example.com", "a".repeat(1000));
    let hostile = [
        format!("a@example.com,{third}"),
        format!("a@example.com;{third}"),
        format!("a@example.com {third}"),
        format!("a@example.com\r\nBcc: {third}"),
        format!("a@example.com\nBcc:{third}"),
        format!("a@example.com%0d%0aBcc:{third}"),
        format!("\"a\" <{third}>"),
        format!("<{third}>"),
        format!("mailto:{third}"),
        format!("{third}\0.evil.example"),
        format!("{third}(comment)"),
        format!("a@b@{}", third.replace('@', ".")),
        "a@".to_owned(),
        "@example.com".to_owned(),
        "a@localhost".to_owned(),
        "a@[127.0.0.1]".to_owned(),
        "a@127.0.0.1".to_owned(),
        "a@-example.com".to_owned(),
        "a@example..com".to_owned(),
        "a..b@example.com".to_owned(),
        ".a@example.com".to_owned(),
        "a@exa\u{202e}mple.com".to_owned(),
        "a@ex\u{200b}ample.com".to_owned(),
        "a\u{ff20}example.com".to_owned(),
        "\"a b\"@example.com".to_owned(),
        "a@example.com'--".to_owned(),
        "a' OR 1=1 --@example.com".to_owned(),
        long,
        String::new(),
        " ".to_owned(),
    ];
    let mut taken = 0;
    for text in &hostile {
        let mut said = Vec::new();
        let mut browser = world.browser()?;
        let answer = browser.post("/auth/_/start", &[("email", text), ("tenantId", "public")]).await?;
        if answer.status == 429 {
            return Err(THROTTLED.to_owned());
        }
        said.push(("pages", !browser.jar.get("pk_sign_in").is_empty(), answer.status));
        let answer = world.web()?.post("/signinup/code", &json!({ "email": text })).await?;
        said.push(("frontend door", answer.json()["status"] == "OK", answer.status));
        if world.lacks(Need::BackEnd).is_none() {
            let answer = world.core_at(0, "public")?.call("POST", "/recipe/signinup/code", &json!({ "email": text })).await?;
            said.push(("back-end door", answer.json()["status"] == "OK", answer.status));
        }
        let shown: String = text.chars().take(40).collect();
        if let Some((door, _, status)) = said.iter().find(|(_, _, status)| *status >= 500) {
            wrong.push(format!("{door} answered {status} to {shown:?}"));
        }
        if said.iter().any(|(_, ok, _)| *ok != said[0].1) {
            wrong.push(format!("{shown:?} is not taken alike: {said:?}"));
        }
        taken += usize::from(said[0].1);
    }
    // The post room is asynchronous; whatever was going out is out by then.
    let me = world.address("c03");
    world.browser()?.start(&me).await?;
    world.mail(&me, 1).await?;
    // `<a@b>` is an address in its own spelling: only what it says itself may get mail.
    let to_third = world.mails_to(&third).await?.len();
    if to_third > 0 {
        wrong.push(format!("a third person got {to_third} mails"));
    }
    Ok(Verdict::unless(
        &wrong,
        format!("{} addresses, {taken} of them taken, alike at every door; no third person got mail", hostile.len()),
    ))
}

async fn c04(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let stamp = &world.stamp;
    let typed = [
        format!("{{{{1234*4321}}}}-{stamp}@example.com"),
        format!("{{%if%}}-{stamp}@example.com"),
        format!("${{1234*4321}}-{stamp}@example.com"),
        format!("a'b\"c-{stamp}@example.com"),
        format!("a&lt;b&amp;-{stamp}@example.com"),
        format!("<b>x</b>-{stamp}@example.com"),
        format!("<script>alert(1)</script>-{stamp}@example.com"),
        format!("\"<img/src=x>\"-{stamp}@example.com"),
    ];
    let mut taken = 0;
    let tenants: &[&str] = if world.house.is_some() { &["public", "markup"] } else { &["public"] };
    for tenant in tenants {
        let own = world.address("c04");
        for who in typed.iter().chain([&own]) {
            let mut browser = world.browser_in(tenant)?;
            let ask = browser.form("/auth/_/start", &[("email", who), ("tenantId", tenant), ("redirectToPath", "/x?<b>{{1234*4321}}")]);
            let ask = ask.instead(&[("user-agent", "<script>alert(1)</script>{{1234*4321}}"), ("accept-language", "<b>{{1234*4321}}")]);
            let answer = browser.send(ask).await?;
            if answer.status == 429 {
                return Err(THROTTLED.to_owned());
            }
            let mut texts = vec![("page", browser.get("/auth/code").await?.text()), ("start page", browser.get("/auth").await?.text())];
            if !browser.jar.get("pk_sign_in").is_empty() {
                taken += 1;
                let Ok(mail) = world.mail(&who.to_lowercase(), 1).await else {
                    return Err(format!("no mail came to {who:?}"));
                };
                let link = mail.link()?;
                texts.push(("page of the link", world.browser()?.get(&link.path).await?.text()));
                texts.push(("mail", mail.html));
                // Text has no markup; only what is filled in may not be filled in again.
                for text in [mail.text, mail.subject] {
                    if text.contains("5332114") {
                        wrong.push(format!("{who:?}: a template in it was filled in"));
                    }
                }
            }
            for (name, text) in texts {
                for raw in ["5332114", "<script>alert", "<b>x</b>", "<b>{{", "<img/src=x>", "<i>Markup"] {
                    if text.contains(raw) {
                        wrong.push(format!("{who:?}: {raw} stands raw in the {name}"));
                    }
                }
            }
        }
    }
    Ok(Verdict::unless(
        &wrong,
        format!("{} addresses in {} tenants, {taken} mails: nothing of it was markup", typed.len() + 1, tenants.len()),
    ))
}

async fn c05(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let odd = [
        "112",
        "911",
        "+112",
        "+49",
        "+",
        "00",
        "+0000000000",
        "+1234567890123456789",
        "+49 151",
        "abc",
        "+49abc123456",
        "0151 2345678901234",
        "+1 900 555 0199",
        "+49 900 1234567",
        "+44 909 879 0000",
        "+979 123456789",
        "+882 16 12345678",
        "\u{0661}\u{0662}\u{0663}",
        "+4915112345678;ext=1",
        "tel:112",
        "+49151\r\n12345678",
        "+49 (0)",
        "' OR 1=1",
        "1e10",
    ];
    for text in odd {
        let mut browser = world.browser_in("phones")?;
        let answer = browser.post("/auth/_/start", &[("phone", text), ("as", "phone"), ("tenantId", "phones"), ("country", "DE")]).await?;
        let pages = !browser.jar.get("pk_sign_in").is_empty();
        let web = world.web_at(0, "phones")?.post("/signinup/code", &json!({ "phoneNumber": text })).await?;
        if answer.status >= 500 || web.status >= 500 {
            wrong.push(format!("{text:?} was answered with {} and {}", answer.status, web.status));
        }
        // What pages read by the chosen country, scripts have to write out.
        if pages && web.json()["status"] != "OK" && text.starts_with('+') || !pages && web.json()["status"] == "OK" {
            wrong.push(format!("{text:?} is not taken alike: pages {pages}, frontend door {}", web.text()));
        }
        if pages && ["112", "911", "+112", "+1 900 555 0199", "+49 900 1234567", "+979 123456789"].contains(&text) {
            wrong.push(format!("a text went to {text:?}"));
        }
    }
    // One number in some spellings is one number, and one account. Texts that other cases did not use are held against the
    // network that the suite usually asks from.
    let from = if world.house.is_some() { loopback([127, 55, 0, 1]) } else { None };
    let number = world.number();
    let rest = &number[3..];
    let spellings = [
        number.clone(),
        format!("+49 {} {}", &rest[..3], &rest[3..]),
        format!("0049{rest}"),
        format!("0{rest}"),
        format!("+49 (0) {rest}"),
        format!("\u{ff0b}49{rest}"),
    ];
    let mut users = std::collections::BTreeSet::new();
    for (count, spelling) in spellings.iter().enumerate() {
        let mut browser = Browser::new(world.http_at(0, from)?, &world.origin, "phones");
        let fields = [("phone", spelling.as_str()), ("as", "phone"), ("tenantId", "phones"), ("country", "DE")];
        browser.post("/auth/_/start", &fields).await?;
        if browser.jar.get("pk_sign_in").is_empty() {
            wrong.push(format!("{spelling:?} was not understood"));
            continue;
        }
        let mail = world.mail(&number, count + 1).await?;
        let answer = browser.code(&mail.code).await?;
        users.insert(crate::tokens::subject(browser.jar.get(crate::browser::ACCESS)));
        if !let_in(&answer) {
            wrong.push(format!("the code for {spelling:?} opened nothing"));
        }
    }
    if users.len() != 1 {
        wrong.push(format!("{} spellings of one number are {} accounts", spellings.len(), users.len()));
    }
    Ok(Verdict::unless(
        &wrong,
        format!("{} odd numbers alike on both doors; {} spellings of one number are one account", odd.len(), spellings.len()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_elsewhere_are_told_from_our_own() {
        let origin = "http://localhost:8000";
        for home in
            ["/demo", "/auth/code?x=1", "http://localhost:8000/x", "https://app.example.com/in", "https://app.example.com/in/x", "x"]
        {
            assert!(stays(home, origin), "{home}");
        }
        for away in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/in",
            "http://app.example.com/in",
            "https://app.example.com/inner",
            "https://app.example.com:8443/in",
            "http://localhost:8001/",
            "javascript:alert(1)",
            "https://app.example.com@evil.example/in",
        ] {
            assert!(!stays(away, origin), "{away}");
        }
    }
}
