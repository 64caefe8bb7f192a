//! What messages look like: every sample in every language, for every channel.

use super::*;
use crate::samples::{PLACE, content, samples};
use postkey_model::MessageKind;

fn templates() -> Templates {
    Templates::built_in().unwrap()
}

fn mail(content: &MessageContent) -> Rendered {
    templates().render_sample(Channel::Email, content).unwrap()
}

fn sms(content: &MessageContent) -> String {
    templates().render_sample(Channel::Sms, content).unwrap().text
}

/// Every sample in every language.
fn everything(mut look: impl FnMut(&str, &Templates, &MessageContent)) {
    let templates = templates();
    for language in templates.0.words().languages().all() {
        for (name, content) in samples() {
            let content = MessageContent { lang: language.code().to_owned(), ..content };
            look(&format!("{name} in {}", language.code()), &templates, &content);
        }
    }
}

#[test]
fn there_is_a_sample_of_every_kind_and_flow() {
    for kind in MessageKind::ALL {
        assert!(samples().iter().any(|(_, content)| content.kind == kind));
    }
    for (code, link) in [(true, true), (true, false), (false, true)] {
        let flow =
            |(_, c): &(String, MessageContent)| c.kind == MessageKind::SignIn && (c.code.is_some(), c.link.is_some()) == (code, link);
        assert!(samples().iter().any(flow));
    }
}

#[test]
fn a_sign_in_mail_says_all_there_is_to_say() {
    let mail = mail(&content(MessageKind::SignIn));
    assert_eq!(mail.subject, "578 396 is your code for Example");
    for part in [&mail.text, &mail.html] {
        for words in ["578 396", "10 minutes", "Firefox", "Windows", PLACE, "2027-01-15 08:00 UTC", "help@example.com"] {
            assert!(part.contains(words), "{words} in {part}");
        }
    }
    assert!(mail.text.contains("&tenantId=public#kD8mW2xQp5vR9sYt3uZa7bNc\n"));
    assert!(mail.html.contains("&amp;tenantId=public#kD8mW2xQp5vR9sYt3uZa7bNc\""));
    assert!(mail.html.contains("href=\"mailto:help@example.com\""));
}

#[test]
fn only_what_was_asked_for_is_in_it() {
    let full = content(MessageKind::SignIn);
    let link_only = mail(&MessageContent { code: None, ..full.clone() });
    assert_eq!(link_only.subject, "Your sign-in link for Example");
    assert!(!link_only.text.contains("578 396") && !link_only.html.contains("class=\"code\"") && !link_only.text.contains("code"));
    let code_only = mail(&MessageContent { link: None, support: None, ..full });
    assert!(!code_only.text.contains("http") && !code_only.html.contains("href"));
}

#[test]
fn a_subject_says_the_code_only_where_the_tenant_wants_that() {
    let subject = |kind, code_in_subject| mail(&MessageContent { code_in_subject, ..content(kind) }).subject;
    for (kind, with, without) in [
        (MessageKind::SignIn, "578 396 is your code for Example", "Sign in to Example"),
        (MessageKind::Prove, "578 396 confirms your address for Example", "Example: Confirm this address"),
        (MessageKind::ConfirmOld, "578 396 confirms a change to your account at Example", "Example: Confirm the change"),
    ] {
        assert_eq!((subject(kind, true).as_str(), subject(kind, false).as_str()), (with, without));
    }
    let is_in = |code: &str, text: &str| text.replace([' ', '\u{a0}'], "").contains(&without_spaces(code));
    everything(|name, templates, content| {
        for code_in_subject in [true, false] {
            let content = MessageContent { code_in_subject, ..content.clone() };
            let mail = templates.render_sample(Channel::Email, &content).unwrap();
            assert!(mail.subject.contains("Example"), "{name}: {}", mail.subject);
            check_words(name, &mail.subject);
            let Some(code) = &content.code else {
                assert_eq!(
                    mail.subject,
                    templates.render_sample(Channel::Email, &MessageContent { code_in_subject: true, ..content }).unwrap().subject
                );
                continue;
            };
            let preheader = mail.html.split("display:none").nth(1).and_then(|rest| rest.split("</div>").next()).unwrap();
            assert_eq!(is_in(code, preheader), code_in_subject, "{name}: what mail programs show beside the subject");
            assert_eq!(is_in(code, &mail.subject), code_in_subject, "{name}: {}", mail.subject);
            assert!(is_in(code, &mail.text) && is_in(code, &mail.html), "{name}: the mail itself says it");
            // A text has no subject, and begins with the code as ever.
            assert!(is_in(code, templates.render_sample(Channel::Sms, &content).unwrap().text.lines().next().unwrap()), "{name}");
        }
    });
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let asked = postkey_model::Asked::default();
    let bare = MessageContent { asked, support: None, lifetime: 60_000, ..content(MessageKind::SignIn) };
    let mail = mail(&bare);
    assert!(mail.text.contains("Device: An unknown browser\nTime: 2027"), "{}", mail.text);
    assert!(mail.text.contains("for 1 minute.") && !mail.text.contains("help") && !mail.html.contains("help"));
}

