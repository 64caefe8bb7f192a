//! Reading a SuperTokens database: every kind of person in the tables of core 9, 10 and 12, and 100,000 people in time.
//! PostgreSQL only: it is their database, not ours.

use crate::kit::{Database, client};
use futures_util::FutureExt;
use postkey_model::bulk::{BulkUser, BulkWriter, Place, Problem, Recipe, Rules, Taken, Why};
use postkey_model::{KeyUse, Timestamp};
use postkey_store::{Location, SourceError, SourceGeneration, SourceLocation, SourceRole, SourceUser, SuperTokens};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::time::Instant;

const CORE_9: &str = include_str!("supertokens/core-9.sql");
const CORE_10: &str = include_str!("supertokens/core-10.sql");
const CORE_12: &str = include_str!("supertokens/core-12.sql");
const PEOPLE: &str = include_str!("supertokens/people.sql");
const PEOPLE_12: &str = include_str!("supertokens/people-12.sql");
const KEYS: &str = include_str!("supertokens/keys.sql");
const MANY: &str = include_str!("supertokens/many.sql");

/// A moment after everything in the tables.
const RULES: Rules = Rules { emailpassword_as_passwordless: false, now: Timestamp(1_800_000_000_000), taken_names: &[] };
const PASSWORDS_TOO: Rules = Rules { emailpassword_as_passwordless: true, ..RULES };

