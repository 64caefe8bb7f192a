-- 100,000 people, with two ways in for each tenth: 110,000 rows of theirs.

CREATE FUNCTION person(n BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
    $$ SELECT '00000000-0000-4000-8000-' || lpad(n::text, 12, '0') $$;

-- By which id applications know somebody: one in a hundred by another than theirs.
CREATE FUNCTION known(n BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN n % 100 = 7 THEN 'mine-' || n ELSE person(n) END $$;

INSERT INTO apps VALUES ('public', 0);
INSERT INTO tenants VALUES ('public', 'public', 0), ('public', 'acme', 0);
INSERT INTO roles VALUES ('public', 'reader');

INSERT INTO app_id_to_user_id (user_id, recipe_id, primary_or_recipe_user_id, is_linked_or_is_a_primary_user)
SELECT person(n), 'passwordless', person(n), n % 10 = 0 FROM generate_series(1, 100000) n;
INSERT INTO app_id_to_user_id (user_id, recipe_id, primary_or_recipe_user_id, is_linked_or_is_a_primary_user)
SELECT person(n + 1000000), 'thirdparty', person(n), TRUE FROM generate_series(10, 100000, 10) n;
INSERT INTO passwordless_users (user_id, email, phone_number, time_joined)
SELECT person(n), CASE WHEN n % 10 <> 1 THEN 'user' || n || '@example.com' END, CASE WHEN n % 10 = 1 THEN '+49151' || lpad(n::text, 8, '0') END,
    1700000000000 + n FROM generate_series(1, 100000) n;
INSERT INTO thirdparty_users (user_id, third_party_id, third_party_user_id, email, time_joined)
SELECT person(n + 1000000), 'google', n::text, 'user' || n || '@example.com', 1700000000000 + n FROM generate_series(10, 100000, 10) n;
INSERT INTO all_auth_recipe_users
SELECT a.app_id, 'public', a.user_id, a.primary_or_recipe_user_id, a.is_linked_or_is_a_primary_user, a.recipe_id, 1700000000000, 1700000000000
FROM app_id_to_user_id a;
INSERT INTO emailverification_verified_emails (user_id, email)
SELECT known(n), 'user' || n || '@example.com' FROM generate_series(1, 100000) n WHERE n % 10 <> 1;
INSERT INTO user_metadata (user_id, user_metadata)
SELECT known(n), '{"first_name":"User","number":' || n || '}' FROM generate_series(1, 100000) n;
INSERT INTO user_roles (tenant_id, user_id, role) SELECT 'acme', known(n), 'reader' FROM generate_series(3, 100000, 3) n;
INSERT INTO userid_mapping (supertokens_user_id, external_user_id) SELECT person(n), known(n) FROM generate_series(7, 100000, 100) n;
ANALYZE;
