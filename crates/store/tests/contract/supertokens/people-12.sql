-- The same people as core 12 has them after the operator copied them to the new tables, except one who came before that.

UPDATE app_id_to_user_id SET time_joined = 1700000000000, primary_or_recipe_user_time_joined = 1700000000000 WHERE user_id <> person(4);
INSERT INTO recipe_user_account_infos
SELECT p.app_id, p.user_id, 'passwordless', 'email', p.email, '', '', NULL FROM passwordless_users p WHERE p.email IS NOT NULL
UNION ALL
SELECT p.app_id, p.user_id, 'passwordless', 'phone', p.phone_number, '', '', NULL FROM passwordless_users p WHERE p.phone_number IS NOT NULL
UNION ALL
SELECT t.app_id, t.user_id, 'thirdparty', 'email', t.email, t.third_party_id, t.third_party_user_id, NULL FROM thirdparty_users t
UNION ALL
SELECT t.app_id, t.user_id, 'thirdparty', 'tparty', t.third_party_id || '::' || t.third_party_user_id, '', '', NULL FROM thirdparty_users t
UNION ALL
SELECT e.app_id, e.user_id, 'emailpassword', 'email', e.email, '', '', NULL FROM emailpassword_users e;
DELETE FROM recipe_user_account_infos WHERE recipe_user_id = person(4);
INSERT INTO recipe_user_tenants
SELECT i.app_id, i.recipe_user_id, u.tenant_id, i.recipe_id, i.account_info_type, i.account_info_value, i.third_party_id, i.third_party_user_id
FROM recipe_user_account_infos i JOIN all_auth_recipe_users u ON u.app_id = i.app_id AND u.user_id = i.recipe_user_id;
-- Since then, and unknown to the old tables: one went to another tenant.
DELETE FROM recipe_user_tenants WHERE recipe_user_id = person(3) AND tenant_id = 'acme';
INSERT INTO recipe_user_tenants
SELECT app_id, recipe_user_id, 'beta', recipe_id, account_info_type, account_info_value, '', '' FROM recipe_user_account_infos
WHERE recipe_user_id = person(3);
