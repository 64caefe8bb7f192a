//! Start, resend, cancel, and looking at a waiting sign-in.

use crate::decide::sign_in::{self as decide, NoResend, Standing};
use crate::{Auth, FIRST_CLAIM, TRIES, TrustedDevice};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{
    Call, Change, Channel, CodeStrength, Connection, DestinationError, EmailAddress, Flow, Identifier, IdentifierError, Message,
    MessageContent, MessageId, MessageKind, Secret, SentCode, SignIn, SignInId, Tenant, Timestamp, code,
};
use postkey_store::{CommitError, SignInFacts, Unavailable};
use thiserror::Error;

/// Why a sign-in was not started.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StartError {
    /// The identifier cannot be one.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// The place to go afterwards is not allowed.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// There is no such tenant.
    #[error("there is no tenant of that name")]
    UnknownTenant,
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why nothing was sent again.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResendError {
    /// The last message is too young.
    #[error("too soon")]
    TooSoon {
        /// From then on it is possible.
        until: Timestamp,
    },
    /// There is no such sign-in, or this browser has no part in it.
    #[error("unknown sign-in")]
    Unknown,
    /// The sign-in is over.
    #[error("the sign-in is over")]
    Over(Standing),
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a sign-in was not cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CancelError {
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What the next message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResendAs {
    /// What the sign-in's flow says, and what was asked for before.
    Usual,
    /// A code to type, whatever the flow: for people whose browser cannot open the link (no JavaScript).
    Code,
}

/// A message is on its way.
pub struct Sent {
    /// For which sign-in.
    pub sign_in: SignInId,
    /// The secret that the asking browser keeps; only when the sign-in was started.
    pub device: Option<Secret<String>>,
    /// Whether the message holds a code to type.
    pub has_code: bool,
    /// Whether the message holds a link.
    pub has_link: bool,
    /// When the code dies.
    pub expires_at: Timestamp,
    /// From when on another message may be asked for.
    pub resend_from: Timestamp,
}

/// A waiting sign-in, for the browser that started it.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Which.
    pub id: SignInId,
    /// The address as normalised.
    pub to: String,
    /// Where it stands.
    pub standing: Standing,
    /// Whether its newest message holds a code to type.
    pub has_code: bool,
    /// Whether its newest message holds a link.
    pub has_link: bool,
    /// When its newest code dies.
    pub expires_at: Timestamp,
    /// From when on another message may be asked for.
    pub resend_from: Timestamp,
    /// Wrong codes so far.
    pub attempts: i64,
    /// Wrong codes that it takes.
    pub max_attempts: i64,
    /// Where to go afterwards, as checked at start; `None` for the default place.
    pub destination: Option<String>,
}

/// What goes into a message.
struct Drawn {
    sent: SentCode,
    content: MessageContent,
}

impl Auth {
    /// Starts a sign-in: queues a message to `typed` and tells what the browser has to keep. The answer is the same
    /// whether the address is known or not.
    pub async fn start(
        &self,
        call: &Call,
        typed: &str,
        destination: Option<&str>,
        trusted: Option<&TrustedDevice>,
    ) -> Result<Sent, StartError> {
        let tenant = self.tenant(&call.tenant).ok_or(StartError::UnknownTenant)?;
        let Identifier::Email(address) = Identifier::Email(EmailAddress::parse(typed)?);
        let destination = destination.map(|wanted| tenant.destinations.check(wanted)).transpose()?;
        let (connection, subject) = (Connection::Email, address.as_str());
        let (store, entropy, rules) = (&self.inner.store, self.entropy(), &tenant.sign_in);

        let facts = store.start_facts(&call.tenant, connection, subject).await?;
        let known_device = |user: &_| trusted.and_then(|device| device.knows(self.keyring(), &call.tenant, user));
        let account = decide::account(&facts, connection, subject, known_device);
        let budget = if account.is_trusted() { store.budget(&call.tenant, &account).await? } else { facts.budget };
        let strength = decide::strength(&account, budget, &rules.budget, call.now);

        for _ in 0..TRIES {
            let id = SignInId::new(call.now, entropy);
            let device = BASE64URL_NOPAD.encode(&random::<24>(entropy));
            let drawn = self.draw(call, tenant, &id, strength, rules.flow.has_code(), rules.flow.has_link());
            let message = self.message(call, &id, subject, &drawn);
            let sign_in = SignIn {
                id: id.clone(),
                tenant: call.tenant.clone(),
                connection,
                subject: subject.to_owned(),
                account: account.clone(),
                flow: rules.flow,
                device: self.keyring().device_hash(&id, &device),
                code: drawn.sent.clone(),
                sends: 1,
                last_sent_at: call.now,
                attempts: 0,
                max_attempts: rules.max_attempts,
                destination: destination.as_ref().map(|d| d.as_str().to_owned()),
                started_at: call.now,
                ended: None,
            };
            let changes = vec![Change::SignInStarted(Box::new(sign_in)), Change::MessageQueued(Box::new(message.clone()))];
            match store.commit(changes).await {
                Ok(_) => {
                    self.ring(message);
                    return Ok(sent(id, Some(Secret::new(device)), &drawn.sent, tenant, call.now));
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(StartError::Busy)
    }

    /// Sends another message for a sign-in, asked for by the browser that started it. The code before stays good
    /// until it expires.
    pub async fn resend(&self, call: &Call, id: &SignInId, device: &str, what: ResendAs) -> Result<Sent, ResendError> {
        let tenant = self.tenant(&call.tenant).ok_or(ResendError::Unknown)?;
        let rules = &tenant.sign_in;
        for _ in 0..TRIES {
            let facts = self.own_sign_in(call, id, device).await?.ok_or(ResendError::Unknown)?;
            let sign_in = &facts.sign_in;
            decide::may_resend(sign_in, rules, call.now).map_err(|no| match no {
                NoResend::TooSoon { until } => ResendError::TooSoon { until },
                NoResend::Over(standing) => ResendError::Over(standing),
            })?;
            let strength = decide::strength(&sign_in.account, facts.budget, &rules.budget, call.now);
            let with_code = what == ResendAs::Code || sign_in.code.code.is_some();
            let drawn = self.draw(call, tenant, id, strength, with_code, sign_in.code.link.is_some());
            let message = self.message(call, id, &sign_in.subject, &drawn);
            let resent = Change::CodeResent {
                sign_in: id.clone(),
                seen_sends: sign_in.sends,
                code: drawn.sent.clone(),
                older: (sign_in.code.expires_at > call.now).then(|| sign_in.code.clone()),
                at: call.now,
            };
            match self.inner.store.commit(vec![resent, Change::MessageQueued(Box::new(message.clone()))]).await {
                Ok(_) => {
                    self.ring(message);
                    return Ok(sent(id.clone(), None, &drawn.sent, tenant, call.now));
                }
                Err(CommitError::Lost) => {}
                Err(CommitError::Unavailable(e)) => return Err(e.into()),
            }
        }
        Err(ResendError::Busy)
    }

    /// Ends a sign-in because the person chose another address. One that is over already stays as it is.
    pub async fn cancel(&self, call: &Call, id: &SignInId, device: &str) -> Result<(), CancelError> {
        if self.own_sign_in(call, id, device).await?.is_none() {
            return Ok(());
        }
        match self.inner.store.commit(vec![Change::SignInCancelled { sign_in: id.clone(), at: call.now }]).await {
            Ok(_) | Err(CommitError::Lost) => Ok(()),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    /// The sign-in that this browser waits for; `None` when it has none.
    pub async fn waiting(&self, call: &Call, id: &SignInId, device: &str) -> Result<Option<Waiting>, Unavailable> {
        let Some(tenant) = self.tenant(&call.tenant) else { return Ok(None) };
        Ok(self.own_sign_in(call, id, device).await?.map(|facts| {
            let sign_in = facts.sign_in;
            Waiting {
                standing: decide::standing_for_browser(&sign_in, &tenant.sign_in, call.now),
                id: sign_in.id,
                to: sign_in.subject,
                has_code: sign_in.code.code.is_some(),
                has_link: sign_in.code.link.is_some(),
                expires_at: sign_in.code.expires_at,
                resend_from: sign_in.last_sent_at + tenant.sign_in.resend_gap,
                attempts: sign_in.attempts,
                max_attempts: sign_in.max_attempts,
                destination: sign_in.destination,
            }
        }))
    }

    /// Whether the browser that holds `device` is the one that asked for the link. Reads, spends nothing.
    pub async fn asked_by(&self, call: &Call, id: &SignInId, device: &str) -> Result<bool, Unavailable> {
        Ok(self.own_sign_in(call, id, device).await?.is_some())
    }

    /// The sign-in `id`, if `device` is the secret of the browser that started it.
    async fn own_sign_in(&self, call: &Call, id: &SignInId, device: &str) -> Result<Option<SignInFacts>, Unavailable> {
        let facts = self.inner.store.sign_in(&call.tenant, id).await?;
        Ok(facts.filter(|facts| self.keyring().device_hash(id, device).matches(&facts.sign_in.device)))
    }

    fn draw(&self, call: &Call, tenant: &Tenant, id: &SignInId, strength: CodeStrength, with_code: bool, with_link: bool) -> Drawn {
        let (keyring, entropy) = (self.keyring(), self.entropy());
        let code = with_code.then(|| tenant.sign_in.code.of(strength).draw(entropy));
        // 160 bits, drawn apart from the code: neither tells anything about the other.
        let secret = with_link.then(|| BASE64URL_NOPAD.encode(&random::<20>(entropy)));
        let link = secret.as_ref().map(|secret| {
            let origin = self.public_origin();
            format!("{origin}/auth/verify?preAuthSessionId={id}&tenantId={}#{secret}", call.tenant)
        });
        Drawn {
            sent: SentCode {
                code: code.as_ref().map(|code| keyring.code_hash(id, code.expose())),
                link: secret.as_ref().map(|secret| keyring.link_hash(id, secret)),
                strength,
                expires_at: call.now + tenant.sign_in.lifetime,
            },
            content: MessageContent {
                kind: MessageKind::SignIn,
                app_name: tenant.app_name.clone(),
                code: code.as_ref().map(|code| code::grouped(code.expose())),
                link,
                lifetime: tenant.sign_in.lifetime.0,
            },
        }
    }

    fn message(&self, call: &Call, id: &SignInId, to: &str, drawn: &Drawn) -> Message {
        let message_id = MessageId::new(call.now, self.entropy());
        // Strings and numbers always serialise.
        let plain = Secret::new(serde_json::to_vec(&drawn.content).unwrap_or_default());
        let place = [message_id.as_str(), call.tenant.as_str(), to];
        let sealed = self.keyring().seal_message(&place, plain.expose(), self.entropy());
        Message {
            id: message_id,
            tenant: call.tenant.clone(),
            sign_in: id.clone(),
            channel: Channel::Email,
            to: to.to_owned(),
            sealed,
            queued_at: call.now,
            // Born claimed by this node, which hands it to its own worker at once.
            next_try_at: call.now + FIRST_CLAIM,
            tries: 1,
            expires_at: drawn.sent.expires_at,
        }
    }

    fn ring(&self, message: Message) {
        // A full bell is no loss: the row is there, and its claim lapses.
        let _ = self.inner.bell.try_send(message);
    }
}

fn sent(sign_in: SignInId, device: Option<Secret<String>>, code: &SentCode, tenant: &Tenant, now: Timestamp) -> Sent {
    Sent {
        sign_in,
        device,
        has_code: code.code.is_some(),
        has_link: code.link.is_some(),
        expires_at: code.expires_at,
        resend_from: now + tenant.sign_in.resend_gap,
    }
}

impl Sent {
    /// The flow in SuperTokens' words, from what the message really holds.
    pub fn flow(&self) -> Flow {
        match (self.has_code, self.has_link) {
            (true, true) => Flow::UserInputCodeAndMagicLink,
            (true, false) => Flow::UserInputCode,
            (false, _) => Flow::MagicLink,
        }
    }
}