#[test]
fn hostile_values_stay_text() {
    let evil = "<script>{{ 7*7 }}</script>\r\nBcc: eve@example.com";
    let hostile = |kind| MessageContent {
        app_name: evil.to_owned(),
        other: Some("<b>x</b>".to_owned()),
        support: Some("javascript:alert(1)\"><img src=x>".to_owned()),
        ..content(kind)
    };
    for kind in MessageKind::ALL {
        let mail = mail(&hostile(kind));
        assert!(!mail.html.contains("<script>") && !mail.html.contains("49") && !mail.html.contains("<b>") && !mail.html.contains("<img"));
        assert!(!mail.html.contains("href=\"javascript"));
        assert!(!mail.subject.contains(['\n', '\r']));
        assert!(!mail.text.contains("\nBcc:"), "{}", mail.text);
    }
    // In a text nothing can stand in for the line that phones read.
    let text = sms(&MessageContent { app_name: "x\n\n@evil.example #000000".to_owned(), ..content(MessageKind::SignIn) });
    assert_eq!(text.lines().filter(|line| line.starts_with('@')).collect::<Vec<_>>(), ["@login.example.com #578396"]);
    // A place comes from a file that is not ours.
    let place = Some("here\n\n@evil.example #000000".to_owned());
    let text = templates().render(Channel::Sms, &content(MessageKind::SignIn), samples::ASKED_AT, place).unwrap().text;
    assert_eq!(text.lines().filter(|line| line.starts_with('@')).count(), 1);
}

#[test]
fn a_text_begins_with_the_code_and_ends_with_the_line_that_phones_read() {
    let full = content(MessageKind::SignIn);
    assert_eq!(
        sms(&MessageContent { link: Some("https://l.example/x#s".to_owned()), ..full.clone() }),
        "578 396 is your code for Example.\nOr open:\nhttps://l.example/x#s\nWorks for 10 minutes.\n\
        Asked for from: Firefox on Windows, Bremen, Germany\n\n@login.example.com #578396"
    );
    assert_eq!(
        sms(&MessageContent { code: None, link: Some("https://l.example/x#s".to_owned()), ..full.clone() }),
        "Sign in to Example:\nhttps://l.example/x#s\nWorks for 10 minutes.\nAsked for from: Firefox on Windows, Bremen, Germany"
    );
    // WhatsApp has no use for that line.
    let whatsapp = templates().render_sample(Channel::WhatsApp, &full).unwrap();
    assert!(!whatsapp.text.contains('@') && whatsapp.text.starts_with("578 396"));
    everything(|name, templates, content| {
        let sms = templates.render_sample(Channel::Sms, content).unwrap();
        assert!(sms.subject.is_empty() && sms.html.is_empty(), "{name}");
        let bound = sms.text.lines().filter(|line| line.starts_with('@')).collect::<Vec<_>>();
        match &content.code {
            Some(_) => {
                assert_eq!(bound, ["@login.example.com #578396"], "{name}");
                assert!(sms.text.ends_with("\n\n@login.example.com #578396"), "{name}: {}", sms.text);
                assert!(sms.text.lines().next().unwrap().contains("578 396"), "{name}: {}", sms.text);
            }
            None => assert!(bound.is_empty(), "{name}"),
        }
        if let Some(link) = &content.link {
            assert!(sms.text.lines().any(|line| line == link), "{name}: {}", sms.text);
        }
        // Three segments of UCS-2 at the very most, besides the link.
        let signs = sms.text.encode_utf16().count() - content.link.as_ref().map_or(0, String::len);
        assert!(signs <= 3 * 67, "{name}: {signs} signs: {}", sms.text);
        check_words(name, &sms.text);
    });
}

