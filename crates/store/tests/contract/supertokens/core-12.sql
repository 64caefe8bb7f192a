-- What core 12 adds: who is known by what, and where, in tables of their own. The old ones stay until an operator drops them.

CREATE TABLE recipe_user_account_infos (
    app_id VARCHAR(64) NOT NULL,
    recipe_user_id CHAR(36) NOT NULL,
    recipe_id VARCHAR(128) NOT NULL,
    account_info_type VARCHAR(8) NOT NULL,
    account_info_value TEXT NOT NULL,
    third_party_id VARCHAR(28),
    third_party_user_id VARCHAR(256),
    primary_user_id CHAR(36),
    PRIMARY KEY (app_id, recipe_id, recipe_user_id, account_info_type, third_party_id, third_party_user_id)
);
CREATE INDEX idx_recipe_user_account_infos_app_recipe_user ON recipe_user_account_infos (app_id, recipe_user_id);
CREATE TABLE recipe_user_tenants (
    app_id VARCHAR(64) NOT NULL,
    recipe_user_id CHAR(36) NOT NULL,
    tenant_id VARCHAR(64) NOT NULL,
    recipe_id VARCHAR(128) NOT NULL,
    account_info_type VARCHAR(8) NOT NULL,
    account_info_value TEXT NOT NULL,
    third_party_id VARCHAR(28),
    third_party_user_id VARCHAR(256),
    PRIMARY KEY (app_id, tenant_id, recipe_id, account_info_type, third_party_id, third_party_user_id, account_info_value),
    FOREIGN KEY (app_id, tenant_id) REFERENCES tenants (app_id, tenant_id)
);
CREATE INDEX idx_recipe_user_tenants_recipe_user_id ON recipe_user_tenants (app_id, recipe_user_id);
CREATE TABLE primary_user_tenants (
    app_id VARCHAR(64) NOT NULL,
    tenant_id VARCHAR(64) NOT NULL,
    account_info_type VARCHAR(8) NOT NULL,
    account_info_value TEXT NOT NULL,
    primary_user_id CHAR(36) NOT NULL,
    PRIMARY KEY (app_id, tenant_id, account_info_type, account_info_value)
);
ALTER TABLE app_id_to_user_id
    ADD COLUMN time_joined BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN primary_or_recipe_user_time_joined BIGINT NOT NULL DEFAULT 0;
