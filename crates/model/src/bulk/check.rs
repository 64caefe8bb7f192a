//! What of a person from SuperTokens is taken, and what not, with the reason. A person stays out when no way in is left.

use super::{BulkLoginMethod, BulkUser, Recipe};
use crate::id::{IdentityId, TenantId, UserId};
use crate::identifier::{EmailAddress, IdentifierError};
use crate::phone::{PhoneError, PhoneNumber};
use crate::time::Timestamp;
use crate::user::{Connection, ProviderId};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::fmt;
use thiserror::Error;

/// What the operator decided, and what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A proved address of a login by password becomes one that codes are sent to.
    pub emailpassword_as_passwordless: bool,
    /// The moment at which this runs.
    pub now: Timestamp,
    /// Names that no tenant can have where this is moved to.
    pub taken_names: &'static [&'static str],
}

/// What is taken of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// The user's id at SuperTokens, when it is known.
    pub id: Option<UserId>,
    /// The id by which applications know the user instead.
    pub external_id: Option<String>,
    /// Whether the user is primary there: others' ways in may be linked to this one.
    pub is_primary: bool,
    /// The ways in, oldest first. Never empty.
    pub methods: Vec<TakenMethod>,
    /// What applications noted about the user.
    pub metadata: Option<Map<String, Value>>,
    /// Each role in each tenant.
    pub roles: Vec<(String, TenantId)>,
}

/// What is taken of a way in. Tenants are named as within their app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenMethod {
    /// Its id at SuperTokens, when it is known.
    pub id: Option<IdentityId>,
    /// The id by which applications know it instead.
    pub external_id: Option<String>,
    /// Whether it came first: the user's id is its own, unless its owner lost that one since.
    pub is_primary: bool,
    /// In which tenants. Never empty.
    pub tenants: Vec<TenantId>,
    /// Since when.
    pub joined_at: Timestamp,
    /// Whether its address was proved.
    pub is_verified: bool,
    /// What it is known by: one, or an address and a number. Never empty.
    pub ways: Vec<TakenWay>,
}

/// What a way in is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenWay {
    /// How it is proved.
    pub connection: Connection,
    /// Address, number, or the id at the service.
    pub subject: String,
    /// The address that the service names.
    pub provider_email: Option<String>,
}

/// Something that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What of the person.
    pub place: Place,
    /// The reason.
    pub why: Why,
}

/// A part of a person. Numbers count from 0, as they stand in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The whole person.
    User,
    /// A way in.
    LoginMethod(usize, Recipe),
    /// The address of a way in.
    Email(usize, Recipe),
    /// The number of a way in.
    Phone(usize),
    /// A role.
    Role(usize),
    /// An authenticator app.
    TotpDevice(usize),
}

