//! What each [`DirectoryChange`] is in statements. Their text is in `sql_directory`.

use crate::sql::RESEAL_KEY;
use crate::sql_directory as sql;
use crate::sql_login::UNMAP_NUMBERS_OF;
use crate::statement::{BUDGETS, Gives, Guard, KEYS, Member, SESSIONS, SIGN_INS, USERS};
use crate::value::values;
use postkey_model::{AppId, DirectoryChange, Identity, KeySet, KeyUse, Sealed, SigningKey, StoredTenant, TenantId, Timestamp, UserId};

/// The lock key of what belongs to nobody in particular.
const SHARED: &str = "";

impl Member {
    pub(crate) fn reseal_key(&mut self, seen: &SigningKey, sealed: &Sealed) -> Gives {
        let params = values![sealed.as_bytes(), seen.set.to_text(), seen.kid.as_str(), seen.sealed.as_bytes()];
        self.push(RESEAL_KEY, Guard::Touches, (KEYS, &seen.kid), params);
        Gives::Nothing { statements: 0 }
    }

    pub(crate) fn join(&mut self, tenant: &TenantId, user: &UserId, created_at: Timestamp) {
        self.push(sql::JOIN, Guard::Free, (USERS, user.as_str()), values![tenant.as_str(), created_at, user.as_str()]);
    }

