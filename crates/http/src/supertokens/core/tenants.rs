//! Apps and tenants that back ends make (contract supertokens-core.md §4.2).

use super::ask::{Answer, Ask, Refusal, invalid};
use postkey_auth::decide::people::NoPlace;
use postkey_auth::decide::tenants::{FACTORS, TenantWish};
use postkey_auth::{AssociateError, TenantError, TenantView};
use postkey_model::{AppId, TenantId};
use serde_json::{Value, json};

/// `PUT /recipe/multitenancy/app/v2`
pub async fn set_app(ask: &Ask) -> Answer {
    put_app(ask, wish(ask)?).await
}

/// `PUT /recipe/multitenancy/app`, before factors had names.
pub async fn set_app_v1(ask: &Ask) -> Answer {
    put_app(ask, wish_v1(ask)?).await
}

async fn put_app(ask: &Ask, wish: TenantWish) -> Answer {
    if !ask.app().is_public() || ask.tenant().name() != "public" {
        return Err(Refusal::Forbidden("You must use the public appId and public tenantId to add/update an app".to_owned()));
    }
    let app = app(ask)?;
    created(ask.doors.auth().set_app(&app, &wish, ask.now()).await)
}

fn app(ask: &Ask) -> Result<AppId, Refusal> {
    let name = ask.text("appId")?.trim().to_lowercase();
    let parsed = AppId::parse(&name).filter(|app| !app.as_str().starts_with("appid-"));
    parsed.ok_or_else(|| Refusal::Bad("appId can only contain letters, numbers and hyphens, and does not begin with appid-".to_owned()))
}

/// `POST /recipe/multitenancy/app/remove`
pub async fn remove_app(ask: &Ask) -> Answer {
    existed(ask.doors.auth().remove_app(&app(ask)?, ask.now()).await)
}

/// `GET /recipe/multitenancy/app/list`, and its v2
pub async fn list_apps(ask: &Ask) -> Answer {
    let auth = ask.doors.auth();
    let mut apps: Vec<AppId> = auth.tenants().iter().map(|tenant| tenant.id.app()).collect();
    apps.sort();
    apps.dedup();
    let mut all = Vec::new();
    for app in apps {
        let tenants: Vec<Value> = auth.tenants_of(&app, ask.now()).await?.iter().map(view_json).collect();
        all.push(json!({ "appId": app.as_str(), "tenants": tenants }));
    }
    Ok(json!({ "status": "OK", "apps": all }))
}

/// `PUT /recipe/multitenancy/tenant/v2`
pub async fn set(ask: &Ask) -> Answer {
    put(ask, wish(ask)?).await
}

/// `PUT /recipe/multitenancy/tenant`, before factors had names.
pub async fn set_v1(ask: &Ask) -> Answer {
    put(ask, wish_v1(ask)?).await
}

async fn put(ask: &Ask, wish: TenantWish) -> Answer {
    let id = ask.tenant_named(ask.opt_text("tenantId")?.unwrap_or("public"))?;
    created(ask.doors.auth().set_tenant(&id, &wish, ask.now()).await)
}

fn wish(ask: &Ask) -> Result<TenantWish, Refusal> {
    let first_factors = ask.nullable_list("firstFactors")?;
    if first_factors.iter().flatten().any(Vec::is_empty) {
        return Err(Refusal::Bad("firstFactors cannot be empty. Set null instead to remove all first factors.".to_owned()));
    }
    Ok(TenantWish {
        first_factors,
        required_secondary_factors: ask.nullable_list("requiredSecondaryFactors")?,
        core_config: ask.opt_object("coreConfig")?.cloned().unwrap_or_default(),
    })
}

/// What v1 switched on and off is a list of factors.
fn wish_v1(ask: &Ask) -> Result<TenantWish, Refusal> {
    let mut factors: Vec<String> = Vec::new();
    let passwordless = ask.opt_flag("passwordlessEnabled")?;
    let third_party = ask.opt_flag("thirdPartyEnabled")?;
    let passwords = ask.opt_flag("emailPasswordEnabled")?;
    if passwordless == Some(true) {
        factors.extend(FACTORS.map(str::to_owned));
    }
    if third_party == Some(true) {
        factors.push("thirdparty".to_owned());
    }
    if passwords == Some(true) {
        factors.push("emailpassword".to_owned());
    }
    let told = passwordless.or(third_party).or(passwords).is_some();
    let core_config = ask.opt_object("coreConfig")?.cloned().unwrap_or_default();
    Ok(TenantWish { first_factors: told.then_some(Some(factors)), required_secondary_factors: None, core_config })
}

/// `GET /<t>/recipe/multitenancy/tenant/v2`
pub async fn show(ask: &Ask) -> Answer {
    match ask.doors.auth().tenant_view(ask.tenant(), ask.now()).await? {
        Some(view) => Ok(with_status(view_json(&view))),
        None => Ok(json!({ "status": "TENANT_NOT_FOUND_ERROR" })),
    }
}

/// `GET /<t>/recipe/multitenancy/tenant`, which the Go SDK asks for.
pub async fn show_v1(ask: &Ask) -> Answer {
    match ask.doors.auth().tenant_view(ask.tenant(), ask.now()).await? {
        Some(view) => Ok(with_status(view_v1_json(&view))),
        None => Ok(json!({ "status": "TENANT_NOT_FOUND_ERROR" })),
    }
}

