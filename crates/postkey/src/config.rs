//! The config file: every setting with its default. Unknown keys are refused with their line. What the settings
//! mean together is checked in `setup`.

use postkey_model::Millis;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// All settings. `postkey.example.toml` says what each is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub public_url: Option<String>,
    pub public_listen: SocketAddr,
    pub private_listen: Vec<SocketAddr>,
    pub private_hosts: Vec<String>,
    pub data_dir: PathBuf,
    pub database_url: Option<String>,
    pub secret_key: Option<String>,
    pub secret_key_file: Option<PathBuf>,
    pub previous_secret_keys: Vec<String>,
    pub previous_secret_key_files: Vec<PathBuf>,
    pub trusted_proxies: Vec<String>,
    pub cookie_domain: Option<String>,
    pub log: String,
    pub log_format: LogFormat,
    pub telemetry: TelemetryConfig,
    pub keys: KeysConfig,
    pub authress: AuthressConfig,
    pub retention: RetentionConfig,
    pub api_keys: Vec<String>,
    pub metrics_key: Option<String>,
    pub shutdown_grace: Option<Length>,
    pub templates_dir: Option<PathBuf>,
    pub places_file: Option<PathBuf>,
    pub mail: MailConfig,
    pub sms: ChannelConfig,
    pub whatsapp: ChannelConfig,
    pub texts: TextsConfig,
    pub limits: LimitsConfig,
    pub providers: BTreeMap<String, ProviderConfig>,
    pub webhooks: BTreeMap<String, WebhookConfig>,
    pub tenants: BTreeMap<String, TenantConfig>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// `[telemetry]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    pub otlp_endpoint: Option<String>,
    pub share: f64,
}

/// `[keys]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeysConfig {
    pub algorithm: String,
    pub rotate_every: Length,
    pub max_age: Length,
}

/// `[authress]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthressConfig {
    pub account_id: String,
    pub anti_abuse: bool,
    pub issuer_aliases: Vec<String>,
}

/// `[retention]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    pub events: Length,
}

/// `[webhooks.NAME]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookConfig {
    pub url: Option<String>,
    pub secret: Option<String>,
    pub secret_file: Option<PathBuf>,
    pub previous_secret: Option<String>,
    pub previous_secret_file: Option<PathBuf>,
    pub events: Vec<String>,
    pub tenants: Vec<String>,
    pub ca_file: Option<PathBuf>,
}

/// `[mail]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    pub from: Option<String>,
    pub providers: Vec<String>,
}

/// `[sms]` and `[whatsapp]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelConfig {
    pub providers: Vec<String>,
}

/// `[texts]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextsConfig {
    pub countries: Vec<String>,
    pub price: String,
    pub prices: BTreeMap<String, String>,
    pub per_day: String,
    pub unused_per_country: i64,
}

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    pub sends_per_server: i64,
    pub guesses_per_server: i64,
    pub asks_per_network: i64,
    pub connections: u32,
    pub connections_per_network: u32,
    pub requests: u32,
    pub window: Length,
}

/// `[providers.NAME]`: everything that any type of provider takes; which of it fits is checked in `setup`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderConfig {
    pub r#type: String,
    pub host: Option<String>,
    pub port: Option<u16>,
    pub tls: Option<String>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub password_file: Option<PathBuf>,
    pub ca_file: Option<PathBuf>,
    pub account_sid: Option<String>,
    pub auth_token: Option<String>,
    pub auth_token_file: Option<PathBuf>,
    pub from: Option<String>,
    pub messaging_service_sid: Option<String>,
    pub content_sids: Option<BTreeMap<String, String>>,
    pub api_url: Option<String>,
    pub url: Option<String>,
    pub secret: Option<String>,
    pub secret_file: Option<PathBuf>,
}

