//! Moving in from SuperTokens and out again: databases with the real schema's tables, a run that is killed and goes on,
//! keys, files, reports.
//!
//! The databases to move in from are PostgreSQL's: without POSTKEY_TEST_POSTGRES those tests say that they are skipped.

use crate::kit::{BINARY, Folder, KEY, at_the_code, has_session, options, postkey, printed, server};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use postkey_bench::{Browser, Server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const CORE_9: &str = include_str!("../../../store/tests/contract/supertokens/core-9.sql");
const CORE_10: &str = include_str!("../../../store/tests/contract/supertokens/core-10.sql");
const CORE_12: &str = include_str!("../../../store/tests/contract/supertokens/core-12.sql");
const PEOPLE: &str = include_str!("../../../store/tests/contract/supertokens/people.sql");
const KEYS: &str = include_str!("../../../store/tests/contract/supertokens/keys.sql");
const MANY: &str = include_str!("../../../store/tests/contract/supertokens/many.sql");

/// A PostgreSQL database of this test's own.
pub struct Database {
    name: String,
    admin: String,
    pub url: String,
}

impl Database {
    /// None, with a loud line, where no server is named.
    pub async fn create(scripts: &[&str]) -> Option<Database> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        #[allow(clippy::disallowed_methods, reason = "where the test's server is, is told by the environment")]
        let Some(admin) = std::env::var("POSTKEY_TEST_POSTGRES").ok().filter(|url| !url.is_empty()) else {
            eprintln!("SKIPPED: set POSTKEY_TEST_POSTGRES");
            return None;
        };
        let name = format!("pk_import_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        execute(&admin, &format!("CREATE DATABASE {name}")).await;
        let url = format!("{}/{name}", admin.rsplit_once('/').unwrap().0);
        for script in scripts {
            execute(&url, script).await;
        }
        Some(Database { name, admin, url })
    }

    async fn number(&self, sql: &str) -> i64 {
        client(&self.url).await.query_one(sql, &[]).await.unwrap().get(0)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, sql) = (self.admin.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // Also after a test that failed; a runtime of its own, because the test's own waits for nobody here.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _ = std::thread::spawn(move || runtime.block_on(execute(&admin, &sql))).join();
    }
}

async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn execute(url: &str, sql: &str) {
    client(url).await.batch_execute(sql).await.unwrap();
}

/// A number from an embedded database, past the binary.
fn number(data: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open_with_flags(data.join("postkey.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    connection.and_then(|connection| connection.query_row(sql, [], |row| row.get(0))).unwrap_or(-1)
}

fn person(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// `postkey import supertokens` into an embedded database in `data`.
fn import(data: &Path, more: &[&str]) -> Output {
    let data = data.to_str().unwrap();
    postkey(&[&["import", "supertokens", "--data-dir", data], more].concat(), &[("POSTKEY_SECRET_KEY", KEY)])
}

/// Its first numbers: taken, here already, refused.
fn counts(output: &Output) -> [u64; 3] {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line =
        said.lines().find(|line| line.starts_with("users ")).unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)));
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    [numbers[0], numbers[1], numbers[2]]
}

fn report(data: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(data.join("postkey-import-report.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Everybody, as `postkey export` writes them, by id.
fn exported(data: &Path) -> BTreeMap<String, Value> {
    let said = printed(&postkey(&["export", "--data-dir", data.to_str().unwrap()], &[("POSTKEY_SECRET_KEY", KEY)]));
    let all: Value = serde_json::from_str(&said).unwrap();
    let users = all["users"].as_array().unwrap().iter();
    let by_id: BTreeMap<String, Value> = users.map(|user| (user["externalUserId"].as_str().unwrap().to_owned(), user.clone())).collect();
    assert_eq!(by_id.len(), all["users"].as_array().unwrap().len(), "everybody stands there once");
    by_id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_move_in_once_although_the_run_is_killed() {
    let Some(source) = Database::create(&[CORE_9, CORE_10, CORE_12, MANY]).await else { return };
    let folder = Folder::new("many");
    let (data, url) = (folder.0.clone(), source.url.clone());
    let began = Instant::now();
    for least in [3_000, 31_000, 62_000] {
        let mut child = Command::new(BINARY)
            .args(["import", "supertokens", "--from-database", &url, "--data-dir", data.to_str().unwrap()])
            .env("POSTKEY_SECRET_KEY", KEY)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Instant::now();
        while number(&data, "SELECT count(*) FROM users") < least {
            assert!(patience.elapsed() < Duration::from_secs(180), "it does not come to {least}");
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::sleep(Duration::from_millis(10));
        }
        // Nothing in between: as when the machine dies.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let before = number(&data, "SELECT count(*) FROM users");
    assert!(before < 100_000, "all were there before the last run");
    let last = import(&data, &["--from-database", &url]);
    assert_eq!(last.status.code(), Some(0), "{}", String::from_utf8_lossy(&last.stderr));
    assert!(String::from_utf8_lossy(&last.stderr).contains("going on after"), "it began anew");
    println!("{}in all {:?}", String::from_utf8_lossy(&last.stdout), began.elapsed());
    let [taken, here, refused] = counts(&last);
    // Those of a page that was cut off are here already; a page is 1,000.
    assert!(taken + here == 100_000 && here <= 3_000 && refused == 0, "{taken} {here} {refused}");
    for (sql, expected) in [
        ("SELECT count(*) FROM users", 100_000),
        ("SELECT count(*) FROM identities", 110_000),
        ("SELECT count(DISTINCT id) FROM identities", 110_000),
        ("SELECT count(*) FROM members WHERE tenant = 'public'", 100_000),
        ("SELECT count(*) FROM metadata", 100_000),
        ("SELECT count(*) FROM given_roles WHERE tenant = 'acme' AND role = 'reader'", 33_333),
        ("SELECT count(*) FROM users WHERE id LIKE 'mine-%'", 1_000),
        ("SELECT count(*) FROM users WHERE primary_at IS NOT NULL", 10_000),
        ("SELECT count(*) FROM identities WHERE created_at BETWEEN 1700000000001 AND 1700000100000", 110_000),
        ("SELECT count(*) FROM identities WHERE verified_at = created_at", 100_000),
    ] {
        assert_eq!(number(&data, sql), expected, "{sql}");
    }
    assert_eq!(report(&data), Vec::<Value>::new());
    // Once more, for those who came since: everybody else is known again.
    let more = "INSERT INTO app_id_to_user_id (user_id, recipe_id, primary_or_recipe_user_id, is_linked_or_is_a_primary_user) \
        VALUES (person(5000000), 'passwordless', person(5000000), FALSE); \
        INSERT INTO passwordless_users (user_id, email, time_joined) VALUES (person(5000000), 'late@example.com', 1700000000000); \
        INSERT INTO all_auth_recipe_users SELECT 'public', 'public', person(5000000), person(5000000), FALSE, 'passwordless', 0, 0";
    execute(&url, more).await;
    let again = import(&data, &["--from-database", &url]);
    println!("{}", String::from_utf8_lossy(&again.stdout));
    assert_eq!((again.status.code(), counts(&again)), (Some(0), [1, 100_000, 0]));
    assert_eq!(number(&data, "SELECT count(*) FROM users"), 100_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_into_postgres_goes_on_where_it_was_killed() {
    // The same tables with fewer people.
    let fewer = MANY.replace(", 100000", ", 12000");
    let Some(source) = Database::create(&[CORE_9, &fewer]).await else { return };
    let Some(target) = Database::create(&[]).await else { return };
    let folder = Folder::new("killed");
    let into = ["--from-database", &source.url, "--database-url", &target.url];
    let mut child = Command::new(BINARY)
        .args(["import", "supertokens", "--data-dir", folder.0.to_str().unwrap()])
        .args(into)
        .env("POSTKEY_SECRET_KEY", KEY)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now();
    let is_there = "SELECT count(*) FROM pg_tables WHERE tablename = 'imports'";
    while target.number(is_there).await == 0 || target.number("SELECT count(*) FROM users").await < 3_500 {
        assert!(patience.elapsed() < Duration::from_secs(120), "it does not get there");
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let last = import(&folder.0, &into);
    assert!(String::from_utf8_lossy(&last.stderr).contains("going on after"), "it began anew");
    let [taken, here, refused] = counts(&last);
    assert!(taken + here == 12_000 && here <= 1_000 && refused == 0, "{taken} {here} {refused}");
    for (sql, expected) in [
        ("SELECT count(*) FROM users", 12_000),
        ("SELECT count(DISTINCT id) FROM identities", 13_200),
        ("SELECT count(*) FROM members", 12_000),
        ("SELECT count(*) FROM metadata", 12_000),
        ("SELECT count(*) FROM given_roles", 4_000),
    ] {
        assert_eq!(target.number(sql).await, expected, "{sql}");
    }
}

/// The payload of a token.
fn payload(token: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap()).unwrap()
}

/// A token as SuperTokens' core makes one, signed with the fixture's pair.
fn token_of_theirs(kid: &str) -> String {
    let row = KEYS.lines().find(|line| line.contains("'public', 1700600000000")).unwrap();
    let text = row.split('\'').nth(3).unwrap();
    let private = BASE64.decode(text.split_once(['|', ';']).unwrap().1.as_bytes()).unwrap();
    let pair = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&private).unwrap();
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!(
        "{}.{}",
        encode(&json!({"kid": kid, "typ": "JWT", "version": "5", "alg": "RS256"})),
        encode(&json!({"sub": person(1), "sessionHandle": "of-theirs", "tId": "public", "rsub": person(1)}))
    );
    let mut signature = vec![0; pair.public_modulus_len()];
    #[allow(clippy::disallowed_methods, reason = "a test draws from the system itself")]
    let random = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// Whether a back end that knows the key set of `server` believes a token.
async fn verifies(server: &Server, token: &str) -> bool {
    let answer = server.client().send("GET", "/auth/jwt/jwks.json", &[], None).await.unwrap();
    let set: Value = serde_json::from_slice(&answer.body).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let header: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(signed.split_once('.').unwrap().0.as_bytes()).unwrap()).unwrap();
    let Some(key) = set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]) else { return false };
    assert_eq!((&key["kty"], &key["alg"]), (&json!("RSA"), &json!("RS256")));
    let decode = |name: &str| BASE64URL_NOPAD.decode(key[name].as_str().unwrap().as_bytes()).unwrap();
    let public = aws_lc_rs::signature::RsaPublicKeyComponents { n: decode("n"), e: decode("e") };
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    public.verify(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_who_they_were_and_their_tokens_live_on() {
    let Some(source) = Database::create(&[CORE_9, CORE_10, PEOPLE, KEYS]).await else { return };
    let mut server = server().await;
    let data = server.data_dir();
    let dir = data.to_str().unwrap();
    // Beside a running server, with its own secret key.
    let run = |more: &[&str]| postkey(&[&["import", "supertokens", "--from-database", &source.url, "--data-dir", dir], more].concat(), &[]);
    let dry = run(&["--dry-run"]);
    let planned = counts(&dry);
    assert_eq!((dry.status.code(), number(&data, "SELECT count(*) FROM users")), (Some(2), 0));
    let told = report(&data);
    assert!(!verifies(&server, &token_of_theirs("d-1700600000000")).await);
    let output = run(&[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!((counts(&output), report(&data)), (planned, told.clone()), "{said}");
    assert!(said.contains("tenants made  acme, beta") && said.contains("3 verify here from now on"), "{said}");

    // Everybody who stays out is told of, with the reason.
    let by_row: BTreeMap<&str, &Value> = told.iter().map(|line| (line["row"].as_str().unwrap(), line)).collect();
    let refused: Vec<&str> = by_row.iter().filter(|(_, line)| line["outcome"] == "refused").map(|(row, _)| *row).collect();
    let people = [8, 9, 14, 15, 16, 17, 19, 21].map(person);
    let mut expected: Vec<&str> = people.iter().map(String::as_str).collect();
    expected.extend(["signing key d-1700900000000", "signing key s-symmetric"]);
    let unexpected: Vec<&&str> = refused.iter().filter(|row| !expected.contains(*row)).collect();
    let missing: Vec<&&str> = expected.iter().filter(|row| !refused.contains(*row)).collect();
    assert!(missing.is_empty() && unexpected.is_empty(), "missing {missing:?}, unexpected {unexpected:?}: {told:?}");
    let why = |row: &str| by_row[row]["why"].to_string();
    assert!(why(&person(8)).contains("passwords are not moved"), "{}", why(&person(8)));
    assert!(why(&person(11)).contains("role `gone`"), "{}", why(&person(11)));

    // A code to an address of theirs opens the account of theirs, in its own tenant's name and id.
    let (mut browser, code) = at_the_code(&server, "one@example.com").await;
    let answer = browser.code(&code).await.unwrap();
    assert!(has_session(&answer), "{} {}", answer.status, answer.text());
    assert_eq!(payload(answer.cookie("sAccessToken").unwrap())["sub"], json!(person(1)));
    // Also where applications chose an id of their own.
    let (mut other, code) = at_the_code(&server, "eleven@example.com").await;
    let answer = other.code(&code).await.unwrap();
    assert_eq!(payload(answer.cookie("sAccessToken").unwrap())["sub"], json!("auth0|eleven"));
    assert!(other.signed_in().await.unwrap().is_some());
    assert_eq!(other.refresh().await.unwrap().status, 200);

    // Their tokens are believed as before, ours are signed by our own key, and nobody else's are.
    server.stop().await.unwrap();
    server.start_again().await.unwrap();
    assert!(verifies(&server, &token_of_theirs("d-1700600000000")).await);
    assert!(verifies(&server, &token_of_theirs("s-5c0d6f0e-2d2c-4b8e-9b62-4a1f4a3d6a11")).await);
    let forged = token_of_theirs("d-1700600000000");
    let (signed, signature) = forged.rsplit_once('.').unwrap();
    let header = signed.split_once('.').unwrap().0;
    let claims = BASE64URL_NOPAD.encode(json!({"sub": "somebody else"}).to_string().as_bytes());
    assert!(!verifies(&server, &format!("{header}.{claims}.{signature}")).await);
    let mut fresh = Browser::new(server.public());
    fresh.jar = browser.jar.clone();
    let token = fresh.refresh().await.unwrap().cookie("sAccessToken").unwrap().to_owned();
    let header: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap()).unwrap();
    assert_eq!(header["alg"], "ES256", "keys of theirs never sign here");

    // Whoever was signed up here before stays, and whoever has the address there is told of.
    let again = run(&["--restart"]);
    assert_eq!(counts(&again), [0, planned[0], planned[2]], "{}", String::from_utf8_lossy(&again.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_people_move_into_postgres() {
    let Some(source) = Database::create(&[CORE_9, CORE_10, PEOPLE, KEYS]).await else { return };
    let Some(target) = Database::create(&[]).await else { return };
    let (embedded, folder) = (Folder::new("embedded"), Folder::new("target"));
    let here = import(&embedded.0, &["--from-database", &source.url]);
    let there = import(&folder.0, &["--from-database", &source.url, "--database-url", &target.url]);
    assert_eq!((there.status.code(), counts(&there)), (Some(2), counts(&here)), "{}", String::from_utf8_lossy(&there.stderr));
    assert_eq!(report(&folder.0), report(&embedded.0));
    for table in ["users", "identities", "members", "metadata", "roles", "permissions", "given_roles", "tenants"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(target.number(&sql).await, number(&embedded.0, &sql), "{table}");
    }
    let again = import(&folder.0, &["--from-database", &source.url, "--database-url", &target.url]);
    assert_eq!(counts(&again)[..2], [0, counts(&here)[0]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_out_moves_in_again_the_same() {
    let Some(source) = Database::create(&[CORE_9, PEOPLE]).await else { return };
    let (first, second, files) = (Folder::new("out"), Folder::new("in"), Folder::new("files"));
    let output = import(&first.0, &["--from-database", &source.url, "--emailpassword-as-passwordless"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let everybody = exported(&first.0);
    assert_eq!(everybody.len() as u64, counts(&output)[0]);
    assert!(everybody.contains_key("auth0|eleven") && everybody.contains_key(&person(9)), "{:?}", everybody.keys());
    let five = &everybody[&person(5)];
    assert_eq!(five["loginMethods"].as_array().unwrap().len(), 2, "{five}");
    assert_eq!(everybody[&person(1)]["userRoles"].as_array().unwrap().len(), 2, "{}", everybody[&person(1)]);

    let out = files.0.join("folder");
    let written =
        postkey(&["export", "--data-dir", first.0.to_str().unwrap(), "--out", out.to_str().unwrap()], &[("POSTKEY_SECRET_KEY", KEY)]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let file = out.join("users-0001.json");
    let output = import(&second.0, &["--from-file", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    assert_eq!(counts(&output), [everybody.len() as u64, 0, 0]);
    let back = exported(&second.0);
    for (id, user) in &everybody {
        assert_eq!(Some(user), back.get(id), "{id}");
    }
    assert_eq!(back.len(), everybody.len());
    for table in ["users", "identities", "members", "metadata", "given_roles"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(number(&first.0, &sql), number(&second.0, &sql), "{table}");
    }
    // No file is written over.
    let twice =
        postkey(&["export", "--data-dir", first.0.to_str().unwrap(), "--out", out.to_str().unwrap()], &[("POSTKEY_SECRET_KEY", KEY)]);
    assert_eq!(twice.status.code(), Some(1));
}

#[tokio::test]
async fn a_file_is_taken_row_by_row_and_each_refusal_has_its_reason() {
    let server = Server::start(options()).await.unwrap();
    let data = server.data_dir();
    let dir = data.to_str().unwrap();
    // Somebody is here already.
    crate::kit::signed_in(&server, "here@example.com").await;
    let folder = Folder::new("rows");
    let method = |email: &str| json!({"recipeId": "passwordless", "email": email, "isVerified": true, "timeJoinedInMSSinceEpoch": 5});
    let users = json!({"users": [
        {"id": "u-1", "loginMethods": [method("one@example.com")], "userRoles": [{"role": "admin", "tenantIds": ["acme"]}]},
        {"loginMethods": [method("no-id@example.com")]},
        {"id": "u-3", "loginMethods": [method("here@example.com")]},
        {"id": "u-4", "loginMethods": [method("one@example.com")]},
        {"id": "u-5", "loginMethods": [{"recipeId": "emailpassword", "email": "five@example.com", "passwordHash": "x", "hashingAlgorithm": "bcrypt"}]},
        {"id": "u-6", "loginMethods": [method("six@example.com")], "totpDevices": [{"secretKey": "S3CRET"}]},
        {"id": "u-1", "loginMethods": [method("seven@example.com")]},
        {"id": "u-8", "nickname": "eight", "loginMethods": [method("eight@example.com")]},
    ]});
    let file = folder.file("users.json", &users.to_string());
    let dry = postkey(&["import", "supertokens", "--from-file", &file, "--data-dir", dir, "--dry-run"], &[]);
    assert_eq!(dry.status.code(), Some(2), "{}", String::from_utf8_lossy(&dry.stderr));
    assert_eq!(number(&data, "SELECT count(*) FROM users"), 1, "a dry run writes nothing");
    assert_eq!(number(&data, "SELECT count(*) FROM imports") + number(&data, "SELECT count(*) FROM roles"), 0);
    let output = postkey(&["import", "supertokens", "--from-file", &file, "--data-dir", dir], &[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!((output.status.code(), counts(&output)), (Some(2), [3, 0, 5]), "{said}{:?}", report(&data));
    assert!(said.contains("roles made    admin") && said.contains("tenants made  acme"), "{said}");
    let lines = report(&data);
    for (row, outcome, why) in [
        ("user 3 of the file", "refused", "here@example.com in tenant public is the user"),
        ("user 4 of the file", "refused", "one@example.com in tenant public is the user u-1 already"),
        ("user 5 of the file", "refused", "passwords are not moved"),
        ("user 6 of the file", "changed", "authenticator apps are not moved"),
        ("user 7 of the file", "refused", "the user is here already, without email seven@example.com in tenant public"),
        ("user 8 of the file", "refused", "nickname"),
    ] {
        let line = lines.iter().find(|line| line["row"] == row).unwrap_or_else(|| panic!("{row} is not in {lines:?}"));
        assert!(line["outcome"] == outcome && line["why"].to_string().contains(why), "{line}");
    }
    assert!(!std::fs::read_to_string(data.join("postkey-import-report.jsonl")).unwrap().contains("S3CRET"));
    let again = postkey(&["import", "supertokens", "--from-file", &file, "--data-dir", dir], &[]);
    assert_eq!(counts(&again), [0, 3, 5], "known again, also the one without an id");
    assert_eq!(number(&data, "SELECT count(*) FROM users"), 4);

    let broken = folder.file("broken.json", "{\"users\":[{}");
    for (args, words) in [
        (vec!["--from-file", broken.as_str()], "after user 1"),
        (vec!["--from-file", "/nowhere.json"], "No such file"),
        (vec!["--from-database", "mysql://x"], "postgres://"),
        (vec!["--from-database", "postgres://nobody@127.0.0.1:1/x"], "the SuperTokens database"),
        (vec!["--from-file", file.as_str(), "--into-app", "No App"], "cannot be the name of an app"),
    ] {
        let output = postkey(&[vec!["import", "supertokens", "--data-dir", dir], args].concat(), &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains(words), "{words:?} is not in: {said}");
    }
}
