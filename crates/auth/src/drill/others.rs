//! What else depends on keys: messages that wait, services' secrets, codes and links under way, tokens that prove addresses.

use super::{Tried, call};
use crate::{Auth, CodeFor, KeyError, Proof};
use postkey_model::{
    AppId, Change, Connection, ConnectionSettings, DirectoryChange, EmailAddress, EmailToken, Identifier, Identity, IdentityId, Message,
    Millis, Secret, SignInId, StoredConnection, TenantId, Timestamp, User, UserId,
};
use postkey_store::CommitError;

/// How many rows are read at once.
const PAGE: i64 = 200;
/// The token that proves the drill's own address.
const TOKEN: &str = "a token of the drill's own";

/// What was held beside sessions.
#[derive(Default)]
pub(super) struct Others {
    /// How many messages in the outbox opened.
    pub(super) messages: usize,
    /// The connections whose service's secret opened.
    pub(super) secrets: Vec<String>,
    proofs: Option<Proofs>,
}

/// What proves who somebody is, and is under way.
struct Proofs {
    by_code: (SignInId, String, Secret<String>),
    by_link: (SignInId, Secret<String>),
    made_at: Timestamp,
}

impl Auth {
    pub(super) async fn hold_others(&self, now: Timestamp) -> Result<Others, KeyError> {
        let messages = self.messages_that_open().await?.0;
        let secrets = self.provider_secrets().await?.into_iter().filter(|(_, opens)| *opens).map(|(id, _)| id).collect();
        Ok(Others { messages, secrets, proofs: Some(self.make_proofs(now).await?) })
    }

    /// Tries what was held. Proofs are spent by that.
    pub(super) async fn try_others(&self, held: Others, tried: &mut Tried) -> Result<Others, KeyError> {
        let (opened, closed) = self.messages_that_open().await?;
        tried.messages = opened.min(held.messages);
        for id in closed.into_iter().take(held.messages.saturating_sub(opened)) {
            tried.breaks(format!("message {id} in the outbox does not open"));
        }
        let open: Vec<String> = self.provider_secrets().await?.into_iter().filter(|(_, opens)| *opens).map(|(id, _)| id).collect();
        for id in &held.secrets {
            match open.contains(id) {
                true => tried.secrets += 1,
                false => tried.breaks(format!("the secret of connection {id} does not open")),
            }
        }
        if let Some(proofs) = held.proofs {
            self.try_proofs(proofs, tried).await;
        }
        // What is under way needs the older root key until it is over: it is tried once.
        Ok(Others { messages: 0, secrets: open, proofs: None })
    }

    /// How many messages of the outbox open, and which do not.
    async fn messages_that_open(&self) -> Result<(usize, Vec<String>), KeyError> {
        let (mut open, mut closed) = (0, Vec::new());
        let mut after = String::new();
        loop {
            let page: Vec<Message> = self.store().outbox_after(&after, PAGE).await?;
            let Some(last) = page.last() else { return Ok((open, closed)) };
            after = last.id.as_str().to_owned();
            for message in &page {
                match self.keyring().open_message(&message.place(), &message.sealed) {
                    Ok(_) => open += 1,
                    Err(_) => closed.push(message.id.as_str().to_owned()),
                }
            }
        }
    }

    /// The connections with a service's secret, and whether it opens.
    async fn provider_secrets(&self) -> Result<Vec<(String, bool)>, KeyError> {
        let mut all = Vec::new();
        let mut from = String::new();
        loop {
            let page: Vec<StoredConnection> = self.list_registered::<ConnectionSettings>(&from, PAGE).await?;
            let is_last = (page.len() as i64) < PAGE;
            for connection in page.iter().filter(|connection| connection.id != from) {
                if let Some(sealed) = &connection.sealed {
                    all.push((connection.id.clone(), self.keyring().open_provider_secret(&connection.id, sealed).is_ok()));
                }
            }
            match page.last() {
                Some(last) if !is_last => from.clone_from(&last.id),
                _ => return Ok(all),
            }
        }
    }

    /// Somebody of the drill's own, with a code, a link and a token under way. The person is there already, so it does not matter
    /// whom the tenant takes in.
    async fn make_proofs(&self, now: Timestamp) -> Result<Proofs, KeyError> {
        let tenant = TenantId::public();
        let email = format!("drill-{}@example.invalid", now.0);
        let (user, id) = (UserId::new(now, self.entropy()), IdentityId::new(now, self.entropy()));
        let broken = |e: String| KeyError::Broken(e);
        let person = User { id: user.clone(), tenant: tenant.clone(), created_at: now, version: 0, primary_at: None };
        let identity = Identity {
            id: id.clone(),
            user,
            tenant: tenant.clone(),
            connection: Connection::Email,
            subject: email.clone(),
            created_at: now,
            version: 0,
            provider_email: None,
            verified_at: None,
        };
        let hash = self.keyring().email_token_hash(TOKEN);
        let token = EmailToken { hash, app: AppId::public(), identity: id, email: email.clone(), expires_at: now + Millis::from_hours(24) };
        let changes = vec![Change::UserCreated(person), Change::IdentityCreated(identity), DirectoryChange::EmailTokenMade(token).into()];
        match self.store().commit(changes).await {
            Ok(_) => {}
            Err(CommitError::Lost) => return Err(broken("the drill's own person could not be written".to_owned())),
            Err(CommitError::Unavailable(e)) => return Err(e.into()),
        }
        let to = Identifier::Email(EmailAddress::parse(&email).map_err(|e| broken(e.to_string()))?);
        let call = call(&tenant, now);
        let by_code = self.make_code(&call, CodeFor::Identifier(&to), None).await.map_err(|e| broken(e.to_string()))?;
        let by_link = self.make_code(&call, CodeFor::Identifier(&to), None).await.map_err(|e| broken(e.to_string()))?;
        Ok(Proofs { by_code: (by_code.sign_in, by_code.device, by_code.code), by_link: (by_link.sign_in, by_link.link), made_at: now })
    }

    /// Checks them as of the moment at which they were made: codes may live for less time than new keys wait.
    async fn try_proofs(&self, proofs: Proofs, tried: &mut Tried) {
        let call = call(&TenantId::public(), proofs.made_at);
        let (sign_in, device, code) = proofs.by_code;
        let code = Proof::Code { sign_in, device, typed: code.expose().clone() };
        let link = Proof::Link { sign_in: proofs.by_link.0, secret: proofs.by_link.1.expose().clone() };
        for (what, proof) in [("code", code), ("link", link)] {
            match self.check_code(&call, &proof).await {
                Ok(_) => tried.proofs += 1,
                Err(e) => tried.breaks(format!("a {what} that was under way: {e}")),
            }
        }
        match self.use_email_token(&AppId::public(), TOKEN, call.now).await {
            Ok(_) => tried.proofs += 1,
            Err(e) => tried.breaks(format!("a token that proves an address: {e}")),
        }
    }
}
