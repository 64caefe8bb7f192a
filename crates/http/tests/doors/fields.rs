//! The field for an email address or a phone number: its nine settings, its switch, its country, and what it says.

use crate::house::{House, NINE};
use crate::visitor::Answer;
use postkey_model::{Channel, ContactMethod, Flow};

/// Every contact method with every flow: the form's field and words, the message, and in.
#[tokio::test]
async fn all_nine_ways_to_sign_in() {
    let house = House::plain().await;
    for (tenant, contact, flow) in NINE {
        let (name, as_word) = match contact {
            ContactMethod::Email => ("email", "email"),
            ContactMethod::Phone => ("phone", "phone"),
            ContactMethod::EmailOrPhone => ("identifier", "either"),
        };
        let lead = match flow {
            Flow::MagicLink => "We send you a link.",
            Flow::UserInputCode => "We send you a code.",
            Flow::UserInputCodeAndMagicLink => "We send you a code and a link.",
        };
        let known = [("jane@example.com", Channel::Email), ("+43 660 1234567", Channel::Sms)];
        for (typed, channel) in known {
            if matches!((contact, channel), (ContactMethod::Email, Channel::Sms) | (ContactMethod::Phone, Channel::Email)) {
                continue;
            }
            let browser = house.browser();
            let page = browser.get(&format!("/auth?tenantId={tenant}")).await;
            assert_eq!((page.field(name).as_deref(), page.field("as").as_deref()), (Some(""), Some(as_word)), "{tenant}");
            assert!(page.body.contains(lead), "{tenant}");
            assert_eq!(page.country().is_some(), contact == ContactMethod::Phone, "{tenant}");
            assert_eq!(page.body.contains("name=\"switch\""), contact == ContactMethod::EmailOrPhone, "{tenant}");
            let country = [("country", "")];
            let fields = [("tenantId", tenant), ("as", as_word), (name, typed)];
            let answer = browser.post("/auth/_/start", &[&fields[..], &country[..]].concat()).await;
            assert_eq!(answer.location(), if flow.has_code() { "/auth/code" } else { "/auth/sent" }, "{tenant} {typed}");
            let mail = house.mail();
            assert_eq!((mail.channel, mail.code.is_some(), mail.link.is_some()), (channel, flow.has_code(), flow.has_link()), "{tenant}");
            let waiting = browser.get(answer.location()).await;
            assert!(waiting.body.contains(if channel == Channel::Email { "jane@example.com" } else { "+43 660 1234567" }), "{tenant}");
            let change = if channel == Channel::Email { "Use another email address" } else { "Use another phone number" };
            assert!(waiting.body.contains(change), "{tenant} {typed}");
            let entered = match flow {
                Flow::MagicLink => browser.link("/auth/_/verify", tenant, &mail, &[]).await,
                Flow::UserInputCode | Flow::UserInputCodeAndMagicLink => browser.post("/auth/_/code", &[("code", mail.code())]).await,
            };
            assert!(entered.set_cookie("sAccessToken").is_some(), "{tenant} {typed}: {:?}", entered.headers);
            assert_eq!(browser.get("/auth/signed-in").await.status, 200, "{tenant}");
        }
    }
}

