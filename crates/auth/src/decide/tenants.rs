//! The rules of tenants that back ends make: what their settings mean, over which other tenant, and which are refused.
//! The names are those of SuperTokens' core (contract supertokens-core.md §2.2, §3.5, §4.2).

use super::keys::LONGEST_ACCESS_LIFE;
use postkey_model::{Connection, ContactMethod, Flow, LoginRules, Millis, StoredTenant, Tenant, TenantId, TenantSettings};
use serde_json::{Map, Value};
use std::sync::Arc;
use thiserror::Error;

/// A setting that a back end may not make.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct SettingError(pub String);

/// Settings of the core that mean nothing here: kept, and without effect.
const WITHOUT_EFFECT: [&str; 20] = [
    "access_token_blacklisting",
    "access_token_validity_jitter",
    "argon2_hashing_pool_size",
    "argon2_iterations",
    "argon2_memory_kb",
    "argon2_parallelism",
    "bcrypt_log_rounds",
    "bulk_migration_batch_size",
    "bulk_migration_parallelism",
    "disable_telemetry",
    "firebase_password_hashing_signer_key",
    "ip_allow_regex",
    "ip_deny_regex",
    "password_hashing_alg",
    "password_reset_token_lifetime",
    "refresh_token_rotation_grace_period",
    "supertokens_max_cdi_version",
    "totp_default_skew",
    "totp_max_attempts",
    "totp_rate_limit_cooldown_sec",
];

/// First segments of our own routes under `/auth`: a tenant of that name could not be told from the route. Apps of their own
/// have no routes there.
pub const TAKEN_NAMES: [&str; 23] = [
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
    "identifiers",
    "loginmethods",
    "passwordless",
    "user",
    "callback",
    "signup",
    "authorisationurl",
    "signin",
    "emailpassword",
    "webauthn",
    "mfa",
    "totp",
    "oauth",
];

/// The factors that we have ourselves, in the order in which they are offered.
pub const FACTORS: [&str; 4] = ["otp-email", "link-email", "otp-phone", "link-phone"];

/// Stored tenants in an order in which each comes after the one it inherits from.
pub fn in_order<'a>(stored: impl Iterator<Item = &'a StoredTenant>) -> Vec<&'a StoredTenant> {
    let mut all: Vec<_> = stored.collect();
    all.sort_by_key(|tenant| (tenant.id.name() != "public", tenant.id.clone()));
    all
}

/// What a stored tenant is, over the one that it inherits from: the config's tenant of that name; else its app's `public`;
/// else the config's `public`. `None` when there is none, or when what is stored makes no sense any more.
pub fn build(stored: &StoredTenant, find: impl Fn(&TenantId) -> Option<Arc<Tenant>>) -> Option<Tenant> {
    let public = TenantId::public();
    let of_app = TenantId::in_app(&stored.id.app(), &public);
    let base = find(&stored.id).or_else(|| find(&of_app)).or_else(|| find(&public))?;
    let mut tenant = Tenant { id: stored.id.clone(), ..(*base).clone() };
    tenant.back_end.first_factors = stored.settings.first_factors.clone();
    tenant.back_end.required_secondary_factors = stored.settings.required_secondary_factors.clone();
    apply_core_config(&mut tenant, &stored.settings.core_config).ok()?;
    if let Some(login) = &stored.settings.login {
        tenant.login = LoginRules {
            access_lifetime: login.access_lifetime.unwrap_or(tenant.login.access_lifetime),
            session_lifetime: login.session_lifetime.unwrap_or(tenant.login.session_lifetime),
        };
    }
    apply_factors(&mut tenant);
    Some(tenant)
}

/// What people type and what they are sent, where a back end named the factors.
fn apply_factors(tenant: &mut Tenant) {
    let has = |factor: &str| is_factor(tenant, factor);
    let (email, phone) = (has("otp-email") || has("link-email"), has("otp-phone") || has("link-phone"));
    if tenant.back_end.first_factors.is_some() {
        tenant.contact = match (email, phone) {
            (true, false) => ContactMethod::Email,
            (false, true) => ContactMethod::Phone,
            (true, true) => ContactMethod::EmailOrPhone,
            (false, false) => tenant.contact,
        };
    }
}

fn is_factor(tenant: &Tenant, factor: &str) -> bool {
    tenant.back_end.first_factors.as_ref().is_none_or(|factors| factors.iter().any(|known| known == factor))
}

