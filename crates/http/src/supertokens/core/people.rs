//! People for back ends: one, many, by what is known of them (contract supertokens-core.md §4.1, §2.3).

use super::ask::{Answer, Ask, Refusal, Version, invalid};
use super::passwordless::{address, number};
use crate::supertokens::user::{user_json, user_of_cdi_3};
use data_encoding::BASE64;
use postkey_auth::decide::people::{NewContact, NoUpdate, login_methods, normal_email};
use postkey_auth::{CountIn, Search, UpdateError};
use postkey_model::{EmailAddress, IdentityId, PhoneNumber, ProviderId, Timestamp, UserId};
use postkey_store::{AccountInfo, Page, UserFacts, WayKind};
use serde_json::{Value, json};

/// A user as this version of the interface writes one; before linking that is one login method.
pub fn recipe_json(ask: &Ask, facts: &UserFacts, identity: &IdentityId) -> Value {
    if ask.version < Version(4, 0) { user_of_cdi_3(facts, identity) } else { person_json(ask, facts) }
}

/// A user as this version of the interface writes one.
pub fn person_json(ask: &Ask, facts: &UserFacts) -> Value {
    let mut user = user_json(facts);
    if ask.version < Version(5, 3)
        && let Some(user) = user.as_object_mut()
    {
        user.remove("webauthn");
    }
    user
}

/// `GET /user/id?userId=`
pub async fn show(ask: &Ask) -> Answer {
    match ask.doors.auth().find_person(&ask.app(), ask.query("userId")?).await? {
        Some(facts) => Ok(json!({ "status": "OK", "user": person_json(ask, &facts) })),
        None => Ok(json!({ "status": "UNKNOWN_USER_ID_ERROR" })),
    }
}

/// `GET /<t>/users/by-accountinfo`
pub async fn by_account_info(ask: &Ask) -> Answer {
    let provider = match (ask.opt_query("thirdPartyId"), ask.opt_query("thirdPartyUserId")) {
        (None, None) => None,
        (Some(provider), Some(subject)) => ProviderId::parse(provider).map(|provider| (provider, subject.to_owned())),
        _ => {
            return Err(Refusal::Bad(
                "If thirdPartyId is provided, thirdPartyUserId must also be provided, and the other way round".to_owned(),
            ));
        }
    };
    let union = match ask.query("doUnionOfAccountInfo")? {
        "true" => true,
        "false" => false,
        _ => return Err(Refusal::Bad("'doUnionOfAccountInfo' should be either 'true' or 'false'".to_owned())),
    };
    let info =
        AccountInfo { email: ask.opt_query("email").map(normal_email), phone: ask.opt_query("phoneNumber").map(normal_phone), provider };
    // Nobody has a passkey here, and nobody is known to a service that cannot be one.
    let unknown_service = ask.opt_query("thirdPartyId").is_some() && info.provider.is_none();
    let none = (ask.opt_query("webauthnCredentialId").is_some() || unknown_service) && !union;
    let users = if none { Vec::new() } else { ask.doors.auth().find_people_by(ask.tenant(), &info, union).await? };
    Ok(json!({ "status": "OK", "users": users.iter().map(|facts| person_json(ask, facts)).collect::<Vec<_>>() }))
}

/// A number as it is kept; what cannot be one fits nobody.
fn normal_phone(text: &str) -> String {
    PhoneNumber::parse(text, None).map_or_else(|_| text.trim().to_owned(), |number| number.as_str().to_owned())
}