#[test]
fn lifetimes_are_whole_and_never_promise_too_much() {
    for (lifetime, minutes, hours) in
        [(600_000, 10, 0), (60_000, 1, 0), (90_000, 1, 0), (3_600_000, 0, 1), (5_400_000, 90, 0), (7_200_000, 0, 2), (1, 1, 0), (-1, 1, 0)]
    {
        assert_eq!(in_minutes_or_hours(lifetime), (minutes, hours), "{lifetime}");
    }
}

/// Nothing that a missing string, a value left out or a mark of direction leaves behind.
fn check_words(name: &str, text: &str) {
    for bad in ["mail-", "sms-", "{", "}", "none", "undefined", "\u{2068}", "\u{2069}", "\n\n\n"] {
        assert!(!text.contains(bad), "{name} contains {bad:?}:\n{text}");
    }
    assert!(text.lines().all(|line| line == line.trim_end()), "{name}: spaces at a line's end:\n{text}");
}

/// The properties that Outlook (Word's engine), Gmail and Apple Mail take or harmlessly leave out.
const STYLES: [&str; 25] = [
    "background-color",
    "border",
    "border-radius",
    "color",
    "display",
    "font-family",
    "font-size",
    "font-weight",
    "letter-spacing",
    "line-height",
    "margin",
    "max-height",
    "max-width",
    "mso-padding-alt",
    "overflow",
    "padding",
    "text-align",
    "text-decoration",
    "vertical-align",
    "white-space",
    "width",
    "height",
    "word-break",
    "direction",
    "font-style",
];

