//! Samples: every message that Postkey sends, filled in. For previews, for checking templates, and for tests.

use postkey_model::{Asked, MessageContent, MessageKind, Millis, Timestamp};

/// When the samples were asked for: 2027-01-15T08:00:00Z.
pub(crate) const ASKED_AT: Timestamp = Timestamp(1_800_000_000_000);
/// From where.
pub(crate) const PLACE: &str = "Bremen, Germany";

/// Every kind of message, signing in by link, by code and by both, each with all there is to say and with as little as
/// can be. Names are such as `sign-in-code` and `sign-in-code-bare`. The language is English: set another one.
pub fn samples() -> Vec<(String, MessageContent)> {
    let mut all = Vec::new();
    let mut add = |name: String, content: MessageContent| {
        let asked = Asked { client_ip: content.asked.client_ip.clone(), ..Asked::default() };
        all.push((
            format!("{name}-bare"),
            MessageContent { asked, support: None, lifetime: 60_000, code_in_subject: false, ..content.clone() },
        ));
        all.push((name, content));
    };
    for kind in MessageKind::ALL {
        let full = content(kind);
        let name = kind.template();
        if kind == MessageKind::SignIn {
            add(format!("{name}-code"), MessageContent { link: None, ..full.clone() });
            add(format!("{name}-link"), MessageContent { code: None, ..full.clone() });
            add(format!("{name}-code-and-link"), full);
        } else {
            add(name.to_owned(), full);
        }
    }
    all
}

/// One sample of a kind, with all there is to say.
pub(crate) fn content(kind: MessageKind) -> MessageContent {
    let signs_in = kind == MessageKind::SignIn;
    let link = "https://login.example.com/auth/verify?preAuthSessionId=0197f2a4-7d3e-7c1b-9f60-2f4a8b6c1d0e&tenantId=public#kD8mW2xQp5vR9sYt3uZa7bNc";
    MessageContent {
        kind,
        app_name: "Example".to_owned(),
        code: kind.carries_code().then(|| "578 396".to_owned()),
        code_in_subject: true,
        link: signs_in.then(|| link.to_owned()),
        lifetime: Millis::from_mins(10).0,
        lang: "en".to_owned(),
        host: "login.example.com".to_owned(),
        asked: Asked { agent: "firefox-windows".to_owned(), client_ip: "192.0.2.7".to_owned() },
        other: match kind {
            MessageKind::ConfirmOld | MessageKind::Added | MessageKind::Changed | MessageKind::Removed => {
                Some("jane@example.org".to_owned())
            }
            MessageKind::SignIn | MessageKind::NoAccount | MessageKind::Prove | MessageKind::InUse => None,
        },
        support: Some("help@example.com".to_owned()),
    }
}
