//! Providers: by which ways messages leave, in which order.

use super::{Environment, Mode};
use crate::config::{ConfigFile, ProviderConfig};
use crate::secret_key::{make_folder, read_secret};
use postkey_delivery::{
    DevInbox, Discarded, Named, Provider, ProviderError, Routes, Smtp, SmtpError, SmtpSettings, SmtpTls, TWILIO_API, Twilio,
    TwilioSettings, Webhook, WebhookSettings,
};
use postkey_http::DevMail;
use postkey_model::{Channel, MessageKind, Secret, Tenant, TenantId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names that `dev` has without a section: the built-in inbox, and the outlet for benchmarks.
const BUILT_IN: [&str; 2] = ["inbox", "discard"];

/// Which settings each type takes, beside `type`.
const TYPES: [(&str, &[&str]); 3] = [
    ("smtp", &["host", "port", "tls", "username", "password", "password_file", "ca_file"]),
    ("twilio", &["account_sid", "auth_token", "auth_token_file", "from", "messaging_service_sid", "content_sids", "api_url"]),
    ("webhook", &["url", "secret", "secret_file", "ca_file"]),
];

/// The providers of each channel, in order, and what `dev` shows of their messages.
pub(super) fn routes(
    mode: Mode,
    file: &ConfigFile,
    environment: &Environment,
    tenants: Option<&HashMap<TenantId, Tenant>>,
    wrong: &mut Vec<String>,
) -> Option<(Routes, DevMail)> {
    let config = &file.config;
    let before = wrong.len();
    let mut made = Made { mode, file, environment, dev: DevMail::Elsewhere, known: HashMap::new() };
    // Whoever throws mail away has no use for an inbox either.
    let usual = [if config.mail.providers == ["discard"] { "discard" } else { "inbox" }.to_owned()];
    let mut order = |section: &str, channel: Channel, names: &[String], wrong: &mut Vec<String>| -> Vec<Named> {
        let names = if names.is_empty() && mode != Mode::Serve { &usual[..] } else { names };
        let mut list: Vec<Named> = Vec::new();
        for (before, name) in names.iter().enumerate() {
            if names[..before].contains(name) {
                wrong.push(format!("{}: {name:?} stands there twice", file.place(section, "providers")));
                continue;
            }
            list.extend(made.provider(section, channel, name, wrong));
        }
        list
    };
    let email = order("mail", Channel::Email, &config.mail.providers, wrong);
    let sms = order("sms", Channel::Sms, &config.sms.providers, wrong);
    let whatsapp = order("whatsapp", Channel::WhatsApp, &config.whatsapp.providers, wrong);
    let routes = Routes { email, sms, whatsapp };
    // Also those that nothing names yet: what is written there is meant.
    for (name, config) in &config.providers {
        if !made.known.contains_key(name) {
            made.described(&format!("providers.{name}"), config, wrong);
        }
    }
    for (channel, section) in [(Channel::Email, "mail"), (Channel::Sms, "sms"), (Channel::WhatsApp, "whatsapp")] {
        let needed = needs(tenants, channel);
        if let (Some(tenant), true, true) = (needed, routes.of(channel).is_empty(), wrong.len() == before) {
            wrong.push(format!(
                "{} providers is missing: tenant {tenant} sends that way. Set it to the name of a provider, and describe that under [providers.NAME]",
                file.section_place(section)
            ));
        }
    }
    let dev = made.dev;
    (wrong.len() == before).then_some((routes, dev))
}

/// A tenant that sends by `channel`. Mail is needed by default: without any tenant it is what is missing.
fn needs(tenants: Option<&HashMap<TenantId, Tenant>>, channel: Channel) -> Option<TenantId> {
    let sends = |tenant: &&Tenant| match channel {
        Channel::Email => tenant.contact.takes_email(),
        Channel::Sms | Channel::WhatsApp => tenant.contact.takes_phone() && tenant.phone.channel == channel,
    };
    match tenants {
        Some(tenants) => tenants.values().filter(sends).map(|tenant| tenant.id.clone()).min_by(|a, b| a.as_str().cmp(b.as_str())),
        None => (channel == Channel::Email).then(TenantId::public),
    }
}

/// Providers by name, each made once however many channels use it.
struct Made<'a> {
    mode: Mode,
    file: &'a ConfigFile,
    environment: &'a Environment,
    dev: DevMail,
    /// Nothing where what is described cannot be made: that is said once.
    known: HashMap<String, Option<Named>>,
}

