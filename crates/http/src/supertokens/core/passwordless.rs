//! Codes and links for back ends that deliver them (contract supertokens-core.md §2).

use super::ask::{Answer, Ask, Refusal, Version, unknown_tenant};
use super::people::recipe_json;
use crate::supertokens::device;
use postkey_auth::decide::tenants::factors;
use postkey_auth::{CodeFor, CompleteError, Consumed, MadeCode, MakeCodeError, Proof, SignInView, Which};
use postkey_model::{EmailAddress, Identifier, PhoneNumber, SignInId};
use serde_json::{Value, json};

/// `POST /<tenant>/recipe/signinup/code`
pub async fn create(ask: &Ask) -> Answer {
    enabled(ask).await?;
    let given = (ask.opt_text("email")?, ask.opt_text("phoneNumber")?, ask.opt_text("deviceId")?);
    let chosen = ask.opt_text("userInputCode")?;
    if chosen == Some("") {
        return Err(Refusal::Bad("userInputCode cannot be an empty string.".to_owned()));
    }
    let auth = ask.doors.auth();
    let made = match given {
        (Some(email), None, None) => auth.make_code(&ask.call, CodeFor::Identifier(&address(email)?), chosen).await,
        (None, Some(phone), None) => auth.make_code(&ask.call, CodeFor::Identifier(&number(phone)?), chosen).await,
        (None, None, Some(device)) => match device::read(device) {
            Some((id, secret)) => auth.make_code(&ask.call, CodeFor::SignIn(&id, secret), chosen).await,
            None => Err(MakeCodeError::Over),
        },
        _ => return Err(Refusal::Bad("Please provide exactly one of email, phoneNumber or deviceId".to_owned())),
    };
    match made {
        Ok(made) => Ok(made_json(&made)),
        Err(MakeCodeError::Over) => Ok(json!({ "status": "RESTART_FLOW_ERROR" })),
        Err(MakeCodeError::AlreadyUsed) => Ok(json!({ "status": "USER_INPUT_CODE_ALREADY_USED_ERROR" })),
        Err(MakeCodeError::UnknownTenant) => Err(unknown_tenant()),
        Err(e @ MakeCodeError::NotAdmitted) => Err(Refusal::Forbidden(e.to_string())),
        Err(e @ MakeCodeError::BudgetSpent) => Err(Refusal::Bad(e.to_string())),
        Err(MakeCodeError::Busy) => Err(Refusal::Unavailable("busy".to_owned())),
        Err(MakeCodeError::Unavailable(e)) => Err(e.into()),
    }
}

fn made_json(made: &MadeCode) -> Value {
    json!({
        "status": "OK",
        "preAuthSessionId": made.sign_in.as_str(),
        "codeId": code_id(&made.sign_in, made.sent_as),
        "deviceId": device::write(&made.sign_in, &made.device),
        "userInputCode": made.code.expose(),
        "linkCode": made.link.expose(),
        "timeCreated": made.made_at.0,
        "codeLifetime": made.lifetime.0,
    })
}

/// `POST /<tenant>/recipe/signinup/code/check`
pub async fn check(ask: &Ask) -> Answer {
    enabled(ask).await?;
    let Some(proof) = proof(ask)? else { return restart() };
    match ask.doors.auth().check_code(&ask.call, &proof).await {
        Ok(view) => Ok(json!({ "status": "OK", "consumedDevice": device_json(&view) })),
        Err(e) => refused(ask, &proof, e).await,
    }
}

/// `POST /<tenant>/recipe/signinup/code/consume`
pub async fn consume(ask: &Ask) -> Answer {
    enabled(ask).await?;
    let Some(proof) = proof(ask)? else { return restart() };
    match ask.doors.auth().consume_code(&ask.call, &proof).await {
        Ok(Consumed { is_new_user, user, identity, sign_in }) => {
            let mut answer = json!({ "status": "OK", "createdNewUser": is_new_user, "user": recipe_json(ask, &user, &identity) });
            if ask.version >= Version(4, 0) {
                answer["recipeUserId"] = identity.as_str().into();
            }
            if ask.version >= Version(5, 0) {
                answer["consumedDevice"] = device_json(&sign_in);
            }
            Ok(answer)
        }
        Err(e) => refused(ask, &proof, e).await,
    }
}