/// Whatever the field is called, it is read; what is read is up to the tenant, not to the form.
#[tokio::test]
async fn no_form_asks_for_more_than_its_tenant() {
    let house = House::plain().await;
    // Tenant, field, `as`, what is typed, where it goes.
    let table = [
        ("email-both", "identifier", "", "jane@example.com", Some("jane@example.com")),
        ("email-both", "phone", "", "jane@example.com", Some("jane@example.com")),
        ("email-both", "phone", "phone", "jane@example.com", Some("jane@example.com")),
        ("email-both", "phone", "phone", "+436601234567", None),
        ("email-both", "identifier", "either", "+436601234567", None),
        ("phone", "email", "email", "+436601234567", Some("+436601234567")),
        ("phone", "email", "email", "jane@example.com", None),
        ("phone", "identifier", "either", "jane@example.com", None),
        ("phone", "phone", "phone", "0660 1234567", Some("+436601234567")),
        ("either", "email", "", "0660 1234567", Some("+436601234567")),
        ("either", "phone", "", "jane@example.com", Some("jane@example.com")),
        ("either", "phone", "phone", "0660 1234567", Some("+436601234567")),
        // The form for phone numbers of a tenant that takes both takes phone numbers.
        ("either", "phone", "phone", "jane@example.com", None),
        ("either", "identifier", "nonsense", "jane@example.com", Some("jane@example.com")),
    ];
    for (tenant, name, asked, typed, to) in table {
        let answer = house.post("/auth/_/start", &[("tenantId", tenant), (name, typed), ("as", asked)]).send().await;
        let told = format!("{tenant} {name} as {asked}: {typed}");
        assert_eq!(answer.status, 303, "{told}");
        let sent: Vec<String> = house.mails().into_iter().map(|mail| mail.to).collect();
        assert_eq!(sent, to.map(str::to_owned).into_iter().collect::<Vec<_>>(), "{told}");
        assert_eq!(answer.set_cookie("pk_sign_in").is_some(), to.is_some(), "{told}");
        assert_eq!(answer.location().starts_with("/auth?"), to.is_none(), "{told}: {}", answer.location());
    }
    let page = house.get("/auth?tenantId=email-both&as=phone").send().await;
    assert_eq!((page.field("email").as_deref(), page.field("phone"), page.country()), (Some(""), None, None));
    let page = house.get("/auth?tenantId=phone&as=either").send().await;
    assert_eq!((page.field("phone").as_deref(), page.field("identifier")), (Some(""), None));
}

#[tokio::test]
async fn the_switch_keeps_what_was_typed_and_its_country() {
    let house = House::plain().await;
    let browser = house.browser();
    let page = browser.get("/auth?tenantId=either&redirectToPath=/shop").await;
    assert!(page.body.contains("name=\"switch\" value=\"phone\"") && page.body.contains("Use a phone number"));
    let typed = "0151 <23>\"";
    let fields = [("tenantId", "either"), ("as", "either"), ("identifier", typed), ("switch", "phone"), ("redirectToPath", "/shop")];
    let answer = browser.post("/auth/_/start", &fields).await;
    assert_eq!(answer.location(), "/auth?tenantId=either&redirectToPath=%2Fshop&as=phone");
    let page = browser.get(answer.location()).await;
    assert_eq!((page.field("phone").as_deref(), page.field("as").as_deref()), (Some(typed), Some("phone")));
    assert_eq!((page.field("redirectToPath").as_deref(), page.error().as_str(), page.notice().as_str()), (Some("/shop"), "", ""));
    assert_eq!(page.country().unwrap().0, "AT", "the tenant's");
    assert!(page.body.contains("name=\"switch\" value=\"either\"") && page.body.contains("Use an email address"));
    // A country that was chosen meanwhile comes along, there and back.
    for (from, to, name) in [("phone", "phone", "phone"), ("phone", "either", "identifier"), ("either", "phone", "phone")] {
        let fields = [("tenantId", "either"), ("as", from), ("phone", "0151"), ("country", "DE"), ("switch", to)];
        let answer = browser.post("/auth/_/start", &fields).await;
        if from == to {
            // There is no switch to the form one is on.
            assert!(browser.cookie("pk_note").unwrap().starts_with("phone-invalid"), "{from}");
            continue;
        }
        assert_eq!(answer.location(), if to == "phone" { "/auth?tenantId=either&as=phone" } else { "/auth?tenantId=either" });
        assert_eq!(browser.cookie("pk_note").unwrap().split('.').nth(2), Some("DE"));
        let page = browser.get(answer.location()).await;
        assert_eq!(page.field(name).as_deref(), Some("0151"), "{to}");
        assert_eq!(page.country().map(|(code, _)| code), (to == "phone").then(|| "DE".to_owned()));
    }
    // Tenants without a choice have no switch.
    for (tenant, to) in [("email-both", "phone"), ("email-both", "either"), ("phone", "email"), ("phone", "either"), ("either", "email")] {
        let answer = house.post("/auth/_/start", &[("tenantId", tenant), ("identifier", "x"), ("switch", to)]).send().await;
        assert!(!answer.location().contains("as=phone"), "{tenant} {to}");
        assert!(!answer.set_cookie("pk_note").unwrap().starts_with("pk_note=typed."), "{tenant} {to}");
    }
    assert!(house.mails().is_empty());
}

