//! SuperTokens' user object (contracts supertokens-frontend.md §10 item 1, supertokens-core.md §2.4): one for both doors.

use postkey_auth::decide::people::{LoginMethod, login_methods};
use postkey_model::{IdentityId, TenantId};
use postkey_store::UserFacts;
use serde_json::{Value, json};

/// A user with all login methods.
pub(crate) fn user_json(facts: &UserFacts) -> Value {
    let methods = login_methods(facts);
    let joined = methods.iter().map(|method| method.created_at).min().unwrap_or(facts.user.created_at);
    let provider = |method: &LoginMethod| method.provider.as_ref().map(|(id, subject)| json!({ "id": id.as_str(), "userId": subject }));
    json!({
        "id": facts.user.id.as_str(),
        "isPrimaryUser": facts.is_primary(),
        "tenantIds": distinct(methods.iter().flat_map(|method| &method.tenants).map(TenantId::name)),
        "timeJoined": joined.0,
        "emails": distinct(methods.iter().filter_map(|method| method.email.as_deref())),
        "phoneNumbers": distinct(methods.iter().filter_map(|method| method.phone.as_deref())),
        "thirdParty": methods.iter().filter_map(provider).collect::<Vec<_>>(),
        "webauthn": { "credentialIds": [] },
        "loginMethods": methods.iter().map(method_json).collect::<Vec<_>>(),
    })
}

fn method_json(method: &LoginMethod) -> Value {
    let mut json = json!({
        "tenantIds": distinct(method.tenants.iter().map(TenantId::name)),
        "recipeUserId": method.id.as_str(),
        "verified": method.is_verified,
        "timeJoined": method.created_at.0,
        "recipeId": if method.provider.is_some() { "thirdparty" } else { "passwordless" },
    });
    if let Some(email) = &method.email {
        json["email"] = email.as_str().into();
    }
    if let Some(phone) = &method.phone {
        json["phoneNumber"] = phone.as_str().into();
    }
    if let Some((id, subject)) = &method.provider {
        json["thirdParty"] = json!({ "id": id.as_str(), "userId": subject });
    }
    json
}

/// The user of SDKs that know no linking (CDI 3): one login method.
pub(crate) fn user_of_cdi_3(facts: &UserFacts, identity: &IdentityId) -> Value {
    let Some(method) = login_methods(facts).into_iter().find(|method| method.id == *identity) else { return Value::Null };
    let mut user = method_json(&method);
    if let Some(user) = user.as_object_mut() {
        user.retain(|name, _| !matches!(name.as_str(), "recipeUserId" | "verified" | "recipeId"));
    }
    user["id"] = identity.as_str().into();
    user
}

/// Each word once, in the order in which they came.
fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all = Vec::new();
    for word in words {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all
}
