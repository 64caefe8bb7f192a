//! What each [`LoginChange`] is in statements. Their text is in `sql_login`.

use crate::sql_login as sql;
use crate::statement::{Guard, KEYS, LOGINS, Member, USERS};
use crate::value::{Value, values};
use postkey_model::{LoginChange, RegisteredRow};
use serde::Serialize;

/// The lock key of what belongs to nobody in particular.
const SHARED: &str = "";

impl Member {
    pub(crate) fn add_login(&mut self, change: LoginChange) {
        match change {
            LoginChange::Registered(row) => self.register(row),
            LoginChange::Unregistered { kind, id } => {
                self.push(sql::UNREGISTER, Guard::Touches, (LOGINS, &registered_key(kind, &id)), values![kind, id.as_str()]);
                self.push(sql::STAMP_REGISTERED, Guard::Free, (KEYS, SHARED), Vec::new());
            }
            LoginChange::RegisteredStands { kind, id, version } => {
                let params = values![kind, id.as_str(), version];
                self.push(sql::REGISTERED_STANDS, Guard::Touches, (LOGINS, &registered_key(kind, &id)), params);
            }
            LoginChange::Requested(request) => {
                let params = values![request.id.as_str(), text(&*request), request.expires_at];
                self.push(sql::REQUEST, Guard::New, (LOGINS, request.id.as_str()), params);
            }
            LoginChange::Amended { request, seen_version, at } => {
                let params = values![text(&*request), request.expires_at, request.id.as_str(), seen_version, at];
                self.push(sql::AMEND, Guard::Touches, (LOGINS, request.id.as_str()), params);
            }
            LoginChange::CodeMade { request, sign_in, seen_version, at } => {
                let params = values![sign_in.as_str(), request.as_str(), seen_version, at];
                self.push(sql::CODE_MADE, Guard::Touches, (LOGINS, request.as_str()), params);
            }
            LoginChange::Proved { request, sign_in, proof, at } => {
                let params = values![text(&proof), request.as_str(), sign_in.as_str(), at];
                self.push(sql::PROVE, Guard::Touches, (LOGINS, request.as_str()), params);
            }
            LoginChange::Completed { request, end, seen_version, at } => {
                let params = values![at, text(&*end), request.as_str(), seen_version];
                self.push(sql::COMPLETE, Guard::Touches, (LOGINS, request.as_str()), params);
            }
            LoginChange::Exchanged { request, at } => {
                self.push(sql::EXCHANGE, Guard::Touches, (LOGINS, request.as_str()), values![at, request.as_str()]);
            }
            LoginChange::AssertionUsed { hash, until } => {
                self.push(sql::USE_ASSERTION, Guard::Touches, (LOGINS, SHARED), values![&hash[..], until]);
            }
            LoginChange::AddressDecided { tenant, email, seen, at } => {
                let key = format!("{tenant}/address/{email}");
                let (text, params) = match seen {
                    None => (sql::FIRST_DECISION, values![tenant.as_str(), email, at]),
                    Some(seen) => (sql::NEXT_DECISION, values![at, tenant.as_str(), email, seen]),
                };
                self.push(text, Guard::Touches, (USERS, &key), params);
            }
            LoginChange::NumberMapped { tenant, number, user, at } => {
                let key = number_key(tenant.as_str(), &number);
                self.push(sql::MAP_NUMBER, Guard::Free, (USERS, &key), values![tenant.as_str(), number, user.as_str(), at]);
            }
            LoginChange::NumberUnmapped { tenant, number } => {
                let key = number_key(tenant.as_str(), &number);
                self.push(sql::UNMAP_NUMBER, Guard::Free, (USERS, &key), values![tenant.as_str(), number]);
            }
            LoginChange::NumberStands { tenant, number, user } => {
                let key = number_key(tenant.as_str(), &number);
                self.push(sql::NUMBER_STANDS, Guard::Touches, (USERS, &key), values![tenant.as_str(), number, user.as_str()]);
            }
        }
    }

    fn register(&mut self, row: RegisteredRow) {
        let key = registered_key(row.kind, &row.id);
        let sealed = row.sealed.as_ref().map(|sealed| sealed.as_bytes().to_vec()).as_deref().map(Value::from).unwrap_or(Value::Null);
        let (text, params) = if row.version == 0 {
            let mut params = values![row.kind, row.id, row.created_at, row.updated_at, row.version, row.settings];
            params.push(sealed);
            (sql::REGISTER, params)
        } else {
            let mut params = values![row.updated_at, row.version, row.settings];
            params.push(sealed);
            params.extend(values![row.kind, row.id]);
            (sql::CHANGE_REGISTERED, params)
        };
        self.push(text, Guard::Touches, (LOGINS, &key), params);
        self.push(sql::STAMP_REGISTERED, Guard::Free, (KEYS, SHARED), Vec::new());
    }
}

fn registered_key(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}

fn number_key(tenant: &str, number: &str) -> String {
    format!("{tenant}/number/{number}")
}

/// The stored form. Strings, numbers, lists and objects always serialise.
fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