/// A number whose country nobody can tell: the form becomes the one for phone numbers, with what can be guessed.
#[tokio::test]
async fn a_number_without_a_country_asks_for_one() {
    let house = House::plain().await;
    // Tenant, browser's languages, typed; the note, the field and the country of the form that comes.
    let table = [
        ("either-both", "", "0660 1234567", "Enter the number with its country code, or choose the country.", "0660 1234567", ""),
        ("either", "", "0660 12", "That is not a phone number of this country. Check the digits and the country.", "0660 12", "AT"),
        (
            "either-both",
            "de-DE",
            "0151 23",
            "That is not a phone number of this country. Check the digits and the country.",
            "0151 23",
            "DE",
        ),
        ("either", "", "+49 151 23", "That is not a phone number of this country. Check the digits and the country.", "+49 151 23", "DE"),
    ];
    for (tenant, languages, typed, said, shown, country) in table {
        let browser = house.browser();
        let ask = house.post("/auth/_/start", &[("tenantId", tenant), ("as", "either"), ("identifier", typed), ("redirectToPath", "/x")]);
        let answer = browser.send(ask.header("accept-language", languages)).await;
        assert_eq!(answer.location(), format!("/auth?tenantId={tenant}&redirectToPath=%2Fx&as=phone"), "{typed}");
        let page = browser.send(house.get(answer.location()).header("accept-language", "en")).await;
        assert_eq!((page.error().as_str(), page.field("phone").as_deref()), (said, Some(shown)), "{tenant} {typed}");
        assert_eq!(page.country().unwrap().0, country, "{tenant} {typed}");
        assert!(page.body.contains("aria-invalid=\"true\"") && page.body.contains("<title>Error: "), "{typed}");
    }
    // Words, and addresses gone wrong, stay where they are.
    for typed in ["jane", "jane@", "call me", ""] {
        let answer = house.post("/auth/_/start", &[("tenantId", "either"), ("as", "either"), ("identifier", typed)]).send().await;
        assert_eq!(answer.location(), "/auth?tenantId=either", "{typed}");
    }
    // With the country chosen it goes through.
    let browser = house.browser();
    let fields = [("tenantId", "either-both"), ("as", "phone"), ("phone", "0660 1234567"), ("country", "AT")];
    assert_eq!(browser.post("/auth/_/start", &fields).await.location(), "/auth/code");
    assert_eq!(house.mail().to, "+436601234567");
}

const INPUTS: [&str; 26] = [
    "jane",
    "jane@",
    "@example.com",
    "jane@localhost",
    "jane@example..com",
    "jane@exa mple.com",
    "Jane@Example.COM",
    " jane@example.com ",
    "jane@example.com,eve@example.com",
    "jané@example.com",
    "jane＠example.com",
    "0660 1234567",
    "0660/123 45 67",
    "00436601234567",
    "+43 660 1234567",
    "+43660",
    "+999 1234567",
    "12",
    "0900 123456",
    "call me",
    "٠٦٦٠ ١٢٣٤٥٦٧",
    "+1 201 555 0123",
    "660 1234567 ext 3",
    "<b>x</b>",
    "\u{202e}0660 1234567",
    "0660-1234567890123456789012345678901234567890123456789012345678901234567890",
];

