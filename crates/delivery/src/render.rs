//! What a message says becomes subject, text and HTML, in its language. Everything in HTML is escaped.

use crate::job::without_spaces;
use crate::samples;
use postkey_model::{Channel, MessageContent, Millis, Timestamp};
use postkey_words::{Language, Value, context};
use std::sync::Arc;
use thiserror::Error;

/// Tells a network address's place (`Bremen, Germany`) in a language, if the operator supplied a source of that.
pub type Places = Arc<dyn Fn(&str, &str) -> Option<String> + Send + Sync>;

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line; empty for texts.
    pub subject: String,
    /// The whole message as plain text.
    pub text: String,
    /// The same as HTML; empty for texts.
    pub html: String,
}

/// A template is broken. Says where, and never what was to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("message template: {0}")]
pub struct RenderError(#[from] postkey_words::RenderError);

macro_rules! built_in {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("../../../templates/", $name)))),*] };
}

/// The templates of all messages, by name, for [`postkey_words::Builder::templates`].
pub const MESSAGE_TEMPLATES: &[(&str, &str)] = built_in![
    "mail/frame.html",
    "mail/parts.html",
    "mail/parts.txt",
    "mail/foot.txt",
    "mail/sign-in/subject.txt",
    "mail/sign-in/body.txt",
    "mail/sign-in/body.html",
    "mail/no-account/subject.txt",
    "mail/no-account/body.txt",
    "mail/no-account/body.html",
    "mail/prove/subject.txt",
    "mail/prove/body.txt",
    "mail/prove/body.html",
    "mail/confirm-old/subject.txt",
    "mail/confirm-old/body.txt",
    "mail/confirm-old/body.html",
    "mail/in-use/subject.txt",
    "mail/in-use/body.txt",
    "mail/in-use/body.html",
    "mail/added/subject.txt",
    "mail/added/body.txt",
    "mail/added/body.html",
    "mail/changed/subject.txt",
    "mail/changed/body.txt",
    "mail/changed/body.html",
    "mail/removed/subject.txt",
    "mail/removed/body.txt",
    "mail/removed/body.html",
    "sms/sign-in.txt",
    "sms/no-account.txt",
    "sms/prove.txt",
    "sms/confirm-old.txt",
    "sms/in-use.txt",
    "sms/added.txt",
    "sms/changed.txt",
    "sms/removed.txt",
];

/// Renders messages.
#[derive(Clone)]
pub struct Templates(Arc<postkey_words::Templates>);

impl Templates {
    /// By templates that were built with [`MESSAGE_TEMPLATES`] among them.
    pub fn new(templates: Arc<postkey_words::Templates>) -> Self {
        Templates(templates)
    }

    /// By the templates as they are shipped.
    pub fn built_in() -> Result<Self, postkey_words::LoadError> {
        Ok(Templates(Arc::new(postkey_words::Templates::builder().templates(MESSAGE_TEMPLATES).load(None)?)))
    }

    /// Renders one of [`crate::samples`], asked for at a time and a place made up: for previews and checks.
    pub fn render_sample(&self, channel: Channel, content: &MessageContent) -> Result<Rendered, RenderError> {
        let place = content.support.is_some().then(|| samples::PLACE.to_owned());
        self.render(channel, content, samples::ASKED_AT, place)
    }

    /// Renders every sample in every language for every channel, and says what of that went wrong.
    pub fn check(&self) -> Vec<RenderError> {
        let mut wrong: Vec<RenderError> = Vec::new();
        for language in self.0.words().languages().all() {
            for (_, content) in samples::samples() {
                let content = MessageContent { lang: language.code().to_owned(), ..content };
                for channel in Channel::ALL {
                    let error = self.render_sample(channel, &content).err();
                    wrong.extend(error.filter(|e| !wrong.contains(e)));
                }
            }
        }
        wrong
    }

    /// Renders a message that was asked for at some moment, roughly from some place.
    pub(crate) fn render(
        &self,
        channel: Channel,
        content: &MessageContent,
        asked_at: Timestamp,
        place: Option<String>,
    ) -> Result<Rendered, RenderError> {
        // A language that is gone since the message was queued.
        let language = self.0.words().languages().find(&content.lang).unwrap_or(Language::ENGLISH);
        let (minutes, hours) = in_minutes_or_hours(content.lifetime);
        let agent = postkey_model::Agent::stored(&content.asked.agent);
        // Messages of an earlier version name no host.
        let bound = (channel == Channel::Sms && !content.host.is_empty()).then(|| content.code.as_deref().map(without_spaces)).flatten();
        let values = context! {
            app_name => &content.app_name,
            code => &content.code,
            code_in_subject => content.code_in_subject,
            link => &content.link,
            other => &content.other,
            minutes,
            hours,
            browser => agent.browser.name(),
            system => agent.system.name(),
            place => place.map(|place| one_line(&place)),
            asked_at => in_utc(asked_at),
            support => &content.support,
            support_link => content.support.as_deref().map(as_link),
            host => &content.host,
            bound_code => bound,
        };
        let kind = content.kind.template();
        let part = |name: String, values: &Value| self.0.render(&name, language, values.clone());
        match channel {
            Channel::Email => Ok(Rendered {
                // A subject is one line whatever the product's name holds.
                subject: one_line(&part(format!("mail/{kind}/subject.txt"), &values)?),
                text: part(format!("mail/{kind}/body.txt"), &values)?,
                html: {
                    // The engine would write each slash as `&#x2f;`, which is right and looks to filters like hiding.
                    let link = content.link.as_deref().map(|link| Value::from_safe_string(escaped(link)));
                    part(format!("mail/{kind}/body.html"), &context! { link, ..values.clone() })?
                },
            }),
            Channel::Sms | Channel::WhatsApp => {
                let text = part(format!("sms/{kind}.txt"), &values)?;
                // Nothing may follow the last line, which phones read.
                Ok(Rendered { subject: String::new(), text: text.trim_end().to_owned(), html: String::new() })
            }
        }
    }
}

/// Whole hours when it is that, else whole minutes: never more than it is, and never none at all.
fn in_minutes_or_hours(lifetime: i64) -> (i64, i64) {
    let (minute, hour) = (Millis::from_mins(1).0, Millis::from_hours(1).0);
    if lifetime >= hour && lifetime % hour == 0 { (0, lifetime / hour) } else { ((lifetime / minute).max(1), 0) }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn in_utc(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    instant.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Escaped for text and quoted attributes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#x27;")
}

/// The support address as something to press.
fn as_link(support: &str) -> String {
    if support.starts_with("https://") || support.starts_with("http://") || support.starts_with("mailto:") || support.starts_with("tel:") {
        support.to_owned()
    } else {
        format!("mailto:{support}")
    }
}

#[cfg(test)]
#[path = "render/tests.rs"]
mod tests;
