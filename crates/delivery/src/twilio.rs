//! Twilio's Messages API (twilio.com/docs/messaging/api/message-resource): SMS, and WhatsApp by the same call.

use crate::job::without_spaces;
use crate::{Job, ProviderError, SendError};
use data_encoding::BASE64;
use form_urlencoded::Serializer;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use postkey_model::{Channel, MessageContent, MessageKind, PhoneNumber, Secret, Timestamp};
use postkey_outbound::{Answer, Outbound, headers_for, service_url};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use url::Url;

/// Where Twilio listens, if nothing else is said.
pub const TWILIO_API: &str = "https://api.twilio.com";

/// Error codes (twilio.com/docs/api/errors) that speak of the number alone: not valid (21211, 21217), not a mobile
/// number (21614), a landline (21635). Those that speak of this account's rights to reach it are not among them.
const NO_SUCH_RECIPIENT: [i64; 4] = [21211, 21217, 21614, 21635];

/// An account at Twilio.
#[derive(Clone)]
pub struct TwilioSettings {
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// Its token.
    pub auth_token: Secret<String>,
    /// The sending number (E.164), short code or name. Either this or a messaging service is needed.
    pub from: Option<String>,
    /// The messaging service that picks the sender: `MG` and 32 hexadecimal digits.
    pub messaging_service_sid: Option<String>,
    /// For WhatsApp: the approved template of each kind of message, `HX` and 32 hexadecimal digits. Its variable 1 is the
    /// code without spaces, 2 the product's name, 3 the link, 4 the other identifier that it tells of; what a message does
    /// not have is not sent. With any template here, a kind without one is not sent by WhatsApp; with none, all are sent
    /// as plain text.
    pub content_sids: HashMap<MessageKind, String>,
    /// Where the API is: [`TWILIO_API`].
    pub api_url: String,
}

/// Twilio, ready.
#[derive(Clone)]
pub struct Twilio {
    outbound: Outbound,
    messages: Url,
    account: Url,
    authorization: HeaderValue,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    content_sids: Arc<HashMap<MessageKind, String>>,
}

/// What of Twilio's answers matters.
#[derive(Default, Deserialize)]
struct Said {
    sid: Option<String>,
    code: Option<i64>,
    message: Option<String>,
    status: Option<serde_json::Value>,
}

impl Twilio {
    /// Checks the settings. Nothing is sent yet. Needs a running tokio runtime.
    pub fn new(settings: &TwilioSettings) -> Result<Self, ProviderError> {
        let wrong = |why: &str| Err(ProviderError::Setting(why.to_owned()));
        if !is_sid(&settings.account_sid, "AC") {
            return wrong("account_sid must be AC and 32 hexadecimal digits");
        }
        if settings.auth_token.expose().is_empty() {
            return wrong("auth_token is empty");
        }
        if settings.messaging_service_sid.as_ref().is_some_and(|sid| !is_sid(sid, "MG")) {
            return wrong("messaging_service_sid must be MG and 32 hexadecimal digits");
        }
        let bad = |kind: &MessageKind| settings.content_sids.get(kind).is_some_and(|sid| !is_sid(sid, "HX"));
        if let Some(kind) = MessageKind::ALL.into_iter().find(bad) {
            return wrong(&format!("content_sids: {} must be HX and 32 hexadecimal digits", kind.template()));
        }
        match (&settings.from, &settings.messaging_service_sid) {
            (None, None) => return wrong("from or messaging_service_sid is missing: which number or name are texts sent from?"),
            (Some(_), Some(_)) => return wrong("from and messaging_service_sid exclude each other"),
            (Some(from), None) if !is_sender(from) => {
                return wrong("from must be a number such as +15005550006, a short code, or a name of at most 11 letters and digits");
            }
            _ => {}
        }
        let base = service_url(&settings.api_url)?;
        let at = |path: &str| {
            let whole = format!("{}/2010-04-01/Accounts/{}{path}", base.as_str().trim_end_matches('/'), settings.account_sid);
            Url::parse(&whole).map_err(|e| ProviderError::Setting(e.to_string()))
        };
        let pair = Secret::new(format!("{}:{}", settings.account_sid, settings.auth_token.expose()));
        let mut authorization = HeaderValue::try_from(format!("Basic {}", BASE64.encode(pair.expose().as_bytes())))
            .map_err(|e| ProviderError::Setting(e.to_string()))?;
        authorization.set_sensitive(true);
        Ok(Twilio {
            outbound: Outbound::new(None)?,
            messages: at("/Messages.json")?,
            account: at(".json")?,
            authorization,
            from: settings.from.clone(),
            messaging_service_sid: settings.messaging_service_sid.clone(),
            content_sids: Arc::new(settings.content_sids.clone()),
        })
    }