/// `GET /recipe/multitenancy/tenant/list`, and its v2
pub async fn list(ask: &Ask) -> Answer {
    let views = ask.doors.auth().tenants_of(&ask.app(), ask.now()).await?;
    let v1 = !ask.path.ends_with("/v2");
    let tenants: Vec<Value> = views.iter().map(|view| if v1 { view_v1_json(view) } else { view_json(view) }).collect();
    Ok(json!({ "status": "OK", "tenants": tenants }))
}

fn with_status(mut view: Value) -> Value {
    view["status"] = "OK".into();
    view
}

fn view_json(view: &TenantView) -> Value {
    let mut tenant = json!({
        "tenantId": view.tenant.id.name(),
        "thirdParty": { "providers": view.settings.providers },
        "coreConfig": view.settings.core_config,
    });
    // Absent: all of them; the SDKs tell that from none.
    if let Some(factors) = &view.settings.first_factors {
        tenant["firstFactors"] = json!(factors);
    }
    if let Some(factors) = &view.settings.required_secondary_factors {
        tenant["requiredSecondaryFactors"] = json!(factors);
    }
    tenant
}

fn view_v1_json(view: &TenantView) -> Value {
    let factors = view.settings.first_factors.as_ref();
    let has = |wanted: &[&str]| factors.is_none_or(|factors| factors.iter().any(|factor| wanted.contains(&factor.as_str())));
    json!({
        "tenantId": view.tenant.id.name(),
        "emailPassword": { "enabled": false },
        "thirdParty": { "enabled": has(&["thirdparty"]), "providers": view.settings.providers },
        "passwordless": { "enabled": has(&FACTORS) },
        "coreConfig": view.settings.core_config,
    })
}

/// `POST /recipe/multitenancy/tenant/remove`
pub async fn remove(ask: &Ask) -> Answer {
    let id = ask.tenant_named(ask.text("tenantId")?)?;
    existed(ask.doors.auth().remove_tenant(&id, ask.now()).await)
}

/// `POST /<t>/recipe/multitenancy/tenant/user`
pub async fn associate(ask: &Ask) -> Answer {
    let id = ask.text("recipeUserId").or_else(|_| ask.text("userId"))?;
    let said = |status: &str| Ok(json!({ "status": status }));
    match ask.doors.auth().associate(&ask.call, id).await {
        Ok(was) => Ok(json!({ "status": "OK", "wasAlreadyAssociated": was })),
        Err(AssociateError::Refused(NoPlace::Unknown)) => said("UNKNOWN_USER_ID_ERROR"),
        Err(AssociateError::Refused(NoPlace::EmailTaken)) => said("EMAIL_ALREADY_EXISTS_ERROR"),
        Err(AssociateError::Refused(NoPlace::PhoneTaken)) => said("PHONE_NUMBER_ALREADY_EXISTS_ERROR"),
        Err(AssociateError::Refused(NoPlace::ProviderTaken)) => said("THIRD_PARTY_USER_ALREADY_EXISTS_ERROR"),
        Err(AssociateError::Refused(NoPlace::Held)) => {
            let reason = "another primary user of that tenant has the same email, phone number or third party login";
            Ok(json!({ "status": "ASSOCIATION_NOT_ALLOWED_ERROR", "reason": reason }))
        }
        Err(AssociateError::UnknownTenant) => Err(super::ask::unknown_tenant()),
        Err(AssociateError::Unavailable(e)) => Err(e.into()),
    }
}

/// `POST /<t>/recipe/multitenancy/tenant/user/remove`
pub async fn disassociate(ask: &Ask) -> Answer {
    let id = ask.text("recipeUserId").or_else(|_| ask.text("userId"))?;
    let was = ask.doors.auth().disassociate(ask.tenant(), id, ask.now()).await?;
    Ok(json!({ "status": "OK", "wasAssociated": was }))
}

/// `PUT /<t>/recipe/multitenancy/config/thirdparty`
pub async fn set_provider(ask: &Ask) -> Answer {
    created(ask.doors.auth().set_provider(ask.tenant(), ask.object("config")?, ask.now()).await)
}

/// `POST /<t>/recipe/multitenancy/config/thirdparty/remove`
pub async fn remove_provider(ask: &Ask) -> Answer {
    match ask.doors.auth().remove_provider(ask.tenant(), ask.text("thirdPartyId")?, ask.now()).await {
        Ok(was) => Ok(json!({ "status": "OK", "didConfigExist": was })),
        Err(e) => Err(refused(e)),
    }
}

fn created(outcome: Result<bool, TenantError>) -> Answer {
    outcome.map(|is_new| json!({ "status": "OK", "createdNew": is_new })).map_err(refused)
}

fn existed(outcome: Result<bool, TenantError>) -> Answer {
    outcome.map(|was| json!({ "status": "OK", "didExist": was })).map_err(refused)
}

fn refused(e: TenantError) -> Refusal {
    match e {
        TenantError::UnknownApp | TenantError::UnknownTenant => super::ask::unknown_tenant(),
        TenantError::PublicStays => Refusal::Forbidden("Cannot delete public tenant, or the public app".to_owned()),
        TenantError::Configured(id) => {
            Refusal::Forbidden(format!("the tenant {} is in the configuration file: take it out there", TenantId::name(&id)))
        }
        e @ TenantError::TakenName => Refusal::Bad(e.to_string()),
        TenantError::Setting(e) => Refusal::Bad(format!("Invalid core config: {e}")),
        TenantError::NoProvider => invalid("config"),
        TenantError::Unavailable(e) => e.into(),
    }
}