/// `[tenants.NAME.brand]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BrandConfig {
    pub logo: Option<PathBuf>,
    pub accent: Option<String>,
    pub background: Option<String>,
    pub radius: Option<u8>,
    pub terms_url: Option<String>,
    pub privacy_url: Option<String>,
    pub support: Option<String>,
}

/// `[tenants.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenantConfig {
    pub app_name: String,
    pub language: String,
    pub contact: String,
    pub default_country: Option<String>,
    pub phone_channel: String,
    pub sign_up: String,
    pub sign_up_allowed: Vec<String>,
    pub flow: String,
    pub code_in_subject: bool,
    pub code_alphabet: String,
    pub code_length: usize,
    pub code_lifetime: Length,
    pub max_attempts: i64,
    pub resend_gap: Length,
    pub number_match: bool,
    pub sends_per_contact: i64,
    pub sends_per_network: i64,
    pub sends_per_tenant: i64,
    pub sends_window: Length,
    pub guesses_per_network: i64,
    pub guesses_per_tenant: i64,
    pub guesses_window: Length,
    pub guess_budget: i64,
    pub guess_budget_trusted: i64,
    pub guess_budget_window: Length,
    pub access_token_lifetime: Length,
    pub refresh_token_lifetime: Length,
    pub refresh_grace: Length,
    pub default_redirect: Option<String>,
    pub return_urls: Vec<String>,
    pub website_domain: Option<String>,
    pub website_base_path: String,
    pub allowed_origins: Vec<String>,
    pub existence_checks: bool,
    pub claims: BTreeMap<String, String>,
    pub brand: BrandConfig,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            public_url: None,
            public_listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            private_listen: vec![SocketAddr::from(([127, 0, 0, 1], 3567)), SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 3567))],
            private_hosts: Vec::new(),
            data_dir: PathBuf::from("postkey-data"),
            database_url: None,
            secret_key: None,
            secret_key_file: None,
            previous_secret_keys: Vec::new(),
            previous_secret_key_files: Vec::new(),
            trusted_proxies: Vec::new(),
            cookie_domain: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            telemetry: TelemetryConfig::default(),
            keys: KeysConfig::default(),
            authress: AuthressConfig::default(),
            retention: RetentionConfig::default(),
            api_keys: Vec::new(),
            metrics_key: None,
            shutdown_grace: None,
            templates_dir: None,
            places_file: None,
            mail: MailConfig::default(),
            sms: ChannelConfig::default(),
            whatsapp: ChannelConfig::default(),
            texts: TextsConfig::default(),
            limits: LimitsConfig::default(),
            providers: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            tenants: BTreeMap::new(),
        }
    }
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        TelemetryConfig { otlp_endpoint: None, share: 1.0 }
    }
}

impl Default for KeysConfig {
    fn default() -> Self {
        KeysConfig { algorithm: "ES256".to_owned(), rotate_every: Length(Millis::from_hours(168)), max_age: Length(Millis::from_mins(5)) }
    }
}

