//! From settings to parts: what the settings mean together, checked, with a mend for each mistake.

use crate::config::{ConfigFile, MailTransport, SmtpTlsConfig, TenantConfig};
use postkey_auth::{KeyRules, Settings};
use postkey_delivery::{DevInbox, Discarded, Smtp, SmtpSettings, SmtpTls, Transport};
use postkey_http::{DevMail, DevParts, Network};
use postkey_model::{
    Algorithm, BudgetRules, CodeFormat, Destinations, Entropy, Flow, Millis, Origin, RootKey, Secret, SessionRules, SignInRules, Tenant,
    TenantId,
};
use postkey_store::Location;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
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

/// What is missing or wrong, one line each.
#[derive(Debug)]
pub struct Mistakes(pub Vec<String>);

/// Secrets that came from the environment.
#[derive(Default)]
pub struct Environment {
    pub secret_key: Option<String>,
    pub smtp_password: Option<String>,
}

/// Checks everything and puts it together. All mistakes are named at once.
pub fn setup(mode: Mode, file: ConfigFile, environment: &Environment, entropy: &dyn Entropy) -> Result<Setup, Mistakes> {
    let mut wrong = Vec::new();
    let origin = public_origin(mode, &file, &mut wrong);
    let location = location(&file, &mut wrong);
    let root = root_key(mode, &file, environment, entropy, &mut wrong);
    let keys = key_rules(&file, &mut wrong);
    let tenants = origin.as_ref().map(|origin| tenants(mode, &file, origin, &mut wrong));
    let trusted_proxies = trusted_proxies(&file, &mut wrong);
    check_listeners(mode, &file, &mut wrong);
    check_cookie_domain(&file, origin.as_ref(), &mut wrong);
    // `dev` makes files for mail, and only once everything that needs none is right; `serve` names all at once.
    let mail = if wrong.is_empty() || mode == Mode::Serve { mail(mode, &file, environment, &mut wrong) } else { None };
    match (origin, location, root, keys, tenants, mail) {
        (Some(public_origin), Some(location), Some(root), Some(keys), Some(tenants), Some((transport, dev_mail))) if wrong.is_empty() => {
            let dev = match mode {
                Mode::Dev { exposed } => Some(DevParts { mail: dev_mail, exposed }),
                Mode::Serve => None,
            };
            let settings = Settings { public_origin, tenants, keys };
            Ok(Setup { mode, file, location, root, settings, transport, dev, trusted_proxies })
        }
        _ => Err(Mistakes(wrong)),
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

fn root_key(mode: Mode, file: &ConfigFile, environment: &Environment, entropy: &dyn Entropy, wrong: &mut Vec<String>) -> Option<RootKey> {
    let config = &file.config;
    let (place, text) = match (&environment.secret_key, &config.secret_key, &config.secret_key_file) {
        (Some(text), _, _) => ("POSTKEY_SECRET_KEY".to_owned(), Secret::new(text.clone())),
        (None, Some(_), Some(_)) => {
            wrong.push(format!("{} and secret_key_file are both set: keep one", file.place("", "secret_key")));
            return None;
        }
        (None, Some(text), None) => (file.place("", "secret_key"), Secret::new(text.clone())),
        (None, None, Some(path)) => (file.place("", "secret_key_file"), read_secret(path, wrong)?),
        (None, None, None) if mode == Mode::Serve => {
            wrong.push(
                "secret_key is missing: make one with `openssl rand -hex 32` and set POSTKEY_SECRET_KEY, secret_key_file or secret_key"
                    .to_owned(),
            );
            return None;
        }
        (None, None, None) => {
            let path = config.data_dir.join("secret.key");
            if !path.exists() {
                return make_secret(&path, entropy).map_err(|e| wrong.push(format!("{}: {e}", path.display()))).ok();
            }
            (path.display().to_string(), read_secret(&path, wrong)?)
        }
    };
    RootKey::parse(text.expose()).map_err(|e| wrong.push(format!("{place}: {e}"))).ok()
}

fn read_secret(path: &Path, wrong: &mut Vec<String>) -> Option<Secret<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(Secret::new(text.trim().to_owned())),
        Err(e) => {
            wrong.push(format!("cannot read {}: {e}", path.display()));
            None
        }
    }
}

/// Makes a folder that only we may look into.
fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn make_secret(path: &Path, entropy: &dyn Entropy) -> std::io::Result<RootKey> {
    use std::io::Write;
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let root = RootKey::generate(entropy);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", root.to_hex().expose())?;
    file.sync_all()?;
    Ok(root)
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
        refuse("code_length", why);
    }
    let mut within = |key: &str, value: Millis, least: Millis, most: Millis, words: &str| {
        if value < least || value > most {
            refuse(key, words);
        }
    };
    within("code_lifetime", config.code_lifetime.0, Millis::from_mins(1), Millis::from_hours(1), "must be 1m to 1h");
    within("resend_gap", config.resend_gap.0, Millis::from_secs(1), Millis::from_mins(10), "must be 1s to 10m");
    within("guess_budget_window", config.guess_budget_window.0, Millis::from_hours(1), Millis::from_hours(720), "must be 1h to 30d");
    within("access_token_lifetime", config.access_token_lifetime.0, Millis::from_secs(10), Millis::from_hours(24), "must be 10s to 24h");
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
    if file.config.private_listen.contains(&public) && public.port() != 0 {
        wrong.push(format!("public_listen and private_listen are both {public}: they must differ"));
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