/// Why something is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Why {
    /// The list of ways in is empty.
    #[error("it has no login method")]
    NoLoginMethod,
    /// No way in was taken.
    #[error("none of its login methods can be taken")]
    NothingLeft,
    /// Several ways in say that the user's id is theirs.
    #[error("more than one login method has isPrimary")]
    TwoPrimaries,
    /// An id that cannot be one here.
    #[error("the id is not 1 to 128 letters, digits, `-` and `_`")]
    BadId,
    /// An external id of no or of too many characters.
    #[error("the external id is empty or longer than 128 characters")]
    BadExternalId,
    /// Passwords stay behind.
    #[error("passwords are not moved; --emailpassword-as-passwordless makes a verified address one that codes are sent to")]
    Password,
    /// Its owner never proved it, so nobody who gets a code there is known to be the same person.
    #[error("the address of this password login was never verified")]
    UnverifiedPassword,
    /// Passkeys stay behind: they are bound to the key set and the domain of the server that made them.
    #[error("passkeys are not moved")]
    Passkey,
    /// Authenticator apps stay behind.
    #[error("authenticator apps are not moved: there is no second factor of that kind")]
    TotpDevice,
    /// Neither address nor number.
    #[error("a passwordless login method needs email or phoneNumber")]
    NoContact,
    /// Of two ways in with the same address in the same tenant one is enough.
    #[error("another login method of the same user has this address in the same tenant")]
    Double,
    /// Two ways in with one id.
    #[error("another login method of the same user has this id")]
    TwiceSameId,
    /// A field that this recipe needs is missing or empty.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A service's name that cannot be one here.
    #[error("thirdPartyId is not 1 to 64 printable ASCII characters")]
    BadProvider,
    /// Longer than any service's ids.
    #[error("thirdPartyUserId is longer than 256 characters")]
    LongSubject,
    /// Nothing that a terminal or a database should be given.
    #[error("thirdPartyUserId holds control characters")]
    BadSubject,
    /// No tenant, or none that can be one.
    #[error("it is in no tenant")]
    NoTenant,
    /// A name that no tenant can have.
    #[error("`{0}` is no tenant's name")]
    BadTenant(String),
    /// A role of no or of too many characters.
    #[error("the role's name is empty, longer than 255 characters, or holds control characters")]
    BadRole,
    /// Before 1970 or after now.
    #[error("timeJoinedInMSSinceEpoch is negative or lies in the future")]
    BadTime,
    /// What our own parser says of the address.
    #[error("{0}")]
    BadEmail(IdentifierError),
    /// What our own parser says of the number.
    #[error("{0}")]
    BadPhone(PhoneError),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = &self.why;
        match self.place {
            Place::User => write!(f, "{why}"),
            Place::LoginMethod(at, recipe) => write!(f, "login method {} ({}): {why}", at + 1, recipe.as_str()),
            Place::Email(at, recipe) => write!(f, "login method {} ({}), email: {why}", at + 1, recipe.as_str()),
            Place::Phone(at) => write!(f, "login method {} (passwordless), phoneNumber: {why}", at + 1),
            Place::Role(at) => write!(f, "role {}: {why}", at + 1),
            Place::TotpDevice(at) => write!(f, "TOTP device {}: {why}", at + 1),
        }
    }
}

impl BulkUser {
    /// What is taken of this person, `None` when the person stays out, and everything that is not taken.
    pub fn check(&self, rules: &Rules) -> (Option<Taken>, Vec<Problem>) {
        let mut problems = Vec::new();
        let taken = self.take(rules, &mut problems);
        (taken, problems)
    }

    fn take(&self, rules: &Rules, problems: &mut Vec<Problem>) -> Option<Taken> {
        let refuse = |why| Problem { place: Place::User, why };
        for at in 0..self.totp_devices.len() {
            problems.push(Problem { place: Place::TotpDevice(at), why: Why::TotpDevice });
        }
        if self.login_methods.is_empty() {
            problems.push(refuse(Why::NoLoginMethod));
            return None;
        }
        let primaries = self.login_methods.iter().filter(|method| method.is_primary == Some(true)).count();
        if primaries > 1 {
            problems.push(refuse(Why::TwoPrimaries));
            return None;
        }
        let known = |id: &Option<String>| id.as_deref().map(|id| UserId::parse(id).ok_or(Why::BadId)).transpose();
        let (id, external_id) = match (known(&self.id), external(&self.external_user_id)) {
            (Ok(id), Ok(external_id)) => (id, external_id),
            (Err(why), _) | (_, Err(why)) => {
                problems.push(refuse(why));
                return None;
            }
        };
        let main = self.main_method();
        // A user made of one way in has its id.
        let id = id.or_else(|| self.login_methods[main].super_tokens_user_id.as_deref().and_then(UserId::parse));
        let mut methods = Vec::new();
        for (at, method) in self.login_methods.iter().enumerate() {
            match take_method(at, method, at == main, rules, problems) {
                Ok(taken) => methods.push((Place::LoginMethod(at, method.recipe_id), taken)),
                Err(why) => problems.push(Problem { place: Place::LoginMethod(at, method.recipe_id), why }),
            }
        }
        let methods = without_twins(methods, problems);
        let mut methods = without_doubles(methods, problems);
        if methods.is_empty() {
            problems.push(refuse(Why::NothingLeft));
            return None;
        }
        methods.sort_by_key(|method| method.joined_at);
        let is_primary = primaries > 0 || self.login_methods.len() > 1;
        Some(Taken { id, external_id, is_primary, methods, metadata: self.user_metadata.clone(), roles: self.roles(rules, problems) })
    }

    /// Which way in gave the user its id: the one that says so, or the oldest.
    fn main_method(&self) -> usize {
        let age = |at: &usize| self.login_methods.get(*at).and_then(|method| method.time_joined).unwrap_or(i64::MAX);
        let said = self.login_methods.iter().position(|method| method.is_primary == Some(true));
        said.or_else(|| (0..self.login_methods.len()).min_by_key(age)).unwrap_or_default()
    }

