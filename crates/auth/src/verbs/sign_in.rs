//! Start, resend, cancel, and looking at a waiting sign-in.

use super::post::Wording;
use crate::decide::identifier as identifier_rules;
use crate::decide::sign_in::{self as decide, NoResend, Standing};
use crate::decide::tenants as tenant_rules;
use crate::decide::texts::NoTexts;
use crate::texts::Paid;
use crate::{Auth, TRIES, TrustedDevice};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{
    Account, Call, Change, CodeStrength, ContactMethod, DestinationError, Flow, Identifier, IdentifierError, Opening, Purpose, Region,
    Secret, SendCounter, SentCode, SignIn, SignInId, SignUp, Tenant, Timestamp,
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
    /// There is no such tenant, or it lets nobody in by such identifiers.
    #[error("there is no tenant of that name")]
    UnknownTenant,
    /// Too many messages were asked for: to this identifier, from this network, or in all.
    #[error("too many messages were asked for")]
    Throttled {
        /// From then on it is possible.
        until: Timestamp,
    },
    /// No text goes there, or none goes out now.
    #[error("no text goes there, or none goes out now")]
    NoTexts(TextsHeld),
    /// Others were first, again and again.
    #[error("too busy")]
    Busy,
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Texts are held up, and what the person may do instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextsHeld {
    /// Why.
    pub why: NoTexts,
    /// Whether the tenant takes email addresses.
    pub by_email: bool,
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
    /// Too many messages were asked for: to this identifier, from this network, or in all.
    #[error("too many messages were asked for")]
    Throttled {
        /// From then on it is possible.
        until: Timestamp,
    },
    /// No text goes there, or none goes out now.
    #[error("no text goes there, or none goes out now")]
    NoTexts(TextsHeld),
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
    /// Where codes go.
    pub to: Identifier,
    /// What it is good for.
    pub purpose: Purpose,
    /// The two digits to show: whoever opens the link elsewhere may type them there and go on here.
    pub number: Option<u8>,
    /// Whether somebody did: this browser may collect its session.
    pub approved: bool,
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

/// What somebody asks for who wants to sign in.
#[derive(Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// What was typed.
    pub typed: &'a str,
    /// What the field took; the tenant's own contact method when it does not say, or says one that the tenant has not.
    pub method: Option<ContactMethod>,
    /// The country of a number without a calling code.
    pub country: Option<Region>,
    /// Where to go afterwards.
    pub destination: Option<&'a str>,
    /// What the browser's trusted-device cookie says.
    pub trusted: Option<&'a TrustedDevice>,
}

/// A sign-in about to be written: everything that was decided about it.
pub(super) struct Beginning<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) to: &'a Identifier,
    pub(super) account: &'a Account,
    pub(super) purpose: Purpose,
    pub(super) flow: Flow,
    pub(super) strength: CodeStrength,
    pub(super) admitted: bool,
    pub(super) destination: Option<String>,
}

impl Auth {
    /// Starts a sign-in: queues a message to what was typed and tells what the browser has to keep. The answer is the
    /// same whether the identifier is known or not, and whether its owner may get an account or not.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn start(&self, call: &Call, wanted: Wanted<'_>) -> Result<Sent, StartError> {
        let tenant = &*self.tenant(&call.tenant).ok_or(StartError::UnknownTenant)?;
        let to = tenant.read_identifier(wanted.typed, wanted.method, wanted.country)?;
        let destination = wanted.destination.map(|place| tenant.destinations.check(place)).transpose()?;
        let (connection, subject) = (to.connection(), to.as_str());