/// `GET /<t>/users`
pub async fn list(ask: &Ask) -> Answer {
    let limit = match ask.opt_query("limit") {
        None => 100,
        Some(text) => match text.parse::<i64>() {
            Ok(n) if n > 500 => return Err(Refusal::Bad("max limit allowed is 500".to_owned())),
            Ok(n) if n >= 1 => n,
            _ => return Err(Refusal::Bad("limit must a positive integer with min value 1".to_owned())),
        },
    };
    let youngest_first = match ask.opt_query("timeJoinedOrder") {
        None | Some("ASC") => false,
        Some("DESC") => true,
        Some(_) => return Err(Refusal::Bad("timeJoinedOrder can be either ASC OR DESC".to_owned())),
    };
    let from =
        ask.opt_query("paginationToken").map(|text| read_token(text).ok_or_else(|| Refusal::Bad("invalid pagination token".to_owned())));
    let from = from.transpose()?;
    let beginnings =
        |name| ask.opt_query(name).map(|text| text.split(';').map(|part| part.trim().to_owned()).collect()).unwrap_or_default();
    let search = Search { emails: beginnings("email"), phones: beginnings("phone"), providers: beginnings("provider") };
    let auth = ask.doors.auth();
    let (users, next) = if search == Search::default() {
        let Some(kind) = kind(ask) else { return Ok(json!({ "status": "OK", "users": [] })) };
        let listing = auth.list_people(ask.tenant(), &Page { from, limit, youngest_first, kind }).await?;
        (listing.users, listing.next)
    } else {
        (auth.search_people(ask.tenant(), &search, limit as usize).await?, None)
    };
    let users: Vec<Value> = if ask.version < Version(4, 0) {
        users
            .iter()
            .filter_map(|facts| Some(json!({ "recipeId": recipe(facts), "user": user_of_cdi_3(facts, &facts.identities.first()?.id) })))
            .collect()
    } else {
        users.iter().map(|facts| person_json(ask, facts)).collect()
    };
    let mut answer = json!({ "status": "OK", "users": users });
    if let Some((since, id)) = next {
        answer["nextPaginationToken"] = BASE64.encode(format!("{id};{}", since.0).as_bytes()).into();
    }
    Ok(answer)
}

fn recipe(facts: &UserFacts) -> &'static str {
    if login_methods(facts).first().is_some_and(|method| method.provider.is_some()) { "thirdparty" } else { "passwordless" }
}

/// The first one of the next page.
fn read_token(text: &str) -> Option<(Timestamp, UserId)> {
    let text = String::from_utf8(BASE64.decode(text.as_bytes()).ok()?).ok()?;
    let (id, since) = text.rsplit_once(';')?;
    Some((Timestamp(since.parse().ok()?), UserId::stored(id.to_owned())))
}

/// Whose recipes are asked after; `None` when all of them are none of ours.
fn kind(ask: &Ask) -> Option<WayKind> {
    let Some(wanted) = ask.opt_query("includeRecipeIds").filter(|wanted| !wanted.is_empty()) else { return Some(WayKind::Any) };
    let has = |name: &str| wanted.split(',').any(|id| id.trim() == name);
    match (has("passwordless"), has("thirdparty")) {
        (true, true) => Some(WayKind::Any),
        (true, false) => Some(WayKind::Code),
        (false, true) => Some(WayKind::Provider),
        (false, false) => None,
    }
}

/// `GET /<t>/users/count`
pub async fn count(ask: &Ask) -> Answer {
    let Some(kind) = kind(ask) else { return Ok(json!({ "status": "OK", "count": 0 })) };
    let app = ask.app();
    let of = if ask.query_flag("includeAllTenants", false)? { CountIn::App(&app) } else { CountIn::Tenant(ask.tenant()) };
    Ok(json!({ "status": "OK", "count": ask.doors.auth().count_people(of, kind).await? }))
}

/// `POST /user/remove`
pub async fn remove(ask: &Ask) -> Answer {
    let all_linked = ask.opt_flag("removeAllLinkedAccounts")?.unwrap_or(true);
    ask.doors.auth().remove_person(&ask.app(), ask.text("userId")?, all_linked, ask.now()).await?;
    Ok(json!({ "status": "OK" }))
}

