//! Upgrades: a database that an older Postkey made and filled is brought up to date, and everything in it still works.

use crate::kit::*;
use postkey_model::{Account, Asked, Change, CodeStrength, Connection, EndedHow, Identity, Millis, Purpose, SignInId, User, UserId};
use postkey_store::{Found, Location, Store};

const FIRST: &str = include_str!("../../../../migrations/0001_first.sql");

/// Two sign-ins (one open, one done), somebody with an identity and a session, a message, a key: as 0001 has them.
const ROWS: &str = "
    INSERT INTO users (id, tenant, created_at) VALUES ('u1', 'public', 1000);
    INSERT INTO identities (tenant, connection, subject, id, user_id, created_at)
        VALUES ('public', 'email', 'jane@example.com', 'i1', 'u1', 1001);
    INSERT INTO sign_ins (id, tenant, connection, subject, account, flow, device_hash, code_hash, link_hash, code_is_long, code_expires_at,
        sends, last_sent_at, attempts, max_attempts, destination, started_at, ended_at, ended_how) VALUES
        ('open', 'public', 'email', 'jane@example.com', 'user:u1', 'USER_INPUT_CODE', {hash}, {hash}, NULL, 0, 1800000600000,
        2, 1002, 3, 5, '/after', 1003, NULL, NULL),
        ('done', 'acme', 'email', 'joe@example.com', 'email:joe@example.com', 'MAGIC_LINK', {hash}, NULL, {hash}, 1, 1800000600000,
        1, 1002, 0, 5, NULL, 1003, 1004, 'completed');
    INSERT INTO older_codes (sign_in, sent_as, code_hash, link_hash, code_is_long, code_expires_at)
        VALUES ('open', 1, {hash}, NULL, 0, 1800000300000);
    INSERT INTO budgets (tenant, account, failures, resets_at) VALUES ('public', 'user:u1', 3, 1800000900000);
    INSERT INTO sessions (handle, tenant, user_id, identity_id, policy, nonce, generation, retired, created_at, last_seen_at, expires_at,
        revoked_at, client_ip, user_agent)
        VALUES ('h1', 'public', 'u1', 'i1', 'grace', {hash}, 4, '[]', 1005, 1006, 1900000000000, NULL, '192.0.2.7', 'x');
    INSERT INTO outbox (id, tenant, sign_in, channel, recipient, sealed, queued_at, next_try_at, tries, expires_at)
        VALUES ('m1', 'public', 'open', 'email', 'jane@example.com', {hash}, 1007, 1008, 1, 1800000600000);
    INSERT INTO events (id, at, tenant, kind, subject) VALUES ('e1', 1009, 'public', 'signing_key_created', 'k');
";

/// The first schema in an engine's own words, noted as taken.
fn first_schema(blob: &str, clustered: &str) -> String {
    let schema = FIRST.replace("CLUSTERED", clustered).replace(" BLOB", blob);
    let checksum = postkey_model::fingerprint(FIRST);
    format!(
        "CREATE TABLE migrations (number BIGINT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL); {schema};
         INSERT INTO migrations (number, checksum, applied_at) VALUES (1, '{checksum}', 77);"
    )
}

/// Makes a database of the first schema at `location`, with rows in it.
async fn make_old(location: &Location) {
    let bytes = "07".repeat(32);
    let (schema, hash) = match location {
        Location::Sqlite(_) => (first_schema(" BLOB", "WITHOUT ROWID"), format!("x'{bytes}'")),
        Location::Postgres(_) => (first_schema(" BYTEA", ""), format!("'\\x{bytes}'::bytea")),
    };
    raw_execute(location, &schema).await;
    raw_execute(location, &ROWS.replace("{hash}", &hash)).await;
}