/// What is said as one leaves the field is what is said after sending it, word for word, in every language.
#[tokio::test]
async fn the_check_says_what_the_form_says() {
    let house = House::plain().await;
    let mut said = 0;
    for (tenant, as_word, name) in [
        ("email-code", "email", "email"),
        ("phone-code", "phone", "phone"),
        ("phone", "phone", "phone"),
        ("either-code", "either", "identifier"),
        ("either", "either", "identifier"),
        ("either", "phone", "phone"),
    ] {
        for country in ["", "DE", "XX"] {
            for typed in INPUTS {
                let language = if said % 2 == 0 { "en" } else { "de" };
                let fields = [("tenantId", tenant), ("as", as_word), (name, typed), ("country", country)];
                let ask = |path: &str| house.post(path, &fields).header("accept-language", language);
                let told = ask("/auth/_/check").json().send().await;
                assert!(told.set_cookies().is_empty());
                let told = told.is_json();
                let browser = house.browser();
                let answer = browser.send(ask("/auth/_/start")).await;
                let words = format!("{tenant} {as_word} {country}: {typed}");
                if answer.set_cookie("pk_sign_in").is_some() {
                    let page = browser.send(house.get("/auth/code").header("accept-language", language)).await;
                    assert_eq!(told.as_object().unwrap().len(), 1, "{words}: {told}");
                    assert!(page.body.contains(told["shown"].as_str().unwrap()), "{words}: {told}");
                } else {
                    let page = browser.send(house.get(answer.location()).header("accept-language", language)).await;
                    assert_eq!(told, serde_json::json!({ "error": page.error() }), "{words}");
                    assert!(!page.error().is_empty(), "{words}");
                    said += 1;
                }
            }
        }
    }
    assert!(said > 200, "{said}");
    // It needs no store, starts nothing, and knows nobody.
    let nothing = house.post("/auth/_/check", &[("tenantId", "nowhere"), ("email", "x")]).json().send().await;
    assert_eq!(nothing.body, "{}");
    house.mails();
    house.post("/auth/_/check", &[("email", "jane@example.com")]).json().send().await;
    assert!(house.mails().is_empty());
}

/// A local number is read by the country chosen in the form, else by the tenant's, else by the browser's.
#[tokio::test]
async fn which_country_a_number_is_of() {
    let house = House::plain().await;
    // Tenant, form, browser's languages: the number it becomes.
    let table = [
        ("phone", "", "", "0660 1234567", Some("+436601234567")),
        ("phone", "", "de-DE", "0660 1234567", Some("+436601234567")),
        ("phone", "DE", "de-AT", "0151 23456789", Some("+4915123456789")),
        ("phone-code", "", "de-DE", "0151 23456789", Some("+4915123456789")),
        ("phone-code", "", "fr, de-AT;q=0.5", "0660 1234567", Some("+436601234567")),
        ("phone-code", "AT", "de-DE", "0660 1234567", Some("+436601234567")),
        ("phone-code", "", "de", "0660 1234567", None),
        ("phone-code", "", "", "0660 1234567", None),
        ("phone-code", "XX", "", "0660 1234567", None),
        ("phone-code", "at", "", "0660 1234567", Some("+436601234567")),
        // A number that says its country is of that one.
        ("phone", "DE", "fr-FR", "+1 201 555 0123", Some("+12015550123")),
        ("phone", "DE", "fr-FR", "0012015550123", Some("+12015550123")),
    ];
    for (tenant, chosen, languages, typed, to) in table {
        let fields = [("tenantId", tenant), ("as", "phone"), ("phone", typed), ("country", chosen)];
        house.post("/auth/_/start", &fields).header("accept-language", languages).send().await;
        let sent: Vec<String> = house.mails().into_iter().map(|mail| mail.to).collect();
        assert_eq!(sent, to.map(str::to_owned).into_iter().collect::<Vec<_>>(), "{tenant} {chosen} {languages} {typed}");
    }
    // The list begins with the same country, by its name in the reader's language.
    let shown = async |tenant: &str, languages: &str| -> Answer {
        house.get(&format!("/auth?tenantId={tenant}")).header("accept-language", languages).send().await
    };
    for (tenant, languages, code, name) in [
        ("phone", "en-US", "AT", "Austria (+43)"),
        ("phone", "de", "AT", "Österreich (+43)"),
        ("phone-code", "de-CH, en-US", "CH", "Schweiz (+41)"),
        ("phone-code", "en-US", "US", "United States (+1)"),
        ("phone-code", "ja", "", "国"),
        ("phone-code", "en", "", "Choose"),
    ] {
        let page = shown(tenant, languages).await;
        let (found, words) = page.country().unwrap();
        assert_eq!(found, code, "{tenant} {languages}");
        assert!(words.starts_with(name), "{tenant} {languages}: {words}");
        assert!(page.body.matches("<option value=").count() > 240, "{languages}: all countries");
    }
}