/// `PUT /recipe/user`: another address or number for somebody who signs in by codes. The path is shared by recipes.
pub async fn update(ask: &Ask) -> Answer {
    if ask.recipe != "passwordless" {
        return Err(Refusal::NotOffered("Only users of the recipe passwordless can be changed so: send its name in the header rid."));
    }
    let id = ask.text(if ask.version < Version(4, 0) { "userId" } else { "recipeUserId" })?;
    let email = match ask.nullable_text("email")? {
        None => None,
        Some(None) => Some(None),
        Some(Some(text)) => Some(Some(EmailAddress::parse(text).map_err(|_| invalid("email"))?)),
    };
    let phone = match ask.nullable_text("phoneNumber")? {
        None => None,
        Some(None) => Some(None),
        Some(Some(text)) => Some(Some(PhoneNumber::parse(text, None).map_err(|_| invalid("phoneNumber"))?)),
    };
    let wish = NewContact { email, phone };
    let said = |status: &str| Ok(json!({ "status": status }));
    let held = |status: &str, what: &str| {
        Ok(json!({ "status": status, "reason": format!("New {what} already associated with another primary user ID") }))
    };
    match ask.doors.auth().update_passwordless(&ask.app(), &IdentityId::stored(id.to_owned()), &wish, ask.now()).await {
        Ok(()) => said("OK"),
        Err(UpdateError::Refused(NoUpdate::Unknown)) => said("UNKNOWN_USER_ID_ERROR"),
        Err(UpdateError::Refused(NoUpdate::EmailTaken)) => said("EMAIL_ALREADY_EXISTS_ERROR"),
        Err(UpdateError::Refused(NoUpdate::PhoneTaken)) => said("PHONE_NUMBER_ALREADY_EXISTS_ERROR"),
        Err(UpdateError::Refused(NoUpdate::EmailHeld)) => held("EMAIL_CHANGE_NOT_ALLOWED_ERROR", "email"),
        Err(UpdateError::Refused(NoUpdate::PhoneHeld)) => held("PHONE_NUMBER_CHANGE_NOT_ALLOWED_ERROR", "phone number"),
        Err(UpdateError::Refused(NoUpdate::NothingLeft)) => {
            Err(Refusal::Bad("You cannot clear both email and phone number of a user".to_owned()))
        }
        Err(UpdateError::Unavailable(e)) => Err(e.into()),
    }
}

/// `GET /recipe/user`, the older way to look somebody up, which the Go SDK uses.
pub async fn show_old(ask: &Ask) -> Answer {
    let auth = ask.doors.auth();
    let by = |info: AccountInfo| async move { auth.find_people_by(ask.tenant(), &info, true).await };
    if let (Some(provider), Some(subject)) = (ask.opt_query("thirdPartyId"), ask.opt_query("thirdPartyUserId")) {
        let provider = ProviderId::parse(provider).map(|provider| (provider, subject.to_owned()));
        let facts = by(AccountInfo { provider: provider.clone(), ..AccountInfo::default() }).await?.into_iter().next();
        let method = facts.as_ref().and_then(|facts| login_methods(facts).into_iter().find(|method| method.provider == provider));
        return Ok(match facts.zip(method) {
            Some((facts, method)) => json!({ "status": "OK", "user": user_of_cdi_3(&facts, &method.id) }),
            None => json!({ "status": "UNKNOWN_THIRD_PARTY_USER_ERROR" }),
        });
    }
    let (facts, missing) = match (ask.opt_query("userId"), ask.opt_query("email"), ask.opt_query("phoneNumber")) {
        (Some(id), None, None) => (auth.find_person(&ask.app(), id).await?, "UNKNOWN_USER_ID_ERROR"),
        (None, Some(email), None) => {
            let info = AccountInfo { email: address(email).ok().map(|to| to.as_str().to_owned()), ..AccountInfo::default() };
            (by(info).await?.into_iter().next(), "UNKNOWN_EMAIL_ERROR")
        }
        (None, None, Some(phone)) => {
            let info = AccountInfo { phone: number(phone).ok().map(|to| to.as_str().to_owned()), ..AccountInfo::default() };
            (by(info).await?.into_iter().next(), "UNKNOWN_PHONE_NUMBER_ERROR")
        }
        _ => return Err(Refusal::Bad("Please provide exactly one of userId, email or phoneNumber".to_owned())),
    };
    // Of somebody with several login methods: the one that was asked after, else the first of the recipe.
    let by_code = ask.recipe != "thirdparty";
    let method = facts.as_ref().and_then(|facts| {
        let rows = || facts.identities.iter().filter(|row| row.identifier().is_some() == by_code);
        let asked = ask.opt_query("userId").and_then(|id| rows().find(|row| row.id.as_str() == id));
        asked.or_else(|| rows().next()).map(|row| row.id.clone())
    });
    match (facts, method) {
        (Some(facts), Some(method)) => Ok(json!({ "status": "OK", "user": user_of_cdi_3(&facts, &method) })),
        _ => Ok(json!({ "status": missing })),
    }
}
