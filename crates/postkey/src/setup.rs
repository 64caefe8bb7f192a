//! From settings to parts: what the settings mean together, checked, with a mend for each mistake.

use crate::config::{ConfigFile, MailTransport, SmtpTlsConfig, TenantConfig};
use crate::secret_key::{make_folder, read_secret, root_key};
use postkey_auth::decide::keys::LONGEST_ACCESS_LIFE;
use postkey_auth::{KeyRules, Settings};
use postkey_delivery::{DevInbox, Discarded, Smtp, SmtpSettings, SmtpTls, Transport};
use postkey_http::{DevMail, DevParts, Network};
use postkey_model::{
    Algorithm, BudgetRules, CodeFormat, Destinations, Entropy, Flow, Millis, Origin, RootKey, Secret, SessionRules, SignInRules, Tenant,
    TenantId,
};
use postkey_store::Location;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

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
    pub settings: Settings,
    pub transport: Transport,
    pub dev: Option<DevParts>,
    pub trusted_proxies: Vec<Network>,
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
    /// The way for mail, when at least that is clear.
    pub transport: Option<Transport>,
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
    pub smtp_password: Option<String>,
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
    let keys = key_rules(&file, &mut wrong);
    let tenants = origin.as_ref().map(|origin| tenants(mode, &file, origin, &mut wrong));
    let trusted_proxies = trusted_proxies(&file, &mut wrong);
    if purpose == Purpose::Serving {
        check_listeners(mode, &file, &mut wrong);
        check_private_hosts(&file, &mut wrong);
    }
    check_log(&file, &mut wrong);
    check_cookie_domain(&file, origin.as_ref(), &mut wrong);
    // `dev` makes files for mail, and only once everything that needs none is right; `serve` names all at once.
    let mail = match purpose {
        Purpose::Keys => Some((Transport::Discard(Arc::default()), DevMail::Elsewhere)),
        Purpose::Serving if wrong.is_empty() || mode == Mode::Serve => mail(mode, &file, environment, &mut wrong),
        Purpose::Serving => None,
    };
    match (origin, location, root, keys, tenants, mail) {
        (Some(public_origin), Some(location), Some(root), Some(keys), Some(tenants), Some((transport, dev_mail))) if wrong.is_empty() => {
            let dev = match mode {
                Mode::Dev { .. } => Some(DevParts { mail: dev_mail }),
                Mode::Serve => None,
            };
            let settings = Settings { public_origin, tenants, keys };
            Ok(Setup { mode, file, location, root, settings, transport, dev, trusted_proxies })
        }
        (_, location, _, _, _, mail) => Err(Box::new(Mistakes { lines: wrong, location, transport: mail.map(|(transport, _)| transport) })),
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

fn tenants(mode: Mode, file: &ConfigFile, origin: &Origin, wrong: &mut Vec<String>) -> HashMap<TenantId, Tenant> {
    let mut configs = file.config.tenants.clone();
    configs.entry("public".to_owned()).or_default();
    let mut tenants = HashMap::new();
    for (name, config) in &configs {
        let section = format!("tenants.{name}");
        let Some(id) = TenantId::parse(name).filter(|_| !TAKEN_NAMES.contains(&name.as_str())) else {
            wrong.push(format!("[{section}]: a tenant's name has 1 to 64 of a-z, 0-9 and -, and is not one of {}", TAKEN_NAMES.join(", ")));
            continue;
        };
        let before = wrong.len();
        let tenant = tenant(mode, file, &section, id.clone(), config, origin, wrong);
        if let (Some(tenant), true) = (tenant, wrong.len() == before) {
            tenants.insert(id, tenant);
        }
    }
    tenants
}

/// First segments of our own routes under `/auth`: a tenant of that name could not be told from the route.
const TAKEN_NAMES: [&str; 16] = [
    "code",
    "sent",
    "verify",
    "link-problem",
    "signed-in",
    "session",
    "signout",
    "signinup",
    "jwt",
    "sessions",
    "loginmethods",
    "passwordless",
    "user",
    "callback",
    "signup",
    "authorisationurl",
];

fn tenant(
    mode: Mode,
    file: &ConfigFile,
    section: &str,
    id: TenantId,
    config: &TenantConfig,
    origin: &Origin,
    wrong: &mut Vec<String>,
) -> Option<Tenant> {
    let mut refuse = |key: &str, why: &str| wrong.push(format!("{}: {why}", file.place(section, key)));
    let flow = Flow::parse(&config.flow);
    if flow.is_none() {
        refuse("flow", "must be MAGIC_LINK, USER_INPUT_CODE or USER_INPUT_CODE_AND_MAGIC_LINK");
    }
    let code = CodeFormat::new(&config.code_alphabet, config.code_length);
    if let Err(why) = &code {
        refuse(if why.starts_with("the code alphabet") { "code_alphabet" } else { "code_length" }, why);
    }
    let mut within = |key: &str, value: Millis, least: Millis, most: Millis, words: &str| {
        if value < least || value > most {
            refuse(key, words);
        }
    };
    within("code_lifetime", config.code_lifetime.0, Millis::from_mins(1), Millis::from_hours(1), "must be 1m to 1h");
    within("resend_gap", config.resend_gap.0, Millis::from_secs(1), Millis::from_mins(10), "must be 1s to 10m");
    within("guess_budget_window", config.guess_budget_window.0, Millis::from_hours(1), Millis::from_hours(720), "must be 1h to 30d");
    within("access_token_lifetime", config.access_token_lifetime.0, Millis::from_secs(10), LONGEST_ACCESS_LIFE, "must be 10s to 24h");
    within(
        "refresh_token_lifetime",
        config.refresh_token_lifetime.0,
        Millis::from_mins(1),
        Millis::from_hours(24 * 400),
        "must be 1m to 400d",
    );
    within("refresh_grace", config.refresh_grace.0, Millis(0), Millis::from_mins(5), "must be at most 5m");
    if config.refresh_token_lifetime.0 <= config.access_token_lifetime.0 {
        refuse("refresh_token_lifetime", "must be longer than access_token_lifetime");
    }
    if !(1..=10).contains(&config.max_attempts) {
        refuse("max_attempts", "must be 1 to 10");
    }
    if !(config.max_attempts..=10_000).contains(&config.guess_budget) {
        refuse("guess_budget", "must be at least max_attempts, and at most 10000");
    }
    if !(config.max_attempts..=10_000).contains(&config.guess_budget_trusted) {
        refuse("guess_budget_trusted", "must be at least max_attempts, and at most 10000");
    }
    if config.app_name.trim().is_empty() || config.app_name.chars().count() > 80 || config.app_name.chars().any(char::is_control) {
        refuse("app_name", "must be 1 to 80 signs on one line");
    }
    let default = match (&config.default_redirect, mode) {
        (Some(place), _) => place.as_str(),
        (None, Mode::Dev { .. }) => "/demo",
        (None, Mode::Serve) => "/auth/signed-in",
    };
    // An application in development usually listens here; see examples/first-login.
    let dev_default = ["http://localhost:3000".to_owned()];
    let return_urls =
        if matches!(mode, Mode::Dev { .. }) && config.return_urls.is_empty() { &dev_default[..] } else { &config.return_urls };
    let destinations = Destinations::new(origin.clone(), default, return_urls);
    if let Err(why) = &destinations {
        refuse(if why.starts_with("return URL") { "return_urls" } else { "default_redirect" }, why);
    }
    Some(Tenant {
        id,
        app_name: config.app_name.trim().to_owned(),
        sign_in: SignInRules {
            flow: flow?,
            code: code.ok()?,
            lifetime: config.code_lifetime.0,
            max_attempts: config.max_attempts,
            resend_gap: config.resend_gap.0,
            budget: BudgetRules {
                limit: config.guess_budget,
                trusted_limit: config.guess_budget_trusted,
                window: config.guess_budget_window.0,
            },
        },
        session: SessionRules {
            access_lifetime: config.access_token_lifetime.0,
            refresh_lifetime: config.refresh_token_lifetime.0,
            grace: config.refresh_grace.0,
        },
        destinations: destinations.ok()?,
    })
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

fn mail(mode: Mode, file: &ConfigFile, environment: &Environment, wrong: &mut Vec<String>) -> Option<(Transport, DevMail)> {
    let config = &file.config.mail;
    let transport = match (config.transport, mode) {
        (Some(transport), _) => transport,
        (None, Mode::Dev { .. }) => MailTransport::Inbox,
        (None, Mode::Serve) => {
            wrong.push("[mail] transport is missing: set it to \"smtp\" and fill in [mail.smtp]".to_owned());
            return None;
        }
    };
    match transport {
        MailTransport::Smtp => {
            let settings = smtp_settings(file, environment, wrong)?;
            let smtp = Smtp::new(&settings).map_err(|e| wrong.push(format!("[mail] {e}"))).ok()?;
            Some((Transport::Smtp(smtp), DevMail::Elsewhere))
        }
        MailTransport::Inbox | MailTransport::Discard if mode == Mode::Serve => {
            wrong.push(format!("{}: inbox and discard are for `dev`: nobody would get a mail", file.place("mail", "transport")));
            None
        }
        MailTransport::Inbox => {
            let path = file.config.data_dir.join("inbox.jsonl");
            let opened = make_folder(&file.config.data_dir).and_then(|()| DevInbox::open(&path));
            let inbox = Arc::new(opened.map_err(|e| wrong.push(format!("{}: {e}", path.display()))).ok()?);
            Some((Transport::Inbox(inbox.clone()), DevMail::Inbox(inbox)))
        }
        MailTransport::Discard => {
            let discarded = Arc::new(Discarded::default());
            Some((Transport::Discard(discarded.clone()), DevMail::Discarded(discarded)))
        }
    }
}

fn smtp_settings(file: &ConfigFile, environment: &Environment, wrong: &mut Vec<String>) -> Option<SmtpSettings> {
    let (mail, smtp) = (&file.config.mail, &file.config.mail.smtp);
    let before = wrong.len();
    if mail.from.is_none() {
        wrong.push("[mail] from is missing: set it to the sender, e.g. \"Example <login@example.com>\"".to_owned());
    }
    if smtp.host.is_none() {
        wrong.push("[mail.smtp] host is missing: set it to your mail server's name".to_owned());
    }
    let local = smtp.host.as_deref().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "::1"));
    if smtp.tls == SmtpTlsConfig::None && !local {
        wrong.push(format!(
            "{}: codes would travel in the clear: none is only for a server on this machine",
            file.place("mail.smtp", "tls")
        ));
    }
    let password = match (&environment.smtp_password, &smtp.password, &smtp.password_file) {
        (Some(text), _, _) => Some(Secret::new(text.clone())),
        (None, Some(text), _) => Some(Secret::new(text.clone())),
        (None, None, Some(path)) => read_secret(path, wrong),
        (None, None, None) => None,
    };
    if smtp.username.is_some() && password.is_none() {
        wrong.push(format!(
            "{}: there is no password for it: set POSTKEY_SMTP_PASSWORD, password_file or password",
            file.place("mail.smtp", "username")
        ));
    }
    let extra_root = smtp.ca_file.as_ref().and_then(|path| read_bytes(path, wrong));
    if wrong.len() > before {
        return None;
    }
    Some(SmtpSettings {
        host: smtp.host.clone()?,
        port: smtp.port,
        tls: match smtp.tls {
            SmtpTlsConfig::Starttls => SmtpTls::StartTls,
            SmtpTlsConfig::Implicit => SmtpTls::Implicit,
            SmtpTlsConfig::None => SmtpTls::None,
        },
        credentials: smtp.username.clone().zip(password),
        extra_root,
        from: mail.from.clone()?,
    })
}

fn read_bytes(path: &PathBuf, wrong: &mut Vec<String>) -> Option<Vec<u8>> {
    std::fs::read(path).map_err(|e| wrong.push(format!("cannot read {}: {e}", path.display()))).ok()
}
