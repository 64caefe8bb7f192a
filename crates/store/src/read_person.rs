//! Reads of everything that is kept about one person, for whoever runs the server. Some walk a whole table: they are not
//! for requests.

use crate::read::{session, session_columns};
use crate::value::values;
use crate::{Store, Unavailable};
use postkey_model::{AppId, Session, TenantId, UserId};

const EXISTS: &str = "SELECT id FROM users WHERE id = $1";
const ALL_SESSIONS: &str = session_columns!("WHERE user_id = $1 ORDER BY created_at, handle");
const ALL_ROLES: &str = "SELECT tenant, role FROM given_roles WHERE id = $1 ORDER BY tenant, role";

/// Every one of them, for the test that checks their parameters.
#[cfg(test)]
pub(crate) const ALL: [&str; 3] = [EXISTS, ALL_SESSIONS, ALL_ROLES];

impl Store {
    /// Whether anybody has this id, in whatever app.
    pub async fn user_exists(&self, id: &UserId) -> Result<bool, Unavailable> {
        Ok(self.one(EXISTS, values![id.as_str()]).await?.is_some())
    }

    /// All sessions of a user that are still kept, ended ones too, oldest first.
    pub async fn all_sessions_of(&self, user: &UserId) -> Result<Vec<Session>, Unavailable> {
        self.rows(ALL_SESSIONS, values![user.as_str()]).await?.into_iter().map(session).collect()
    }

    /// The roles that `id` has in all tenants of `app`.
    pub async fn all_roles_of(&self, app: &AppId, id: &str) -> Result<Vec<(TenantId, String)>, Unavailable> {
        let rows = self.rows(ALL_ROLES, values![id]).await?.into_iter();
        let roles: Vec<(TenantId, String)> =
            rows.map(|mut row| Ok((TenantId::stored(row.text()?), row.text()?))).collect::<Result<_, Unavailable>>()?;
        Ok(roles.into_iter().filter(|(tenant, _)| tenant.app() == *app).collect())
    }
}
