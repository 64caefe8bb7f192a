//! What operators registered, in memory: applications, connections, service clients. Kept in step with the table.

use crate::Auth;
use postkey_model::{Application, Connection, ConnectionSettings, Linking, Registered, ServiceClient, Settings, StoredConnection};
use postkey_store::{Store, Unavailable};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// What is registered just now.
pub(crate) struct Registry {
    /// Those of the config.
    configured: Vec<Application>,
    state: RwLock<Arc<State>>,
}

#[derive(Default)]
struct State {
    /// The stamp of the table when it was read; nothing was read below 0.
    stamp: i64,
    applications: HashMap<String, Arc<Application>>,
    connections: HashMap<String, Arc<StoredConnection>>,
    clients: HashMap<String, Arc<ServiceClient>>,
}

impl Registry {
    pub(crate) fn new(configured: &[Application]) -> Self {
        let applications = configured.iter().map(|application| (application.id.clone(), Arc::new(application.clone()))).collect();
        let state = State { stamp: -1, applications, ..State::default() };
        Registry { configured: configured.to_vec(), state: RwLock::new(Arc::new(state)) }
    }

    fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Auth {
    /// Brings what is registered in step with the table. Reads one row unless something changed. To be called before serving
    /// and every few seconds: that long another node's changes take to be seen here.
    pub async fn tend_registered(&self) -> Result<(), Unavailable> {
        let registry = &self.inner.registry;
        let stamp = self.inner.store.registered_stamp().await?;
        if registry.state().stamp == stamp {
            return Ok(());
        }
        let store = &self.inner.store;
        let mut applications: HashMap<_, _> = registry.configured.iter().map(|one| (one.id.clone(), Arc::new(one.clone()))).collect();
        applications.extend(by_id(everything(store).await?));
        let (connections, clients) = (by_id(everything(store).await?), by_id(everything(store).await?));
        let mut state = registry.state.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody may have read the table later than we did, and been faster.
        if state.stamp < stamp {
            *state = Arc::new(State { stamp, applications, connections, clients });
        }
        Ok(())
    }

    /// An application, registered or of the config.
    pub fn application(&self, id: &str) -> Option<Arc<Application>> {
        self.inner.registry.state().applications.get(id).cloned()
    }

    /// All applications in the order of their ids.
    pub fn applications(&self) -> Vec<Arc<Application>> {
        sorted(self.inner.registry.state().applications.values().cloned().collect())
    }

    /// Whether an application is of the config: nobody takes it away.
    pub fn is_configured_application(&self, id: &str) -> bool {
        self.inner.registry.configured.iter().any(|application| application.id == id)
    }

    /// A connection that was set up.
    pub fn connection(&self, id: &str) -> Option<Arc<StoredConnection>> {
        self.inner.registry.state().connections.get(id).cloned()
    }

    /// All connections that were set up, in the order of their ids.
    pub fn connections(&self) -> Vec<Arc<StoredConnection>> {
        sorted(self.inner.registry.state().connections.values().cloned().collect())
    }

    /// A service client as it is remembered. What decides about its keys reads the table instead.
    pub fn known_client(&self, id: &str) -> Option<Arc<ServiceClient>> {
        self.inner.registry.state().clients.get(id).cloned()
    }

    /// Whether identities that came by a connection may be linked.
    pub fn linking(&self, connection: &str) -> Linking {
        let state = self.inner.registry.state();
        let of_client = state.clients.get(connection).map(|client| client.settings.linking);
        of_client
            .or_else(|| state.connections.get(connection).map(|one: &Arc<Registered<ConnectionSettings>>| one.settings.linking))
            .unwrap_or_default()
    }

    /// The same, of what an identity says it came by.
    pub(crate) fn linking_of(&self, connection: &Connection) -> Linking {
        self.linking(connection_id(connection))
    }

    /// Whether scripts of a web site may talk to us for any application.
    pub fn is_application_origin(&self, origin: &str) -> bool {
        self.inner.registry.state().applications.values().any(|application| application.settings.allows_origin(origin))
    }

    /// Looks for something that may have been registered on another node a moment ago.
    pub(crate) async fn look_for_registered(&self, is_known: impl Fn(&Self) -> bool) -> Result<bool, Unavailable> {
        if is_known(self) {
            return Ok(true);
        }
        // One row, unless something changed.
        self.tend_registered().await?;
        Ok(is_known(self))
    }
}

/// The id by which operators know the connection of an identity.
pub(crate) fn connection_id(connection: &Connection) -> &str {
    match connection {
        Connection::Email => "email",
        Connection::Sms => "sms",
        Connection::Provider(provider) => provider.as_str(),
    }
}

async fn everything<S: Settings>(store: &Store) -> Result<Vec<Registered<S>>, Unavailable> {
    store.list_registered("", i64::MAX).await
}

fn by_id<S>(all: Vec<Registered<S>>) -> HashMap<String, Arc<Registered<S>>> {
    all.into_iter().map(|one| (one.id.clone(), Arc::new(one))).collect()
}

fn sorted<S>(mut all: Vec<Arc<Registered<S>>>) -> Vec<Arc<Registered<S>>> {
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}
