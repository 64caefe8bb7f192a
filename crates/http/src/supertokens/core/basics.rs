//! What back ends ask of the core itself: does it live, which versions does it speak (contract supertokens-core.md §1.2, §1.6).

use super::ask::{Answer, Ask, Version};
use serde_json::json;

/// `GET /apiversion`
pub fn versions() -> Answer {
    let all: Vec<String> = Version::ALL.iter().map(Version::to_string).collect();
    Ok(json!({ "versions": all }))
}

/// `GET /telemetry`: we send nothing home.
pub fn telemetry(_: &Ask) -> Answer {
    Ok(json!({ "exists": false }))
}

/// `GET /config`: the path of a config file is nobody's business.
pub fn config() -> Answer {
    Ok(json!({ "status": "NOT_ALLOWED" }))
}

/// `PUT /ee/license`: nothing here needs a license; what a set-up script sends is welcome.
pub fn license(_: &Ask) -> Answer {
    Ok(json!({ "status": "OK" }))
}

/// `GET /ee/featureflag`
pub fn features(_: &Ask) -> Answer {
    Ok(json!({ "status": "OK", "features": [], "usageStats": {} }))
}
