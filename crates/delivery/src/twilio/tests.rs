//! Twilio's documented answers, given by a fake of it.

use super::*;
use crate::fake::{self, Fake, Say};
use crate::{Rendered, samples};
use postkey_model::{MessageKind, Millis};
use std::time::Duration;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TO: &str = "+15005550009";
const QUEUED: &str = r#"{"account_sid":"AC0123456789abcdef0123456789abcdef","body":"578 396 is your code","direction":"outbound-api","error_code":null,"error_message":null,"num_segments":"1","price":null,"sid":"SM87105da94bff44b999e4e6eb90d8eb6a","status":"queued","to":"+15005550009"}"#;
const INVALID: &str = r#"{"code":21211,"message":"The 'To' number +15005550009 is not a valid phone number.","more_info":"https://www.twilio.com/docs/errors/21211","status":400}"#;

fn settings(url: &str) -> TwilioSettings {
    TwilioSettings {
        account_sid: ACCOUNT.to_owned(),
        auth_token: Secret::new("t0ken".to_owned()),
        from: Some("+15005550006".to_owned()),
        messaging_service_sid: None,
        content_sids: HashMap::new(),
        api_url: url.to_owned(),
    }
}

async fn send_by(twilio: &Twilio, channel: Channel) -> Result<String, SendError> {
    send_content(twilio, channel, &samples::content(MessageKind::SignIn)).await
}

async fn send_content(twilio: &Twilio, channel: Channel, content: &MessageContent) -> Result<String, SendError> {
    let message = fake::message(channel, TO);
    let rendered = Rendered { subject: String::new(), text: "578 396 & more\n\n@x #578396".to_owned(), html: String::new() };
    twilio.send(&Job { message: &message, content, rendered: &rendered, now: samples::ASKED_AT }).await
}

async fn send(fake: &Fake) -> Result<String, SendError> {
    send_by(&Twilio::new(&settings(&fake.url)).unwrap(), Channel::Sms).await
}

