//! Connections: ways of proving who you are, as operators set them up. Codes and links that we send are always there; every
//! service client that may say who somebody is, is one by its own id; services of OAuth 2 are registered.

use super::clients::{CLIENT_PREFIX, ID_SIGNS, random_signs};
use super::registered::RegisterError;
use crate::Auth;
use crate::decide::registered::{self as decide, ClientWish, ConnectionWish};
use postkey_model::connection::OWN;
use postkey_model::provider::ProviderSettings;
use postkey_model::{
    ClientSettings, ConnectionSettings, Linking, Millis, ProviderId, Sealed, Secret, ServiceClient, StoredConnection, Timestamp, Way,
};
use postkey_store::Unavailable;
use serde_json::{Map, Value};

/// A connection as operators see it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionView {
    /// Its id.
    pub id: String,
    /// Since when it is there; `None`: always.
    pub created_at: Option<Timestamp>,
    /// When it changed last.
    pub updated_at: Option<Timestamp>,
    /// How often it changed.
    pub version: i64,
    /// What proves who somebody is.
    pub way: ViewedWay,
    /// Whether its identities may be linked.
    pub linking: Linking,
    /// How long a login may take; `None`: as usual.
    pub login_life: Option<Millis>,
    /// Whether we keep a secret of its service.
    pub has_secret: bool,
    /// Whatever else was set.
    pub kept: Map<String, Value>,
}

/// What proves who somebody is.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewedWay {
    /// A code or link that we mail.
    Email,
    /// A code or link that we text.
    Sms,
    /// A service client of this id.
    Client,
    /// A service of OAuth 2 or OpenID Connect.
    Provider(Box<ProviderSettings>),
}

/// What is wanted of a service, and of its secret.
pub struct ProviderWish {
    /// What is to be known of it.
    pub settings: ProviderSettings,
    /// The secret that it gave us; `None`: the one that is kept stays.
    pub secret: Option<Secret<String>>,
    /// The version of the connection that the settings were put together from: another one they do not change. `None`: any.
    pub seen_version: Option<i64>,
}

impl ConnectionView {
    fn of_stored(stored: StoredConnection) -> Self {
        let way = match stored.settings.way {
            Way::Email => ViewedWay::Email,
            Way::Sms => ViewedWay::Sms,
            Way::Provider(provider) => ViewedWay::Provider(provider),
        };
        ConnectionView {
            id: stored.id,
            created_at: Some(stored.created_at),
            updated_at: Some(stored.updated_at),
            version: stored.version,
            way,
            linking: stored.settings.linking,
            login_life: stored.settings.login_life,
            has_secret: stored.sealed.is_some(),
            kept: stored.settings.kept,
        }
    }

    fn of_client(client: ServiceClient) -> Self {
        ConnectionView {
            id: client.id,
            created_at: Some(client.created_at),
            updated_at: Some(client.updated_at),
            version: client.version,
            way: ViewedWay::Client,
            linking: client.settings.linking,
            login_life: client.settings.login_life,
            has_secret: false,
            kept: client.settings.kept_connection,
        }
    }

    /// One that we own and nobody changed yet.
    fn untouched(id: &str) -> Option<Self> {
        let way = own_way(id)?;
        let way = if matches!(way, Way::Sms) { ViewedWay::Sms } else { ViewedWay::Email };
        let id = id.to_owned();
        let linking = Linking::default();
        Some(ConnectionView {
            id,
            created_at: None,
            updated_at: None,
            version: 0,
            way,
            linking,
            login_life: None,
            has_secret: false,
            kept: Map::new(),
        })
    }
}

/// The way of a connection that is always there.
fn own_way(id: &str) -> Option<Way> {
    match id {
        "email" => Some(Way::Email),
        "sms" => Some(Way::Sms),
        _ => None,
    }
}

impl Auth {
    /// All connections: our own, then the others by their ids.
    pub async fn all_connections(&self) -> Result<Vec<ConnectionView>, Unavailable> {
        let mut all = Vec::new();
        for id in OWN {
            all.extend(self.own_connection(id).await?);
        }
        let clients = self.list_registered::<ClientSettings>("", i64::MAX).await?;
        let clients = clients.into_iter().filter(|client| client.settings.token_generation).map(ConnectionView::of_client);
        let stored = self.list_registered::<ConnectionSettings>("", i64::MAX).await?;
        let stored = stored.into_iter().filter(|stored| !OWN.contains(&stored.id.as_str())).map(ConnectionView::of_stored);
        let mut others: Vec<ConnectionView> = clients.chain(stored).collect();
        others.sort_by(|a, b| a.id.cmp(&b.id));
        all.extend(others);
        Ok(all)
    }