impl Made<'_> {
    fn provider(&mut self, section: &str, channel: Channel, name: &str, wrong: &mut Vec<String>) -> Option<Named> {
        let place = self.file.place(section, "providers");
        if let Some(known) = self.known.get(name) {
            return fits(known.as_ref()?, channel, &place, wrong);
        }
        let provider = match self.file.config.providers.get(name) {
            Some(config) => match self.described(&format!("providers.{name}"), config, wrong) {
                Some(provider) => provider,
                None => {
                    self.known.insert(name.to_owned(), None);
                    return None;
                }
            },
            None if BUILT_IN.contains(&name) && self.mode == Mode::Serve => {
                wrong.push(format!("{place}: inbox and discard are for `dev`: nobody would get a message"));
                return None;
            }
            None if name == "inbox" => self.inbox(wrong)?,
            None if name == "discard" => self.discard(),
            None => {
                wrong.push(format!("{place}: there is no section [providers.{name}]"));
                return None;
            }
        };
        let named = Named::new(name, provider);
        self.known.insert(name.to_owned(), Some(named.clone()));
        fits(&named, channel, &place, wrong)
    }

    fn inbox(&mut self, wrong: &mut Vec<String>) -> Option<Provider> {
        let folder = &self.file.config.data_dir;
        let path = folder.join("inbox.jsonl");
        let opened = make_folder(folder).and_then(|()| DevInbox::open(&path));
        let inbox = Arc::new(opened.map_err(|e| wrong.push(format!("{}: {e}", path.display()))).ok()?);
        self.dev = DevMail::Inbox(inbox.clone());
        Some(Provider::Inbox(inbox))
    }

    fn discard(&mut self) -> Provider {
        let discarded = Arc::new(Discarded::default());
        // What people can look at is shown, if there is both.
        if !matches!(self.dev, DevMail::Inbox(_)) {
            self.dev = DevMail::Discarded(discarded.clone());
        }
        Provider::Discard(discarded)
    }

    fn described(&self, section: &str, config: &ProviderConfig, wrong: &mut Vec<String>) -> Option<Provider> {
        let place = |key: &str| self.file.place(section, key);
        let Some((kind, takes)) = TYPES.iter().find(|(kind, _)| *kind == config.r#type) else {
            wrong.push(format!("{}: must be smtp, twilio or webhook", place("type")));
            return None;
        };
        let before = wrong.len();
        for key in given(config) {
            if !takes.contains(&key) {
                wrong.push(format!("{}: is nothing that {kind} takes: it takes {}", place(key), takes.join(", ")));
            }
        }
        if wrong.len() > before {
            return None;
        }
        match *kind {
            "smtp" => self.smtp(section, config, wrong),
            "twilio" => self.twilio(section, config, wrong),
            _ => self.webhook(section, config, wrong),
        }
    }

    fn smtp(&self, section: &str, config: &ProviderConfig, wrong: &mut Vec<String>) -> Option<Provider> {
        let before = wrong.len();
        let from = &self.file.config.mail.from;
        if from.is_none() {
            let place = self.file.section_place("mail");
            wrong.push(format!("{place} from is missing: set it to the sender, e.g. \"Example <login@example.com>\""));
        }
        if config.host.is_none() {
            wrong.push(format!("{} host is missing: set it to your mail server's name", self.file.section_place(section)));
        }
        let local = config.host.as_deref().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "::1"));
        let place = |key: &str| self.file.place(section, key);
        let tls = match config.tls.as_deref() {
            None | Some("starttls") => SmtpTls::StartTls,
            Some("implicit") => SmtpTls::Implicit,
            Some("none") => {
                if !local {
                    wrong.push(format!("{}: codes would travel in the clear: none is only for a server on this machine", place("tls")));
                }
                SmtpTls::None
            }
            Some(_) => {
                wrong.push(format!("{}: must be starttls, implicit or none", place("tls")));
                return None;
            }
        };
        let password =
            self.secret(&self.environment.smtp_password, &config.password, (&place("password_file"), &config.password_file), wrong);
        let password = password.filter(|_| config.username.is_some());
        if config.username.is_some() && password.is_none() {
            wrong.push(format!("{}: there is no password for it: set POSTKEY_SMTP_PASSWORD, password_file or password", place("username")));
        }
        let extra_root = config.ca_file.as_ref().and_then(|path| read_bytes(&place("ca_file"), path, wrong));
        if wrong.len() > before {
            return None;
        }
        let settings = SmtpSettings {
            host: config.host.clone()?,
            port: config.port.unwrap_or(if tls == SmtpTls::Implicit { 465 } else { 587 }),
            tls,
            credentials: config.username.clone().zip(password),
            extra_root,
            from: from.clone()?,
        };
        let refused = |e: SmtpError| match e {
            SmtpError::From(_) => format!("{}: {e}", self.file.place("mail", "from")),
            SmtpError::Tls(_) if config.ca_file.is_some() => format!("{}: {e}", place("ca_file")),
            SmtpError::Tls(_) | SmtpError::Server(_) => format!("{} {e}", self.file.section_place(section)),
        };
        Smtp::new(&settings).map(Provider::Smtp).map_err(|e| wrong.push(refused(e))).ok()
    }

    fn twilio(&self, section: &str, config: &ProviderConfig, wrong: &mut Vec<String>) -> Option<Provider> {
        let before = wrong.len();
        let place = self.file.place(section, "auth_token_file");
        let token = self.secret(&self.environment.twilio_token, &config.auth_token, (&place, &config.auth_token_file), wrong);
        if wrong.len() > before {
            return None;
        }
        let (Some(account_sid), Some(auth_token)) = (config.account_sid.clone(), token) else {
            wrong.push(format!(
                "{} account_sid or the auth token is missing: Twilio's console shows both. Set the token by POSTKEY_TWILIO_TOKEN, auth_token_file or auth_token",
                self.file.section_place(section)
            ));
            return None;
        };
        let mut content_sids = HashMap::new();
        for (name, sid) in config.content_sids.iter().flatten() {
            match MessageKind::ALL.into_iter().find(|kind| kind.template() == name) {
                Some(kind) => {
                    content_sids.insert(kind, sid.clone());
                }
                None => {
                    let all = MessageKind::ALL.map(MessageKind::template).join(", ");
                    let place = self.file.place(&format!("{section}.content_sids"), name);
                    wrong.push(format!("{place}: is no kind of message: they are {all}"));
                }
            }
        }
        if wrong.len() > before {
            return None;
        }
        let settings = TwilioSettings {
            account_sid,
            auth_token,
            from: config.from.clone(),
            messaging_service_sid: config.messaging_service_sid.clone(),
            content_sids,
            api_url: config.api_url.clone().unwrap_or_else(|| TWILIO_API.to_owned()),
        };
        Twilio::new(&settings).map(Provider::Twilio).map_err(|e| wrong.push(self.refused(section, "api_url", &e))).ok()
    }

    fn webhook(&self, section: &str, config: &ProviderConfig, wrong: &mut Vec<String>) -> Option<Provider> {
        let before = wrong.len();
        let place = |key: &str| self.file.place(section, key);
        let secret = self.secret(&None, &config.secret, (&place("secret_file"), &config.secret_file), wrong);
        if wrong.len() > before {
            return None;
        }
        let (Some(url), Some(secret)) = (config.url.clone(), secret) else {
            let mend = "make one with: echo whsec_$(openssl rand -base64 32)";
            wrong.push(format!(
                "{} url or secret is missing: the address that takes messages, and the secret that signs them ({mend})",
                self.file.section_place(section)
            ));
            return None;
        };
        let extra_root = config.ca_file.as_ref().and_then(|path| read_bytes(&place("ca_file"), path, wrong));
        if wrong.len() > before {
            return None;
        }
        let settings = WebhookSettings { url, secret, extra_root };
        Webhook::new(&settings).map(Provider::Webhook).map_err(|e| wrong.push(self.refused(section, "url", &e))).ok()
    }

    /// What a service says of its settings, with the line of the one that it begins with; `url` is the one for its address.
    fn refused(&self, section: &str, url: &str, e: &ProviderError) -> String {
        let said = e.to_string();
        let first = said.strip_prefix("the ").unwrap_or(&said).split(' ').next().unwrap_or_default();
        let is_missing = said.contains(" is missing");
        match first {
            "URL" => format!("{}: {said}", self.file.place(section, url)),
            quoted if quoted.starts_with('"') => format!("{}: {said}", self.file.place(section, url)),
            "TLS:" => format!("{}: {said}", self.file.place(section, "ca_file")),
            key if !is_missing && TYPES.iter().any(|(_, takes)| takes.contains(&key)) => {
                format!("{}: {said}", self.file.place(section, key))
            }
            _ => format!("{} {said}", self.file.section_place(section)),
        }
    }

    /// A secret from the config, its file, or the environment, in this order: what is said of one provider only wins.
    fn secret(
        &self,
        variable: &Option<String>,
        text: &Option<String>,
        (place, path): (&str, &Option<PathBuf>),
        wrong: &mut Vec<String>,
    ) -> Option<Secret<String>> {
        match (text, path, variable) {
            (Some(text), _, _) => Some(Secret::new(text.clone())),
            (None, Some(path), _) => read_secret(place, path, wrong),
            (None, None, Some(text)) => Some(Secret::new(text.clone())),
            (None, None, None) => None,
        }
    }
}