/// What a message to an identifier of `connection` carries; `None` where nobody gets in by such.
pub fn flow(tenant: &Tenant, connection: Connection) -> Option<Flow> {
    let Some(factors) = &tenant.back_end.first_factors else { return Some(tenant.sign_in.flow) };
    let (code, link) = match connection {
        Connection::Email => ("otp-email", "link-email"),
        Connection::Sms => ("otp-phone", "link-phone"),
        Connection::Provider(_) => return None,
    };
    let has = |factor: &str| factors.iter().any(|known| known == factor);
    match (has(code), has(link)) {
        (true, true) => Some(Flow::UserInputCodeAndMagicLink),
        (true, false) => Some(Flow::UserInputCode),
        (false, true) => Some(Flow::MagicLink),
        (false, false) => None,
    }
}

/// Whether people get in to a tenant by what a field of `method` takes.
pub fn takes(tenant: &Tenant, method: ContactMethod) -> bool {
    let email = tenant.contact.takes_email() && flow(tenant, Connection::Email).is_some();
    let phone = tenant.contact.takes_phone() && flow(tenant, Connection::Sms).is_some();
    match method {
        ContactMethod::Email => email,
        ContactMethod::Phone => phone,
        ContactMethod::EmailOrPhone => email || phone,
    }
}

/// By which of our own factors people get in to a tenant.
pub fn factors(tenant: &Tenant) -> Vec<&'static str> {
    let takes = |connection: Connection| match connection {
        Connection::Email => tenant.contact.takes_email(),
        Connection::Sms => tenant.contact.takes_phone(),
        Connection::Provider(_) => false,
    };
    let offered = |factor: &&&str| {
        let connection = if factor.ends_with("email") { Connection::Email } else { Connection::Sms };
        let flow = flow(tenant, connection).filter(|_| takes(connection));
        flow.is_some_and(|flow| if factor.starts_with("otp") { flow.has_code() } else { flow.has_link() })
    };
    FACTORS.iter().filter(offered).copied().collect()
}

/// What a back end wants of a tenant. A field that is `None` stays; `Some(None)` takes a setting back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TenantWish {
    /// By which factors people may get in at first.
    pub first_factors: Option<Option<Vec<String>>>,
    /// Which factors have to follow.
    pub required_secondary_factors: Option<Option<Vec<String>>>,
    /// Settings by the core's names; null takes one back.
    pub core_config: Map<String, Value>,
}

/// The settings of a tenant after `wish`. A new tenant that is not an app's `public` takes nobody in until a back end
/// says by what, unless `base` (the config) says so.
pub fn merge(before: Option<&TenantSettings>, wish: &TenantWish, takes_all: bool, base: &Tenant) -> Result<TenantSettings, SettingError> {
    let mut settings =
        before.cloned().unwrap_or_else(|| TenantSettings { first_factors: (!takes_all).then(Vec::new), ..TenantSettings::default() });
    if let Some(factors) = &wish.first_factors {
        settings.first_factors = factors.clone();
    }
    if let Some(factors) = &wish.required_secondary_factors {
        settings.required_secondary_factors = factors.clone();
    }
    for (name, value) in &wish.core_config {
        if value.is_null() {
            settings.core_config.remove(name);
        } else {
            settings.core_config.insert(name.clone(), value.clone());
        }
    }
    apply_core_config(&mut base.clone(), &settings.core_config)?;
    Ok(settings)
}

/// Settings of the core by name, in the core's units.
fn apply_core_config(tenant: &mut Tenant, config: &Map<String, Value>) -> Result<(), SettingError> {
    for (name, value) in config {
        let within = |low: f64, high: f64| match number(value) {
            Some(n) if n >= low && n <= high => Ok(n),
            _ => Err(SettingError(format!("{name} must be a number from {low} to {high}; it is {value}"))),
        };
        let millis = |n: f64, unit: f64| Millis((n * unit).round() as i64);
        match name.as_str() {
            "passwordless_code_lifetime" => tenant.sign_in.lifetime = millis(within(1.0, 86_400_000.0)?, 1.0),
            "passwordless_max_code_input_attempts" => tenant.sign_in.max_attempts = within(1.0, 100.0)? as i64,
            "access_token_validity" => {
                tenant.session.access_lifetime = millis(within(1.0, LONGEST_ACCESS_LIFE.as_secs() as f64)?, 1_000.0);
            }
            "refresh_token_validity" => tenant.session.refresh_lifetime = millis(within(0.01, 5_256_000.0)?, 60_000.0),
            "access_token_dynamic_signing_key_update_interval" => {
                tenant.back_end.key_interval = Some(millis(within(0.001, 87_600.0)?, 3_600_000.0));
            }
            "email_verification_token_lifetime" => {
                tenant.back_end.email_token_lifetime = Some(millis(within(1.0, 31_536_000_000.0)?, 1.0));
            }
            other if WITHOUT_EFFECT.contains(&other) => {}
            other => return Err(SettingError(format!("coreConfig has no setting of the name {other}"))),
        }
    }
    Ok(())
}

/// A number, also where it is written as a text.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