/// What is shown: a link, or a code with its device. `None` when it cannot be one of ours.
fn proof(ask: &Ask) -> Result<Option<Proof>, Refusal> {
    let id = ask.text("preAuthSessionId")?.replace('=', "");
    let Some(sign_in) = SignInId::parse(&id) else { return Ok(None) };
    match (ask.opt_text("linkCode")?, ask.opt_text("deviceId")?, ask.opt_text("userInputCode")?) {
        (Some(secret), None, None) => Ok(Some(Proof::Link { sign_in, secret: secret.to_owned() })),
        (None, Some(device), Some(typed)) => {
            let Some((own, device)) = device::read(device) else { return Ok(None) };
            if own != sign_in {
                return Err(Refusal::Bad("preAuthSessionId and deviceId doesn't match".to_owned()));
            }
            Ok(Some(Proof::Code { sign_in, device: device.to_owned(), typed: typed.to_owned() }))
        }
        _ => Err(Refusal::Bad("Please provide exactly one of linkCode or deviceId+userInputCode".to_owned())),
    }
}

async fn refused(ask: &Ask, proof: &Proof, e: CompleteError) -> Answer {
    let counted = |status: &str, attempts: i64, left: i64| {
        Ok(json!({ "status": status, "failedCodeInputAttemptCount": attempts, "maximumCodeInputAttempts": attempts + left }))
    };
    match e {
        CompleteError::WrongCode { left, attempts } => counted("INCORRECT_USER_INPUT_CODE_ERROR", attempts, left),
        CompleteError::ExpiredCode { left, attempts } => counted("EXPIRED_USER_INPUT_CODE_ERROR", attempts, left),
        // It cost no try, so the count is what it was.
        CompleteError::NotACode => match ask.doors.auth().tries_of(&ask.call, proof).await? {
            Some((attempts, left)) => counted("INCORRECT_USER_INPUT_CODE_ERROR", attempts, left),
            None => restart(),
        },
        // Back ends are no network that people type in.
        CompleteError::Throttled { .. } => restart(),
        CompleteError::TooManyWrong | CompleteError::Unknown | CompleteError::LinkExpired | CompleteError::Over(_) => restart(),
        CompleteError::Busy => Err(Refusal::Unavailable("busy".to_owned())),
        CompleteError::Unavailable(e) => Err(e.into()),
    }
}

fn restart() -> Answer {
    Ok(json!({ "status": "RESTART_FLOW_ERROR" }))
}

/// `GET /<tenant>/recipe/signinup/codes`
pub async fn list(ask: &Ask) -> Answer {
    let given = ["email", "phoneNumber", "deviceId", "preAuthSessionId"].map(|name| ask.opt_query(name));
    let auth = ask.doors.auth();
    let views = match given {
        [Some(email), None, None, None] => match address(email) {
            Ok(to) => auth.sign_ins_for_back_end(&ask.call, Which::Of(&to)).await?,
            Err(_) => Vec::new(),
        },
        [None, Some(phone), None, None] => match number(phone) {
            Ok(to) => auth.sign_ins_for_back_end(&ask.call, Which::Of(&to)).await?,
            Err(_) => Vec::new(),
        },
        [None, None, Some(device), None] => match device::read(device) {
            Some((id, secret)) => auth.sign_ins_for_back_end(&ask.call, Which::Device(&id, secret)).await?,
            None => Vec::new(),
        },
        [None, None, None, Some(id)] => match SignInId::parse(&id.replace('=', "")) {
            Some(id) => auth.sign_ins_for_back_end(&ask.call, Which::Id(&id)).await?,
            None => Vec::new(),
        },
        _ => return Err(Refusal::Bad("Please provide exactly one of email, phoneNumber, deviceId or preAuthSessionId".to_owned())),
    };
    let with_codes = |view: &SignInView| {
        let mut device = device_json(view);
        let code = |(n, made): &(i64, postkey_model::Timestamp)| json!({ "codeId": code_id(&view.id, *n), "timeCreated": made.0, "codeLifetime": view.lifetime.0 });
        device["codes"] = view.codes.iter().map(code).collect();
        device
    };
    Ok(json!({ "status": "OK", "devices": views.iter().map(with_codes).collect::<Vec<_>>() }))
}

