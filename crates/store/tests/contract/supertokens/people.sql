-- One of every kind. `person(n)` is an id of theirs.

CREATE FUNCTION person(n BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
    $$ SELECT '00000000-0000-4000-8000-' || lpad(n::text, 12, '0') $$;

INSERT INTO apps VALUES ('public', 0), ('shop', 0);
INSERT INTO tenants VALUES ('public', 'public', 0), ('public', 'acme', 0), ('public', 'beta', 0), ('shop', 'public', 0);
INSERT INTO tenant_configs (app_id, tenant_id, core_config) VALUES ('public', 'public', '{}'), ('public', 'acme', NULL);

-- A person: number, recipe, number of the primary user, linked?
INSERT INTO app_id_to_user_id (app_id, user_id, recipe_id, primary_or_recipe_user_id, is_linked_or_is_a_primary_user)
SELECT app, person(n), recipe, person(owner), linked FROM (VALUES
    ('public', 1, 'passwordless', 1, FALSE),
    ('public', 2, 'passwordless', 2, FALSE),
    ('public', 3, 'passwordless', 3, FALSE),
    ('public', 4, 'thirdparty', 4, FALSE),
    -- linked: a code, a service, a password
    ('public', 5, 'passwordless', 5, TRUE),
    ('public', 6, 'thirdparty', 5, TRUE),
    ('public', 7, 'emailpassword', 5, TRUE),
    -- passwords only, not verified and verified
    ('public', 8, 'emailpassword', 8, FALSE),
    ('public', 9, 'emailpassword', 9, FALSE),
    -- known to applications by another id
    ('public', 11, 'passwordless', 11, FALSE),
    -- a primary user whose own way in was deleted, and the one that is left
    ('public', 12, 'passwordless', 12, TRUE),
    ('public', 13, 'passwordless', 12, TRUE),
    -- taken out of every tenant; no way in at all
    ('public', 14, 'passwordless', 14, FALSE),
    ('public', 15, 'passwordless', 15, FALSE),
    -- an address and a number that are none
    ('public', 16, 'passwordless', 16, FALSE),
    ('public', 17, 'passwordless', 17, FALSE),
    -- metadata that cannot be read; an authenticator app; a recipe of the future; primary and alone
    ('public', 18, 'passwordless', 18, FALSE),
    ('public', 19, 'emailpassword', 19, FALSE),
    ('public', 21, 'telepathy', 21, FALSE),
    ('public', 22, 'passwordless', 22, TRUE),
    -- in another app, with an id of its own and with one that is also here
    ('shop', 1, 'passwordless', 1, FALSE),
    ('shop', 20, 'passwordless', 20, FALSE)
) AS people (app, n, recipe, owner, linked);

INSERT INTO passwordless_users (app_id, user_id, email, phone_number, time_joined)
SELECT app, person(n), email, phone, 1700000000000 + n FROM (VALUES
    ('public', 1, 'one@example.com', NULL),
    ('public', 2, NULL, '+14155552671'),
    ('public', 3, 'three@example.com', '+4915112345678'),
    ('public', 5, 'five@example.com', NULL),
    ('public', 11, 'eleven@example.com', NULL),
    ('public', 13, 'thirteen@example.com', NULL),
    ('public', 14, 'fourteen@example.com', NULL),
    ('public', 16, 'sixteen at example.com', NULL),
    ('public', 17, NULL, 'seventeen'),
    ('public', 18, 'eighteen@example.com', NULL),
    ('public', 22, 'twenty-two@example.com', NULL),
    ('shop', 1, 'shop-one@example.com', NULL),
    ('shop', 20, 'twenty@example.com', NULL)
) AS people (app, n, email, phone);
INSERT INTO thirdparty_users (user_id, third_party_id, third_party_user_id, email, time_joined) VALUES
    (person(4), 'google', 'g-4', 'four@example.com', 1700000000004),
    (person(6), 'github', '600', 'six@example.com', 1690000000006);
INSERT INTO emailpassword_users (user_id, email, password_hash, time_joined) VALUES
    (person(7), 'five@example.com', '$2a$11$hash', 1700000000007),
    (person(8), 'eight@example.com', '$2a$11$hash', 1700000000008),
    (person(9), 'nine@example.com', '$2a$11$hash', 1700000000009),
    (person(19), 'nineteen@example.com', '$2a$11$hash', 1700000000019);

INSERT INTO all_auth_recipe_users
SELECT a.app_id, t.tenant_id, a.user_id, a.primary_or_recipe_user_id, a.is_linked_or_is_a_primary_user, a.recipe_id, 1700000000000, 1700000000000
FROM app_id_to_user_id a JOIN tenants t ON t.app_id = a.app_id AND (t.tenant_id = 'public' OR (t.tenant_id = 'acme' AND a.user_id IN (person(3), person(6))))
WHERE a.user_id NOT IN (person(12), person(14), person(15));

INSERT INTO userid_mapping (supertokens_user_id, external_user_id) VALUES (person(11), 'auth0|eleven'), (person(6), 'six-of-theirs');
INSERT INTO emailverification_verified_emails (app_id, user_id, email) VALUES
    ('public', person(1), 'one@example.com'),
    ('public', person(4), 'four@example.com'),
    ('public', person(5), 'five@example.com'),
    ('public', 'six-of-theirs', 'six@example.com'),
    ('public', person(7), 'five@example.com'),
    ('public', person(9), 'nine@example.com'),
    -- an address from before it was changed
    ('public', person(8), 'eight-before@example.com'),
    ('public', 'auth0|eleven', 'eleven@example.com'),
    ('shop', person(3), 'three@example.com');
INSERT INTO user_metadata (app_id, user_id, user_metadata) VALUES
    ('public', person(1), '{"first_name":"Jane","seen":{"tour":true},"n":1.5}'),
    ('public', person(3), '{}'),
    ('public', 'auth0|eleven', '{"id":"external"}'),
    ('public', person(11), '{"id":"theirs"}'),
    ('public', person(6), '{"id":"linked"}'),
    ('public', person(18), '[1,'),
    ('shop', person(2), '{"of":"another app"}');
INSERT INTO roles VALUES ('public', 'admin'), ('public', 'reader'), ('public', 'unused'), ('shop', 'seller'), ('shop', 'reader');
INSERT INTO role_permissions VALUES
    ('public', 'admin', 'write'), ('public', 'admin', 'read'), ('public', 'reader', 'read'), ('shop', 'seller', 'sell'),
    ('shop', 'reader', 'read the shop');
-- A role need not exist to be given.
INSERT INTO user_roles (app_id, tenant_id, user_id, role) VALUES
    ('public', 'public', person(1), 'reader'),
    ('public', 'public', person(1), 'admin'),
    ('public', 'acme', person(1), 'reader'),
    ('public', 'public', person(6), 'reader'),
    ('public', 'beta', 'auth0|eleven', 'gone'),
    ('shop', 'public', person(1), 'seller'),
    ('shop', 'public', person(2), 'seller');
INSERT INTO totp_user_devices (user_id, device_name, secret_key, period, skew, verified, created_at) VALUES
    (person(19), 'Phone', 'JBSWY3DPEHPK3PXP', 30, 1, TRUE, 1700000000000);