/// A database made by `scripts`, for as long as `test` runs.
async fn on_source(name: &str, scripts: &[&str], test: impl AsyncFnOnce(SourceLocation)) {
    let Some(database) = Database::create(name).await else { return };
    let Location::Postgres(url) = database.location.clone() else { panic!("not PostgreSQL") };
    let outcome = AssertUnwindSafe(async {
        run(&url, scripts).await;
        test(SourceLocation::new(&url)).await;
    });
    let outcome = outcome.catch_unwind().await;
    database.drop().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn run(url: &str, scripts: &[&str]) {
    let client = client(url).await;
    for script in scripts {
        client.batch_execute(script).await.unwrap();
    }
}

fn person(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Everybody, in pages of `limit`.
async fn everybody(source: &SuperTokens, limit: u32) -> Vec<SourceUser> {
    let mut all: Vec<SourceUser> = Vec::new();
    loop {
        let page = source.users_after(all.last().map(|last| last.id.as_str()), limit).await.unwrap();
        assert!(page.len() <= limit as usize);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn by_number(all: Vec<SourceUser>) -> BTreeMap<u64, SourceUser> {
    all.into_iter().map(|one| (one.id[24..].parse().unwrap(), one)).collect()
}

/// What is taken of somebody, in words: each way in with tenants, and whether it is verified.
fn ways(taken: &Taken) -> Vec<String> {
    let words = |method: &postkey_model::bulk::TakenMethod| {
        let tenants: Vec<&str> = method.tenants.iter().map(|tenant| tenant.as_str()).collect();
        let ways: Vec<String> = method.ways.iter().map(|way| format!("{} {}", way.connection.as_str(), way.subject)).collect();
        let verified = if method.is_verified { "verified" } else { "unverified" };
        format!("{} in {}, {verified}", ways.join(" and "), tenants.join(" and "))
    };
    taken.methods.iter().map(words).collect()
}

fn whys(problems: &[Problem]) -> Vec<(Place, Why)> {
    problems.iter().map(|problem| (problem.place, problem.why.clone())).collect()
}

fn assert_taken(user: &BulkUser, rules: &Rules, expected: &[&str]) -> Taken {
    let (taken, problems) = user.check(rules);
    let taken = taken.unwrap_or_else(|| panic!("{:?} is refused: {problems:?}", user.id));
    assert_eq!(ways(&taken), expected);
    taken
}

fn assert_refused(user: &BulkUser, rules: &Rules, expected: &[(Place, Why)]) {
    let (taken, problems) = user.check(rules);
    assert_eq!(taken, None);
    assert_eq!(whys(&problems), expected);
}

/// What is the same in all generations.
async fn assert_people(source: &SuperTokens) {
    let all = everybody(source, 1000).await;
    for limit in [1, 2, 7] {
        assert_eq!(everybody(source, limit).await, all, "pages of {limit}");
    }
    let people = by_number(all);
    let numbers: Vec<u64> = people.keys().copied().filter(|number| *number != 10).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 8, 9, 11, 12, 14, 15, 16, 17, 18, 19, 21, 22], "linked ways in and other apps are not people");
    assert_eq!(source.count_users().await.unwrap(), people.len() as u64);
    let user = |number: u64| &people[&number].user;

    let one = assert_taken(user(1), &RULES, &["email one@example.com in public, verified"]);
    assert_eq!(one.id.as_ref().map(|id| id.as_str()), Some(person(1).as_str()));
    assert_eq!((one.external_id, one.is_primary), (None, false));
    assert_eq!(one.methods[0].id.as_ref().map(|id| id.as_str()), Some(person(1).as_str()));
    assert_eq!(one.methods[0].joined_at, Timestamp(1_700_000_000_001));
    assert_eq!(serde_json::to_value(&one.metadata).unwrap(), json!({"first_name": "Jane", "seen": {"tour": true}, "n": 1.5}));
    let roles: BTreeSet<(String, String)> = one.roles.into_iter().map(|(role, tenant)| (role, tenant.as_str().to_owned())).collect();
    let expected = [("admin", "public"), ("reader", "acme"), ("reader", "public")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(roles, BTreeSet::from(expected));

    assert_taken(user(2), &RULES, &["sms +14155552671 in public, verified"]);
    let four = assert_taken(user(4), &RULES, &["provider:google g-4 in public, verified"]);
    assert_eq!(four.methods[0].ways[0].provider_email.as_deref(), Some("four@example.com"));
    assert_eq!(user(4).user_metadata, None);

    // Linked: the service is the oldest, the code gave the user its id, the password stays behind.
    let (github, code) = ("provider:github 600 in acme and public, verified", "email five@example.com in public, verified");
    let five = assert_taken(user(5), &RULES, &[github, code]);
    assert!(five.is_primary);
    assert_eq!(five.methods.iter().map(|method| method.is_primary).collect::<Vec<_>>(), [false, true]);
    assert_eq!(five.methods[0].external_id.as_deref(), Some("six-of-theirs"));
    assert_eq!(whys(&user(5).check(&RULES).1), [(Place::LoginMethod(2, Recipe::EmailPassword), Why::Password)]);
    // The password's address gets the code already.
    assert_taken(user(5), &PASSWORDS_TOO, &[github, code]);
    assert_eq!(whys(&user(5).check(&PASSWORDS_TOO).1), [(Place::LoginMethod(2, Recipe::EmailPassword), Why::Double)]);
    let left_out = &people[&5].left_out;
    assert!(left_out.iter().any(|line| line.contains("metadata under") && line.contains(&person(6))), "{left_out:?}");
    assert!(left_out.iter().any(|line| line.contains("roles under") && line.contains(&person(6))), "{left_out:?}");
    assert_eq!((user(5).user_metadata.clone(), user(5).user_roles.len()), (None, 0));

    let password = (Place::LoginMethod(0, Recipe::EmailPassword), Why::Password);
    let nothing_left = (Place::User, Why::NothingLeft);
    assert_refused(user(8), &RULES, &[password.clone(), nothing_left.clone()]);
    let unverified = (Place::LoginMethod(0, Recipe::EmailPassword), Why::UnverifiedPassword);
    assert_refused(user(8), &PASSWORDS_TOO, &[unverified.clone(), nothing_left.clone()]);
    assert_refused(user(9), &RULES, &[password.clone(), nothing_left.clone()]);
    assert_taken(user(9), &PASSWORDS_TOO, &["email nine@example.com in public, verified"]);

    let eleven = assert_taken(user(11), &RULES, &["email eleven@example.com in public, verified"]);
    assert_eq!(eleven.external_id.as_deref(), Some("auth0|eleven"));
    assert_eq!(eleven.id.as_ref().map(|id| id.as_str()), Some(person(11).as_str()));
    assert_eq!(serde_json::to_value(&eleven.metadata).unwrap(), json!({"id": "external"}));
    assert_eq!(eleven.roles.iter().map(|(role, tenant)| (role.as_str(), tenant.as_str())).collect::<Vec<_>>(), [("gone", "beta")]);
    assert_eq!(people[&11].left_out, [format!("metadata under {}: applications ask with auth0|eleven", person(11))]);

    // The id lives on although its own way in is gone.
    let twelve = assert_taken(user(12), &RULES, &["email thirteen@example.com in public, unverified"]);
    assert_eq!(twelve.id.as_ref().map(|id| id.as_str()), Some(person(12).as_str()));
    assert_eq!(twelve.methods[0].id.as_ref().map(|id| id.as_str()), Some(person(13).as_str()));
    assert!(twelve.is_primary && assert_taken(user(22), &RULES, &["email twenty-two@example.com in public, unverified"]).is_primary);

    assert_refused(user(14), &RULES, &[(Place::LoginMethod(0, Recipe::Passwordless), Why::NoTenant), nothing_left.clone()]);
    assert_refused(user(15), &RULES, &[(Place::User, Why::NoLoginMethod)]);
    let (_, problems) = user(16).check(&RULES);
    assert!(matches!(problems[0], Problem { place: Place::LoginMethod(0, Recipe::Passwordless), why: Why::BadEmail(_) }), "{problems:?}");
    let (_, problems) = user(17).check(&RULES);
    assert!(matches!(problems[0], Problem { place: Place::LoginMethod(0, Recipe::Passwordless), why: Why::BadPhone(_) }), "{problems:?}");
    assert_taken(user(18), &RULES, &["email eighteen@example.com in public, unverified"]);
    assert_eq!(people[&18].left_out.len(), 1);
    assert!(people[&18].left_out[0].starts_with("metadata: it is no JSON object"), "{:?}", people[&18].left_out);
    assert_refused(user(19), &RULES, &[(Place::TotpDevice(0), Why::TotpDevice), password, nothing_left]);
    assert_eq!(user(19).totp_devices[0].device_name.as_deref(), Some("Phone"));
    assert_eq!(people[&21].left_out, [format!("login method {}: the recipe `telepathy` is not known", person(21))]);

    // What is read can be written in their form, and comes back.
    let mut writer = BulkWriter::new(Vec::new()).unwrap();
    for one in people.values() {
        writer.add(&one.user).unwrap();
    }
    let file = writer.finish().unwrap();
    let rows: Vec<BulkUser> = postkey_model::bulk::BulkFile::new(file.as_slice()).map(|row| row.unwrap().user.unwrap()).collect();
    let without_devices = |user: &BulkUser| BulkUser { totp_devices: Vec::new(), ..user.clone() };
    assert_eq!(rows, people.values().map(|one| without_devices(&one.user)).collect::<Vec<_>>());
    assert!(!String::from_utf8(file).unwrap().contains("JBSWY3DPEHPK3PXP"));
}

#[tokio::test]
async fn everybody_in_core_9_is_read() {
    on_source("everybody_in_core_9_is_read", &[CORE_9, PEOPLE], async |location| {
        let source = SuperTokens::open(&location).await.unwrap();
        assert_eq!(source.generation(), SourceGeneration::Core9);
        assert_people(&source).await;
        let three = by_number(everybody(&source, 100).await).remove(&3).unwrap();
        let taken = assert_taken(&three.user, &RULES, &["email three@example.com and sms +4915112345678 in acme and public, unverified"]);
        assert_eq!(taken.metadata.map(|metadata| metadata.len()), Some(0), "empty is not absent");
    })
    .await;
}

#[tokio::test]
async fn everybody_in_core_10_is_read_and_passkeys_are_refused() {
    let passkey = "INSERT INTO app_id_to_user_id VALUES ('public', person(10), 'webauthn', person(10), FALSE); \
        INSERT INTO webauthn_users VALUES ('public', person(10), 'ten@example.com', 'example.com', 1700000000010)";
    on_source("everybody_in_core_10_is_read", &[CORE_9, CORE_10, PEOPLE, passkey], async |location| {
        let source = SuperTokens::open(&location).await.unwrap();
        assert_eq!(source.generation(), SourceGeneration::Core10);
        assert_people(&source).await;
        let ten = by_number(everybody(&source, 100).await).remove(&10).unwrap();
        let passkey = (Place::LoginMethod(0, Recipe::WebAuthn), Why::Passkey);
        assert_refused(&ten.user, &PASSWORDS_TOO, &[passkey, (Place::User, Why::NothingLeft)]);
    })
    .await;
}

/// In which tenants number 3 is.
async fn tenants_of_three(location: &SourceLocation) -> Vec<String> {
    let source = SuperTokens::open(location).await.unwrap();
    assert_eq!(source.generation(), SourceGeneration::Core12);
    let three = by_number(everybody(&source, 100).await).remove(&3).unwrap();
    three.user.login_methods[0].tenant_ids.clone().unwrap()
}

#[tokio::test]
async fn in_core_12_the_tables_that_are_true_are_believed() {
    on_source("in_core_12", &[CORE_9, CORE_10, CORE_12, PEOPLE], async |location| {
        // Upgraded, nothing copied.
        assert_people(&SuperTokens::open(&location).await.unwrap()).await;
        assert_eq!(tenants_of_three(&location).await, ["acme", "public"]);
        // Copied; number 3 moved since; number 4 was not copied and is found where it was.
        run(&location.url, &[PEOPLE_12]).await;
        assert_people(&SuperTokens::open(&location).await.unwrap()).await;
        assert_eq!(tenants_of_three(&location).await, ["beta", "public"]);
        // The step is known: the new tables were left behind.
        let step = |app: &str, step: &str| {
            format!("UPDATE tenant_configs SET core_config = '{{\"migration_mode\":\"{step}\"}}' WHERE app_id = '{app}' AND tenant_id = 'public'")
        };
        for (mode, expected) in [
            ("LEGACY", "acme"),
            ("dual_write_read_old", "acme"),
            ("DUAL_WRITE_READ_NEW", "beta"),
            ("MIGRATED", "beta"),
        ] {
            run(&location.url, &[&step("public", mode)]).await;
            assert_eq!(tenants_of_three(&location).await, [expected, "public"], "{mode}");
        }
        // The old tables are gone; only who was never copied is lost, and is told of.
        run(&location.url, &["DROP TABLE all_auth_recipe_users, passwordless_user_to_tenant, thirdparty_user_to_tenant"]).await;
        assert_eq!(tenants_of_three(&location).await, ["beta", "public"]);
        let four = by_number(everybody(&SuperTokens::open(&location).await.unwrap(), 100).await).remove(&4).unwrap();
        assert_eq!(whys(&four.user.check(&RULES).1)[0].1, Why::NoTenant);
    })
    .await;
}

#[tokio::test]
async fn roles_tenants_and_keys_are_those_of_the_app() {
    on_source("roles_tenants_and_keys", &[CORE_9, PEOPLE, KEYS], async |location| {
        let source = SuperTokens::open(&location).await.unwrap();
        assert_eq!(source.tenants().await.unwrap(), ["acme", "beta", "public"]);
        let role = |name: &str, permissions: &[&str]| SourceRole {
            name: name.to_owned(),
            permissions: permissions.iter().map(|one| (*one).to_owned()).collect(),
        };
        let expected = [role("admin", &["read", "write"]), role("reader", &["read"]), role("unused", &[])];
        assert_eq!(source.roles().await.unwrap(), expected);

        let (keys, unreadable) = source.signing_keys().await.unwrap();
        let names: Vec<(&str, KeyUse, i64)> = keys.iter().map(|key| (key.kid.as_str(), key.purpose, key.created_at.0)).collect();
        let staying = ("s-5c0d6f0e-2d2c-4b8e-9b62-4a1f4a3d6a11", KeyUse::Static, 1_690_000_000_000);
        let rotating = |made: i64, kid: &'static str| (kid, KeyUse::Session, made);
        assert_eq!(names, [rotating(1_700_000_000_000, "d-1700000000000"), rotating(1_700_600_000_000, "d-1700600000000"), staying]);
        for key in &keys {
            assert_eq!((key.public[0], key.private.expose()[0]), (0x30, 0x30), "both are DER");
            assert_eq!(key.public, keys[0].public);
        }
        assert_eq!(unreadable.iter().map(|(kid, _)| kid.as_str()).collect::<Vec<_>>(), ["d-1700900000000", "s-symmetric"]);

        let shop = SuperTokens::open(&SourceLocation { app: "shop".to_owned(), ..location }).await.unwrap();
        assert_eq!(shop.tenants().await.unwrap(), ["public"]);
        assert_eq!(shop.roles().await.unwrap(), [role("reader", &["read the shop"]), role("seller", &["sell"])]);
        assert_eq!(shop.signing_keys().await.unwrap().0.len(), 1);
        let people = by_number(everybody(&shop, 10).await);
        assert_eq!(people.keys().copied().collect::<Vec<_>>(), [1, 20]);
        assert_taken(&people[&1].user, &RULES, &["email shop-one@example.com in public, unverified"]);
    })
    .await;
}

#[tokio::test]
async fn tables_may_have_a_prefix_and_a_schema() {
    let rename = "CREATE SCHEMA auth; DO $$ DECLARE t text; BEGIN \
        FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP \
        EXECUTE format('ALTER TABLE %I RENAME TO %I', t, 'st_' || t); EXECUTE format('ALTER TABLE %I SET SCHEMA auth', 'st_' || t); \
        END LOOP; END $$";
    on_source("tables_may_have_a_prefix", &[CORE_9, PEOPLE, rename], async |location| {
        let there = SourceLocation { schema: "auth".to_owned(), prefix: "ST".to_owned(), ..location.clone() };
        assert_people(&SuperTokens::open(&there).await.unwrap()).await;
        for elsewhere in [location.clone(), SourceLocation { prefix: String::new(), ..there.clone() }] {
            let error = SuperTokens::open(&elsewhere).await.err().unwrap();
            assert!(matches!(error, SourceError::NotThere { .. }), "{error}");
        }
        let hostile = SourceLocation { prefix: "x; DROP TABLE y".to_owned(), ..there };
        assert_eq!(SuperTokens::open(&hostile).await.err(), Some(SourceError::BadName("x; DROP TABLE y".to_owned())));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_source_is_refused() {
    on_source("what_is_no_source", &[CORE_9, PEOPLE], async |location| {
        let elsewhere = SourceLocation { app: "nowhere".to_owned(), ..location.clone() };
        assert_eq!(SuperTokens::open(&elsewhere).await.err(), Some(SourceError::NoApp("nowhere".to_owned())));
        run(&location.url, &["ALTER TABLE totp_user_devices DROP COLUMN created_at"]).await;
        assert_eq!(SuperTokens::open(&location).await.err(), Some(SourceError::TooOld));
        run(&location.url, &["DROP TABLE user_metadata"]).await;
        let error = SuperTokens::open(&location).await.err().unwrap().to_string();
        assert!(error.contains("user_metadata"), "{error}");
        let nobody = SourceLocation::new("postgres://nobody@127.0.0.1:1/nothing");
        assert!(matches!(SuperTokens::open(&nobody).await.err(), Some(SourceError::Unavailable(_))));
    })
    .await;
}

#[tokio::test]
async fn who_may_only_look_can_read_everything() {
    on_source("who_may_only_look", &[CORE_9, CORE_10, CORE_12, PEOPLE, KEYS], async |location| {
        let name = format!("pk_reader_{}", std::process::id());
        let rights = format!("CREATE ROLE {name} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}");
        run(&location.url, &[&rights]).await;
        let theirs = SourceLocation { url: location.url.replacen("postgres@", &format!("{name}@"), 1), ..location.clone() };
        let read = AssertUnwindSafe(async {
            assert_ne!(theirs.url, location.url);
            let source = SuperTokens::open(&theirs).await.unwrap();
            assert_people(&source).await;
            assert_eq!((source.roles().await.unwrap().len(), source.signing_keys().await.unwrap().0.len()), (3, 3));
        });
        let read = read.catch_unwind().await;
        run(&location.url, &[&format!("DROP OWNED BY {name}; DROP ROLE {name}")]).await;
        read.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_hundred_thousand_people_are_read_in_time_and_after_a_break() {
    on_source("a_hundred_thousand_people", &[CORE_9, CORE_10, CORE_12, MANY], async |location| {
        let mut source = SuperTokens::open(&location).await.unwrap();
        assert_eq!(source.count_users().await.unwrap(), 100_000);
        let began = Instant::now();
        let (mut last, mut count, mut methods, mut roles, mut externals): (Option<String>, _, _, _, _) = (None, 0, 0, 0, 0);
        loop {
            let page = source.users_after(last.as_deref(), 1000).await.unwrap();
            let Some(end) = page.last() else { break };
            for one in &page {
                assert!(last.as_ref().is_none_or(|last| *last < one.id), "{} after {last:?}", one.id);
                let (taken, problems) = one.user.check(&RULES);
                let taken = taken.unwrap_or_else(|| panic!("{}: {problems:?}", one.id));
                assert!(problems.is_empty() && one.left_out.is_empty() && taken.metadata.is_some(), "{}: {problems:?}", one.id);
                assert!(taken.methods.iter().any(|method| method.is_verified), "{}", one.id);
                methods += taken.methods.len();
                roles += taken.roles.len();
                externals += usize::from(taken.external_id.is_some());
            }
            count += page.len();
            last = Some(end.id.clone());
            if count == 40_000 {
                // As after a crash: all that is known is the last id.
                source = SuperTokens::open(&location).await.unwrap();
            }
        }
        let rate = count as f64 / began.elapsed().as_secs_f64();
        assert_eq!((count, methods, roles, externals), (100_000, 110_000, 33_333, 1000));
        println!("{count} people, {rate:.0} each second");
        assert!(rate > 2000.0, "only {rate:.0} people each second");
    })
    .await;
}
