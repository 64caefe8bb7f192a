-- What core 10 adds to core 9 and moving in looks at: the bulk import's own table (10.0), passkeys (10.1). Core 11 adds
-- nothing there.

CREATE TABLE bulk_import_users (
    id CHAR(36),
    app_id VARCHAR(64) NOT NULL DEFAULT 'public',
    primary_user_id VARCHAR(36),
    raw_data TEXT NOT NULL,
    status VARCHAR(128) DEFAULT 'NEW',
    error_msg TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, id)
);
CREATE TABLE webauthn_users (
    app_id VARCHAR(64) DEFAULT 'public' NOT NULL,
    user_id CHAR(36) NOT NULL,
    email VARCHAR(256) NOT NULL,
    rp_id VARCHAR(256) NOT NULL,
    time_joined BIGINT NOT NULL,
    PRIMARY KEY (app_id, user_id)
);
CREATE INDEX user_roles_app_id_user_id_index ON user_roles (app_id, user_id);