    pub(crate) fn add_directory(&mut self, change: DirectoryChange) {
        match change {
            DirectoryChange::IdentityMoved { seen, to } => {
                let mut params = values![to.as_str()];
                params.extend(as_seen(&seen));
                self.push(sql::MOVE_IDENTITY, Guard::Touches, (USERS, &subject_key(&seen)), params);
            }
            DirectoryChange::IdentityStands(seen) => {
                let Identity { id, user, tenant, connection, subject, .. } = &seen;
                let params = values![tenant.as_str(), connection.as_str(), subject.as_str(), id.as_str(), user.as_str()];
                self.push(sql::IDENTITY_STANDS, Guard::Touches, (USERS, &subject_key(&seen)), params);
            }
            DirectoryChange::TenantStands { id } => {
                self.push(sql::TENANT_STANDS, Guard::Touches, (USERS, id.as_str()), values![id.as_str()]);
            }
            DirectoryChange::AddressVerified { user, identity, email, at } => {
                let params = values![at, user.as_str(), identity.as_str(), email];
                self.push(sql::VERIFY_ADDRESS, Guard::Free, (USERS, user.as_str()), params);
            }
            DirectoryChange::ProviderEmailChanged { seen, email, verified_at } => {
                let mut params = values![email, verified_at];
                params.extend(as_seen(&seen));
                self.push(sql::PROVIDER_EMAIL, Guard::Touches, (USERS, &subject_key(&seen)), params);
            }
            DirectoryChange::UserMadePrimary { user, seen_version, at } => {
                self.push(sql::MAKE_PRIMARY, Guard::Touches, (USERS, user.as_str()), values![at, user.as_str(), seen_version]);
            }
            DirectoryChange::UserChanged(user) => {
                let params = values![user.created_at, user.primary_at, user.id.as_str(), user.version];
                self.push(sql::CHANGE_USER, Guard::Touches, (USERS, user.id.as_str()), params);
            }
            DirectoryChange::SessionsOfIdentityRevoked { user, identity, tenant, at } => {
                let tenant = tenant.map(|tenant| tenant.as_str().to_owned()).unwrap_or_default();
                let params = values![at, user.as_str(), identity.as_str(), tenant];
                self.push(sql::REVOKE_OF_IDENTITY, Guard::Free, (SESSIONS, user.as_str()), params);
            }
            DirectoryChange::UserRemoved { user, seen_version } => {
                self.push(sql::REMOVE_USER, Guard::Touches, (USERS, user.as_str()), values![user.as_str(), seen_version]);
            }
            DirectoryChange::MemberJoined { tenant, user, created_at } => self.join(&tenant, &user, created_at),
            DirectoryChange::MemberLeft { tenant, user, created_at } => {
                let params = values![tenant.as_str(), created_at, user.as_str()];
                self.push(sql::LEAVE, Guard::Free, (USERS, user.as_str()), params);
            }
            DirectoryChange::BelongingsRemoved { app, id } => {
                self.push(sql::DROP_METADATA, Guard::Free, (USERS, &id), values![app.as_str(), id.as_str()]);
                self.push(sql::TAKE_ALL_ROLES, Guard::Free, (USERS, &id), values![id.as_str(), app.as_str()]);
                self.push(sql::DROP_ALL_EMAIL_TOKENS, Guard::Free, (USERS, &id), values![id.as_str()]);
                self.push(UNMAP_NUMBERS_OF, Guard::Free, (USERS, &id), values![id.as_str()]);
            }
            DirectoryChange::MetadataSet { app, id, metadata, seen_version: None } => {
                self.push(sql::NEW_METADATA, Guard::Touches, (USERS, &id), values![app.as_str(), id.as_str(), metadata]);
            }
            DirectoryChange::MetadataSet { app, id, metadata, seen_version: Some(version) } => {
                let params = values![metadata, app.as_str(), id.as_str(), version];
                self.push(sql::SET_METADATA, Guard::Touches, (USERS, &id), params);
            }
            DirectoryChange::MetadataRemoved { app, id } => {
                self.push(sql::DROP_METADATA, Guard::Free, (USERS, &id), values![app.as_str(), id.as_str()]);
            }
            DirectoryChange::RoleGrown { app, role, permissions } => {
                let key = role_key(&app, &role);
                self.push(sql::NEW_ROLE, Guard::Free, (USERS, &key), values![app.as_str(), role.as_str()]);
                for permission in permissions {
                    let params = values![app.as_str(), role.as_str(), permission];
                    self.push(sql::ADD_PERMISSION, Guard::Free, (USERS, &key), params);
                }
            }
            DirectoryChange::RoleShrunk { app, role, permissions } => {
                let key = role_key(&app, &role);
                match permissions {
                    None => self.push(sql::DROP_PERMISSIONS, Guard::Free, (USERS, &key), values![app.as_str(), role]),
                    Some(permissions) => {
                        for permission in permissions {
                            let params = values![app.as_str(), role.as_str(), permission];
                            self.push(sql::DROP_PERMISSION, Guard::Free, (USERS, &key), params);
                        }
                    }
                }
            }
            DirectoryChange::RoleRemoved { app, role } => {
                let key = role_key(&app, &role);
                self.push(sql::DROP_ROLE, Guard::Free, (USERS, &key), values![app.as_str(), role.as_str()]);
                self.push(sql::DROP_PERMISSIONS, Guard::Free, (USERS, &key), values![app.as_str(), role.as_str()]);
                self.push(sql::TAKE_ROLE_FROM_ALL, Guard::Free, (USERS, &key), values![role, app.as_str()]);
            }
            DirectoryChange::RoleGiven { tenant, id, role } => {
                let (app, key) = (tenant.app(), role_key(&tenant.app(), &role));
                self.push(sql::ROLE_IS_THERE, Guard::Touches, (USERS, &key), values![app.as_str(), role.as_str()]);
                let params = values![tenant.as_str(), id, role, app.as_str()];
                self.push(sql::GIVE_ROLE, Guard::Free, (USERS, &key), params);
            }
            DirectoryChange::RoleTaken { tenant, id, role } => {
                let key = role_key(&tenant.app(), &role);
                self.push(sql::TAKE_ROLE, Guard::Free, (USERS, &key), values![tenant.as_str(), id, role.as_str()]);
            }
            DirectoryChange::EmailTokenMade(token) => {
                let params = values![&token.hash[..], token.app.as_str(), token.identity.as_str(), token.email, token.expires_at];
                self.push(sql::NEW_EMAIL_TOKEN, Guard::New, (USERS, token.identity.as_str()), params);
            }
            DirectoryChange::EmailTokenUsed { hash } => {
                self.push(sql::USE_EMAIL_TOKEN, Guard::Touches, (USERS, SHARED), values![&hash[..]]);
            }
            DirectoryChange::EmailTokensRemoved { identity, email } => {
                let params = values![identity.as_str(), email];
                self.push(sql::DROP_EMAIL_TOKENS, Guard::Free, (USERS, identity.as_str()), params);
            }
            DirectoryChange::TenantSet { tenant, is_new } => self.set_tenant(&tenant, is_new),
            DirectoryChange::TenantRemoved { id } => self.remove_tenant(&id),
            DirectoryChange::AppRemoved { app } => self.remove_app(&app),
            DirectoryChange::ImportAdvanced { source, cursor, at } => {
                self.push(sql::ADVANCE_IMPORT, Guard::Free, (KEYS, &source), values![source.as_str(), cursor, at]);
            }
        }
    }