/// The elements, likewise.
const ELEMENTS: [&str; 16] =
    ["html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "a", "br", "strong", "bdi", "span", "p"];

/// An element's name and attributes, from each start tag.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut all = Vec::new();
    for piece in html.split('<').skip(1).filter(|piece| !piece.starts_with(['/', '!'])) {
        // No attribute of ours holds a `>`.
        let tag = piece.split('>').next().unwrap();
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes = Vec::new();
        while let Some((attribute, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"').unwrap();
            attributes.push((attribute.trim().to_owned(), value.to_owned()));
            rest = after;
        }
        assert!(rest.trim().is_empty(), "an attribute without a quoted value in <{tag}>");
        all.push((name.to_owned(), attributes));
    }
    all
}

/// What is wrong with a mail's HTML.
fn lint(html: &str, content: &MessageContent, dir: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |right: bool, what: &str| {
        if !right {
            wrong.push(what.to_owned());
        }
    };
    check(html.len() < 60_000, "larger than 60 kB: Gmail clips at 102");
    check(html.starts_with("<!doctype html>\n"), "no doctype");
    check(html.contains(&format!("<html lang=\"{}\" dir=\"{dir}\">", content.lang)), "language and direction");
    check(html.contains("<meta name=\"color-scheme\" content=\"light dark\">"), "both colour schemes");
    check(html.matches("<style").count() <= 1, "more than one style sheet");
    check(!html.contains("<!--"), "comments");
    for function in ["url(", "@import", "expression(", "@font-face"] {
        check(!html.contains(function), function);
    }
    let sheet = html.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap_or_default();
    check(
        sheet.trim().is_empty() || sheet.trim().starts_with("@media (prefers-color-scheme: dark) {"),
        "styles that are not for the dark only",
    );
    for (name, attributes) in tags(html) {
        let get = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        check(ELEMENTS.contains(&name.as_str()), &format!("<{name}>"));
        check(name != "table" || get("role") == Some("presentation"), "a table that is not role=presentation");
        for (attribute, value) in &attributes {
            check(!attribute.starts_with("on"), &format!("{attribute}="));
            check(
                !["src", "srcset", "background", "action", "id", "poster", "data"].contains(&attribute.as_str()),
                &format!("{attribute}="),
            );
            if attribute == "href" {
                let ours = Some(value.replace("&amp;", "&")) == content.link;
                let help = content.support.as_ref().is_some_and(|support| *value == format!("mailto:{support}"));
                check(name == "a" && (ours || help), &format!("href {value}"));
            }
            if attribute == "width" {
                check(value == "100%" || value.parse::<u32>().is_ok_and(|width| width <= 600), &format!("width {value}"));
            }
            if attribute == "style" {
                for rule in value.split(';').filter(|rule| !rule.trim().is_empty()) {
                    let (property, set) = rule.split_once(':').unwrap();
                    check(STYLES.contains(&property.trim()), property);
                    check(property != "display" || ["none", "inline-block", "block"].contains(&set), rule);
                    let pixels = set.strip_suffix("px").and_then(|width| width.parse::<u32>().ok());
                    check(!property.ends_with("width") || set == "100%" || pixels.is_some_and(|width| width <= 600), rule);
                    check(!rule.contains("!important") && !rule.contains("var(") && !rule.contains("calc("), rule);
                }
            }
        }
    }
    let voids = ["meta", "br"];
    for name in ELEMENTS.iter().filter(|name| !voids.contains(name)) {
        let opened = html.matches(&format!("<{name}>")).count() + html.matches(&format!("<{name} ")).count();
        check(opened == html.matches(&format!("</{name}>")).count(), &format!("<{name}> that is not closed"));
    }
    wrong
}

#[test]
fn every_mail_is_made_for_mail_programs() {
    everything(|name, templates, content| {
        let mail = templates.render_sample(Channel::Email, content).unwrap();
        let dir = templates.0.words().languages().find(&content.lang).unwrap().dir();
        assert_eq!(lint(&mail.html, content, dir), Vec::<String>::new(), "{name}:\n{}", mail.html);
        check_words(name, &mail.text);
        check_words(name, &mail.subject);
        assert!(
            !mail.html.contains("mail-") && !mail.html.contains("none}}") && !mail.subject.is_empty() && mail.subject.len() < 150,
            "{name}"
        );
        // Whatever the HTML has, the text has.
        for secret in content.code.iter().chain(&content.link) {
            assert!(mail.text.contains(secret.as_str()), "{name} lacks {secret}:\n{}", mail.text);
            assert!(mail.html.contains(&secret.replace('&', "&amp;")), "{name}");
        }
        for words in content.other.iter().chain(&content.support) {
            let told = mail.text.contains(words.as_str()) && mail.html.contains(words.as_str());
            assert!(told, "{name} lacks {words}:\n{}", mail.text);
        }
        assert_eq!(mail.subject.contains("578 396"), content.code.is_some() && content.code_in_subject, "{name}: {}", mail.subject);
    });
}

#[test]
fn the_lint_finds_what_it_looks_for() {
    let content = content(MessageKind::SignIn);
    let good = mail(&content).html;
    assert_eq!(lint(&good, &content, "ltr"), Vec::<String>::new());
    for (from, to) in [
        ("<body ", "<script>x</script><body "),
        ("<br>", "<img src=\"https://example.com/pixel.gif\">"),
        ("role=\"presentation\" ", ""),
        ("max-width:480px", "max-width:800px"),
        ("width=\"480\"", "width=\"640\""),
        ("padding:32px 16px", "position:fixed"),
        ("display:inline-block", "display:flex"),
        ("<strong>", "<strong onclick=\"x\">"),
        ("mailto:help", "https://help"),
        ("</bdi>", ""),
        ("dir=\"ltr\">", "dir=\"rtl\">"),
        ("@media (prefers", ".x { y: z }\n@media (prefers"),
        ("background-color:#f3f4f7", "background:url(//example.com/x)"),
    ] {
        assert!(good.contains(from), "{from}");
        assert!(!lint(&good.replace(from, to), &content, "ltr").is_empty(), "{from} → {to}");
    }
}

#[test]
fn an_override_that_cannot_be_filled_in_is_an_error_without_values() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("sms")).unwrap();
    std::fs::write(folder.path().join("sms/sign-in.txt"), "{{ app_name }}\n{{ nothing_of_that_name }} {{ code }}").unwrap();
    let all = postkey_words::Templates::builder().templates(MESSAGE_TEMPLATES).load(Some(folder.path())).unwrap();
    let templates = Templates::new(Arc::new(all));
    let error = templates.render_sample(Channel::Sms, &content(MessageKind::SignIn)).unwrap_err().to_string();
    assert!(error.contains("sign-in.txt:2") && !error.contains("578"), "{error}");
    // Once, however many samples and languages stumble over it.
    assert_eq!(templates.check().iter().map(ToString::to_string).collect::<Vec<_>>(), [error]);
    assert_eq!(self::templates().check(), []);
}

#[test]
fn nothing_follows_an_overrides_last_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("sms")).unwrap();
    std::fs::write(folder.path().join("sms/prove.txt"), "{{ code }}\n\n@{{ host }} #{{ bound_code }}\n\n \n").unwrap();
    let all = postkey_words::Templates::builder().templates(MESSAGE_TEMPLATES).load(Some(folder.path())).unwrap();
    let text = Templates::new(Arc::new(all)).render_sample(Channel::Sms, &content(MessageKind::Prove)).unwrap().text;
    assert_eq!(text, "578 396\n\n@login.example.com #578396");
}
