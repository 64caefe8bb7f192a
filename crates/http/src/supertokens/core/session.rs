//! Sessions for back ends (contract supertokens-core.md §3.6, §3.7).

use super::ask::{Answer, Ask, Refusal, Version, session_refusal};
use postkey_auth::{Auth, BackEndSessionError, Believed, Checks, Issued, NewSession, RefreshError, Whose, says};
use postkey_model::{Secret, Session, SessionHandle, Timestamp};
use serde_json::{Map, Value, json};

/// `POST /<tenant>/recipe/session`
pub async fn create(ask: &Ask) -> Answer {
    let new = NewSession {
        user: ask.name("userId")?.to_owned(),
        claims: ask.object("userDataInJWT")?.clone(),
        data: ask.object("userDataInDatabase")?.clone(),
        anti_csrf: ask.flag("enableAntiCsrf")?,
        is_static: !ask.opt_flag("useDynamicSigningKey")?.unwrap_or(true),
    };
    match ask.doors.auth().make_session(&ask.call, &new).await {
        Ok(issued) => Ok(issued_json(ask, &issued)),
        Err(e) => session_refusal(e),
    }
}

/// `GET /recipe/session?sessionHandle=`
pub async fn info(ask: &Ask) -> Answer {
    let Some(session) = live(ask, ask.query("sessionHandle")?).await? else { return unauthorised() };
    let auth = ask.doors.auth();
    Ok(json!({
        "status": "OK",
        "sessionHandle": session.handle.as_str(),
        "userId": session.user.as_str(),
        "recipeUserId": session.identity.as_str(),
        "tenantId": session.tenant.name(),
        "userDataInDatabase": Auth::data_of(&session),
        "userDataInJWT": auth.claims_of(&session),
        "expiry": session.expires_at.0,
        "timeCreated": session.created_at.0,
    }))
}

/// `POST /recipe/session/verify`
pub async fn verify(ask: &Ask) -> Answer {
    let token = ask.text("accessToken")?;
    let wants_anti_csrf = ask.flag("doAntiCsrfCheck")? && ask.flag("enableAntiCsrf")?;
    let checks = Checks { database: ask.flag("checkDatabase")?, anti_csrf: wants_anti_csrf.then_some(ask.opt_text("antiCsrfToken")?) };
    match ask.doors.auth().believe(&ask.app(), token, checks, ask.now()).await {
        Ok(Believed { claims, tenant, renewed }) => {
            let session = session_json(ask, &claims.handle, &claims.sub, &claims.rsub, tenant.name(), &says(&claims));
            let mut answer = json!({ "status": "OK", "session": session });
            if let Some(renewed) = &renewed {
                answer["accessToken"] = token_json(&renewed.0, renewed.1, ask.now());
            }
            Ok(answer)
        }
        Err(e) => session_refusal(e),
    }
}

/// `POST /recipe/session/refresh`
pub async fn refresh(ask: &Ask) -> Answer {
    let token = ask.text("refreshToken")?;
    let anti_csrf = ask.flag("enableAntiCsrf")?.then_some(ask.opt_text("antiCsrfToken")?);
    // Required since 5.0 (contract §3.6).
    let dynamic =
        if ask.version >= Version(5, 0) { Some(ask.flag("useDynamicSigningKey")?) } else { ask.opt_flag("useDynamicSigningKey")? };
    let is_static = dynamic.map(|dynamic| !dynamic);
    match ask.doors.auth().refresh_for_back_end(&ask.call, token, is_static, anti_csrf).await {
        Ok(issued) => Ok(issued_json(ask, &issued)),
        Err(RefreshError::Unauthorised) => unauthorised(),
        Err(RefreshError::Reused { handle, user }) => {
            tracing::warn!(session = %handle, "a retired refresh token came back: the back end was told");
            let session = live(ask, handle.as_str()).await?;
            let identity = session.map_or_else(|| user.to_string(), |session| session.identity.to_string());
            Ok(json!({
                "status": "TOKEN_THEFT_DETECTED",
                "session": { "handle": handle.as_str(), "userId": user.as_str(), "recipeUserId": identity },
            }))
        }
        Err(RefreshError::Busy) => Err(Refusal::Unavailable("busy".to_owned())),
        Err(RefreshError::Unavailable(e)) => Err(e.into()),
    }
}

/// `POST [/<tenant>]/recipe/session/remove`
pub async fn remove(ask: &Ask) -> Answer {
    let (handles, user) = (ask.opt_list("sessionHandles")?, ask.opt_text("userId")?);
    let everywhere = ask.opt_flag("revokeAcrossAllTenants")?;
    let linked = ask.opt_flag("revokeSessionsForLinkedAccounts")?;
    let auth = ask.doors.auth();
    let handles = match (handles, user) {
        (Some(handles), None) if everywhere.is_none() && linked.is_none() => {
            let mut handles: Vec<SessionHandle> = handles.iter().filter_map(|handle| SessionHandle::parse(handle)).collect();
            handles.sort();
            handles.dedup();
            handles
        }
        (None, Some(_)) if everywhere.unwrap_or(true) && ask.tenant().name() != "public" && ask.version >= Version(5, 0) => {
            return Err(Refusal::Forbidden("Only public tenantId can revoke sessions across all tenants".to_owned()));
        }
        (None, Some(user)) => {
            let whose = whose(ask, user, everywhere.unwrap_or(true), linked.unwrap_or(true));
            auth.sessions_in(&ask.app(), &whose, ask.now()).await?
        }
        (Some(_), _) | (None, None) => {
            return Err(Refusal::Bad("Invalid JSON input - use one of userId or sessionHandles array".to_owned()));
        }
    };
    let revoked = auth.revoke_in(&ask.app(), &handles, ask.now()).await?;
    Ok(json!({ "status": "OK", "sessionHandlesRevoked": texts(&revoked) }))
}