    fn remove_tenant(&mut self, id: &TenantId) {
        let only = || values![id.as_str()];
        self.push(sql::END_TENANT_SIGN_INS, Guard::Free, (SIGN_INS, SHARED), only());
        self.push(sql::DROP_TENANT_BUDGETS, Guard::Free, (BUDGETS, id.as_str()), only());
        let metadata = values![id.app().as_str(), id.as_str()];
        self.push(sql::DROP_TENANT_METADATA, Guard::Free, (USERS, id.as_str()), metadata);
        // The tenant's own row first: whoever makes something in it holds that one.
        for text in [
            sql::DROP_TENANT,
            sql::DROP_TENANT_USERS,
            sql::DROP_TENANT_IDENTITIES,
            sql::DROP_TENANT_MEMBERS,
            sql::DROP_TENANT_ROLES,
            sql::DROP_TENANT_INVITES,
            sql::DROP_TENANT_NUMBERS,
            sql::DROP_TENANT_DECISIONS,
        ] {
            self.push(text, Guard::Free, (USERS, id.as_str()), only());
        }
        self.push(sql::END_TENANT_SESSIONS, Guard::Free, (SESSIONS, SHARED), only());
        self.push(sql::STAMP_TENANTS, Guard::Free, (KEYS, SHARED), Vec::new());
    }

    fn remove_app(&mut self, app: &AppId) {
        for text in [
            sql::DROP_APP_TENANTS,
            sql::DROP_APP_USERS,
            sql::DROP_APP_IDENTITIES,
            sql::DROP_APP_METADATA,
            sql::DROP_APP_ROLES,
            sql::DROP_APP_PERMISSIONS,
            sql::DROP_APP_EMAIL_TOKENS,
        ] {
            self.push(text, Guard::Free, (USERS, app.as_str()), values![app.as_str()]);
        }
        for purpose in [KeyUse::Session, KeyUse::Static] {
            let set = KeySet::of(app, purpose).to_text();
            self.push(sql::DROP_APP_KEYS, Guard::Free, (KEYS, &set), values![set.as_str()]);
        }
    }

    fn set_tenant(&mut self, tenant: &StoredTenant, is_new: bool) {
        // Strings, lists and objects always serialise.
        let settings = serde_json::to_string(&tenant.settings).unwrap_or_default();
        let id = tenant.id.as_str();
        let (text, params) = if is_new {
            (sql::NEW_TENANT, values![id, tenant.created_at, tenant.version, settings])
        } else {
            (sql::SET_TENANT, values![tenant.version, settings, id])
        };
        self.push(text, Guard::Touches, (USERS, id), params);
        self.push(sql::STAMP_TENANTS, Guard::Free, (KEYS, SHARED), Vec::new());
    }
}

/// What a guard on an identity as it was seen compares.
fn as_seen(seen: &Identity) -> Vec<crate::value::Value> {
    let Identity { id, user, tenant, connection, subject, version, .. } = seen;
    values![tenant.as_str(), connection.as_str(), subject.as_str(), id.as_str(), user.as_str(), *version]
}

fn subject_key(identity: &Identity) -> String {
    format!("{}/{}", identity.tenant, identity.subject)
}

fn role_key(app: &AppId, role: &str) -> String {
    format!("{app}/role/{role}")
}
