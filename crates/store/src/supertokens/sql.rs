//! The queries to a SuperTokens database. `{t}` stands for what precedes the names of its tables; the schema is on the
//! search path.

/// What must be there to begin with: `table.column`.
pub(super) const NEEDED: [&str; 9] = [
    "app_id_to_user_id.primary_or_recipe_user_id",
    "passwordless_users.app_id",
    "thirdparty_users.app_id",
    "emailpassword_users.app_id",
    "userid_mapping.app_id",
    "user_metadata.app_id",
    "user_roles.tenant_id",
    "session_access_token_signing_keys.app_id",
    "jwt_signing_keys.app_id",
];
pub(super) const SINCE_9: &str = "totp_user_devices.created_at";
pub(super) const SINCE_10: &str = "bulk_import_users";
pub(super) const SINCE_12: &str = "recipe_user_tenants";
pub(super) const OLD_TENANTS: &str = "all_auth_recipe_users";
pub(super) const PASSKEYS: &str = "webauthn_users";

pub(super) const COLUMNS: &str = "SELECT c.relname::text, a.attname::text FROM pg_class c \
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid \
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped";
pub(super) const APP: &str = "SELECT 1 FROM {t}apps WHERE app_id = $1";
pub(super) const CONFIGS: &str =
    "SELECT app_id = $1, core_config FROM {t}tenant_configs WHERE tenant_id = 'public' AND (app_id = $1 OR app_id = 'public')";
pub(super) const COUNT: &str = "SELECT count(*) FROM {t}app_id_to_user_id WHERE app_id = $1 AND user_id = primary_or_recipe_user_id";
pub(super) const TENANTS: &str = "SELECT tenant_id FROM {t}tenants WHERE app_id = $1 ORDER BY tenant_id";
pub(super) const ROLES: &str = "SELECT r.role, p.permission FROM {t}roles r \
    LEFT JOIN {t}role_permissions p ON p.app_id = r.app_id AND p.role = r.role WHERE r.app_id = $1 ORDER BY r.role, p.permission";
pub(super) const ROTATING_KEYS: &str =
    "SELECT created_at_time, value FROM {t}session_access_token_signing_keys WHERE app_id = $1 ORDER BY created_at_time";
pub(super) const STAYING_KEYS: &str =
    "SELECT key_id, key_string, algorithm, created_at FROM {t}jwt_signing_keys WHERE app_id = $1 ORDER BY created_at, key_id";

// A page. Ids are CHAR(36) where they are theirs, VARCHAR where applications may have set another.
pub(super) const PEOPLE: &str = "SELECT user_id FROM {t}app_id_to_user_id \
    WHERE app_id = $1 AND user_id = primary_or_recipe_user_id AND user_id > $2 ORDER BY user_id LIMIT $3";
pub(super) const MEMBERS: &str = "SELECT user_id, primary_or_recipe_user_id, is_linked_or_is_a_primary_user, recipe_id \
    FROM {t}app_id_to_user_id WHERE app_id = $1 AND primary_or_recipe_user_id = ANY($2)";
pub(super) const PASSWORDLESS: &str =
    "SELECT user_id, time_joined, email, phone_number FROM {t}passwordless_users WHERE app_id = $1 AND user_id = ANY($2)";
pub(super) const THIRDPARTY: &str = "SELECT user_id, time_joined, email, third_party_id, third_party_user_id FROM {t}thirdparty_users WHERE app_id = $1 AND user_id = ANY($2)";
pub(super) const EMAILPASSWORD: &str =
    "SELECT user_id, time_joined, email FROM {t}emailpassword_users WHERE app_id = $1 AND user_id = ANY($2)";
pub(super) const WEBAUTHN: &str = "SELECT user_id, time_joined, email FROM {t}webauthn_users WHERE app_id = $1 AND user_id = ANY($2)";
pub(super) const MAPPINGS: &str =
    "SELECT supertokens_user_id, external_user_id FROM {t}userid_mapping WHERE app_id = $1 AND supertokens_user_id = ANY($2)";
pub(super) const TENANTS_OLD: &str = "SELECT user_id, tenant_id FROM {t}all_auth_recipe_users WHERE app_id = $1 AND user_id = ANY($2)";
/// Who is in the new tables at all stands there with no tenant, too.
pub(super) const TENANTS_NEW: &str = "SELECT recipe_user_id, NULL::varchar FROM {t}recipe_user_account_infos \
    WHERE app_id = $1 AND recipe_user_id = ANY($2) UNION SELECT recipe_user_id, tenant_id FROM {t}recipe_user_tenants \
    WHERE app_id = $1 AND recipe_user_id = ANY($2)";
pub(super) const VERIFIED: &str = "SELECT user_id, email FROM {t}emailverification_verified_emails WHERE app_id = $1 AND user_id = ANY($2)";
pub(super) const METADATA: &str = "SELECT user_id, user_metadata FROM {t}user_metadata WHERE app_id = $1 AND user_id = ANY($2)";
pub(super) const USER_ROLES: &str = "SELECT user_id, tenant_id, role FROM {t}user_roles WHERE app_id = $1 AND user_id = ANY($2)";
pub(super) const TOTP: &str = "SELECT user_id, device_name, period, skew FROM {t}totp_user_devices WHERE app_id = $1 AND user_id = ANY($2)";

/// The texts for one database.
pub(super) struct Texts {
    prefix: String,
}

impl Texts {
    /// As their own server makes names: the prefix, a `_`, the table. All of it in lower case, as names without quotes are.
    pub(super) fn new(prefix: &str) -> Self {
        let prefix = if prefix.is_empty() { String::new() } else { format!("{}_", prefix.to_ascii_lowercase()) };
        Texts { prefix }
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn of(&self, text: &str) -> String {
        text.replace("{t}", &self.prefix)
    }
}
