//! Connections: ways of proving who you are. Our own are always there, service clients appear by their ids, services of
//! OAuth 2 are registered here.

use super::wire::{self, Fields, Odd, over};
use super::{Admin, Ask};
use crate::Doors;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use postkey_auth::decide::registered::ConnectionWish;
use postkey_auth::{ConnectionView, ProviderWish, RegisterError, ViewedWay};
use postkey_model::Secret;
use postkey_model::connection::DEFAULT_LOGIN_LIFE;
use postkey_model::provider::{ClientAuth, Preset, ProviderSettings};
use serde_json::{Value, json};

const WHAT: &str = "a connection";
/// What SDKs send back and nobody takes.
const TOLD: [&str; 5] = ["connectionId", "createdTime", "lastUpdated", "isActiveConnection", "hasClientSecret"];

/// `GET /v1/connections`
pub async fn list(State(doors): State<Doors>, Admin(ask): Admin) -> Response {
    match doors.auth().all_connections().await {
        Ok(all) => ask.page(&doors, "connections", all.iter().map(shown).collect(), None, Some(&wire::CONNECTION)),
        Err(e) => ask.not_registered(&e.into(), WHAT),
    }
}

/// `POST /v1/connections`
pub async fn create(State(doors): State<Doors>, Admin(mut ask): Admin) -> Response {
    let id = ask.body.get("connectionId").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
    let mut fields = ask.fields(&TOLD);
    match kind(&mut fields) {
        Ok(Kind::OAuth) => {}
        Ok(Kind::Other(name)) => return not_supported(&ask, &name),
        Err(why) => return ask.bad(&why),
    }
    let preset = id.as_deref().and_then(Preset::parse);
    let read = provider(&mut fields, &ProviderSettings::default(), preset).and_then(|provider| Ok((provider, wish(fields)?)));
    let (provider, wish) = match read {
        Ok(read) => read,
        Err(why) => return ask.bad(&why),
    };
    match doors.auth().create_connection(id.as_deref(), provider, &wish, ask.now()).await {
        Ok(connection) => ask.answer(StatusCode::CREATED, shown(&connection), Some(&wire::CONNECTION)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// `GET /v1/connections/{id}`
pub async fn show(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().find_connection(&id).await {
        Ok(connection) => ask.answer(StatusCode::OK, shown(&connection), Some(&wire::CONNECTION)),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// Of several who change one service at once each looks again this often.
const TRIES: usize = 32;

/// `PUT /v1/connections/{id}`
pub async fn change(State(doors): State<Doors>, Path(id): Path<String>, Admin(mut ask): Admin) -> Response {
    let asked = ask.fields(&TOLD);
    for _ in 0..TRIES {
        let known = match doors.auth().find_connection(&id).await {
            Ok(known) => known,
            Err(e) => return ask.not_registered(&e, WHAT),
        };
        let mut fields = asked.clone();
        let kind = kind(&mut fields);
        let read = match &known.way {
            ViewedWay::Provider(before) => match kind {
                Ok(Kind::Other(name)) => return not_supported(&ask, &name),
                Ok(Kind::OAuth) => provider(&mut fields, before, None).and_then(|provider| {
                    let provider = ProviderWish { seen_version: Some(known.version), ..provider };
                    Ok((Some(provider), wish(fields)?))
                }),
                Err(why) => Err(why),
            },
            // SDKs write a type where nobody chose one.
            ViewedWay::Email | ViewedWay::Sms | ViewedWay::Client => wish(fields).map(|wish| (None, wish)),
        };
        let (provider, wish) = match read {
            Ok(read) => read,
            Err(why) => return ask.bad(&why),
        };
        match doors.auth().change_connection(&id, provider, &wish, ask.now()).await {
            Ok(connection) => return ask.answer(StatusCode::OK, shown(&connection), Some(&wire::CONNECTION)),
            // Somebody was first: what is left out stays as they left it.
            Err(RegisterError::Busy) => {}
            Err(e) => return ask.not_registered(&e, WHAT),
        }
    }
    ask.not_registered(&RegisterError::Busy, WHAT)
}

/// `DELETE /v1/connections/{id}`
pub async fn remove(State(doors): State<Doors>, Path(id): Path<String>, Admin(ask): Admin) -> Response {
    match doors.auth().remove_connection(&id).await {
        Ok(()) => ask.done(),
        Err(e) => ask.not_registered(&e, WHAT),
    }
}

/// What kind of connection is wanted.
enum Kind {
    OAuth,
    Other(String),
}

fn kind(fields: &mut Fields) -> Result<Kind, Odd> {
    Ok(match fields.word("type")?.as_deref() {
        None | Some("OAUTH2" | "OPENID-LEGACY") => Kind::OAuth,
        Some(other) => Kind::Other(other.to_owned()),
    })
}

fn not_supported(ask: &Ask, name: &str) -> Response {
    let why = match name {
        "SAML2" => "SAML is not spoken here: most services that speak it speak OpenID Connect too, which is type OAUTH2".to_owned(),
        "PASSWORD" => "there are no passwords here: the connections email and sms send codes and links".to_owned(),
        "WebAuthN" => "there are no passkeys yet".to_owned(),
        other => format!("connections of the type {other:?} are not made here: OAUTH2 are"),
    };
    ask.refuse(StatusCode::NOT_IMPLEMENTED, "NotSupported", &why)
}

fn wish(mut fields: Fields) -> Result<ConnectionWish, Odd> {
    Ok(ConnectionWish {
        linking: fields.linking()?,
        login_life: fields.length("conditions.authenticationLeewayDuration")?,
        kept: fields.rest(),
    })
}

/// What is wanted of a service, over what was known of it; with a preset, over what that says.
fn provider(fields: &mut Fields, before: &ProviderSettings, preset: Option<Preset>) -> Result<ProviderWish, Odd> {
    let preset = match fields.text("preset")? {
        Some(Some(name)) => {
            let names = || Preset::ALL.map(Preset::as_str).join(", ");
            Some(Preset::parse(&name).ok_or_else(|| format!("preset must be one of {}", names()))?)
        }
        Some(None) => None,
        None => preset,
    };
    // One that is there already has said its word: what was set over it since stays.
    let new = preset.filter(|preset| before.preset != Some(*preset));
    let mut settings = new.map_or_else(|| before.clone(), |preset| preset.settings(&before.client_id));
    if let Some(id) = fields.text("clientId")? {
        settings.client_id = id.unwrap_or_default();
    }
    for (name, place) in [
        ("issuerUrl", &mut settings.issuer),
        ("authenticationUrl", &mut settings.authorization_endpoint),
        ("tokenUrl", &mut settings.token_endpoint),
        ("data.oidcUserEndpointUrl", &mut settings.user_info_endpoint),
        ("data.tenantExpression", &mut settings.tenant_expression),
    ] {
        if let Some(text) = fields.text(name)? {
            *place = text;
        }
    }
    if let Some(expression) = fields.word("data.userIdExpression")? {
        settings.user_id_expression = expression;
    }
    if let Some(tenants) = fields.texts("data.allowedTenants")? {
        settings.allowed_tenants = tenants;
    }
    if let Some(trusts) = fields.flag("data.trustVerifiedEmail")? {
        settings.trusts_email = trusts;
    }
    if let Some(way) = fields.text("data.clientAuthentication")? {
        settings.client_auth = match way.as_deref() {
            None => None,
            Some("basic") => Some(ClientAuth::Basic),
            Some("post") => Some(ClientAuth::Post),
            Some(_) => return Err("data.clientAuthentication must be basic, post or null".to_owned()),
        };
    }
    if let Some(mut parameters) = fields.texts_by_name("defaultConnectionProperties")? {
        if let Some(scope) = parameters.remove("scope") {
            settings.scopes = scope;
        }
        settings.parameters = parameters;
    }
    let secret = fields.word("clientSecret")?;
    if secret.as_ref().is_some_and(|secret| secret.len() > 2048) {
        return Err("clientSecret must have 2048 bytes at most".to_owned());
    }
    Ok(ProviderWish { settings, secret: secret.map(Secret::new), seen_version: None })
}

fn shown(connection: &ConnectionView) -> Value {
    let kind = match &connection.way {
        ViewedWay::Email => "EMAIL",
        ViewedWay::Sms => "SMS",
        ViewedWay::Client => "CUSTOM",
        ViewedWay::Provider(_) => "OAUTH2",
    };
    let mut known = json!({
        "connectionId": connection.id,
        "type": kind,
        "createdTime": connection.created_at.map(wire::moment),
        "lastUpdated": connection.updated_at.map(wire::moment),
        "isActiveConnection": true,
        "linkingConfiguration": connection.linking.as_str().map(|kind| json!({ "type": kind })),
        "conditions": { "authenticationLeewayDuration": wire::length(connection.login_life.unwrap_or(DEFAULT_LOGIN_LIFE)) },
    });
    if let ViewedWay::Provider(provider) = &connection.way {
        let mut properties = json!(provider.parameters);
        properties["scope"] = provider.scopes.as_str().into();
        let of_service = json!({
            "preset": provider.preset.map(Preset::as_str),
            "clientId": provider.client_id,
            "issuerUrl": provider.issuer,
            "authenticationUrl": provider.authorization_endpoint,
            "tokenUrl": provider.token_endpoint,
            "hasClientSecret": connection.has_secret,
            "data": {
                "oidcUserEndpointUrl": provider.user_info_endpoint,
                "userIdExpression": provider.user_id_expression,
                "tenantExpression": provider.tenant_expression,
                "allowedTenants": provider.allowed_tenants,
                "trustVerifiedEmail": provider.trusts_email,
                "clientAuthentication": provider.client_auth,
            },
            "defaultConnectionProperties": properties,
        });
        known = over(known.as_object().unwrap_or(&serde_json::Map::new()), of_service);
    }
    let mut all = over(&connection.kept, known);
    if all.get("tags").is_none() {
        all["tags"] = json!({});
    }
    all
}