    /// One of them.
    pub async fn find_connection(&self, id: &str) -> Result<ConnectionView, RegisterError> {
        if OWN.contains(&id) {
            return self.own_connection(id).await?.ok_or(RegisterError::Unknown);
        }
        if id.starts_with(CLIENT_PREFIX) {
            let client = self.registered::<ClientSettings>(id).await?.filter(|client| client.settings.token_generation);
            return client.map(ConnectionView::of_client).ok_or(RegisterError::Unknown);
        }
        self.registered::<ConnectionSettings>(id).await?.map(ConnectionView::of_stored).ok_or(RegisterError::Unknown)
    }

    async fn own_connection(&self, id: &str) -> Result<Option<ConnectionView>, Unavailable> {
        let stored = self.registered::<ConnectionSettings>(id).await?.map(ConnectionView::of_stored);
        Ok(stored.or_else(|| ConnectionView::untouched(id)))
    }

    /// Registers a service, under an id of the caller's choice or a drawn one.
    pub async fn create_connection(
        &self,
        id: Option<&str>,
        provider: ProviderWish,
        wish: &ConnectionWish,
        now: Timestamp,
    ) -> Result<ConnectionView, RegisterError> {
        let id = id.map_or_else(|| format!("con_{}", random_signs(ID_SIGNS, self.entropy())), str::to_owned);
        if OWN.contains(&id.as_str()) {
            return Err(RegisterError::Taken);
        }
        if id.starts_with(CLIENT_PREFIX) || ProviderId::parse(&id).is_none() {
            return Err(RegisterError::Wrong(format!("the id {id:?} must not begin with {CLIENT_PREFIX}: those are service clients")));
        }
        let fresh = ConnectionSettings {
            way: Way::Provider(Box::new(provider.settings)),
            linking: Linking::default(),
            login_life: None,
            kept: Map::new(),
        };
        let settings = decide::connection(&fresh, wish).map_err(RegisterError::Wrong)?;
        let sealed = provider.secret.map(|secret| self.keyring().seal_provider_secret(&id, secret.expose(), self.entropy()));
        Ok(ConnectionView::of_stored(self.register(&id, settings, sealed, now).await?))
    }

    /// Changes a connection of any kind. `provider` makes sense for a registered service only, and takes the place of what was
    /// known of it; [`RegisterError::Busy`] when that is not what the caller saw any more: look again.
    pub async fn change_connection(
        &self,
        id: &str,
        provider: Option<ProviderWish>,
        wish: &ConnectionWish,
        now: Timestamp,
    ) -> Result<ConnectionView, RegisterError> {
        if let Some(way) = own_way(id) {
            let fresh = ConnectionSettings { way, linking: Linking::default(), login_life: None, kept: Map::new() };
            let settings = decide::connection(&fresh, wish).map_err(RegisterError::Wrong)?;
            match self.register(id, settings, None, now).await {
                Err(RegisterError::Taken) => {}
                done => return Ok(ConnectionView::of_stored(done?)),
            }
        }
        if id.starts_with(CLIENT_PREFIX) {
            self.find_connection(id).await?;
            let wish = ClientWish { connection: wish.clone(), ..ClientWish::default() };
            return Ok(ConnectionView::of_client(self.change_client(id, &wish, now).await?));
        }
        let seen_version = provider.as_ref().and_then(|wish| wish.seen_version);
        let (settings, secret) = provider.map(|wish| (wish.settings, wish.secret)).unzip();
        let fresh: Option<Sealed> = secret.flatten().map(|secret| self.keyring().seal_provider_secret(id, secret.expose(), self.entropy()));
        let change = |before: &StoredConnection| {
            if seen_version.is_some_and(|seen| seen != before.version) {
                return Err(RegisterError::Busy);
            }
            let mut base = before.settings.clone();
            if let (Way::Provider(known), Some(settings)) = (&mut base.way, &settings) {
                **known = settings.clone();
            }
            let after = decide::connection(&base, wish).map_err(RegisterError::Wrong)?;
            Ok((after, fresh.clone().or_else(|| before.sealed.clone()), ()))
        };
        Ok(ConnectionView::of_stored(self.change_registered::<ConnectionSettings, ()>(id, now, change).await?.0))
    }

    /// Removes a registered service. Users who came by it stay, and get in by it again when it is registered under this id.
    pub async fn remove_connection(&self, id: &str) -> Result<(), RegisterError> {
        if OWN.contains(&id) {
            return Err(RegisterError::Wrong(format!("the connection {id} is always there: it can be changed, not deleted")));
        }
        if id.starts_with(CLIENT_PREFIX) {
            self.find_connection(id).await?;
            return Err(RegisterError::Wrong(format!(
                "the connection {id} is a service client: delete that, or turn its token generation off"
            )));
        }
        self.unregister::<ConnectionSettings>(id).await
    }
}
