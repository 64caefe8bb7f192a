//! Templates: what a message says becomes subject, text and HTML. Everything in HTML is escaped.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use postkey_model::{MessageContent, MessageKind, Millis};
use thiserror::Error;

/// The templates, parsed once.
pub struct Templates {
    environment: Environment<'static>,
}

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The whole message as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A template is broken.
#[derive(Debug, Error)]
#[error("mail template: {0}")]
pub struct RenderError(String);

impl From<minijinja::Error> for RenderError {
    fn from(e: minijinja::Error) -> Self {
        // Not the alternate form: in a debug build that spells out the values too, and one of them is the code.
        RenderError(e.to_string())
    }
}

macro_rules! built_in {
    ($($name:literal),*) => { [$(($name, include_str!(concat!("../../../templates/mail/", $name)))),*] };
}

const BUILT_IN: [(&str, &str); 3] = built_in!["sign-in/subject.txt", "sign-in/body.txt", "sign-in/body.html"];

impl Templates {
    /// Parses the built-in templates.
    pub fn built_in() -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None });
        for (name, source) in BUILT_IN {
            environment.add_template(name, source)?;
        }
        Ok(Templates { environment })
    }

    /// Renders a message.
    pub fn render(&self, content: &MessageContent) -> Result<Rendered, RenderError> {
        let values = context! {
            app_name => &content.app_name,
            code => &content.code,
            link => &content.link,
            lifetime => Millis(content.lifetime).in_words(),
        };
        let part = |file: &str| -> Result<String, RenderError> {
            let name = match content.kind {
                MessageKind::SignIn => format!("{}/{file}", MessageKind::SignIn.template()),
            };
            Ok(self.environment.get_template(&name)?.render(&values)?)
        };
        // A subject is one line whatever the product's name holds.
        let subject: String = part("subject.txt")?.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Rendered { subject, text: part("body.txt")?, html: part("body.html")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(app_name: &str) -> MessageContent {
        MessageContent {
            kind: MessageKind::SignIn,
            app_name: app_name.to_owned(),
            code: Some("123 456".to_owned()),
            link: Some("https://login.example.com/auth/verify?preAuthSessionId=a&tenantId=public#s".to_owned()),
            lifetime: 600_000,
        }
    }

    #[test]
    fn all_parts_hold_code_link_and_life() {
        let mail = Templates::built_in().unwrap().render(&content("Example")).unwrap();
        assert_eq!(mail.subject, "123 456 is your code for Example");
        assert!(mail.text.contains("123 456") && mail.text.contains("#s") && mail.text.contains("10 minutes"));
        assert!(mail.html.contains("123 456") && mail.html.contains("tenantId=public#s") && mail.html.contains("10 minutes"));
    }

    #[test]
    fn only_what_was_asked_for_is_in_it() {
        let templates = Templates::built_in().unwrap();
        let link_only = templates.render(&MessageContent { code: None, ..content("Example") }).unwrap();
        assert_eq!(link_only.subject, "Your sign-in link for Example");
        assert!(!link_only.text.contains("123 456") && !link_only.html.contains("code"));
        let code_only = templates.render(&MessageContent { link: None, ..content("Example") }).unwrap();
        assert!(!code_only.text.contains("http") && !code_only.html.contains("href"));
    }

    #[test]
    fn hostile_names_stay_text() {
        let mail = Templates::built_in().unwrap().render(&content("<script>{{ 7*7 }}</script>\r\nBcc: eve@example.com")).unwrap();
        assert!(!mail.html.contains("<script>") && !mail.html.contains("49"));
        assert!(!mail.subject.contains('\n') && !mail.subject.contains('\r'));
    }
}