    fn roles(&self, rules: &Rules, problems: &mut Vec<Problem>) -> Vec<(String, TenantId)> {
        let mut roles = Vec::new();
        for (at, given) in self.user_roles.iter().enumerate() {
            let name = given.role.trim();
            let mut refuse = |why| problems.push(Problem { place: Place::Role(at), why });
            if name.is_empty() || name.chars().count() > 255 || name.chars().any(char::is_control) {
                refuse(Why::BadRole);
                continue;
            }
            for tenant in &given.tenant_ids {
                match tenant_named(tenant, rules).map(|tenant| (name.to_owned(), tenant)) {
                    Ok(role) if roles.contains(&role) => {}
                    Ok(role) => roles.push(role),
                    Err(why) => refuse(why),
                }
            }
        }
        roles
    }
}

fn external(id: &Option<String>) -> Result<Option<String>, Why> {
    let Some(id) = id.as_deref().map(str::trim) else { return Ok(None) };
    if id.is_empty() || id.chars().count() > 128 { Err(Why::BadExternalId) } else { Ok(Some(id.to_owned())) }
}

fn tenant_named(name: &str, rules: &Rules) -> Result<TenantId, Why> {
    let free = |id: &TenantId| !rules.taken_names.contains(&id.as_str());
    TenantId::parse(&name.trim().to_lowercase()).filter(free).ok_or_else(|| Why::BadTenant(name.chars().take(64).collect()))
}

fn take_method(at: usize, method: &BulkLoginMethod, is_main: bool, rules: &Rules, problems: &mut Vec<Problem>) -> Result<TakenMethod, Why> {
    // The reason that says most stands first.
    match method.recipe_id {
        Recipe::WebAuthn => return Err(Why::Passkey),
        Recipe::EmailPassword if !rules.emailpassword_as_passwordless => return Err(Why::Password),
        Recipe::EmailPassword if method.is_verified != Some(true) => return Err(Why::UnverifiedPassword),
        Recipe::EmailPassword | Recipe::Passwordless | Recipe::ThirdParty => {}
    }
    let id = method.super_tokens_user_id.as_deref().map(|id| IdentityId::parse(id).ok_or(Why::BadId)).transpose()?;
    let external_id = external(&method.external_user_id)?;
    let joined_at = Timestamp(method.time_joined.unwrap_or(rules.now.0));
    if joined_at < Timestamp(0) || joined_at > rules.now {
        return Err(Why::BadTime);
    }
    let mut tenants = Vec::new();
    for name in method.tenant_ids.as_deref().unwrap_or(&["public".to_owned()]) {
        let tenant = tenant_named(name, rules)?;
        if !tenants.contains(&tenant) {
            tenants.push(tenant);
        }
    }
    if tenants.is_empty() {
        return Err(Why::NoTenant);
    }
    let ways = match method.recipe_id {
        Recipe::ThirdParty => vec![take_provider(at, method, problems)?],
        Recipe::Passwordless | Recipe::EmailPassword | Recipe::WebAuthn => take_contacts(at, method, problems)?,
    };
    // A number counts as proved: it got a code.
    let is_verified = method.is_verified == Some(true) || ways.iter().all(|way| way.connection == Connection::Sms);
    Ok(TakenMethod { id, external_id, is_primary: is_main, tenants, joined_at, is_verified, ways })
}

/// An id is that of one way in: of two that say it is theirs, the first one has it.
fn without_twins(methods: Vec<(Place, TakenMethod)>, problems: &mut Vec<Problem>) -> Vec<(Place, TakenMethod)> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut kept = Vec::new();
    for (place, method) in methods {
        let id = method.external_id.clone().or_else(|| method.id.as_ref().map(|id| id.as_str().to_owned()));
        if id.is_none_or(|id| seen.insert(id)) {
            kept.push((place, method));
        } else {
            problems.push(Problem { place, why: Why::TwiceSameId });
        }
    }
    kept
}

