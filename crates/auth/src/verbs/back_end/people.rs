//! People for back ends: looking for them, counting them, changing and removing them, and the tenants that they are in
//! (contract supertokens-core.md §2.3, §4.1, §4.2).

use crate::Auth;
use crate::decide::linking::{self, Rivals};
use crate::decide::people::{self as decide, NewContact, NoPlace, NoUpdate};
use postkey_model::{Actor, AppId, Call, Change, Event, EventId, EventKind, Identity, IdentityId, TenantId, Timestamp};
use postkey_store::{AccountInfo, Beginning, CommitError, Listing, Page, Unavailable, UserFacts, WayKind};
use thiserror::Error;

/// A verb of the directory looks again this often when somebody else was first. More often than a person's verbs do:
/// machines change one user or one metadata object many at a time.
pub(crate) const LOOKS: usize = 64;

/// Whom a back end searches for: one of each list that is not empty fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Beginnings of addresses, or of their domains.
    pub emails: Vec<String>,
    /// Beginnings of numbers, with `+` or without.
    pub phones: Vec<String>,
    /// Beginnings of services' names.
    pub providers: Vec<String>,
}

/// Whose users are counted.
#[derive(Clone, Copy, Debug)]
pub enum CountIn<'a> {
    /// A tenant's.
    Tenant(&'a TenantId),
    /// Those of all tenants of an app, each once.
    App(&'a AppId),
}

/// Why a passwordless login method was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UpdateError {
    /// A rule says no.
    #[error("{0:?}")]
    Refused(NoUpdate),
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why an identity was not put into a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AssociateError {
    /// There is no such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// A rule says no.
    #[error("{0:?}")]
    Refused(NoPlace),
    /// The store does not work.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// A user of `app`, by the user's id or that of an identity (contract §4.1).
    pub async fn find_person(&self, app: &AppId, id: &str) -> Result<Option<UserFacts>, Unavailable> {
        self.inner.store.person(app, id).await
    }

    /// The users of whom all of `info` is true in `tenant`, or with `union` any of it, oldest first (contract §4.1).
    pub async fn find_people_by(&self, tenant: &TenantId, info: &AccountInfo, union: bool) -> Result<Vec<UserFacts>, Unavailable> {
        let mut found = self.inner.store.people_by(tenant, info).await?;
        found.retain(|facts| decide::is_meant(facts, tenant, info, union));
        Ok(found)
    }

    /// A page of the users of `tenant`.
    pub async fn list_people(&self, tenant: &TenantId, page: &Page) -> Result<Listing, Unavailable> {
        self.inner.store.list_people(tenant, page).await
    }

    /// The users of `tenant` whom a search means, oldest first.
    pub async fn search_people(&self, tenant: &TenantId, search: &Search, limit: usize) -> Result<Vec<UserFacts>, Unavailable> {
        let mut found: Option<Vec<UserFacts>> = None;
        // Of several kinds all have to be known: whoever fits the one may fit the other.
        let kinds = [&search.emails, &search.phones, &search.providers].into_iter().filter(|kind| !kind.is_empty()).count();
        let most = if kinds > 1 { i64::MAX } else { limit as i64 };
        let emails = search.emails.iter().map(|text| Beginning::Email(text)).collect::<Vec<_>>();
        let phones = search.phones.iter().map(|text| Beginning::Phone(text)).collect();
        let providers = search.providers.iter().map(|text| Beginning::Provider(text)).collect();
        for beginnings in [emails, phones, providers] {
            if beginnings.is_empty() {
                continue;
            }
            let mut fits = Vec::new();
            for beginning in beginnings {
                fits.extend(self.inner.store.search_people(tenant, beginning, most).await?);
            }
            let fits: Vec<UserFacts> = Rivals::of(fits).all().cloned().collect();
            found = Some(match found {
                None => fits,
                Some(before) => before.into_iter().filter(|facts| fits.iter().any(|other| other.user.id == facts.user.id)).collect(),
            });
        }
        let mut found = found.unwrap_or_default();
        found.sort_by(|a, b| (a.user.created_at, &a.user.id).cmp(&(b.user.created_at, &b.user.id)));
        found.truncate(limit);
        Ok(found)
    }

    /// How many users there are.
    pub async fn count_people(&self, of: CountIn<'_>, kind: WayKind) -> Result<i64, Unavailable> {
        match of {
            CountIn::Tenant(tenant) => self.inner.store.count_people(tenant, kind).await,
            CountIn::App(app) => self.inner.store.count_people_of(app, kind).await,
        }
    }

    /// Removes the identity `id`, or with `all_linked` its whole user, with sessions, metadata, roles and open sign-ins
    /// (contract §4.1). `false` when there was none, which is no error.
    pub async fn remove_person(&self, app: &AppId, id: &str, all_linked: bool, now: Timestamp) -> Result<bool, Unavailable> {
        for _ in 0..LOOKS {
            let Some(facts) = self.inner.store.person(app, id).await? else { return Ok(false) };
            let event = self.note(&facts, EventKind::UserRemoved, id, now);
            let Some(changes) = decide::removed(&facts, id, all_linked, event, now) else { return Ok(false) };
            if self.take(now, changes).await? {
                return Ok(true);
            }
        }
        Err(busy())
    }

    /// Gives a passwordless login method another address or number (contract §2.3).
    pub async fn update_passwordless(
        &self,
        app: &AppId,
        identity: &IdentityId,
        wish: &NewContact,
        now: Timestamp,
    ) -> Result<(), UpdateError> {
        for _ in 0..LOOKS {
            let facts = self.inner.store.person(app, identity.as_str()).await?.ok_or(UpdateError::Refused(NoUpdate::Unknown))?;
            let email = wish.email.iter().flatten().next().map(|email| email.as_str().to_owned());
            let phone = wish.phone.iter().flatten().next().map(|phone| phone.as_str().to_owned());
            let info = AccountInfo { email, phone, provider: None };
            let mut asked = Vec::new();
            if info != AccountInfo::default() {
                asked.extend(decide::tenants_of(&facts).into_iter().map(|tenant| (tenant, info.clone())));
            }
            let rivals = self.rivals(asked).await?;
            let event = self.note(&facts, EventKind::IdentityChanged, identity.as_str(), now);
            let changes = decide::updated(&facts, identity, wish, &rivals, event, now).map_err(UpdateError::Refused)?;
            if changes.is_empty() || self.take(now, changes).await? {
                return Ok(());
            }
        }
        Err(busy().into())
    }

    /// Puts an identity into the call's tenant. Answers whether it was there already (contract §4.2).
    pub async fn associate(&self, call: &Call, identity: &str) -> Result<bool, AssociateError> {
        let tenant = &call.tenant;
        self.find_tenant(tenant, call.now).await?.ok_or(AssociateError::UnknownTenant)?;
        for _ in 0..LOOKS {
            let facts = self.inner.store.person(&tenant.app(), identity).await?;
            let facts = facts.ok_or(AssociateError::Refused(NoPlace::Unknown))?;
            let asked = linking::infos(facts.identities.iter()).into_iter().map(|info| (tenant.clone(), info));
            let rivals = self.rivals(asked).await?;
            let mut changes = decide::associated(&facts, identity, tenant, &rivals).map_err(AssociateError::Refused)?;
            if changes.is_empty() {
                return Ok(true);
            }
            changes.extend(self.tenant_stands(tenant));
            if self.take(None, changes).await? {
                return Ok(false);
            }
        }
        Err(busy().into())
    }

    /// Takes an identity out of a tenant. Answers whether it was there (contract §4.2).
    pub async fn disassociate(&self, tenant: &TenantId, identity: &str, now: Timestamp) -> Result<bool, Unavailable> {
        for _ in 0..LOOKS {
            let Some(facts) = self.inner.store.person(&tenant.app(), identity).await? else { return Ok(false) };
            let mut roles = Vec::new();
            let mut ids = vec![facts.user.id.as_str(), identity];
            ids.dedup();
            for id in ids {
                roles.extend(self.inner.store.roles_of(tenant, id).await?.into_iter().map(|role| (id.to_owned(), role)));
            }
            let changes = decide::disassociated(&facts, identity, tenant, &roles, now);
            if changes.is_empty() {
                return Ok(false);
            }
            if self.take(now, changes).await? {
                return Ok(true);
            }
        }
        Err(busy())
    }

    /// Everybody of whom one of these pieces of information is true in the tenant beside it.
    pub(super) async fn rivals(&self, asked: impl IntoIterator<Item = (TenantId, AccountInfo)>) -> Result<Rivals, Unavailable> {
        let mut found = Vec::new();
        for (tenant, info) in asked {
            found.extend(self.inner.store.people_by(&tenant, &info).await?);
        }
        Ok(Rivals::of(found))
    }

    /// Commits what was decided; `false` when somebody was first and it is worth another look.
    pub(super) async fn take(&self, now: impl Into<Option<Timestamp>>, changes: Vec<Change>) -> Result<bool, Unavailable> {
        match self.commit(now, changes).await {
            Ok(_) => Ok(true),
            Err(CommitError::Lost) => Ok(false),
            Err(CommitError::Unavailable(e)) => Err(e),
        }
    }

    /// Commits what has no guard.
    pub(super) async fn put(&self, change: impl Into<Change>) -> Result<(), Unavailable> {
        if self.take(None, vec![change.into()]).await? { Ok(()) } else { Err(busy()) }
    }

    pub(super) fn note(&self, facts: &UserFacts, kind: EventKind, subject: &str, now: Timestamp) -> Event {
        let tenant = facts.user.tenant.clone();
        Event {
            id: EventId::new(now, self.entropy()),
            at: now,
            tenant,
            kind,
            subject: subject.to_owned(),
            user: Some(facts.user.id.clone()),
            actor: Actor::BackEnd,
        }
    }
}

pub(super) fn busy() -> Unavailable {
    Unavailable("too busy".to_owned())
}

/// The rows of one identity, if it is there.
pub(super) fn rows_of<'a>(facts: &'a UserFacts, id: &str) -> Vec<&'a Identity> {
    facts.identities.iter().filter(|row| row.id.as_str() == id).collect()
}
