//! Copies to the other engine and back: everything is there, and what must not be copied into is refused.

use crate::kit::*;
use postkey_model::Change;
use postkey_store::{CopyError, Found, Location, OpenError, SourceUse, Store, TableCopied, copy};

async fn copied(from: &Location, to: &Location) -> Result<Vec<TableCopied>, CopyError> {
    copy(from, to, SourceUse::Alone, NOW, |_| ()).await
}

/// Rows with all kinds of values: more of some than one batch takes.
async fn filled(location: &Location) {
    let store = Store::open(location, NOW).await.unwrap();
    started(&store, sign_in("jane@example.com")).await;
    opened(&store, session(&user().id)).await;
    queued(&store, message()).await;
    store.close().await;
    let rows: Vec<String> = (0..2500).map(|n| format!("('público', 'Ä{n}\u{1F511}', {n}, -{n})")).collect();
    raw_execute(location, &format!("INSERT INTO budgets VALUES {}", rows.join(", "))).await;
}

#[tokio::test]
async fn there_and_back_again_everything_is_the_same() {
    let Some(database) = Database::create(module_path!()).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| Location::Sqlite(folder.path().join(name));
    let (first, last) = (file("first.db"), file("last.db"));
    filled(&first).await;
    let there = copied(&first, &database.location).await.unwrap();
    let budgets = there.iter().find(|table| table.table == "budgets").unwrap();
    assert_eq!(budgets.checksum.rows, 2500);
    assert!(there.iter().all(|table| table.is_verified));
    let back = copied(&database.location, &last).await.unwrap();
    assert_eq!(there, back);
    for location in [&database.location, &last] {
        assert_eq!(Store::reach(location).await.unwrap(), Found::Current);
        assert_eq!(raw_number(location, "SELECT count(*) FROM sign_ins").await, 1);
        let store = Store::open(location, NOW).await.unwrap();
        commit(&store, Change::UserCreated(user())).await.unwrap();
        store.close().await;
    }
    database.drop().await;
}

#[tokio::test]
async fn every_column_is_there_on_postgresql_too() {
    let Some(database) = Database::create(module_path!()).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = Location::Sqlite(folder.path().join("postkey.db"));
    filled(&file).await;
    copied(&file, &database.location).await.unwrap();
    let Location::Sqlite(path) = &file else { unreachable!() };
    let on_sqlite: i64 = rusqlite::Connection::open(path)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_master AS t, pragma_table_info(t.name) WHERE t.type = 'table'", [], |row| row.get(0))
        .unwrap();
    let on_postgres = "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema()";
    assert_eq!(on_sqlite, raw_number(&database.location, on_postgres).await);
    database.drop().await;
}

async fn refusals(source: &Location, target: &Location) {
    filled(source).await;
    let open = Store::open(source, NOW).await.unwrap();
    open.ping().await.unwrap();
    assert!(matches!(copied(source, target).await, Err(CopyError::InUse | CopyError::Source(_))), "somebody uses the source");
    open.close().await;
    drop(open);
    // The connections of readers end on their own.
    let mut tries = 0;
    while let Err(e) = copied(source, target).await {
        assert!(matches!(e, CopyError::InUse | CopyError::Source(_)) && tries < 200, "{e}");
        tries += 1;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(matches!(copied(source, target).await, Err(CopyError::NotEmpty)), "the target is full");
    assert!(matches!(copied(source, source).await, Err(CopyError::Same)));

    // One that broke off: the mark is there and a table is not. No server opens it, and the copy goes on.
    let mark = match source {
        Location::Sqlite(path) => format!("sqlite:{}", path.canonicalize().unwrap().display()),
        Location::Postgres(url) => url.clone(),
    };
    let mark = format!("INSERT INTO migrations VALUES ({}, '{}', 0)", i64::MAX, postkey_model::fingerprint(&mark));
    raw_execute(target, &mark).await;
    raw_execute(target, "DELETE FROM sessions").await;
    assert!(matches!(Store::open(target, NOW).await, Err(OpenError::HalfCopied)));
    copied(source, target).await.unwrap();
    assert_eq!(raw_number(target, "SELECT count(*) FROM sessions").await, 1);

    // What was changed in the source since then is seen.
    raw_execute(target, &mark).await;
    raw_execute(source, "DELETE FROM sessions").await;
    let said = copied(source, target).await.unwrap_err();
    assert!(matches!(&said, CopyError::Differs { table, source_rows: 0, target_rows: 1 } if table == "sessions"), "{said}");
    assert!(matches!(Store::open(target, NOW).await, Err(OpenError::HalfCopied)));
    raw_execute(target, "UPDATE migrations SET checksum = 'another'").await;
    assert!(copied(source, target).await.is_err(), "begun from elsewhere");
}

#[tokio::test]
async fn what_would_lose_something_is_refused_from_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| Location::Sqlite(folder.path().join(name));
    refusals(&file("source.db"), &file("target.db")).await;
}

#[tokio::test]
async fn what_would_lose_something_is_refused_from_postgresql() {
    let Some(database) = Database::create(module_path!()).await else { return };
    let folder = tempfile::tempdir().unwrap();
    refusals(&database.location, &Location::Sqlite(folder.path().join("target.db"))).await;
    database.drop().await;
}

#[tokio::test]
async fn what_would_lose_something_is_refused_to_postgresql() {
    let Some(database) = Database::create(module_path!()).await else { return };
    let folder = tempfile::tempdir().unwrap();
    refusals(&Location::Sqlite(folder.path().join("source.db")), &database.location).await;
    database.drop().await;
}

#[tokio::test]
async fn what_is_none_of_ours_is_no_source() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let (other, target) = (Location::Sqlite(path), Location::Sqlite(folder.path().join("target.db")));
    assert!(copied(&other, &target).await.unwrap_err().to_string().contains("is no Postkey database"));
    filled(&target).await;
    assert!(matches!(copied(&target, &other).await, Err(CopyError::NotEmpty)));
}