/// In one tenant an address gets in by one way: a password's address gives way to the code that goes to it already.
fn without_doubles(mut methods: Vec<(Place, TakenMethod)>, problems: &mut Vec<Problem>) -> Vec<TakenMethod> {
    methods.sort_by_key(|(place, _)| matches!(place, Place::LoginMethod(_, Recipe::EmailPassword)));
    let mut seen: HashSet<(TenantId, Connection, String)> = HashSet::new();
    let mut kept = Vec::new();
    for (place, mut method) in methods {
        let before = method.tenants.len();
        let key = |tenant: &TenantId, way: &TakenWay| (tenant.clone(), way.connection, way.subject.clone());
        method.tenants.retain(|tenant| !method.ways.iter().any(|way| seen.contains(&key(tenant, way))));
        if method.tenants.len() < before {
            problems.push(Problem { place, why: Why::Double });
        }
        seen.extend(method.tenants.iter().flat_map(|tenant| method.ways.iter().map(move |way| key(tenant, way))));
        if !method.tenants.is_empty() {
            kept.push(method);
        }
    }
    kept
}

fn given(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// The address and the number; one that is not right does not stand in the way of the other.
fn take_contacts(at: usize, method: &BulkLoginMethod, problems: &mut Vec<Problem>) -> Result<Vec<TakenWay>, Why> {
    let way = |connection, subject: &str| TakenWay { connection, subject: subject.to_owned(), provider_email: None };
    let email = given(&method.email).map(|text| EmailAddress::parse(text).map_err(Why::BadEmail));
    let phone = given(&method.phone_number).filter(|_| method.recipe_id == Recipe::Passwordless);
    let phone = phone.map(|text| PhoneNumber::parse(text, None).map_err(Why::BadPhone));
    let places = [Place::Email(at, method.recipe_id), Place::Phone(at)];
    let ways = [
        email.map(|read| read.map(|it| way(Connection::Email, it.as_str()))),
        phone.map(|read| read.map(|it| way(Connection::Sms, it.as_str()))),
    ];
    if ways.iter().all(Option::is_none) {
        return Err(if method.recipe_id == Recipe::EmailPassword { Why::Missing("email") } else { Why::NoContact });
    }
    let mut taken = Vec::new();
    let mut bad = Vec::new();
    for (place, way) in places.into_iter().zip(ways) {
        match way {
            Some(Ok(way)) => taken.push(way),
            Some(Err(why)) => bad.push(Problem { place, why }),
            None => {}
        }
    }
    if taken.is_empty() {
        // Both may be wrong: the last one is the reason, the other stands beside it.
        let last = bad.pop();
        problems.append(&mut bad);
        return Err(last.map_or(Why::NoContact, |problem| problem.why));
    }
    problems.append(&mut bad);
    Ok(taken)
}

/// Who somebody is at a service. An address that is none is left out: it proves nothing.
fn take_provider(at: usize, method: &BulkLoginMethod, problems: &mut Vec<Problem>) -> Result<TakenWay, Why> {
    let provider = method.third_party_id.as_deref().ok_or(Why::Missing("thirdPartyId"))?;
    let provider = ProviderId::parse(provider).ok_or(Why::BadProvider)?;
    let subject = method.third_party_user_id.as_deref().filter(|id| !id.is_empty()).ok_or(Why::Missing("thirdPartyUserId"))?;
    if subject.chars().count() > 256 {
        return Err(Why::LongSubject);
    }
    if subject.chars().any(char::is_control) {
        return Err(Why::BadSubject);
    }
    let provider_email = given(&method.email).map(EmailAddress::parse).transpose().unwrap_or_else(|why| {
        problems.push(Problem { place: Place::Email(at, Recipe::ThirdParty), why: Why::BadEmail(why) });
        None
    });
    let provider_email = provider_email.map(|address| address.as_str().to_owned());
    Ok(TakenWay { connection: Connection::Provider(provider), subject: subject.to_owned(), provider_email })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RULES: Rules = Rules { emailpassword_as_passwordless: false, now: Timestamp(1000), taken_names: &[] };

    fn user(value: Value) -> BulkUser {
        serde_json::from_value(value).unwrap()
    }

    fn method(value: Value) -> (Option<Taken>, Vec<String>) {
        let (taken, problems) = user(json!({ "loginMethods": [value] })).check(&RULES);
        (taken, problems.iter().map(Problem::to_string).collect())
    }

    #[test]
    fn what_is_not_said_has_its_usual_meaning() {
        let (taken, problems) = method(json!({"recipeId": "passwordless", "email": " Jane@Example.COM "}));
        let taken = taken.unwrap();
        let way = TakenWay { connection: Connection::Email, subject: "jane@example.com".to_owned(), provider_email: None };
        assert_eq!((taken.id, taken.external_id, taken.is_primary, taken.metadata, taken.roles.len()), (None, None, false, None, 0));
        let expected = TakenMethod {
            id: None,
            external_id: None,
            is_primary: true,
            tenants: vec![TenantId::public()],
            joined_at: RULES.now,
            is_verified: false,
            ways: vec![way],
        };
        assert_eq!((taken.methods, problems), (vec![expected], vec![]));
    }

    #[test]
    fn of_two_methods_with_one_id_the_first_one_stays() {
        let twice = json!([
            {"recipeId": "passwordless", "email": "one@example.com", "superTokensUserId": "m"},
            {"recipeId": "passwordless", "email": "two@example.com", "superTokensUserId": "m"}]);
        let (taken, problems) = user(json!({ "loginMethods": twice })).check(&RULES);
        assert_eq!(taken.unwrap().methods.len(), 1);
        assert!(problems.len() == 1 && problems[0].to_string().contains("has this id"));
    }

    #[test]
    fn a_tenant_called_like_a_page_is_refused_where_there_are_pages() {
        let rules = Rules { taken_names: &["code"], ..RULES };
        let (taken, problems) =
            user(json!({ "loginMethods": [{"recipeId": "passwordless", "email": "one@example.com", "tenantIds": ["code"]}] }))
                .check(&rules);
        assert!(taken.is_none() && problems.iter().any(|problem| problem.to_string().contains("`code`")));
    }

    #[test]
    fn every_reason_is_given() {
        for (given, part) in [
            (json!({"recipeId": "passwordless"}), "email or phoneNumber"),
            (json!({"recipeId": "passwordless", "email": "", "phoneNumber": " "}), "email or phoneNumber"),
            (json!({"recipeId": "passwordless", "email": "jane"}), "not an email address"),
            (json!({"recipeId": "passwordless", "phoneNumber": "12"}), "login method 1 (passwordless)"),
            (json!({"recipeId": "passwordless", "email": "a@example.com", "timeJoinedInMSSinceEpoch": 1001}), "in the future"),
            (json!({"recipeId": "passwordless", "email": "a@example.com", "timeJoinedInMSSinceEpoch": -1}), "negative"),
            (json!({"recipeId": "passwordless", "email": "a@example.com", "tenantIds": []}), "in no tenant"),
            (json!({"recipeId": "passwordless", "email": "a@example.com", "tenantIds": ["not one"]}), "`not one` is no tenant's name"),
            (json!({"recipeId": "passwordless", "email": "a@example.com", "superTokensUserId": "a|b"}), "the id is not"),
            (json!({"recipeId": "passwordless", "email": "a@example.com", "externalUserId": " "}), "the external id"),
            (json!({"recipeId": "thirdparty", "thirdPartyUserId": "1"}), "thirdPartyId is missing"),
            (json!({"recipeId": "thirdparty", "thirdPartyId": "with space", "thirdPartyUserId": "1"}), "thirdPartyId is not"),
            (json!({"recipeId": "thirdparty", "thirdPartyId": "google"}), "thirdPartyUserId is missing"),
            (json!({"recipeId": "thirdparty", "thirdPartyId": "google", "thirdPartyUserId": "1".repeat(257)}), "longer than 256"),
            (json!({"recipeId": "emailpassword", "email": "a@example.com", "isVerified": true}), "--emailpassword-as-passwordless"),
            (json!({"recipeId": "webauthn", "email": "a@example.com"}), "passkeys are not moved"),
        ] {
            let (taken, problems) = method(given.clone());
            assert_eq!(taken, None, "{given}");
            assert!(problems.len() == 2 && problems[0].contains(part), "{given}: {problems:?}");
            assert_eq!(problems[1], "none of its login methods can be taken");
        }
    }

    #[test]
    fn what_is_wrong_with_a_part_does_not_keep_the_rest_out() {
        let (taken, problems) = method(json!({"recipeId": "passwordless", "email": "jane", "phoneNumber": "+14155552671"}));
        assert_eq!(taken.unwrap().methods[0].ways.iter().map(|way| way.subject.as_str()).collect::<Vec<_>>(), ["+14155552671"]);
        assert!(problems.len() == 1 && problems[0].starts_with("login method 1 (passwordless), email: "), "{problems:?}");
        let (taken, problems) = method(json!({"recipeId": "passwordless", "email": "a@example.com", "phoneNumber": "12"}));
        assert!(taken.is_some_and(|taken| !taken.methods[0].is_verified));
        assert!(problems.len() == 1 && problems[0].starts_with("login method 1 (passwordless), phoneNumber: "), "{problems:?}");
        let (taken, problems) =
            method(json!({"recipeId": "thirdparty", "thirdPartyId": "apple", "thirdPartyUserId": "1", "email": "none"}));
        assert_eq!(taken.unwrap().methods[0].ways[0].provider_email, None);
        assert_eq!(problems.len(), 1);
        let roles = json!([{"role": " admin ", "tenantIds": ["Public", "not one", "acme"]}, {"role": "", "tenantIds": ["public"]}]);
        let ways = json!([{"recipeId": "passwordless", "email": "a@example.com"}, {"recipeId": "emailpassword", "email": "a@example.com"}]);
        let (taken, problems) = user(json!({"userRoles": roles, "loginMethods": ways})).check(&RULES);
        let taken = taken.unwrap();
        let expected = ["public", "acme"].map(|tenant| ("admin".to_owned(), TenantId::parse(tenant).unwrap()));
        assert_eq!((taken.roles, taken.is_primary), (expected.to_vec(), true));
        let places: Vec<Place> = problems.iter().map(|problem| problem.place).collect();
        assert_eq!(places, [Place::LoginMethod(1, Recipe::EmailPassword), Place::Role(0), Place::Role(1)]);
    }

    #[test]
    fn an_address_gets_in_by_one_way_in_each_tenant() {
        let password = json!({"recipeId": "emailpassword", "email": "a@example.com", "isVerified": true, "tenantIds": ["public", "acme"], "superTokensUserId": "p", "isPrimary": true});
        let code = json!({"recipeId": "passwordless", "email": "A@example.com", "superTokensUserId": "c"});
        let other = json!({"recipeId": "emailpassword", "email": "b@example.com", "isVerified": true, "superTokensUserId": "o"});
        let rules = Rules { emailpassword_as_passwordless: true, ..RULES };
        let (taken, problems) = user(json!({"loginMethods": [password, code, other]})).check(&rules);
        let taken = taken.unwrap();
        let ids: Vec<String> = taken.methods.iter().map(|method| format!("{} {:?}", method.id.as_ref().unwrap(), method.tenants)).collect();
        assert_eq!(ids, [r#"c [TenantId("public")]"#, r#"p [TenantId("acme")]"#, r#"o [TenantId("public")]"#]);
        assert_eq!(problems, [Problem { place: Place::LoginMethod(0, Recipe::EmailPassword), why: Why::Double }]);
        assert_eq!(taken.id.unwrap().as_str(), "p");
    }

    #[test]
    fn the_user_has_the_id_of_the_way_in_that_says_so_or_of_the_oldest() {
        let way = |id: &str, joined: i64, primary: bool| json!({"recipeId": "passwordless", "email": format!("{id}@example.com"), "superTokensUserId": id, "timeJoinedInMSSinceEpoch": joined, "isPrimary": primary});
        let id = |ways: Value| user(json!({ "loginMethods": ways })).check(&RULES).0.unwrap().id.unwrap().to_string();
        assert_eq!(id(json!([way("b", 2, false), way("a", 1, false)])), "a");
        assert_eq!(id(json!([way("b", 2, true), way("a", 1, false)])), "b");
        let said = json!({"id": "said", "loginMethods": [way("b", 2, true)]});
        assert_eq!(user(said).check(&RULES).0.unwrap().id.unwrap().as_str(), "said");
        let (taken, problems) = user(json!({"loginMethods": [way("b", 2, true), way("a", 1, true)]})).check(&RULES);
        assert_eq!((taken, problems[0].why.clone()), (None, Why::TwoPrimaries));
        let (taken, problems) = user(json!({"externalUserId": "x".repeat(129), "loginMethods": [way("a", 1, false)]})).check(&RULES);
        assert_eq!((taken, problems[0].why.clone()), (None, Why::BadExternalId));
    }
}