async fn an_old_database_is_brought_up_to_date(location: Location) {
    make_old(&location).await;
    assert_eq!(Store::reach(&location).await.unwrap(), Found::Older);
    let store = Store::open(&location, NOW).await.unwrap();
    assert_eq!(Store::reach(&location).await.unwrap(), Found::Current);
    assert_eq!(raw_number(&location, "SELECT applied_at FROM migrations WHERE number = 1").await, 77, "the first is not taken again");
    assert_eq!(raw_number(&location, "SELECT applied_at FROM migrations WHERE number = 2").await, NOW.0);

    // What stands there is whole, and the new fields say "nothing of that happened".
    let id = |text: &str| SignInId::stored(text.to_owned());
    let open = store.sign_in(&public(), &id("open")).await.unwrap().unwrap();
    let done = store.sign_in(&tenant("acme"), &id("done")).await.unwrap().unwrap();
    for one in [&open.sign_in, &done.sign_in] {
        assert_eq!((&one.purpose, &one.asked), (&Purpose::SignIn, &Asked::default()));
        assert_eq!((one.opened_at, one.approved_at, one.number_tries), (None, None, 0));
    }
    assert_eq!((open.sign_in.sends, open.sign_in.attempts, open.sign_in.destination.as_deref()), (2, 3, Some("/after")));
    assert_eq!((open.older.len(), open.budget.unwrap().failures), (1, 3));
    assert_eq!(done.sign_in.ended.map(|ended| ended.1), Some(EndedHow::Completed));
    assert_eq!(done.sign_in.code.strength, CodeStrength::Long);
    let jane = UserId::stored("u1".to_owned());
    let facts = store.user(&public(), &jane).await.unwrap().unwrap();
    assert_eq!(
        facts.user,
        User { id: jane.clone(), tenant: public(), created_at: postkey_model::Timestamp(1000), version: 0, primary_at: None }
    );
    assert_eq!(facts.identities.iter().map(|i| (i.subject.as_str(), i.version)).collect::<Vec<_>>(), [("jane@example.com", 0)]);
    assert_eq!(store.waiting_messages(&id("open")).await.unwrap().len(), 1);
    assert!(store.deliveries(&id("open")).await.unwrap().is_empty() && store.invites(&public()).await.unwrap().is_empty());
    assert_eq!(store.session(&postkey_model::SessionHandle::stored("h1".to_owned())).await.unwrap().unwrap().generation, 4);

    // And every new change works on the old rows.
    let approved = Change::SignInApproved { sign_in: id("open"), at: NOW };
    assert_eq!(commit(&store, Change::LinkOpened { sign_in: id("open"), at: NOW }).await, applied());
    assert_eq!(commit(&store, approved.clone()).await, applied());
    assert_eq!(commit(&store, approved).await, LOST);
    let account = Account::user(&jane);
    let use_it = |id: SignInId| Change::CodeSpent {
        sign_in: id,
        tenant: public(),
        subject: "jane@example.com".to_owned(),
        within_budget: Some((account.clone(), 4)),
        at: NOW,
    };
    assert_eq!(commit(&store, use_it(id("open"))).await, applied());
    let seen: Identity = facts.identities[0].clone();
    let touched = Change::UserTouched { user: jane.clone(), seen_version: 0 };
    assert_eq!(seen.created_at, postkey_model::Timestamp(1001));
    store.commit(vec![Change::IdentityChanged { seen, subject: "new@example.com".to_owned(), since: NOW }, touched]).await.unwrap();
    assert_eq!(store.start_facts(&public(), Connection::Email, "new@example.com").await.unwrap().user, Some(jane.clone()));
    assert_eq!(store.user(&public(), &jane).await.unwrap().unwrap().identities[0].created_at, NOW);
    assert_eq!(claim(&store, NOW + Millis(1), 10).await.len(), 1);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_database_is_brought_up_to_date_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    an_old_database_is_brought_up_to_date(Location::Sqlite(folder.path().join("postkey.db"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_database_is_brought_up_to_date_postgres() {
    let Some(database) = Database::create(module_path!()).await else { return };
    an_old_database_is_brought_up_to_date(database.location.clone()).await;
    database.drop().await;
}

/// Two nodes of the new release start at the same moment on what the old one left.
async fn two_nodes_upgrade_at_once(location: Location) {
    make_old(&location).await;
    let nodes: Vec<_> = (0..2)
        .map(|_| {
            let location = location.clone();
            tokio::spawn(async move { Store::open(&location, NOW).await.map_err(|e| e.to_string()) })
        })
        .collect();
    for node in nodes {
        node.await.unwrap().unwrap_or_else(|e| panic!("{e}")).close().await;
    }
    assert_eq!(raw_number(&location, "SELECT count(*) FROM migrations").await, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_upgrade_at_once_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    two_nodes_upgrade_at_once(Location::Sqlite(folder.path().join("postkey.db"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_upgrade_at_once_postgres() {
    let Some(database) = Database::create(module_path!()).await else { return };
    two_nodes_upgrade_at_once(database.location.clone()).await;
    database.drop().await;
}