/// `POST /<tenant>/recipe/signinup/codes/remove`
pub async fn remove_all(ask: &Ask) -> Answer {
    let to = match (ask.opt_text("email")?, ask.opt_text("phoneNumber")?) {
        (Some(email), None) => address(email),
        (None, Some(phone)) => number(phone),
        _ => return Err(Refusal::Bad("Please provide exactly one of email or phoneNumber".to_owned())),
    };
    // What cannot be an identifier has no codes.
    if let Ok(to) = to {
        ask.doors.auth().cancel_all(&ask.call, &to).await?;
    }
    Ok(json!({ "status": "OK" }))
}

/// `POST /<tenant>/recipe/signinup/code/remove`
pub async fn remove(ask: &Ask) -> Answer {
    let auth = ask.doors.auth();
    match (ask.opt_text("codeId")?, ask.opt_text("preAuthSessionId")?) {
        (Some(code), None) => {
            if let Some((id, n)) = read_code_id(code) {
                auth.remove_code(&ask.call, &id, n).await?;
            }
        }
        (None, Some(id)) => {
            if let Some(id) = SignInId::parse(&id.replace('=', "")) {
                auth.cancel_one(&ask.call, &id).await?;
            }
        }
        _ => return Err(Refusal::Bad("Please provide exactly one of codeId or preAuthSessionId".to_owned())),
    }
    Ok(json!({ "status": "OK" }))
}

/// Before CDI 5.1 the core looked whether a tenant lets people in by codes at all; later the SDKs do (contract §2.3).
async fn enabled(ask: &Ask) -> Result<(), Refusal> {
    let tenant = ask.doors.auth().tenant_for(&ask.call).await?.ok_or_else(unknown_tenant)?;
    if ask.version < Version(5, 1) && factors(&tenant).is_empty() {
        return Err(Refusal::Forbidden("Passwordless login not enabled for tenant".to_owned()));
    }
    Ok(())
}

/// The id of a code: its sign-in's, and which of its codes it is.
fn code_id(id: &SignInId, n: i64) -> String {
    format!("{id}.{n}")
}

fn read_code_id(text: &str) -> Option<(SignInId, i64)> {
    let (id, n) = text.rsplit_once('.')?;
    Some((SignInId::parse(id)?, n.parse().ok()?))
}

fn device_json(view: &SignInView) -> Value {
    let mut device = json!({ "preAuthSessionId": view.id.as_str(), "failedCodeInputAttemptCount": view.attempts });
    let kind = match view.to {
        Identifier::Email(_) => "email",
        Identifier::Phone(_) => "phoneNumber",
    };
    device[kind] = view.to.as_str().into();
    device
}

/// An address in its one spelling.
pub fn address(text: &str) -> Result<Identifier, Refusal> {
    let read = EmailAddress::parse(text).map(Identifier::Email);
    read.map_err(|e| Refusal::Bad(format!("Field name 'email' is invalid in JSON input: {e}")))
}

/// A number in E.164. Its country has to be in it.
pub fn number(text: &str) -> Result<Identifier, Refusal> {
    let read = PhoneNumber::parse(text, None).map(Identifier::Phone);
    read.map_err(|e| Refusal::Bad(format!("Field name 'phoneNumber' is invalid in JSON input: {e}")))
}
