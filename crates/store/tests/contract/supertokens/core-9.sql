-- The tables of SuperTokens core 9 on PostgreSQL that moving in reads: real names, columns, types, primary keys, and the
-- indexes that matter for reading. Foreign keys only where rows of ours could break them unseen.

CREATE TABLE apps (app_id VARCHAR(64) NOT NULL DEFAULT 'public', created_at_time BIGINT, PRIMARY KEY (app_id));
CREATE TABLE tenants (
    app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id),
    tenant_id VARCHAR(64) NOT NULL DEFAULT 'public',
    created_at_time BIGINT,
    PRIMARY KEY (app_id, tenant_id)
);
CREATE TABLE tenant_configs (
    connection_uri_domain VARCHAR(256) DEFAULT '',
    app_id VARCHAR(64) DEFAULT 'public',
    tenant_id VARCHAR(64) DEFAULT 'public',
    core_config TEXT,
    email_password_enabled BOOLEAN,
    passwordless_enabled BOOLEAN,
    third_party_enabled BOOLEAN,
    is_first_factors_null BOOLEAN,
    PRIMARY KEY (connection_uri_domain, app_id, tenant_id)
);
CREATE TABLE app_id_to_user_id (
    app_id VARCHAR(64) NOT NULL DEFAULT 'public' REFERENCES apps (app_id),
    user_id CHAR(36) NOT NULL,
    recipe_id VARCHAR(128) NOT NULL,
    primary_or_recipe_user_id CHAR(36) NOT NULL,
    is_linked_or_is_a_primary_user BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (app_id, user_id),
    FOREIGN KEY (app_id, primary_or_recipe_user_id) REFERENCES app_id_to_user_id (app_id, user_id)
);
CREATE INDEX app_id_to_user_id_primary_user_id_index ON app_id_to_user_id (primary_or_recipe_user_id, app_id);
CREATE TABLE all_auth_recipe_users (
    app_id VARCHAR(64) DEFAULT 'public',
    tenant_id VARCHAR(64) DEFAULT 'public',
    user_id CHAR(36) NOT NULL,
    primary_or_recipe_user_id CHAR(36) NOT NULL,
    is_linked_or_is_a_primary_user BOOLEAN NOT NULL DEFAULT FALSE,
    recipe_id VARCHAR(128) NOT NULL,
    time_joined BIGINT NOT NULL,
    primary_or_recipe_user_time_joined BIGINT NOT NULL,
    PRIMARY KEY (app_id, tenant_id, user_id),
    FOREIGN KEY (app_id, tenant_id) REFERENCES tenants (app_id, tenant_id)
);
CREATE INDEX all_auth_recipe_user_id_index ON all_auth_recipe_users (user_id);
CREATE TABLE passwordless_users (
    app_id VARCHAR(64) DEFAULT 'public',
    user_id CHAR(36) NOT NULL,
    email VARCHAR(256),
    phone_number VARCHAR(256),
    time_joined BIGINT NOT NULL,
    PRIMARY KEY (app_id, user_id)
);
CREATE TABLE passwordless_user_to_tenant (
    app_id VARCHAR(64) DEFAULT 'public',
    tenant_id VARCHAR(64) DEFAULT 'public',
    user_id CHAR(36) NOT NULL,
    email VARCHAR(256),
    phone_number VARCHAR(256),
    UNIQUE (app_id, tenant_id, email),
    UNIQUE (app_id, tenant_id, phone_number),
    PRIMARY KEY (app_id, tenant_id, user_id)
);
CREATE TABLE thirdparty_users (
    app_id VARCHAR(64) DEFAULT 'public',
    third_party_id VARCHAR(28) NOT NULL,
    third_party_user_id VARCHAR(256) NOT NULL,
    user_id CHAR(36) NOT NULL,
    email VARCHAR(256) NOT NULL,
    time_joined BIGINT NOT NULL,
    PRIMARY KEY (app_id, user_id)
);
CREATE TABLE thirdparty_user_to_tenant (
    app_id VARCHAR(64) DEFAULT 'public',
    tenant_id VARCHAR(64) DEFAULT 'public',
    user_id CHAR(36) NOT NULL,
    third_party_id VARCHAR(28) NOT NULL,
    third_party_user_id VARCHAR(256) NOT NULL,
    UNIQUE (app_id, tenant_id, third_party_id, third_party_user_id),
    PRIMARY KEY (app_id, tenant_id, user_id)
);
CREATE TABLE emailpassword_users (
    app_id VARCHAR(64) DEFAULT 'public',
    user_id CHAR(36) NOT NULL,
    email VARCHAR(256) NOT NULL,
    password_hash VARCHAR(256) NOT NULL,
    time_joined BIGINT NOT NULL,
    PRIMARY KEY (app_id, user_id)
);
CREATE TABLE emailverification_verified_emails (
    app_id VARCHAR(64) DEFAULT 'public',
    user_id VARCHAR(128) NOT NULL,
    email VARCHAR(256) NOT NULL,
    PRIMARY KEY (app_id, user_id, email)
);
CREATE TABLE user_metadata (
    app_id VARCHAR(64) DEFAULT 'public',
    user_id VARCHAR(128) NOT NULL,
    user_metadata TEXT NOT NULL,
    PRIMARY KEY (app_id, user_id)
);
CREATE TABLE roles (app_id VARCHAR(64) DEFAULT 'public', role VARCHAR(255) NOT NULL, PRIMARY KEY (app_id, role));
CREATE TABLE role_permissions (
    app_id VARCHAR(64) DEFAULT 'public',
    role VARCHAR(255) NOT NULL,
    permission VARCHAR(255) NOT NULL,
    PRIMARY KEY (app_id, role, permission)
);
CREATE TABLE user_roles (
    app_id VARCHAR(64) DEFAULT 'public',
    tenant_id VARCHAR(64) DEFAULT 'public',
    user_id VARCHAR(128) NOT NULL,
    role VARCHAR(255) NOT NULL,
    PRIMARY KEY (app_id, tenant_id, user_id, role)
);
CREATE TABLE userid_mapping (
    app_id VARCHAR(64) DEFAULT 'public',
    supertokens_user_id CHAR(36) NOT NULL,
    external_user_id VARCHAR(128) NOT NULL,
    external_user_id_info TEXT,
    UNIQUE (app_id, supertokens_user_id),
    UNIQUE (app_id, external_user_id),
    PRIMARY KEY (app_id, supertokens_user_id, external_user_id)
);
CREATE TABLE totp_user_devices (
    app_id VARCHAR(64) DEFAULT 'public',
    user_id VARCHAR(128) NOT NULL,
    device_name VARCHAR(256) NOT NULL,
    secret_key VARCHAR(256) NOT NULL,
    period INTEGER NOT NULL,
    skew INTEGER NOT NULL,
    verified BOOLEAN NOT NULL,
    created_at BIGINT,
    PRIMARY KEY (app_id, user_id, device_name)
);
CREATE TABLE session_access_token_signing_keys (
    app_id VARCHAR(64) DEFAULT 'public',
    created_at_time BIGINT NOT NULL,
    value TEXT,
    PRIMARY KEY (app_id, created_at_time)
);
CREATE TABLE jwt_signing_keys (
    app_id VARCHAR(64) DEFAULT 'public',
    key_id VARCHAR(255) NOT NULL,
    key_string TEXT NOT NULL,
    algorithm VARCHAR(10) NOT NULL,
    created_at BIGINT,
    PRIMARY KEY (app_id, key_id)
);
