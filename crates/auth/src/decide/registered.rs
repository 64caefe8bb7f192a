//! The rules of what operators register: which settings an application, a service client, a connection, an invitation or a
//! tenant of the login interface may have. What a wish does not name stays as it is.

use postkey_model::connection::{DEFAULT_LOGIN_LIFE, LOGIN_LIVES};
use postkey_model::{
    ApplicationSettings, ClientSettings, ConnectionSettings, InviteSettings, Linking, LoginSettings, Millis, RedirectRule, TenantId,
    Timestamp, UserId, Way, application::is_this_machine,
};
use serde_json::{Map, Value};
use url::Url;

/// Names may be this long (contract authress.md §4.1).
const LONGEST_NAME: usize = 128;
/// What people type to find their tenant may be this long (contract §4.1).
const LONGEST_LOOKUP: usize = 64;
/// More places than this no application needs.
const MOST_REDIRECT_URLS: usize = 100;
/// The shortest and the longest life of access tokens that may be set (contract §6).
pub const ACCESS_LIVES: (Millis, Millis) = (Millis::from_mins(1), Millis::from_hours(24));
/// The same of sessions.
pub const SESSION_LIVES: (Millis, Millis) = (Millis::from_mins(5), Millis::from_hours(24 * 400));

/// What is wanted of a service client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientWish {
    /// What operators call it.
    pub name: Option<String>,
    /// Whether it may do everything that the management interface offers.
    pub is_admin: Option<bool>,
    /// Whether it may say who somebody is.
    pub token_generation: Option<bool>,
    /// Where people say who they are to it.
    pub authorization_url: Option<Option<String>>,
    /// How old its statements may be.
    pub assertion_max_age: Option<Option<Millis>>,
    /// Whether an address that it names as somebody's id counts as proved by it.
    pub trust_subject_as_verified_email: Option<bool>,
    /// Whether a code that it had made for a number counts as typed by whoever has the number.
    pub trust_subject_as_verified_number: Option<bool>,
    /// Whatever else is to be kept, by name; null takes one away.
    pub kept: Map<String, Value>,
    /// Of the connection of its name.
    pub connection: ConnectionWish,
}

/// What is wanted of any connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectionWish {
    /// Whether its identities may be linked.
    pub linking: Option<Linking>,
    /// How long a login may take.
    pub login_life: Option<Option<Millis>>,
    /// Whatever else is to be kept, by name; null takes one away.
    pub kept: Map<String, Value>,
}

/// What is wanted of an application.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApplicationWish {
    /// What operators call it.
    pub name: Option<String>,
    /// Where people may be sent back to.
    pub redirect_urls: Option<Vec<String>>,
    /// Whether it runs on a developer's machine.
    pub is_development: Option<bool>,
    /// The tenant whose users log in.
    pub tenant: Option<Option<TenantId>>,
    /// Whatever else is to be kept, by name; null takes one away.
    pub kept: Map<String, Value>,
}

/// What is wanted of a tenant of the login interface.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoginTenantWish {
    /// What people type to say which tenant is theirs.
    pub lookup_identifier: Option<Option<String>>,
    /// The connection that its people log in by.
    pub connection: Option<Option<String>>,
    /// How long access tokens are good for.
    pub access_lifetime: Option<Option<Millis>>,
    /// How long sessions live.
    pub session_lifetime: Option<Option<Millis>>,
    /// Whatever else is to be kept, by name; null takes one away.
    pub kept: Map<String, Value>,
}

/// What is wanted of an invitation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InviteWish {
    /// The id that the user gets who logs in by it for the first time.
    pub linked_user_id: Option<String>,
    /// The tenant to log in to.
    pub default_login_tenant_id: Option<String>,
    /// From then on it is worth nothing.
    pub expires_at: Option<Timestamp>,
    /// Whatever else was set.
    pub kept: Map<String, Value>,
}

/// A service client as it is after `wish`. The error says how to mend it.
pub fn client(before: &ClientSettings, wish: &ClientWish) -> Result<ClientSettings, String> {
    let mut after = before.clone();
    take(&mut after.name, &wish.name);
    take(&mut after.is_admin, &wish.is_admin);
    take(&mut after.token_generation, &wish.token_generation);
    take(&mut after.authorization_url, &wish.authorization_url);
    take(&mut after.assertion_max_age, &wish.assertion_max_age);
    take(&mut after.trust_subject_as_verified_email, &wish.trust_subject_as_verified_email);
    take(&mut after.trust_subject_as_verified_number, &wish.trust_subject_as_verified_number);
    keep(&mut after.kept, &wish.kept);
    take(&mut after.linking, &wish.connection.linking);
    take(&mut after.login_life, &wish.connection.login_life);
    keep(&mut after.kept_connection, &wish.connection.kept);
    check_name(&after.name)?;
    check_authorization_url(after.authorization_url.as_deref())?;
    check_login_life(after.login_life)?;
    if let Some(age) = after.assertion_max_age {
        within("assertionMaxAge", age, (Millis::from_secs(1), LOGIN_LIVES.1))?;
        // A link is worth nothing when the login that it is for is over: that one lives as long, unless somebody set how long.
        if age > after.login_life.unwrap_or(DEFAULT_LOGIN_LIFE) {
            if after.login_life.is_some() {
                return Err("assertionMaxAge must not be longer than a login lives: set conditions.authenticationLeewayDuration of the \
                    connection of this id to as much"
                    .to_owned());
            }
            after.login_life = Some(age);
        }
    }
    Ok(after)
}

