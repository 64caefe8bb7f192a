//! Tenants: what their settings mean together.

use super::Mode;
use super::providers::read_bytes;
use crate::config::{BrandConfig, ConfigFile, TenantConfig};
use postkey_auth::decide::keys::LONGEST_ACCESS_LIFE;
use postkey_auth::decide::tenants::TAKEN_NAMES;
use postkey_model::{
    AllowList, Brand, BrandError, BudgetRules, Channel, CodeFormat, Color, ContactMethod, CustomClaim, Destinations, Flow, GuessRules,
    Logo, Millis, Origin, PhoneRules, Region, SendRules, SessionRules, SignInRules, SignUp, Tenant, TenantId, WebRules, Website,
};
use postkey_words::Languages;
use std::collections::HashMap;

pub(super) fn tenants(
    mode: Mode,
    file: &ConfigFile,
    origin: &Origin,
    languages: &Languages,
    wrong: &mut Vec<String>,
) -> HashMap<TenantId, Tenant> {
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
        let tenant = tenant((mode, languages), file, &section, id.clone(), config, origin, wrong);
        if let (Some(tenant), true) = (tenant, wrong.len() == before) {
            tenants.insert(id, tenant);
        }
    }
    tenants
}

fn tenant(
    (mode, languages): (Mode, &Languages),
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
    let contact = ContactMethod::parse(&config.contact);
    if contact.is_none() {
        refuse("contact", "must be EMAIL, PHONE or EMAIL_OR_PHONE");
    }
    let channel = Channel::parse(&config.phone_channel).filter(|channel| *channel != Channel::Email);
    if channel.is_none() {
        refuse("phone_channel", "must be sms or whatsapp");
    }
    let default_country = config.default_country.as_deref().map(Region::parse);
    if default_country == Some(None) {
        refuse("default_country", "must be a country's two letters (ISO 3166), as in \"AT\"");
    }
    if languages.find(&config.language).is_none() {
        let known: Vec<&str> = languages.all().iter().map(|language| language.code()).collect();
        refuse("language", &format!("must be one of {}", known.join(", ")));
    }
    let sign_up = match (config.sign_up.as_str(), AllowList::parse(&config.sign_up_allowed)) {
        ("open", Ok(_)) if config.sign_up_allowed.is_empty() => Some(SignUp::Open),
        ("closed", Ok(_)) if config.sign_up_allowed.is_empty() => Some(SignUp::Closed),
        ("open" | "closed", Ok(_)) => {
            refuse("sign_up_allowed", "goes with sign_up = \"invited\" only");
            None
        }
        ("invited", Ok(list)) => Some(SignUp::Listed(list)),
        (_, Err(why)) => {
            refuse("sign_up_allowed", &why);
            None
        }
        (_, Ok(_)) => {
            refuse("sign_up", "must be open, invited or closed");
            None
        }
    };
    if config.number_match && flow == Some(Flow::UserInputCode) {
        refuse("number_match", "needs a flow with a link");
    }
    for (key, count) in [
        ("sends_per_contact", config.sends_per_contact),
        ("sends_per_network", config.sends_per_network),
        ("sends_per_tenant", config.sends_per_tenant),
        ("guesses_per_network", config.guesses_per_network),
        ("guesses_per_tenant", config.guesses_per_tenant),
    ] {
        if !(0..=1_000_000_000).contains(&count) {
            refuse(key, "must be 0 (no limit) or more");
        }
    }
    let mut within = |key: &str, value: Millis, least: Millis, most: Millis, words: &str| {
        if value < least || value > most {
            refuse(key, words);
        }
    };
    within("code_lifetime", config.code_lifetime.0, Millis::from_mins(1), Millis::from_hours(1), "must be 1m to 1h");
    within("resend_gap", config.resend_gap.0, Millis::from_secs(1), Millis::from_mins(10), "must be 1s to 10m");
    within("sends_window", config.sends_window.0, Millis::from_mins(1), Millis::from_hours(24), "must be 1m to 24h");
    within("guesses_window", config.guesses_window.0, Millis::from_mins(1), Millis::from_hours(24), "must be 1m to 24h");
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
    let web = web(file, section, config, origin, wrong);
    let brand = brand(file, section, &config.brand, wrong);
    let mut claims = Vec::new();
    for (name, path) in &config.claims {
        match CustomClaim::parse(name, path) {
            Ok(claim) => claims.push(claim),
            Err(e) => wrong.push(format!("{}: {name} = {path:?}: {e}", file.place(section, "claims"))),
        }
    }
    Some(Tenant {
        id,
        contact: contact?,
        phone: PhoneRules { default_country: default_country.flatten(), channel: channel? },
        sign_up: sign_up?,
        language: config.language.clone(),
        code_in_subject: config.code_in_subject,
        brand: brand?,
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
            sends: SendRules {
                per_contact: config.sends_per_contact,
                per_network: config.sends_per_network,
                per_tenant: config.sends_per_tenant,
                window: config.sends_window.0,
            },
            guesses: GuessRules {
                per_network: config.guesses_per_network,
                per_tenant: config.guesses_per_tenant,
                window: config.guesses_window.0,
            },
            number_match: config.number_match,
        },
        session: SessionRules {
            access_lifetime: config.access_token_lifetime.0,
            refresh_lifetime: config.refresh_token_lifetime.0,
            grace: config.refresh_grace.0,
        },
        destinations: destinations.ok()?,
        web: web?,
        back_end: postkey_model::BackEndRules::default(),
        login: postkey_model::LoginRules::default(),
        claims,
    })
}

