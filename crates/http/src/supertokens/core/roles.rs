//! Roles, what they permit, and who has them (contract supertokens-core.md §4.4).

use super::ask::{Answer, Ask, Refusal, invalid};
use postkey_auth::RoleError;
use serde_json::{Value, json};

/// `PUT /recipe/role`
pub async fn make(ask: &Ask) -> Answer {
    let permissions = words(ask, "permissions")?.unwrap_or_default();
    let is_new = ask.doors.auth().set_role(&ask.app(), word(ask, "role")?, permissions).await?;
    Ok(json!({ "status": "OK", "createdNewRole": is_new }))
}

/// `GET /recipe/roles`
pub async fn all(ask: &Ask) -> Answer {
    Ok(json!({ "status": "OK", "roles": ask.doors.auth().roles(&ask.app()).await? }))
}

/// `POST /recipe/role/remove`
pub async fn remove(ask: &Ask) -> Answer {
    let was_there = ask.doors.auth().remove_role(&ask.app(), word(ask, "role")?).await?;
    Ok(json!({ "status": "OK", "didRoleExist": was_there }))
}

/// `GET /recipe/role/permissions?role=`
pub async fn permissions(ask: &Ask) -> Answer {
    let found = ask.doors.auth().permissions_of(&ask.app(), ask.query("role")?.trim()).await;
    told(found.map(|permissions| json!({ "status": "OK", "permissions": permissions })))
}

/// `POST /recipe/role/permissions/remove`
pub async fn remove_permissions(ask: &Ask) -> Answer {
    let permissions = words(ask, "permissions")?;
    let done = ask.doors.auth().shrink_role(&ask.app(), word(ask, "role")?, permissions).await;
    told(done.map(|()| json!({ "status": "OK" })))
}

/// `GET /recipe/permission/roles?permission=`
pub async fn with_permission(ask: &Ask) -> Answer {
    let roles = ask.doors.auth().roles_with(&ask.app(), ask.query("permission")?.trim()).await?;
    Ok(json!({ "status": "OK", "roles": roles }))
}

/// `PUT /<tenant>/recipe/user/role`
pub async fn give(ask: &Ask) -> Answer {
    let had = ask.doors.auth().give_role(ask.tenant(), ask.name("userId")?, word(ask, "role")?).await;
    told(had.map(|had| json!({ "status": "OK", "didUserAlreadyHaveRole": had })))
}

/// `POST /<tenant>/recipe/user/role/remove`
pub async fn take(ask: &Ask) -> Answer {
    let had = ask.doors.auth().take_role(ask.tenant(), ask.name("userId")?, word(ask, "role")?).await;
    told(had.map(|had| json!({ "status": "OK", "didUserHaveRole": had })))
}

/// `GET /<tenant>/recipe/user/roles?userId=`
pub async fn of_user(ask: &Ask) -> Answer {
    let roles = ask.doors.auth().roles_of(ask.tenant(), ask.query("userId")?).await?;
    Ok(json!({ "status": "OK", "roles": roles }))
}

/// `GET /<tenant>/recipe/role/users?role=`
pub async fn users(ask: &Ask) -> Answer {
    let users = ask.doors.auth().who_has_role(ask.tenant(), ask.query("role")?.trim()).await;
    told(users.map(|users| json!({ "status": "OK", "users": users })))
}

fn told(outcome: Result<Value, RoleError>) -> Answer {
    match outcome {
        Ok(answer) => Ok(answer),
        Err(RoleError::UnknownRole) => Ok(json!({ "status": "UNKNOWN_ROLE_ERROR" })),
        Err(RoleError::Unavailable(e)) => Err(e.into()),
    }
}

/// A name without spaces around it, which has to be there.
fn word<'a>(ask: &'a Ask, name: &str) -> Result<&'a str, Refusal> {
    Some(ask.name(name)?.trim()).filter(|word| !word.is_empty()).ok_or_else(|| invalid(name))
}

fn words(ask: &Ask, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(list) = ask.opt_list(name)? else { return Ok(None) };
    let words: Vec<String> = list.iter().map(|word| word.trim().to_owned()).collect();
    if words.iter().any(|word| word.is_empty() || word.len() > 512) { Err(invalid(name)) } else { Ok(Some(words)) }
}