/// A connection as it is after `wish`. The error says how to mend it.
pub fn connection(before: &ConnectionSettings, wish: &ConnectionWish) -> Result<ConnectionSettings, String> {
    let mut after = before.clone();
    take(&mut after.linking, &wish.linking);
    take(&mut after.login_life, &wish.login_life);
    keep(&mut after.kept, &wish.kept);
    check_login_life(after.login_life)?;
    if let Way::Provider(provider) = &after.way {
        provider.check()?;
    }
    Ok(after)
}

/// An application as it is after `wish`. The error says how to mend it.
pub fn application(before: &ApplicationSettings, wish: &ApplicationWish) -> Result<ApplicationSettings, String> {
    let mut after = before.clone();
    take(&mut after.name, &wish.name);
    take(&mut after.redirect_urls, &wish.redirect_urls);
    take(&mut after.is_development, &wish.is_development);
    take(&mut after.tenant, &wish.tenant);
    keep(&mut after.kept, &wish.kept);
    check_name(&after.name)?;
    if after.redirect_urls.len() > MOST_REDIRECT_URLS {
        return Err(format!("redirectUrls may name {MOST_REDIRECT_URLS} places at most"));
    }
    after.redirect_urls.iter().try_for_each(|url| check_redirect_url(url))?;
    Ok(after)
}

/// What the login interface sets for a tenant, after `wish`. The error says how to mend it.
pub fn tenant(before: &LoginSettings, wish: &LoginTenantWish) -> Result<LoginSettings, String> {
    let mut after = before.clone();
    take(&mut after.lookup_identifier, &wish.lookup_identifier);
    take(&mut after.connection, &wish.connection);
    take(&mut after.access_lifetime, &wish.access_lifetime);
    take(&mut after.session_lifetime, &wish.session_lifetime);
    keep(&mut after.kept, &wish.kept);
    if let Some(lookup) = &after.lookup_identifier
        && !(1..=LONGEST_LOOKUP).contains(&lookup.chars().count())
    {
        return Err(format!("tenantLookupIdentifier must be 1 to {LONGEST_LOOKUP} signs"));
    }
    if let Some(life) = after.access_lifetime {
        within("tokenConfiguration.accessTokenDuration", life, ACCESS_LIVES)?;
    }
    if let Some(life) = after.session_lifetime {
        within("tokenConfiguration.sessionDuration", life, SESSION_LIVES)?;
    }
    Ok(after)
}

/// An invitation. The error says how to mend it.
pub fn invite(wish: &InviteWish, now: Timestamp) -> Result<InviteSettings, String> {
    let linked_user_id = match &wish.linked_user_id {
        Some(id) => Some(UserId::parse(id).ok_or("linkedUserId must be 1 to 128 letters, digits, '-' and '_'")?),
        None => None,
    };
    if wish.expires_at.is_some_and(|until| until <= now) {
        return Err("expiryTime is over already".to_owned());
    }
    Ok(InviteSettings {
        linked_user_id,
        default_login_tenant_id: wish.default_login_tenant_id.clone(),
        expires_at: wish.expires_at,
        kept: wish.kept.clone(),
    })
}

fn take<T: Clone>(stays: &mut T, wished: &Option<T>) {
    if let Some(wished) = wished {
        stays.clone_from(wished);
    }
}

/// What nobody here knows is kept as it came. Members of an object that are left out stay, as those of the whole do.
fn keep(stays: &mut Map<String, Value>, wished: &Map<String, Value>) {
    for (name, value) in wished {
        match (stays.get_mut(name), value) {
            (_, Value::Null) => drop(stays.remove(name)),
            (Some(Value::Object(below)), Value::Object(above)) => keep(below, above),
            (_, value) => drop(stays.insert(name.clone(), value.clone())),
        }
    }
}

/// A listed address is one that [`RedirectRule`] reads; behind a star stands a domain that is somebody's, not one below which
/// anybody may have a name (publicsuffix.org).
fn check_redirect_url(text: &str) -> Result<(), String> {
    let rule = RedirectRule::parse(text)?;
    match rule.below() {
        Some(domain) if psl::domain_str(domain).is_none() => {
            Err(format!("redirect URL {text:?} would send people to everybody who has a name below {domain}: list your own"))
        }
        _ => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let fits = name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    fits.then_some(()).ok_or_else(|| format!("name must have {LONGEST_NAME} signs at most, and no control signs"))
}

fn check_login_life(life: Option<Millis>) -> Result<(), String> {
    life.map_or(Ok(()), |life| within("conditions.authenticationLeewayDuration", life, LOGIN_LIVES))
}

/// People are sent there with the id of their login: over https, or on this machine.
fn check_authorization_url(text: Option<&str>) -> Result<(), String> {
    let Some(text) = text else { return Ok(()) };
    let wrong = |why: &str| Err(format!("authorizationUrl {text:?} {why}"));
    let url = match Url::parse(text) {
        Ok(url) if text.len() <= 2048 && matches!(url.scheme(), "http" | "https") && url.host().is_some() => url,
        Ok(_) | Err(_) => return wrong("must be an address like https://app.example.com/login"),
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return wrong("must have no user name and no fragment");
    }
    if url.scheme() == "http" && !is_this_machine(&url) {
        return wrong("must be https: only localhost may do without");
    }
    Ok(())
}

fn within(what: &str, life: Millis, (shortest, longest): (Millis, Millis)) -> Result<(), String> {
    let fits = (shortest..=longest).contains(&life);
    fits.then_some(()).ok_or_else(|| format!("{what} must be {} to {}", shortest.in_words(), longest.in_words()))
}

#[cfg(test)]
mod tests;