/// The form that was posted.
fn form(body: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_text_is_posted_as_the_documentation_says() {
    let fake = Fake::saying("201 Created", "", QUEUED);
    assert_eq!(send(&fake).await, Ok("SM87105da94bff44b999e4e6eb90d8eb6a".to_owned()));
    let asked = fake.asked().remove(0);
    assert_eq!(asked.line, format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1"));
    assert_eq!(asked.headers["content-type"], "application/x-www-form-urlencoded");
    let (_, pair) = asked.headers["authorization"].split_once("Basic ").unwrap();
    assert_eq!(BASE64.decode(pair.as_bytes()).unwrap(), format!("{ACCOUNT}:t0ken").into_bytes());
    assert_eq!(form(&asked.body), pairs(&[("To", TO), ("From", "+15005550006"), ("Body", "578 396 & more\n\n@x #578396")]));
}

const HX_SIGN_IN: &str = "HX0123456789abcdef0123456789abcdef";
const HX_CHANGED: &str = "HX123456789abcdef0123456789abcdef0";

#[tokio::test]
async fn whatsapp_has_its_prefix_and_text_has_not() {
    let fake = Fake::saying("201 Created", "", QUEUED);
    let twilio = Twilio::new(&settings(&fake.url)).unwrap();
    let mg = "MG0123456789abcdef0123456789abcdef";
    let service = TwilioSettings { from: None, messaging_service_sid: Some(mg.to_owned()), ..settings(&fake.url) };
    let by_service = Twilio::new(&service).unwrap();
    send_by(&twilio, Channel::WhatsApp).await.unwrap();
    send_by(&by_service, Channel::WhatsApp).await.unwrap();
    send_by(&by_service, Channel::Sms).await.unwrap();
    let sent: Vec<_> = fake.asked().iter().map(|asked| form(&asked.body)).collect();
    let to = format!("whatsapp:{TO}");
    assert_eq!(sent[0][..2], pairs(&[("To", &to), ("From", "whatsapp:+15005550006")]));
    assert_eq!(sent[1][..2], pairs(&[("To", &to), ("MessagingServiceSid", mg)]));
    assert_eq!(sent[2][..2], pairs(&[("To", TO), ("MessagingServiceSid", mg)]));
    assert!(sent.iter().all(|form| form.len() == 3 && form[2].0 == "Body"));
    assert!(matches!(send_by(&twilio, Channel::Email).await, Err(SendError::Refused(_))));
}

#[tokio::test]
async fn each_kind_has_a_whatsapp_template_of_its_own() {
    let fake = Fake::saying("201 Created", "", QUEUED);
    let sids = HashMap::from([(MessageKind::SignIn, HX_SIGN_IN.to_owned()), (MessageKind::Changed, HX_CHANGED.to_owned())]);
    let twilio = Twilio::new(&TwilioSettings { content_sids: sids, ..settings(&fake.url) }).unwrap();
    let full = samples::content(MessageKind::SignIn);
    let link = full.link.clone().unwrap();
    let sent = async |content: MessageContent| {
        send_content(&twilio, Channel::WhatsApp, &content).await.unwrap();
        let form = form(&fake.asked().pop().unwrap().body);
        let [_, _, (sid_name, sid), (variables_name, variables)] = form.try_into().unwrap();
        assert_eq!((sid_name.as_str(), variables_name.as_str()), ("ContentSid", "ContentVariables"));
        (sid, serde_json::from_str::<serde_json::Value>(&variables).unwrap())
    };
    let json = |text: String| serde_json::from_str::<serde_json::Value>(&text).unwrap();
    let whole = json(format!(r#"{{"1":"578396","2":"Example","3":"{link}"}}"#));
    assert_eq!(sent(full.clone()).await, (HX_SIGN_IN.to_owned(), whole));
    // What is not there, or empty, is not sent.
    let no_link = MessageContent { link: None, other: Some(String::new()), ..full.clone() };
    assert_eq!(sent(no_link).await, (HX_SIGN_IN.to_owned(), json(r#"{"1":"578396","2":"Example"}"#.to_owned())));
    let changed = samples::content(MessageKind::Changed);
    let told = json(r#"{"2":"Example","4":"jane@example.org"}"#.to_owned());
    assert_eq!(sent(changed).await, (HX_CHANGED.to_owned(), told));
    // A code that replaces an address must not look like one for signing in.
    let asked = fake.asked().len();
    for (kind, name) in [(MessageKind::ConfirmOld, "confirm-old"), (MessageKind::Prove, "prove"), (MessageKind::Added, "added")] {
        let answer = send_content(&twilio, Channel::WhatsApp, &samples::content(kind)).await;
        assert_eq!(answer, Err(SendError::Refused(format!("no WhatsApp template is set for {name} (content_sids)"))));
    }
    assert_eq!(fake.asked().len(), asked, "Twilio was not asked");
    // Texts are as they were.
    send_content(&twilio, Channel::Sms, &samples::content(MessageKind::Prove)).await.unwrap();
    assert_eq!(form(&fake.asked().pop().unwrap().body)[2].0, "Body");
}

#[tokio::test]
async fn answers_say_whose_matter_it_is_and_never_the_number() {
    let refused = |why: &str| SendError::Refused(why.to_owned());
    let later = |why: &str, after: Option<i64>| SendError::Later { why: why.to_owned(), after: after.map(Millis::from_secs) };
    let cases = [
        (
            ("400 Bad Request", "", INVALID),
            SendError::Recipient("HTTP 400, error 21211: The 'To' number +… is not a valid phone number.".to_owned()),
        ),
        (
            ("400 Bad Request", "", r#"{"code":21614,"message":"'To' number is not a valid mobile number","status":400}"#),
            SendError::Recipient("HTTP 400, error 21614: 'To' number is not a valid mobile number".to_owned()),
        ),
        (
            ("400 Bad Request", "", r#"{"code":21408,"message":"Permission to send an SMS has not been enabled","status":400}"#),
            refused("HTTP 400, error 21408: Permission to send an SMS has not been enabled"),
        ),
        (
            ("401 Unauthorized", "", r#"{"code":20003,"message":"Authenticate","status":401}"#),
            later("HTTP 401, error 20003: Authenticate", None),
        ),
        (
            ("429 Too Many Requests", "retry-after: 7\r\n", r#"{"code":20429,"message":"Too Many Requests","status":429}"#),
            later("HTTP 429, error 20429: Too Many Requests", Some(7)),
        ),
        (("429 Too Many Requests", "", "slow down"), later("HTTP 429", None)),
        (("500 Internal Server Error", "", "<html>578396</html>"), later("HTTP 500", None)),
        (("503 Service Unavailable", "retry-after: 3\r\n", ""), later("HTTP 503", Some(3))),
        (("302 Found", "location: https://example.com/\r\n", ""), refused("HTTP 302")),
        (("404 Not Found", "", r#"{"code":"20404"}"#), refused("HTTP 404")),
    ];
    for ((status, headers, body), expected) in cases {
        let fake = Fake::saying(status, headers, body);
        assert_eq!(send(&fake).await, Err(expected), "{status}");
        assert_eq!(fake.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Fake::saying("201 Created", "", QUEUED);
    let location: &'static str = format!("location: {}/\r\n", other.url).leak();
    for status in ["301 Moved Permanently", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let fake = Fake::saying(status, location, "");
        assert!(matches!(send(&fake).await, Err(SendError::Refused(_))));
    }
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn silence_and_broken_connections_are_for_later() {
    let silent = Fake::start(|_, _| Say::Nothing);
    let impatient = Twilio::new(&settings(&silent.url)).unwrap().with_patience(Duration::from_millis(200));
    assert_eq!(send_by(&impatient, Channel::Sms).await, Err(SendError::later("no answer in time")));
    for script in [|_: usize, _: &crate::fake::Asked| Say::Half, |_: usize, _: &crate::fake::Asked| Say::HangUp] {
        assert_eq!(send(&Fake::start(script)).await, Err(SendError::later("the connection broke")));
    }
    // Nobody listens there any more.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let why = send_by(&Twilio::new(&settings(&format!("http://{closed}"))).unwrap(), Channel::Sms).await;
    assert!(matches!(why, Err(SendError::Later { after: None, .. })), "{why:?}");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let endless = Fake::start(|_, _| Say::This("201 Created", "", format!(r#"{{"x":"{}","sid":"SM1"}}"#, "x".repeat(200_000))));
    assert_eq!(send(&endless).await, Ok("taken".to_owned()));
}

#[tokio::test]
async fn a_check_asks_for_the_account_and_sends_nothing() {
    let check = async |status, body| {
        let fake = Fake::saying(status, "", body);
        let answer = Twilio::new(&settings(&fake.url)).unwrap().check().await;
        assert_eq!(fake.asked()[0].line, format!("GET /2010-04-01/Accounts/{ACCOUNT}.json HTTP/1.1"));
        answer.map_err(|e| e.to_string())
    };
    assert_eq!(check("200 OK", r#"{"status":"active"}"#).await, Ok(()));
    assert_eq!(check("200 OK", r#"{"status":"suspended"}"#).await.unwrap_err(), "the account is suspended");
    assert!(check("401 Unauthorized", "{}").await.unwrap_err().contains("does not know"));
    assert_eq!(check("500 Oops", "").await.unwrap_err(), "HTTP 500");
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let good = || settings(TWILIO_API);
    assert!(Twilio::new(&good()).is_ok());
    for from in ["+15005550006", "12345", "Example", "My Shop 24"] {
        assert!(Twilio::new(&TwilioSettings { from: Some(from.to_owned()), ..good() }).is_ok(), "{from}");
    }
    let sid = || Some("MG0123456789abcdef0123456789abcdef".to_owned());
    for bad in [
        TwilioSettings { account_sid: "AC1".to_owned(), ..good() },
        TwilioSettings { account_sid: "SK0123456789abcdef0123456789abcdef".to_owned(), ..good() },
        TwilioSettings { auth_token: Secret::new(String::new()), ..good() },
        TwilioSettings { from: None, ..good() },
        TwilioSettings { messaging_service_sid: sid(), ..good() },
        TwilioSettings { from: None, messaging_service_sid: Some("MG1".to_owned()), ..good() },
        TwilioSettings { from: Some("a name that is too long".to_owned()), ..good() },
        TwilioSettings { from: Some("+1".to_owned()), ..good() },
        TwilioSettings { content_sids: HashMap::from([(MessageKind::Prove, "HX1".to_owned())]), ..good() },
        TwilioSettings { api_url: "http://api.twilio.com".to_owned(), ..good() },
    ] {
        assert!(matches!(Twilio::new(&bad), Err(ProviderError::Setting(_))));
    }
}