impl Default for TextsConfig {
    fn default() -> Self {
        TextsConfig {
            countries: Vec::new(),
            price: "0.10".to_owned(),
            prices: BTreeMap::new(),
            per_day: "100".to_owned(),
            unused_per_country: 50,
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        LimitsConfig {
            sends_per_server: 50_000,
            guesses_per_server: 10_000,
            asks_per_network: 1_000,
            connections: 20_000,
            connections_per_network: 1_000,
            requests: 256,
            window: Length(Millis::from_mins(15)),
        }
    }
}

impl Default for RetentionConfig {
    fn default() -> Self {
        RetentionConfig { events: Length(Millis::from_hours(24 * 90)) }
    }
}

impl Default for AuthressConfig {
    fn default() -> Self {
        AuthressConfig { account_id: "acc_local".to_owned(), anti_abuse: true, issuer_aliases: Vec::new() }
    }
}

impl Default for TenantConfig {
    fn default() -> Self {
        TenantConfig {
            app_name: "Postkey".to_owned(),
            language: "en".to_owned(),
            contact: "EMAIL".to_owned(),
            default_country: None,
            phone_channel: "sms".to_owned(),
            sign_up: "open".to_owned(),
            sign_up_allowed: Vec::new(),
            flow: "USER_INPUT_CODE_AND_MAGIC_LINK".to_owned(),
            code_in_subject: true,
            code_alphabet: "0123456789".to_owned(),
            code_length: 6,
            code_lifetime: Length(Millis::from_mins(10)),
            max_attempts: 5,
            resend_gap: Length(Millis::from_secs(15)),
            number_match: false,
            sends_per_contact: 10,
            sends_per_network: 100,
            sends_per_tenant: 20_000,
            sends_window: Length(Millis::from_mins(15)),
            guesses_per_network: 60,
            guesses_per_tenant: 2_000,
            guesses_window: Length(Millis::from_mins(15)),
            guess_budget: 100,
            guess_budget_trusted: 100,
            guess_budget_window: Length(Millis::from_hours(24)),
            access_token_lifetime: Length(Millis::from_hours(1)),
            refresh_token_lifetime: Length(Millis::from_hours(24 * 100)),
            refresh_grace: Length(Millis::from_secs(30)),
            default_redirect: None,
            return_urls: Vec::new(),
            website_domain: None,
            website_base_path: "/auth".to_owned(),
            allowed_origins: Vec::new(),
            existence_checks: false,
            claims: BTreeMap::new(),
            brand: BrandConfig::default(),
        }
    }
}

/// A length of time as people write it: `500ms`, `15s`, `10m`, `1h`, `100d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(pub Millis);

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a length of time like 15s, 10m, 1h or 100d");
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: i64 = number.parse().map_err(|_| wrong())?;
        let unit = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        number.checked_mul(unit).map(|n| Length(Millis(n))).ok_or_else(wrong)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A config file as read: the settings, and the text, to name lines in it.
#[derive(Clone, Debug, Default)]
pub struct ConfigFile {
    pub config: Config,
    text: String,
    name: String,
}

impl ConfigFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| format!("cannot read the config file {name}: {e}"))?;
        Self::parse(&name, text)
    }

    /// Reads a file's text.
    pub fn parse(name: &str, text: String) -> Result<Self, String> {
        let config: Config = toml::from_str(&text).map_err(|e| format!("{name}: {}", e.to_string().trim_end()))?;
        Ok(ConfigFile { config, text, name: name.to_owned() })
    }

    /// Where `key` of `section` stands (the section is empty for the top of the file): `postkey.toml line 7`, or the
    /// key's name when the file does not set it.
    pub fn place(&self, section: &str, key: &str) -> String {
        let mut current = "";
        for (number, line) in self.text.lines().enumerate() {
            let line = line.trim();
            if let Some(header) = line.strip_prefix('[') {
                current = header.split(']').next().unwrap_or_default().trim();
            } else if current == section && line.split('=').next().is_some_and(|name| name.trim() == key) {
                return format!("{} line {}: {key}", self.name, number + 1);
            }
        }
        if section.is_empty() { key.to_owned() } else { format!("[{section}] {key}") }
    }

    /// Where `section` begins: `postkey.toml line 7: [mail]`, or its name when the file does not have it. For settings
    /// that are missing in it.
    pub fn section_place(&self, section: &str) -> String {
        let header =
            |line: &str| line.trim().strip_prefix('[').and_then(|rest| rest.split(']').next()).is_some_and(|name| name.trim() == section);
        match self.text.lines().position(header) {
            Some(before) => format!("{} line {}: [{section}]", self.name, before + 1),
            None => format!("[{section}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_with_their_unit() {
        assert_eq!("15s".parse(), Ok(Length(Millis(15_000))));
        assert_eq!("100d".parse(), Ok(Length(Millis(8_640_000_000))));
        for bad in ["15", "s", "", "-5s", "1.5h", "10 m", "99999999999999999d"] {
            assert!(bad.parse::<Length>().is_err(), "{bad}");
        }
    }

    #[test]
    fn unknown_keys_are_refused_with_their_line() {
        let error = ConfigFile::parse("postkey.toml", "log = \"info\"\n[tenants.public]\ncode_lenght = 6\n".to_owned()).unwrap_err();
        assert!(error.contains("line 3") && error.contains("code_lenght") && error.contains("code_length"), "{error}");
    }

    #[test]
    fn places_name_the_line() {
        let file = ConfigFile::parse("p.toml", "log = \"info\"\n\n[tenants.public]\ncode_length = 2\n".to_owned()).unwrap();
        assert_eq!(file.place("tenants.public", "code_length"), "p.toml line 4: code_length");
        assert_eq!(file.place("", "public_url"), "public_url");
        assert_eq!(file.place("mail", "from"), "[mail] from");
        assert_eq!(file.section_place("tenants.public"), "p.toml line 3: [tenants.public]");
        assert_eq!(file.section_place("mail"), "[mail]");
    }

    /// The example file holds every setting, commented or not, and nothing else: with all of them switched on it
    /// reads, and each key of ours is in it.
    #[test]
    fn the_example_has_every_setting_with_its_default() {
        let example = include_str!("../../../postkey.example.toml");
        let all: String = example.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n").collect();
        let read = ConfigFile::parse("postkey.example.toml", all.clone()).unwrap();
        let table: toml::Table = all.parse().unwrap();
        let keys = |table: &toml::Table| table.keys().cloned().collect::<Vec<_>>();
        let sub = |path: &[&str]| {
            let mut table = &table;
            for step in path {
                table = table[*step].as_table().unwrap();
            }
            keys(table).len()
        };
        // One more field in a struct above and one less in the example, and one of these is wrong.
        assert_eq!(
            (sub(&[]), sub(&["keys"]), sub(&["mail"]), sub(&["tenants", "public"]), sub(&["tenants", "public", "brand"])),
            (31, 3, 2, 36, 7)
        );
        assert_eq!((sub(&["telemetry"]), read.config.telemetry.share.to_bits()), (2, TelemetryConfig::default().share.to_bits()));
        // Each of a provider's settings stands with one of the types that take it.
        let providers = table["providers"].as_table().unwrap();
        let mut settings: Vec<&String> = providers.values().flat_map(|provider| provider.as_table().unwrap().keys()).collect();
        settings.sort_unstable();
        settings.dedup();
        assert_eq!(settings.len(), 18, "{settings:?}");
        assert_eq!(sub(&["webhooks", "crm"]), 8);
        let (ours, theirs) = (TenantConfig::default(), &read.config.tenants["public"]);
        assert_eq!(
            format!(
                "{:?}",
                TenantConfig {
                    default_redirect: None,
                    return_urls: vec![],
                    default_country: None,
                    website_domain: None,
                    claims: BTreeMap::new(),
                    brand: BrandConfig::default(),
                    app_name: String::new(),
                    ..theirs.clone()
                }
            ),
            format!("{:?}", TenantConfig { app_name: String::new(), ..ours })
        );
        assert_eq!(format!("{:?}", read.config.keys), format!("{:?}", KeysConfig::default()));
        assert_eq!((format!("{:?}", read.config.authress), sub(&["authress"])), (format!("{:?}", AuthressConfig::default()), 3));
        assert_eq!((format!("{:?}", read.config.limits), sub(&["limits"])), (format!("{:?}", LimitsConfig::default()), 7));
        let usual = TextsConfig { countries: read.config.texts.countries.clone(), ..TextsConfig::default() };
        assert_eq!(format!("{:?}", TextsConfig { prices: BTreeMap::new(), ..read.config.texts.clone() }), format!("{usual:?}"));
        assert_eq!(sub(&["texts"]), 5);
    }
}
