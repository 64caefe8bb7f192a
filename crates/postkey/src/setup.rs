//! From settings to parts: what the settings mean together, checked, with a mend for each mistake.

mod logins;
mod providers;
mod tenant;
mod texts;
mod watching;
mod webhooks;

use crate::commands::broken_templates;
use crate::config::ConfigFile;
use crate::secret_key::{previous_keys, root_key};
use postkey_auth::{KeyRules, Settings};
use postkey_delivery::{Listener, MESSAGE_TEMPLATES, Routes};
use postkey_http::{ASSETS, DevMail, DevParts, Network, PAGES, Places};
use postkey_model::{Algorithm, Entropy, Keyring, Millis, Origin, RootKey, Secret};
use postkey_store::Location;
use postkey_words::{LoadError, Templates};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// In which mode the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For trying things out: everything has a default.
    Dev {
        /// Whether other machines may reach it.
        exposed: bool,
    },
    /// For real.
    Serve,
}

/// Everything a server is made of, checked.
pub struct Setup {
    pub mode: Mode,
    pub file: ConfigFile,
    pub location: Location,
    pub root: RootKey,
    /// Root keys from before it, the youngest first.
    pub previous_roots: Vec<RootKey>,
    pub settings: Settings,
    pub routes: Routes,
    /// Services that are told what happens.
    pub listeners: Vec<Listener>,
    pub dev: Option<DevParts>,
    pub trusted_proxies: Vec<Network>,
    pub templates: Arc<Templates>,
    pub places: Option<Arc<Places>>,
    pub metrics_key: Option<Secret<String>>,
    pub shutdown_grace: Duration,
}

impl Setup {
    /// The keyring of the root keys.
    pub fn keyring(&self) -> Keyring {
        Keyring::new(&self.root).with_previous(&self.previous_roots)
    }
}

/// For which work things are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A server.
    Serving,
    /// Looking after what a server made: nothing is made, and no mail goes out.
    Keys,
}

/// What is missing or wrong.
pub struct Mistakes {
    /// One line each.
    pub lines: Vec<String>,
    /// The database, when at least that is clear.
    pub location: Option<Location>,
    /// The ways for messages, when at least they are clear.
    pub routes: Option<Routes>,
}

impl std::fmt::Display for Mistakes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.lines.as_slice() {
            [one] => f.write_str(one),
            many => write!(f, "{} things are missing or wrong:\n  - {}", many.len(), many.join("\n  - ")),
        }
    }
}

/// Secrets that came from the environment.
#[derive(Default)]
pub struct Environment {
    pub secret_key: Option<String>,
    pub previous_secret_keys: Option<String>,
    pub smtp_password: Option<String>,
    pub twilio_token: Option<String>,
    pub api_key: Option<String>,
    pub metrics_key: Option<String>,
}

/// Checks everything and puts it together. All mistakes are named at once.
pub fn setup(
    mode: Mode,
    purpose: Purpose,
    mut file: ConfigFile,
    environment: &Environment,
    entropy: &dyn Entropy,
) -> Result<Setup, Box<Mistakes>> {
    let mut wrong = Vec::new();
    if let Some(domain) = &mut file.config.cookie_domain {
        // `.example.com` is how it was written before RFC 6265, and case means nothing in names.
        *domain = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
    }
    let origin = public_origin(mode, &file, &mut wrong);
    let location = location(&file, &mut wrong);
    let root = root_key((mode, purpose), &file, environment, entropy, &mut wrong);
    let previous_roots = previous_keys(&file, environment, &mut wrong);
    let keys = key_rules(&file, &mut wrong);
    let logins = logins::logins(mode, &file, &mut wrong);
    let templates = templates(&file, &mut wrong);
    let languages = templates.as_ref().map(|templates| templates.words().languages());
    let tenants = origin.as_ref().zip(languages).map(|(origin, languages)| tenant::tenants(mode, &file, origin, languages, &mut wrong));
    let texts = texts::texts(mode, &file, tenants.as_ref(), &mut wrong);
    let limits = texts::server_rules(&file, &mut wrong);
    let places = places(&file, &mut wrong);
    let webhooks = webhooks::webhooks(&file, &mut wrong);
    check_api_keys(&file, environment, &mut wrong);
    file.config.api_keys.extend(environment.api_key.clone());
    let metrics_key = watching::metrics_key(&file, environment, &mut wrong);
    let shutdown_grace = watching::shutdown_grace(mode, &file, &mut wrong);
    let trusted_proxies = trusted_proxies(&file, &mut wrong);
    if purpose == Purpose::Serving {
        check_listeners(mode, &file, &mut wrong);
        check_private_hosts(&file, &mut wrong);
    }
    check_log(&file, &mut wrong);
    watching::check_telemetry(&file, &mut wrong);
    check_retention(&file, &mut wrong);
    check_cookie_domain(&file, origin.as_ref(), &mut wrong);
    // `dev` makes files for mail, and only once everything that needs none is right; `serve` names all at once.
    let listeners = match purpose {
        Purpose::Keys => Vec::new(),
        Purpose::Serving => webhooks::listeners(&file, &webhooks, &mut wrong),
    };
    let mail = match purpose {
        Purpose::Keys => Some((Routes::default(), DevMail::Elsewhere)),
        Purpose::Serving if wrong.is_empty() || mode == Mode::Serve => {
            providers::routes(mode, &file, environment, tenants.as_ref(), &mut wrong)
        }
        Purpose::Serving => None,
    };
    match (origin, location, root, keys.zip(texts), tenants.zip(templates), mail) {
        (Some(public_origin), Some(location), Some(root), Some((keys, texts)), Some((tenants, templates)), Some((routes, dev_mail)))
            if wrong.is_empty() =>
        {
            let dev = match mode {
                Mode::Dev { .. } => Some(DevParts { mail: dev_mail }),
                Mode::Serve => None,
            };
            let subscriptions = webhooks.iter().map(|webhook| webhook.subscription.clone()).collect();
            let settings = Settings { public_origin, tenants, keys, logins, limits, texts, webhooks: subscriptions };
            Ok(Setup {
                mode,
                file,
                location,
                root,
                previous_roots,
                settings,
                routes,
                listeners,
                dev,
                trusted_proxies,
                templates,
                places,
                metrics_key,
                shutdown_grace,
            })
        }
        (_, location, _, _, _, mail) => Err(Box::new(Mistakes { lines: wrong, location, routes: mail.map(|(routes, _)| routes) })),
    }
}

