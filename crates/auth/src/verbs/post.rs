//! What a verb puts into the post: codes and links are drawn here, and messages written and sealed.

use crate::{Auth, FIRST_CLAIM};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{
    Call, Channel, CodeStrength, Identifier, Message, MessageContent, MessageId, MessageKind, Millis, Purpose, Secret, SentCode, SignInId,
    Tenant, Timestamp, code,
};

/// How long a message that only tells something is worth sending.
const NEWS_LIFE: Millis = Millis::from_hours(24);

/// What a sign-in is sent.
#[derive(Clone, Copy)]
pub(super) struct Wording<'a> {
    pub(super) purpose: &'a Purpose,
    pub(super) strength: CodeStrength,
    pub(super) with_code: bool,
    pub(super) with_link: bool,
    /// Whether what is sent opens anything. If not, the message says why, and what is stored fits no code or link.
    pub(super) admitted: bool,
}

/// A code as stored, and what the message that brings it says.
pub(super) struct Drawn {
    pub(super) sent: SentCode,
    pub(super) content: MessageContent,
}

impl Auth {
    /// Draws what a sign-in is sent.
    pub(super) fn draw(&self, call: &Call, tenant: &Tenant, id: &SignInId, wording: Wording<'_>) -> Drawn {
        let entropy = self.entropy();
        let code = wording.with_code.then(|| match wording.admitted {
            true => tenant.sign_in.code.of(wording.strength).draw(entropy),
            // Fits no format, so nobody can type it.
            false => Secret::new(BASE64URL_NOPAD.encode(&random::<24>(entropy))),
        });
        let secret = wording.with_link.then(|| self.draw_link_secret());
        // The same form on our own pages and on those of SuperTokens' React SDK (contract supertokens-frontend.md §8).
        let pages = match &tenant.web.website {
            Some(website) => format!("{}{}", website.origin, website.base_path),
            None => format!("{}/auth", self.public_origin()),
        };
        let link = secret.as_ref().map(|secret| {
            let tenant = &call.tenant;
            format!("{pages}/verify?preAuthSessionId={id}&tenantId={tenant}#{secret}")
        });
        let kind = match (wording.purpose, wording.admitted) {
            (Purpose::SignIn | Purpose::Login { .. }, true) => MessageKind::SignIn,
            (Purpose::SignIn | Purpose::Login { .. }, false) => MessageKind::NoAccount,
            (Purpose::Add { .. } | Purpose::Change { .. }, true) => MessageKind::Prove,
            (Purpose::Add { .. } | Purpose::Change { .. }, false) => MessageKind::InUse,
            (Purpose::ConfirmOld { .. }, _) => MessageKind::ConfirmOld,
        };
        let other = match wording.purpose {
            Purpose::ConfirmOld { to, .. } => Some(to.shown()),
            Purpose::SignIn | Purpose::Login { .. } | Purpose::Add { .. } | Purpose::Change { .. } => None,
        };
        let content = MessageContent {
            code: code.as_ref().filter(|_| wording.admitted).map(|code| code::grouped(code.expose())),
            link: link.filter(|_| wording.admitted),
            lifetime: tenant.sign_in.lifetime.0,
            other,
            ..self.content(call, tenant, kind)
        };
        let code = code.as_ref().map(|code| code.expose().as_str());
        let sent = self.as_sent(id, code, secret.as_deref(), wording.strength, call.now + tenant.sign_in.lifetime);
        Drawn { sent, content }
    }

    /// 160 bits, drawn apart from the code: neither tells anything about the other.
    pub(crate) fn draw_link_secret(&self) -> String {
        BASE64URL_NOPAD.encode(&random::<20>(self.entropy()))
    }

    /// What is stored of a code and a link's secret.
    pub(crate) fn as_sent(
        &self,
        id: &SignInId,
        code: Option<&str>,
        secret: Option<&str>,
        strength: CodeStrength,
        expires_at: Timestamp,
    ) -> SentCode {
        let keyring = self.keyring();
        SentCode {
            code: code.map(|code| keyring.code_hash(id, code)),
            link: secret.map(|secret| keyring.link_hash(id, secret)),
            strength,
            expires_at,
        }
    }

    fn content(&self, call: &Call, tenant: &Tenant, kind: MessageKind) -> MessageContent {
        MessageContent {
            kind,
            app_name: tenant.app_name.clone(),
            code: None,
            code_in_subject: tenant.code_in_subject,
            link: None,
            lifetime: 0,
            lang: call.lang.clone(),
            host: self.public_origin().host().to_owned(),
            asked: call.asked(),
            other: None,
            support: tenant.brand.support.clone(),
        }
    }

    /// A message that tells somebody that `other` was added to their account or took the place of their own identifier.
    pub(super) fn news(
        &self,
        call: &Call,
        tenant: &Tenant,
        id: &SignInId,
        to: &Identifier,
        kind: MessageKind,
        other: &Identifier,
    ) -> Message {
        let content = MessageContent { other: Some(other.shown()), ..self.content(call, tenant, kind) };
        self.message(call, tenant, id, to, &content, call.now + NEWS_LIFE)
    }

    /// The message with `content`, sealed.
    pub(super) fn message(
        &self,
        call: &Call,
        tenant: &Tenant,
        id: &SignInId,
        to: &Identifier,
        content: &MessageContent,
        expires_at: Timestamp,
    ) -> Message {
        let message_id = MessageId::new(call.now, self.entropy());
        // Strings and numbers always serialise.
        let plain = Secret::new(serde_json::to_vec(content).unwrap_or_default());
        let place = [message_id.as_str(), call.tenant.as_str(), to.as_str()];
        let sealed = self.keyring().seal_message(&place, plain.expose(), self.entropy());
        Message {
            id: message_id,
            tenant: call.tenant.clone(),
            sign_in: id.clone(),
            channel: match to {
                Identifier::Email(_) => Channel::Email,
                Identifier::Phone(_) => tenant.phone.channel,
            },
            to: to.as_str().to_owned(),
            sealed,
            queued_at: call.now,
            // Born claimed by this node, which hands it to its own worker at once.
            next_try_at: call.now + FIRST_CLAIM,
            tries: 1,
            expires_at,
        }
    }

    /// Tells the post room.
    pub(super) fn ring(&self, message: Message) {
        // A full bell is no loss: the row is there, and its claim lapses.
        let _ = self.inner.bell.try_send(message);
    }
}