/// `GET [/<tenant>]/recipe/session/user?userId=`
pub async fn of_user(ask: &Ask) -> Answer {
    let everywhere = ask.query_flag("fetchAcrossAllTenants", true)?;
    let linked = ask.query_flag("fetchSessionsForAllLinkedAccounts", true)?;
    let whose = whose(ask, ask.query("userId")?, everywhere, linked);
    let handles = ask.doors.auth().sessions_in(&ask.app(), &whose, ask.now()).await?;
    Ok(json!({ "status": "OK", "sessionHandles": texts(&handles) }))
}

/// `PUT /recipe/session/data`
pub async fn set_data(ask: &Ask) -> Answer {
    keep(ask, None, Some(ask.object("userDataInDatabase")?)).await
}

/// `PUT /recipe/jwt/data`
pub async fn set_claims(ask: &Ask) -> Answer {
    keep(ask, Some(ask.object("userDataInJWT")?), None).await
}

async fn keep(ask: &Ask, claims: Option<&Map<String, Value>>, data: Option<&Map<String, Value>>) -> Answer {
    let Some(handle) = SessionHandle::parse(ask.text("sessionHandle")?) else { return unauthorised() };
    match ask.doors.auth().keep_with_session(&ask.app(), &handle, claims, data, ask.now()).await {
        Ok(()) => Ok(json!({ "status": "OK" })),
        Err(e) => session_refusal(e),
    }
}

/// `POST /recipe/session/regenerate`
pub async fn regenerate(ask: &Ask) -> Answer {
    let (token, claims) = (ask.text("accessToken")?, ask.opt_object("userDataInJWT")?);
    match ask.doors.auth().regenerate(&ask.app(), token, claims, ask.now()).await {
        Ok((session, renewed)) => {
            let mut answer = json!({ "status": "OK", "session": own_json(ask, &session) });
            if let Some(renewed) = &renewed {
                answer["accessToken"] = token_json(&renewed.0, renewed.1, ask.now());
            }
            Ok(answer)
        }
        Err(e) => session_refusal(e),
    }
}

fn whose(ask: &Ask, user: &str, everywhere: bool, with_linked: bool) -> Whose {
    Whose { user: user.to_owned(), tenant: (!everywhere).then(|| ask.tenant().clone()), with_linked }
}

async fn live(ask: &Ask, handle: &str) -> Result<Option<Session>, Refusal> {
    let Some(handle) = SessionHandle::parse(handle) else { return Ok(None) };
    Ok(ask.doors.auth().session_in(&ask.app(), &handle).await?)
}

fn unauthorised() -> Answer {
    session_refusal(BackEndSessionError::Unauthorised)
}

fn texts(handles: &[SessionHandle]) -> Vec<&str> {
    handles.iter().map(SessionHandle::as_str).collect()
}

fn issued_json(ask: &Ask, issued: &Issued) -> Value {
    let (session, tokens) = (&issued.session, &issued.tokens);
    let mut answer = json!({
        "status": "OK",
        "session": own_json(ask, session),
        "accessToken": token_json(&tokens.access, tokens.access_expires_at, ask.now()),
        "refreshToken": { "token": tokens.refresh.expose(), "expiry": tokens.refresh_expires_at.0, "createdTime": ask.now().0 },
    });
    if let Some(token) = session.back_end.as_ref().and_then(|kept| kept.anti_csrf.as_deref()) {
        answer["antiCsrfToken"] = token.into();
    }
    answer
}

fn own_json(ask: &Ask, session: &Session) -> Value {
    let claims = ask.doors.auth().claims_of(session);
    session_json(ask, session.handle.as_str(), session.user.as_str(), session.identity.as_str(), session.tenant.name(), &claims)
}

fn session_json(ask: &Ask, handle: &str, user: &str, identity: &str, tenant: &str, claims: &Map<String, Value>) -> Value {
    let mut session = json!({ "handle": handle, "userId": user, "userDataInJWT": claims, "tenantId": tenant });
    if ask.version >= Version(4, 0) {
        session["recipeUserId"] = identity.into();
    }
    session
}

/// Access tokens begin and end at whole seconds.
fn token_json(token: &Secret<String>, expires_at: Timestamp, now: Timestamp) -> Value {
    json!({ "token": token.expose(), "expiry": expires_at.0, "createdTime": now.as_secs() * 1000 })
}