/// The settings of a provider that the config gives.
fn given(config: &ProviderConfig) -> Vec<&'static str> {
    let all = [
        ("host", config.host.is_some()),
        ("port", config.port.is_some()),
        ("tls", config.tls.is_some()),
        ("username", config.username.is_some()),
        ("password", config.password.is_some()),
        ("password_file", config.password_file.is_some()),
        ("ca_file", config.ca_file.is_some()),
        ("account_sid", config.account_sid.is_some()),
        ("auth_token", config.auth_token.is_some()),
        ("auth_token_file", config.auth_token_file.is_some()),
        ("from", config.from.is_some()),
        ("messaging_service_sid", config.messaging_service_sid.is_some()),
        ("content_sids", config.content_sids.is_some()),
        ("api_url", config.api_url.is_some()),
        ("url", config.url.is_some()),
        ("secret", config.secret.is_some()),
        ("secret_file", config.secret_file.is_some()),
    ];
    all.into_iter().filter(|(_, is_given)| *is_given).map(|(key, _)| key).collect()
}

fn fits(named: &Named, channel: Channel, place: &str, wrong: &mut Vec<String>) -> Option<Named> {
    if !named.provider.takes(channel) {
        wrong.push(format!("{place}: {:?} is no way for {}", named.name, channel.as_str()));
        return None;
    }
    if let Some(lack) = named.provider.lacks(channel) {
        wrong.push(format!("{place}: {:?} cannot do that: {lack}", named.name));
        return None;
    }
    Some(named.clone())
}

/// Reads a file, which `place` names.
pub(super) fn read_bytes(place: &str, path: &Path, wrong: &mut Vec<String>) -> Option<Vec<u8>> {
    std::fs::read(path).map_err(|e| wrong.push(format!("{place}: cannot read {}: {e}", path.display()))).ok()
}