    /// What keeps it from sending by WhatsApp.
    pub(crate) fn lacks_for_whatsapp(&self) -> Option<&'static str> {
        let is_number = |from: &String| from.starts_with('+');
        (!self.from.as_ref().is_none_or(is_number))
            .then_some("WhatsApp is sent from a number such as +15005550006, or by a messaging service")
    }

    #[cfg(test)]
    pub(crate) fn with_patience(self, patience: std::time::Duration) -> Self {
        Twilio { outbound: self.outbound.with_patience(patience), ..self }
    }

    /// Asks for the account: whether it is there, active, and this its token. Sends nothing.
    pub async fn check(&self) -> Result<(), ProviderError> {
        let asked = self.outbound.ask(Method::GET, &self.account, self.headers(HeaderMap::new()), Vec::new(), Timestamp(0)).await;
        let answer = asked.map_err(|e| ProviderError::Answer(e.to_string()))?;
        let said = read(&answer);
        match (answer.status, said.status.as_ref().and_then(|status| status.as_str())) {
            (StatusCode::OK, Some("active")) => Ok(()),
            (StatusCode::OK, Some(status)) => Err(ProviderError::Answer(format!("the account is {status}"))),
            (StatusCode::UNAUTHORIZED, _) => Err(ProviderError::Answer("Twilio does not know this account_sid and auth_token".to_owned())),
            _ => Err(ProviderError::Answer(told(&answer, &said))),
        }
    }

    /// Hands a text over; the answer is Twilio's id of it.
    pub(crate) async fn send(&self, job: &Job<'_>) -> Result<String, SendError> {
        let form = self.form(job)?.into_bytes();
        let headers = self.headers(headers_for("application/x-www-form-urlencoded"));
        let answer = self.outbound.ask(Method::POST, &self.messages, headers, form, job.now).await?;
        let said = read(&answer);
        let why = || job.scrubbed(&told(&answer, &said));
        match answer.status {
            status if status.is_success() => Ok(job.scrubbed(said.sid.as_deref().unwrap_or("taken"))),
            StatusCode::TOO_MANY_REQUESTS => Err(SendError::Later { why: why(), after: answer.after }),
            StatusCode::REQUEST_TIMEOUT => Err(SendError::later(why())),
            // A key that is not taken is the operator's to mend, and may be mended in time.
            StatusCode::UNAUTHORIZED => Err(SendError::later(why())),
            status if status.is_server_error() => Err(SendError::Later { why: why(), after: answer.after }),
            _ if said.code.is_some_and(|code| NO_SUCH_RECIPIENT.contains(&code)) => Err(SendError::Recipient(why())),
            _ => Err(SendError::Refused(why())),
        }
    }

    /// What is posted.
    fn form(&self, job: &Job<'_>) -> Result<String, SendError> {
        let prefix = match job.message.channel {
            Channel::Sms => "",
            Channel::WhatsApp => "whatsapp:",
            Channel::Email => return Err(SendError::Refused("Twilio takes no mail here".to_owned())),
        };
        let number = PhoneNumber::stored(job.message.to.clone());
        let mut form = Serializer::new(String::new());
        form.append_pair("To", &format!("{prefix}{number}"));
        match (&self.messaging_service_sid, &self.from) {
            (Some(sid), _) => form.append_pair("MessagingServiceSid", sid),
            (None, from) => form.append_pair("From", &format!("{prefix}{}", from.as_deref().unwrap_or_default())),
        };
        if job.message.channel == Channel::WhatsApp && !self.content_sids.is_empty() {
            let kind = job.content.kind;
            let Some(sid) = self.content_sids.get(&kind) else {
                return Err(SendError::Refused(format!("no WhatsApp template is set for {} (content_sids)", kind.template())));
            };
            form.append_pair("ContentSid", sid).append_pair("ContentVariables", &variables(job.content));
        } else {
            form.append_pair("Body", &job.rendered.text);
        }
        Ok(form.finish())
    }

    fn headers(&self, mut headers: HeaderMap) -> HeaderMap {
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers
    }
}

/// What fills a template in, as JSON: an empty value is refused by Twilio, so what is not there is left out.
fn variables(content: &MessageContent) -> String {
    let code = content.code.as_deref().map(without_spaces);
    let all =
        [("1", code.as_deref()), ("2", Some(content.app_name.as_str())), ("3", content.link.as_deref()), ("4", content.other.as_deref())];
    let there = all.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    serde_json::json!(there.collect::<BTreeMap<_, _>>()).to_string()
}

fn read(answer: &Answer) -> Said {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// What Twilio said, for people.
fn told(answer: &Answer, said: &Said) -> String {
    let status = answer.status.as_u16();
    match (said.code, &said.message) {
        (Some(code), Some(message)) => format!("HTTP {status}, error {code}: {message}"),
        (Some(code), None) => format!("HTTP {status}, error {code}"),
        (None, _) => format!("HTTP {status}"),
    }
}

fn is_sid(text: &str, kind: &str) -> bool {
    text.strip_prefix(kind).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A number, a short code, or an alphanumeric sender id.
fn is_sender(text: &str) -> bool {
    let digits = |text: &str, least| (least..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let name = (1..=11).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" -&+_".contains(&b))
        && text.bytes().any(|b| b.is_ascii_alphabetic());
    text.strip_prefix('+').is_some_and(|rest| digits(rest, 7)) || digits(text, 3) || name
}

#[cfg(test)]
#[path = "twilio/tests.rs"]
mod tests;
