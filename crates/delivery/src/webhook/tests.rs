//! The webhook, received by a fake that checks signatures by itself.

use super::*;
use crate::fake::{self, Asked, Fake, Say};
use crate::{Rendered, samples};
use data_encoding::BASE64;
use postkey_model::{Channel, MessageKind, Millis};
use std::time::Duration;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn settings(url: &str) -> WebhookSettings {
    WebhookSettings { url: format!("{url}/messages?from=postkey"), secret: Secret::new(SECRET.to_owned()), extra_root: None }
}

async fn send_by(webhook: &Webhook, channel: Channel, to: &str) -> Result<String, SendError> {
    let message = fake::message(channel, to);
    let content = samples::content(MessageKind::SignIn);
    let rendered = Rendered { subject: "Hëllo".to_owned(), text: "578 396".to_owned(), html: "<p>".to_owned() };
    webhook.send(&Job { message: &message, content: &content, rendered: &rendered, now: samples::ASKED_AT }).await
}

async fn send(fake: &Fake) -> Result<String, SendError> {
    send_by(&Webhook::new(&settings(&fake.url)).unwrap(), Channel::Email, "jane@example.com").await
}

/// As a receiver would, with HMAC from another library than the sender's.
fn is_signed(asked: &Asked) -> bool {
    use ::hmac::{Hmac, KeyInit, Mac};
    let key = BASE64.decode(SECRET.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    let signed = format!("{}.{}.{}", asked.headers["webhook-id"], asked.headers["webhook-timestamp"], asked.body);
    let mac = <Hmac<sha2::Sha256>>::new_from_slice(&key).unwrap().chain_update(signed.as_bytes());
    let signature = asked.headers["webhook-signature"].strip_prefix("v1,").unwrap();
    mac.verify_slice(&BASE64.decode(signature.as_bytes()).unwrap()).is_ok()
}

#[tokio::test]
async fn the_specifications_own_example_comes_out() {
    let webhook = Webhook::new(&settings("https://example.com")).unwrap();
    let signature = webhook.signed.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[tokio::test]
async fn a_message_is_posted_signed_and_whole() {
    let fake = Fake::saying("200 OK", "", r#"{"id":"theirs-1"}"#);
    assert_eq!(send(&fake).await, Ok("theirs-1".to_owned()));
    let asked = fake.asked().remove(0);
    assert_eq!(asked.line, "POST /messages?from=postkey HTTP/1.1");
    assert_eq!(asked.headers["content-type"], "application/json");
    assert_eq!((asked.headers["webhook-id"].as_str(), asked.headers["webhook-timestamp"].as_str()), ("m1", "1800000000"));
    assert!(is_signed(&asked));
    assert!(!is_signed(&Asked { body: asked.body.replace("578", "579"), ..asked.clone() }));
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    let sample = samples::content(MessageKind::SignIn);
    let expected = serde_json::json!({
        "type": "message.send",
        "timestamp": "2027-01-15T08:00:00.000Z",
        "data": {
            "id": "m1",
            "tenant": "public",
            "channel": "email",
            "to": "jane@example.com",
            "kind": "sign_in",
            "lang": "en",
            "app_name": "Example",
            "subject": "Hëllo",
            "text": "578 396",
            "html": "<p>",
            "code": "578396",
            "link": sample.link,
            "expires_at": "2027-01-15T08:10:00.000Z",
        },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn every_channel_is_taken() {
    let fake = Fake::saying("204 No Content", "", "");
    let webhook = Webhook::new(&settings(&fake.url)).unwrap();
    for channel in [Channel::Sms, Channel::WhatsApp] {
        assert_eq!(send_by(&webhook, channel, "+15005550009").await, Ok("204".to_owned()));
    }
    let channels =
        fake.asked().into_iter().map(|asked| serde_json::from_str::<serde_json::Value>(&asked.body).unwrap()["data"]["channel"].clone());
    assert_eq!(channels.collect::<Vec<_>>(), ["sms", "whatsapp"]);
}

#[tokio::test]
async fn answers_say_whose_matter_it_is() {
    let refused = |why: &str| SendError::Refused(why.to_owned());
    let later = |why: &str, after: Option<i64>| SendError::Later { why: why.to_owned(), after: after.map(Millis::from_secs) };
    let told = r#"{"recipient_refused":true,"reason":"jane@example.com bounced 578396"}"#;
    let cases = [
        (("400 Bad Request", "", "578396"), refused("HTTP 400")),
        (("401 Unauthorized", "", r#"{"reason":"signature"}"#), later("HTTP 401: signature", None)),
        (("410 Gone", "", ""), refused("HTTP 410")),
        (("422 Unprocessable Content", "", told), SendError::Recipient("HTTP 422: … bounced …".to_owned())),
        (("500 Oops", "", told), later("HTTP 500: … bounced …", None)),
        (("307 Temporary Redirect", "location: https://example.com/\r\n", ""), refused("HTTP 307")),
        (("408 Request Timeout", "", ""), later("HTTP 408", None)),
        (("429 Too Many Requests", "retry-after: Fri, 15 Jan 2027 08:00:09 GMT\r\n", ""), later("HTTP 429", Some(9))),
        (("500 Oops", "", "not JSON"), later("HTTP 500", None)),
        (("503 Service Unavailable", "retry-after: 2\r\n", ""), later("HTTP 503", Some(2))),
    ];
    for ((status, headers, body), expected) in cases {
        let fake = Fake::saying(status, headers, body);
        assert_eq!(send(&fake).await, Err(expected), "{status}");
        assert_eq!(fake.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn silence_and_broken_connections_are_for_later() {
    let silent = Fake::start(|_, _| Say::Nothing);
    let impatient = Webhook::new(&settings(&silent.url)).unwrap().with_patience(Duration::from_millis(200));
    assert_eq!(send_by(&impatient, Channel::Sms, "+15005550009").await, Err(SendError::later("no answer in time")));
    assert_eq!(send(&Fake::start(|_, _| Say::HangUp)).await, Err(SendError::later("the connection broke")));
}

#[tokio::test]
async fn a_check_reaches_the_host_and_posts_nothing() {
    let fake = Fake::saying("200 OK", "", "");
    assert_eq!(Webhook::new(&settings(&fake.url)).unwrap().check().await, Ok(()));
    assert!(fake.asked().is_empty());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let check = Webhook::new(&settings(&format!("http://{closed}"))).unwrap().check().await;
    assert!(matches!(check, Err(ProviderError::Answer(_))), "{check:?}");
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let with = |url: &str, secret: &str| {
        Webhook::new(&WebhookSettings { url: url.to_owned(), secret: Secret::new(secret.to_owned()), extra_root: None })
    };
    assert!(with("https://example.com/x", SECRET).is_ok());
    for (url, secret) in [
        ("http://example.com/x", SECRET),
        ("example.com", SECRET),
        ("https://example.com/x", "whsec_"),
        ("https://example.com/x", "whsec_c2hvcnQ="),
        ("https://example.com/x", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("https://example.com/x", "whsec_not base64 at all, not at all"),
    ] {
        assert!(matches!(with(url, secret), Err(ProviderError::Setting(_))), "{url} {secret}");
    }
    let no_pem = WebhookSettings { extra_root: Some(b"hello".to_vec()), ..settings("https://example.com") };
    assert!(matches!(Webhook::new(&no_pem), Err(ProviderError::Tls(_))));
}
