//! What back ends know of people beside what we know (contract supertokens-core.md §4.4).

use super::ask::{Answer, Ask};
use serde_json::json;

/// `GET /recipe/user/metadata?userId=`
pub async fn show(ask: &Ask) -> Answer {
    let metadata = ask.doors.auth().metadata(&ask.app(), ask.query("userId")?).await?;
    Ok(json!({ "status": "OK", "metadata": metadata }))
}

/// `PUT /recipe/user/metadata`
pub async fn update(ask: &Ask) -> Answer {
    let (id, update) = (ask.name("userId")?, ask.object("metadataUpdate")?);
    let metadata = ask.doors.auth().update_metadata(&ask.app(), id, update).await?;
    Ok(json!({ "status": "OK", "metadata": metadata }))
}

/// `POST /recipe/user/metadata/remove`
pub async fn remove(ask: &Ask) -> Answer {
    ask.doors.auth().remove_metadata(&ask.app(), ask.text("userId")?).await?;
    Ok(json!({ "status": "OK" }))
}
