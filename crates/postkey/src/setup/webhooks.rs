//! `[webhooks.NAME]`: services that are told what happens.

use super::providers::read_bytes;
use crate::config::{ConfigFile, WebhookConfig};
use crate::secret_key::read_secret;
use postkey_delivery::{Listener, ListenerSettings};
use postkey_model::{AppId, LifecycleKind, Secret, Subscription, TenantId};
use std::path::PathBuf;

/// How a secret is made.
const MEND: &str = "make one with: echo whsec_$(openssl rand -base64 32)";

/// What the services want to hear, and where they are told.
pub(super) fn webhooks(file: &ConfigFile, wrong: &mut Vec<String>) -> Vec<ListenerSettings> {
    file.config.webhooks.iter().filter_map(|(name, config)| settings(file, name, config, wrong)).collect()
}

/// The services, ready. Makes no files, and asks nobody.
pub(super) fn listeners(file: &ConfigFile, webhooks: &[ListenerSettings], wrong: &mut Vec<String>) -> Vec<Listener> {
    let mut ready = |settings: &ListenerSettings| {
        let section = format!("webhooks.{}", settings.subscription.endpoint);
        Listener::new(settings).map_err(|e| wrong.push(format!("{} {e}", file.section_place(&section)))).ok()
    };
    webhooks.iter().filter_map(&mut ready).collect()
}

fn settings(file: &ConfigFile, name: &str, config: &WebhookConfig, wrong: &mut Vec<String>) -> Option<ListenerSettings> {
    let (before, section) = (wrong.len(), format!("webhooks.{name}"));
    let place = |key: &str| file.place(&section, key);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        wrong.push(format!("{}: a name has 1 to 64 letters, digits, - and _", file.section_place(&section)));
    }
    let mut secret = |key: &str, text: &Option<String>, path: &Option<PathBuf>| match (text, path) {
        (Some(text), _) => Some(Secret::new(text.clone())),
        (None, Some(path)) => read_secret(&place(key), path, wrong),
        (None, None) => None,
    };
    let current = secret("secret_file", &config.secret, &config.secret_file);
    let previous = secret("previous_secret_file", &config.previous_secret, &config.previous_secret_file);
    if wrong.len() == before && (config.url.is_none() || current.is_none()) {
        wrong.push(format!(
            "{} url or secret is missing: the address that is told, and the secret that signs what it is told ({MEND})",
            file.section_place(&section)
        ));
    }
    let mut kinds = Vec::new();
    for word in &config.events {
        match LifecycleKind::parse(word) {
            Some(kind) => kinds.push(kind),
            None => {
                let all = LifecycleKind::ALL.map(LifecycleKind::as_str).join(", ");
                wrong.push(format!("{}: {word:?} is nothing that can be told: write {all}", place("events")));
            }
        }
    }
    if config.events.is_empty() {
        kinds = LifecycleKind::ALL.to_vec();
    }
    let mut of = Vec::new();
    for word in &config.tenants {
        // Whether it is there is not asked: back ends make tenants while the server runs.
        match tenant(word) {
            Some(tenant) => of.push(tenant),
            None => wrong.push(format!("{}: {word:?} is no tenant's name; one of an app is written APP/TENANT", place("tenants"))),
        }
    }
    let extra_root = config.ca_file.as_ref().and_then(|path| read_bytes(&place("ca_file"), path, wrong));
    if wrong.len() > before {
        return None;
    }
    let subscription = Subscription { endpoint: name.to_owned(), kinds, tenants: of };
    Some(ListenerSettings { subscription, url: config.url.clone()?, secrets: current.into_iter().chain(previous).collect(), extra_root })
}

/// A tenant's whole name.
fn tenant(word: &str) -> Option<TenantId> {
    match word.split_once('/') {
        None => TenantId::parse(word),
        Some((app, name)) => Some(TenantId::in_app(&AppId::parse(app)?, &TenantId::parse(name)?)),
    }
}