fn check_retention(file: &ConfigFile, wrong: &mut Vec<String>) {
    let (least, most) = (Millis::from_hours(48), Millis::from_hours(24 * 3650));
    if !(least..=most).contains(&file.config.retention.events.0) {
        wrong.push(format!("{}: write 2d to 3650d", file.place("retention", "events")));
    }
}

fn public_origin(mode: Mode, file: &ConfigFile, wrong: &mut Vec<String>) -> Option<Origin> {
    let text = match (&file.config.public_url, mode) {
        (Some(text), _) => text.clone(),
        (None, Mode::Dev { .. }) => format!("http://localhost:{}", file.config.public_listen.port()),
        (None, Mode::Serve) => {
            wrong.push(
                "public_url is missing: set it to the https address at which people reach this server, e.g. https://login.example.com"
                    .to_owned(),
            );
            return None;
        }
    };
    let place = file.place("", "public_url");
    let origin = match Origin::parse(&text) {
        Ok(origin) => origin,
        Err(e) => {
            wrong.push(format!("{place}: {text:?}: {e}"));
            return None;
        }
    };
    if mode == Mode::Serve && !origin.is_https() {
        wrong.push(format!("{place}: {text:?} is not https: cookies and links would travel in the clear. Put a TLS proxy in front and use its https address"));
    }
    Some(origin)
}

fn location(file: &ConfigFile, wrong: &mut Vec<String>) -> Option<Location> {
    match &file.config.database_url {
        None => Some(Location::Sqlite(file.config.data_dir.join("postkey.db"))),
        Some(url) => Location::parse(url).map_err(|e| wrong.push(format!("{}: {e}", file.place("", "database_url")))).ok(),
    }
}

fn key_rules(file: &ConfigFile, wrong: &mut Vec<String>) -> Option<KeyRules> {
    let keys = &file.config.keys;
    let Some(algorithm) = Algorithm::parse(&keys.algorithm) else {
        wrong.push(format!("{}: {:?} is not ES256, EdDSA or RS256", file.place("keys", "algorithm"), keys.algorithm));
        return None;
    };
    if keys.rotate_every.0 < Millis::from_hours(1) {
        wrong.push(format!("{}: must be at least 1h", file.place("keys", "rotate_every")));
    }
    if keys.max_age.0 < Millis::from_secs(10) || keys.max_age.0 > Millis::from_mins(30) {
        wrong.push(format!("{}: must be 10s to 30m", file.place("keys", "max_age")));
    }
    Some(KeyRules { algorithm, interval: keys.rotate_every.0, max_age: keys.max_age.0 })
}

/// Every template, built in or from the operator's folder.
fn templates(file: &ConfigFile, wrong: &mut Vec<String>) -> Option<Arc<Templates>> {
    let folder = file.config.templates_dir.as_deref();
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        wrong.push(format!(
            "{}: there is no folder {}: make one with `postkey templates export`",
            file.place("", "templates_dir"),
            folder.display()
        ));
        return None;
    }
    let loaded = load_templates(folder).map_err(|LoadError(problems)| wrong.extend(problems.iter().map(ToString::to_string)));
    let templates = loaded.map(Arc::new).ok()?;
    // Somebody else's templates are tried before anybody sees them: one that breaks would take the login down.
    if folder.is_some() {
        let (_, broken) = broken_templates(templates.clone());
        wrong.extend(broken);
    }
    Some(templates)
}