/// How applications' web SDKs reach a tenant.
fn web(file: &ConfigFile, section: &str, config: &TenantConfig, ours: &Origin, wrong: &mut Vec<String>) -> Option<WebRules> {
    let before = wrong.len();
    let mut refuse = |key: &str, why: String| wrong.push(format!("{}: {why}", file.place(section, key)));
    let mut site = |key: &str, text: &str| match Origin::parse(text) {
        Ok(site) if ours.is_https() && !site.is_https() && !site.is_loopback() => {
            refuse(key, format!("{text:?} must be https, because this server is"));
            None
        }
        Ok(site) => Some(site),
        Err(e) => {
            refuse(key, format!("{text:?}: {e}"));
            None
        }
    };
    let domain = config.website_domain.as_ref().and_then(|text| site("website_domain", text));
    let origins = config.allowed_origins.iter().filter_map(|text| site("allowed_origins", text)).collect();
    let base_path = config.website_base_path.trim_end_matches('/').to_owned();
    let plain = |sign: u8| sign.is_ascii_alphanumeric() || b"/-._~".contains(&sign);
    if !(base_path.is_empty() || base_path.starts_with('/')) || base_path.contains("//") || !base_path.bytes().all(plain) {
        refuse("website_base_path", "must be a path such as /auth, or / for none".to_owned());
    }
    if config.website_domain.is_none() && base_path != "/auth" {
        refuse("website_base_path", "goes with website_domain only".to_owned());
    }
    let website = domain.map(|origin| Website { origin, base_path });
    (wrong.len() == before).then_some(WebRules { website, origins, existence_checks: config.existence_checks })
}

/// How a tenant's pages look.
fn brand(file: &ConfigFile, section: &str, config: &BrandConfig, wrong: &mut Vec<String>) -> Option<Brand> {
    let section = format!("{section}.brand");
    let before = wrong.len();
    let mut color = |key: &str, text: &Option<String>| {
        let text = text.as_ref()?;
        Color::parse(text).map_err(|e| wrong.push(format!("{}: {e}", file.place(&section, key)))).ok()
    };
    let (accent, background) = (color("accent", &config.accent), color("background", &config.background));
    let logo = config.logo.as_ref().and_then(|path| {
        let bytes = read_bytes(&file.place(&section, "logo"), path, wrong)?;
        Logo::read(bytes).map_err(|e| wrong.push(format!("{}: {e}", file.place(&section, "logo")))).ok()
    });
    let (terms, privacy, support) = (config.terms_url.clone(), config.privacy_url.clone(), config.support.clone());
    let brand = Brand { logo, accent, background, radius: config.radius, terms, privacy, support };
    if let Err(e) = brand.check() {
        let key = match &e {
            BrandError::Background { .. } => "background",
            BrandError::Radius(_) => "radius",
            BrandError::Link("terms") => "terms_url",
            BrandError::Link(_) => "privacy_url",
            BrandError::Support => "support",
            BrandError::LogoKind | BrandError::LogoSize(_) => "logo",
        };
        wrong.push(format!("{}: {e}", file.place(&section, key)));
    }
    (wrong.len() == before).then_some(brand)
}
