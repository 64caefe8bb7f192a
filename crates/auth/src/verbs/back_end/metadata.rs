//! What back ends keep about people: one JSON object under each id, whoever has that id (contract supertokens-core.md
//! §4.4).

use super::people::{LOOKS, busy};
use crate::Auth;
use postkey_model::{AppId, DirectoryChange};
use postkey_store::Unavailable;
use serde_json::{Map, Value};

impl Auth {
    /// What is kept under `id`; an empty object when nothing is.
    pub async fn metadata(&self, app: &AppId, id: &str) -> Result<Map<String, Value>, Unavailable> {
        let stored = self.inner.store.metadata(app, id).await?;
        stored.map_or_else(|| Ok(Map::new()), |stored| read(&stored.text))
    }

    /// Puts these fields in the place of those of the same name, whatever they hold; null takes one away. The others stay,
    /// also those that others change at the same time. Answers with all of them.
    pub async fn update_metadata(&self, app: &AppId, id: &str, update: &Map<String, Value>) -> Result<Map<String, Value>, Unavailable> {
        for _ in 0..LOOKS {
            let stored = self.inner.store.metadata(app, id).await?;
            let before = stored.as_ref().map_or_else(|| Ok(Map::new()), |stored| read(&stored.text))?;
            let after = merged(&before, update);
            if stored.is_some() && after == before {
                return Ok(after);
            }
            let change = DirectoryChange::MetadataSet {
                app: app.clone(),
                id: id.to_owned(),
                metadata: Value::Object(after.clone()).to_string(),
                seen_version: stored.map(|stored| stored.version),
            };
            if self.take(None, vec![change.into()]).await? {
                return Ok(after);
            }
        }
        Err(busy())
    }

    /// Forgets what is kept under `id`.
    pub async fn remove_metadata(&self, app: &AppId, id: &str) -> Result<(), Unavailable> {
        self.put(DirectoryChange::MetadataRemoved { app: app.clone(), id: id.to_owned() }).await
    }
}

fn read(text: &str) -> Result<Map<String, Value>, Unavailable> {
    serde_json::from_str(text).map_err(|_| Unavailable("stored metadata is no JSON object".to_owned()))
}

/// A shallow merge: null deletes at the top, and is kept inside.
fn merged(before: &Map<String, Value>, update: &Map<String, Value>) -> Map<String, Value> {
    let mut after = before.clone();
    for (name, value) in update {
        if value.is_null() {
            after.remove(name);
        } else {
            after.insert(name.clone(), value.clone());
        }
    }
    after
}
