//! Whole logins at a provider on this machine: what is believed, and every single thing that is not.

#[cfg(test)]
#[path = "services/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "services/logins.rs"]
mod logins;
#[cfg(test)]
#[path = "services/published.rs"]
mod published;
#[cfg(test)]
#[path = "services/refused.rs"]
mod refused;
#[cfg(test)]
#[path = "services/service.rs"]
mod service;