/// The templates of pages and messages, with an operator's folder over them.
pub fn load_templates(folder: Option<&Path>) -> Result<Templates, LoadError> {
    Templates::builder().templates(&PAGES).templates(MESSAGE_TEMPLATES).files(&ASSETS).load(folder)
}

fn places(file: &ConfigFile, wrong: &mut Vec<String>) -> Option<Arc<Places>> {
    let path = file.config.places_file.as_ref()?;
    let opened = Places::open(path).map_err(|e| wrong.push(format!("{}: {e}", file.place("", "places_file"))));
    opened.ok().map(Arc::new)
}

fn check_api_keys(file: &ConfigFile, environment: &Environment, wrong: &mut Vec<String>) {
    let given = file.config.api_keys.iter().map(|key| (file.place("", "api_keys"), key));
    for (place, key) in given.chain(environment.api_key.iter().map(|key| ("POSTKEY_API_KEY".to_owned(), key))) {
        if !is_long_key(key) {
            wrong.push(format!("{place}: each key has at least 20 letters, digits and signs (make one with: openssl rand -hex 20)"));
        }
    }
}

/// Whether nobody guesses it, and it fits into a header.
fn is_long_key(key: &str) -> bool {
    key.len() >= 20 && key.bytes().all(|b| b.is_ascii_graphic())
}

fn trusted_proxies(file: &ConfigFile, wrong: &mut Vec<String>) -> Vec<Network> {
    let mut networks = Vec::new();
    for text in &file.config.trusted_proxies {
        match text.parse() {
            Ok(network) => networks.push(network),
            Err(e) => wrong.push(format!("{}: {e}", file.place("", "trusted_proxies"))),
        }
    }
    networks
}

fn check_listeners(mode: Mode, file: &ConfigFile, wrong: &mut Vec<String>) {
    let public = file.config.public_listen;
    if mode == (Mode::Dev { exposed: false }) {
        for address in std::iter::once(&public).chain(&file.config.private_listen) {
            if !address.ip().is_loopback() {
                wrong.push(format!("`dev` listens on this machine only, and {address} is open to others: anybody could read its inbox. Add --expose-dev if that is what you want"));
            }
        }
    }
    if mode == (Mode::Dev { exposed: true }) && !public.ip().is_loopback() && file.config.public_url.is_none() {
        wrong.push(format!("`dev` on {public} without a public_url would send links that work on this machine only: add --public-url http://ADDRESS:{}, the address at which others reach it", public.port()));
    }
    if file.config.private_listen.is_empty() {
        wrong.push(format!(
            "{}: is empty, and back ends could not reach this server: leave it out for the default",
            file.place("", "private_listen")
        ));
    }
    if file.config.private_listen.contains(&public) && public.port() != 0 {
        wrong.push(format!("public_listen and private_listen are both {public}: they must differ"));
    }
}

fn check_private_hosts(file: &ConfigFile, wrong: &mut Vec<String>) {
    for name in &file.config.private_hosts {
        let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let right = match address {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)),
        };
        if !right {
            wrong.push(format!(
                "{}: {name:?}: each is a host's name or address alone, without port or path: \"core\", \"10.0.0.5\", \"[fd00::5]\"",
                file.place("", "private_hosts")
            ));
        }
    }
}

/// What is written there and names nothing would keep the log silent.
fn check_log(file: &ConfigFile, wrong: &mut Vec<String>) {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    const PARTS: [&str; 6] = ["postkey", "postkey_http", "postkey_auth", "postkey_delivery", "postkey_store", "postkey_model"];
    for part in file.config.log.split(',') {
        let (target, level) = part.split_once('=').map_or((None, part), |(target, level)| (Some(target), level));
        let why = match target {
            _ if !LEVELS.contains(&level) => format!("{level:?} is not a level: use {}", LEVELS.join(", ")),
            Some(target) if target.starts_with("postkey") && !PARTS.contains(&target.split("::").next().unwrap_or_default()) => {
                format!("{target:?} is no part of Postkey: use {}", PARTS.join(", "))
            }
            Some(target) if target.is_empty() || !target.bytes().all(|b| b.is_ascii_alphanumeric() || b"_:".contains(&b)) => {
                format!("{target:?} is not the name of a part: write PART=LEVEL, without spaces")
            }
            _ => continue,
        };
        wrong.push(format!("{}: {why}", file.place("", "log")));
    }
}

fn check_cookie_domain(file: &ConfigFile, origin: Option<&Origin>, wrong: &mut Vec<String>) {
    let (Some(domain), Some(origin)) = (&file.config.cookie_domain, origin) else { return };
    let host = origin.host();
    let covers = host == domain || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
    if !covers || !domain.contains('.') {
        wrong.push(format!("{}: {domain:?} must be the host of public_url ({host}) or a domain above it", file.place("", "cookie_domain")));
    }
}

#[cfg(test)]
mod tests;