        let flow = tenant_rules::flow(tenant, connection).ok_or(StartError::UnknownTenant)?;
        let facts = self.inner.store.start_facts(&call.tenant, connection, subject).await?;
        let admitted = self.admits(tenant, &to, facts.user.is_some()).await?;
        let known_device = |user: &_| wanted.trusted.and_then(|device| device.knows(self.keyring(), &call.tenant, user));
        let account = decide::account(&facts, connection, subject, known_device);
        let budget = if account.is_trusted() { self.inner.store.budget(&call.tenant, &account).await? } else { facts.budget };
        let strength = self.strength(tenant, &account, budget, call.now);
        let destination = destination.map(|place| place.as_str().to_owned());
        let purpose = Purpose::SignIn;
        let beginning = Beginning { tenant, to: &to, account: &account, purpose, flow, strength, admitted, destination };
        self.begin(call, beginning, Vec::new()).await
    }

    /// Writes a sign-in that was decided on, together with `before`, and sends its message.
    pub(super) async fn begin(&self, call: &Call, beginning: Beginning<'_>, before: Vec<Change>) -> Result<Sent, StartError> {
        let Beginning { tenant, to, account, purpose, flow, strength, admitted, destination } = beginning;
        let counters = decide::send_counters(account, to, &call.client_ip, &tenant.sign_in.sends);
        let text = self.let_send(call, tenant, account, to, &counters).await?;
        for _ in 0..TRIES {
            let id = SignInId::new(call.now, self.entropy());
            let device = BASE64URL_NOPAD.encode(&random::<24>(self.entropy()));
            let (with_code, with_link) = (flow.has_code(), flow.has_link());
            let drawn = self.draw(call, tenant, &id, Wording { purpose: &purpose, strength, with_code, with_link, admitted });
            let message = self.message(call, tenant, &id, to, &drawn.content, drawn.sent.expires_at);
            let opening = Opening {
                id: id.clone(),
                to: (to.connection(), to.as_str().to_owned()),
                account: account.clone(),
                device: self.keyring().device_hash(&id, &device),
                code: drawn.sent.clone(),
                max_attempts: tenant.sign_in.max_attempts,
            };
            let sign_in = SignIn { flow, destination: destination.clone(), purpose: purpose.clone(), ..SignIn::begun(call, opening) };
            // The counters first: their keys come before those of the guess budgets, which `before` may look at.
            let mut changes: Vec<Change> = counted(call, tenant, &counters).collect();
            changes.extend(text.as_ref().and_then(|paid| self.text_counted(&paid.text, call.now)));
            changes.extend(before.iter().cloned());
            changes.extend([Change::SignInStarted(Box::new(sign_in)), Change::MessageQueued(Box::new(message.clone()))]);
            match self.commit(call.now, changes).await {
                Ok(_) => {
                    text.into_iter().for_each(Paid::keep);
                    self.ring(message);
                    return Ok(sent(id, Some(Secret::new(device)), &drawn.sent, tenant, call.now));
                }
                Err(CommitError::Lost) => {
                    self.lost_to_limit(call, tenant, &counters, text.as_ref().map(|paid| &paid.text)).await?;
                    if !before.is_empty() {
                        // What came before does not hold any more: whoever decided on it has to look again.
                        return Err(StartError::Busy);
                    }
                }
                Err(CommitError::Unavailable(e)) => {
                    // It may have been written all the same.
                    text.into_iter().for_each(Paid::keep_paid);
                    return Err(e.into());
                }
            }
        }
        Err(StartError::Busy)
    }

    /// Whether a sign-in with `identifier` may open a session. Known or not, the same is read.
    pub(crate) async fn admits(&self, tenant: &Tenant, identifier: &Identifier, is_known: bool) -> Result<bool, Unavailable> {
        let is_invited = match tenant.sign_up {
            SignUp::Listed(_) => self.inner.store.is_invited(&tenant.id, identifier).await?,
            SignUp::Open | SignUp::Closed => false,
        };
        let is_awaited = self.is_awaited(tenant, identifier).await?;
        Ok(decide::admits(&tenant.sign_up, identifier, is_known || is_awaited, is_invited))
    }

    /// Whether the code and link of a sign-in may open anything.
    async fn still_admits(&self, tenant: &Tenant, facts: &SignInFacts) -> Result<bool, Unavailable> {
        match facts.sign_in.purpose {
            Purpose::SignIn => self.admits(tenant, &facts.sign_in.identifier(), facts.identity.is_some()).await,
            // None of ours is sent again: its client makes another.
            Purpose::Login { .. } => Ok(false),
            Purpose::Add { .. } | Purpose::Change { .. } | Purpose::ConfirmOld { .. } => {
                Ok(identifier_rules::admits(&facts.sign_in.purpose, facts.identity.is_some()))
            }
        }
    }

    /// Sends another message for a sign-in, asked for by the browser that started it. The code before stays good
    /// until it expires.
    #[tracing::instrument(level = "trace", target = "postkey_trace", skip_all)]
    pub async fn resend(&self, call: &Call, id: &SignInId, device: &str, what: ResendAs) -> Result<Sent, ResendError> {
        let tenant = &*self.tenant(&call.tenant).ok_or(ResendError::Unknown)?;
        let rules = &tenant.sign_in;
        // Counted and paid for once, however often somebody else is first.
        let (mut text, mut is_let_through) = (None, false);
        for _ in 0..TRIES {
            let facts = self.own_sign_in(call, id, device).await?.ok_or(ResendError::Unknown)?;
            let sign_in = &facts.sign_in;
            decide::may_resend(sign_in, rules, call.now).map_err(|no| match no {
                NoResend::TooSoon { until } => {
                    postkey_metrics::refused("resend_gap");
                    ResendError::TooSoon { until }
                }
                NoResend::Over(standing) => ResendError::Over(standing),
            })?;
            let strength = self.strength(tenant, &sign_in.account, facts.budget, call.now);
            let admitted = self.still_admits(tenant, &facts).await?;
            let with_code = what == ResendAs::Code || sign_in.code.code.is_some();
            let with_link = sign_in.code.link.is_some();
            let to = sign_in.identifier();
            let wording = Wording { purpose: &sign_in.purpose, strength, with_code, with_link, admitted };
            let drawn = self.draw(call, tenant, id, wording);
            let message = self.message(call, tenant, id, &to, &drawn.content, drawn.sent.expires_at);
            let resent = Change::CodeResent {
                sign_in: id.clone(),
                seen_sends: sign_in.sends,
                code: drawn.sent.clone(),
                older: (sign_in.code.expires_at > call.now).then(|| sign_in.code.clone()),
                at: call.now,
            };
            let counters = decide::send_counters(&sign_in.account, &to, &call.client_ip, &rules.sends);
            if !is_let_through {
                text = self.let_send(call, tenant, &sign_in.account, &to, &counters).await?;
                is_let_through = true;
            }
            let mut changes = vec![resent, Change::MessageQueued(Box::new(message.clone()))];
            changes.extend(counted(call, tenant, &counters));
            changes.extend(text.as_ref().and_then(|paid| self.text_counted(&paid.text, call.now)));
            match self.commit(call.now, changes).await {
                Ok(_) => {
                    text.into_iter().for_each(Paid::keep);
                    self.ring(message);
                    return Ok(sent(id.clone(), None, &drawn.sent, tenant, call.now));
                }
                Err(CommitError::Lost) => {
                    self.lost_to_limit(call, tenant, &counters, text.as_ref().map(|paid| &paid.text)).await?;
                }
                Err(CommitError::Unavailable(e)) => {
                    // It may have been written all the same.
                    text.into_iter().for_each(Paid::keep_paid);
                    return Err(e.into());
                }
            }
        }
        Err(ResendError::Busy)
    }

    /// Ends a sign-in because the person chose another address. One that is over already stays as it is.
    pub async fn cancel(&self, call: &Call, id: &SignInId, device: &str) -> Result<(), CancelError> {
        if self.own_sign_in(call, id, device).await?.is_none() {
            return Ok(());
        }
        match self.commit(call.now, vec![Change::SignInCancelled { sign_in: id.clone(), at: call.now }]).await {
            Ok(_) | Err(CommitError::Lost) => Ok(()),
            Err(CommitError::Unavailable(e)) => Err(e.into()),
        }
    }

    /// The sign-in that this browser waits for; `None` when it has none.
    pub async fn waiting(&self, call: &Call, id: &SignInId, device: &str) -> Result<Option<Waiting>, Unavailable> {
        let tenant = self.tenant(&call.tenant);
        let Some(tenant) = tenant.as_deref() else { return Ok(None) };
        Ok(self.own_sign_in(call, id, device).await?.map(|facts| {
            let sign_in = facts.sign_in;
            let number_match = tenant.sign_in.number_match
                && sign_in.code.link.is_some()
                && sign_in.number_tries == 0
                && sign_in.purpose == Purpose::SignIn;
            Waiting {
                number: number_match.then(|| self.keyring().match_number(&sign_in.id)),
                approved: decide::is_approved(&sign_in, &tenant.sign_in, call.now),
                standing: decide::standing_for_browser(&sign_in, &tenant.sign_in, call.now),
                to: sign_in.identifier(),
                id: sign_in.id,
                purpose: sign_in.purpose,
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

    /// The sign-in `id`, if `device` is the secret of the browser that started it.
    pub(super) async fn own_sign_in(&self, call: &Call, id: &SignInId, device: &str) -> Result<Option<SignInFacts>, Unavailable> {
        let facts = self.inner.store.sign_in(&call.tenant, id).await?;
        Ok(facts.filter(|facts| self.keyring().is_device(id, device, &facts.sign_in.device)))
    }
}

/// The changes that count one message.
fn counted<'a>(call: &'a Call, tenant: &'a Tenant, counters: &'a [(SendCounter, i64)]) -> impl Iterator<Item = Change> + 'a {
    counters.iter().map(|(counter, limit)| Change::SendCounted {
        tenant: call.tenant.clone(),
        counter: counter.clone(),
        by: 1,
        limit: *limit,
        at: call.now,
        window: tenant.sign_in.sends.window,
    })
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
