//! Opening: a fresh database, one that is there, several nodes at once, and one that a newer Postkey wrote.

use crate::kit::*;
use postkey_model::{Change, Millis};
use postkey_store::{Found, Location, OpenError, Store};
use std::sync::{Arc, Barrier};

/// Two nodes open the same fresh database at the same moment; both work.
async fn two_open_at_once(location: &Location) {
    let barrier = Arc::new(Barrier::new(2));
    let nodes: Vec<_> = (0..2)
        .map(|_| {
            let (location, barrier) = (location.clone(), barrier.clone());
            // Opening SQLite does not await: only threads of their own open at the same moment.
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
                runtime.block_on(async {
                    barrier.wait();
                    let store = Store::open(&location, NOW).await.map_err(|e| e.to_string())?;
                    let answer = commit(&store, Change::UserCreated(user())).await;
                    store.close().await;
                    answer.map_err(|e| e.to_string())
                })
            })
        })
        .collect();
    let answers = tokio::task::spawn_blocking(|| nodes.into_iter().map(|node| node.join().unwrap()).collect::<Vec<_>>()).await.unwrap();
    for answer in answers {
        answer.unwrap();
    }
    assert_eq!(raw_number(location, "SELECT count(*) FROM users").await, 2);
    assert_eq!(raw_number(location, "SELECT count(*) FROM migrations").await, 7);
}

#[tokio::test]
async fn two_nodes_open_a_fresh_database_at_once_sqlite() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        two_open_at_once(&Location::Sqlite(folder.path().join("new").join("postkey.db"))).await;
    }
}

#[tokio::test]
async fn two_nodes_open_a_fresh_database_at_once_postgres() {
    for _ in 0..10 {
        let Some(database) = Database::create(module_path!()).await else { return };
        two_open_at_once(&database.location).await;
        database.drop().await;
    }
}

on_both_engines! {
    async fn what_was_written_is_there_after_closing_and_opening(bed: Bed) {
        let one = started(&bed.store, sign_in("jane@example.com")).await;
        let held = opened(&bed.store, session(&user().id)).await;
        let sent = queued(&bed.store, message()).await;
        bed.store.close().await;
        let again = Store::open(&bed.location, NOW + Millis(7)).await.unwrap();
        assert_eq!(plain(&again.sign_in(&public(), &one.id).await.unwrap().unwrap().sign_in), plain(&one));
        assert_eq!(again.session(&held.handle).await.unwrap(), Some(held));
        assert_eq!(claim(&again, NOW, 10).await[0].id, sent.id);
        assert_eq!(commit(&again, spent(&one)).await, applied());
        assert_eq!(bed.number("SELECT max(applied_at) FROM migrations").await, NOW.0, "migrations are taken once");
        again.close().await;
    }

    async fn a_store_that_was_dropped_without_closing_keeps_what_it_answered(bed: Bed) {
        let other = bed.another_node().await;
        let one = started(&other, sign_in("jane@example.com")).await;
        drop(other);
        let again = bed.another_node().await;
        assert!(again.sign_in(&public(), &one.id).await.unwrap().is_some());
        again.close().await;
    }

    async fn a_database_of_a_newer_postkey_is_refused(bed: Bed) {
        bed.execute("INSERT INTO migrations (number, checksum, applied_at) VALUES (8, 'x', 1), (1000, 'y', 2)").await;
        match Store::open(&bed.location, NOW).await {
            Err(OpenError::FromNewerVersion { found: 1000, known: 7 }) => {}
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it was opened"),
        }
        assert!(matches!(Store::reach(&bed.location).await, Err(OpenError::FromNewerVersion { .. })));
        bed.execute("DELETE FROM migrations WHERE number > 7").await;
        assert_eq!(Store::reach(&bed.location).await.unwrap(), Found::Current);
        bed.another_node().await.close().await;
    }

    async fn a_database_of_another_history_is_refused(bed: Bed) {
        bed.execute("UPDATE migrations SET checksum = 'edited' WHERE number = 1").await;
        assert!(matches!(Store::open(&bed.location, NOW).await, Err(OpenError::OtherHistory(1))));
    }
}

#[tokio::test]
async fn an_empty_place_is_found_empty_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = Location::Sqlite(folder.path().join("new").join("postkey.db"));
    assert_eq!(Store::reach(&file).await.unwrap(), Found::Nothing);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let Some(database) = Database::create(module_path!()).await else { return };
    for _ in 0..2 {
        assert_eq!(Store::reach(&database.location).await.unwrap(), Found::Nothing);
    }
    database.drop().await;
}

#[test]
fn a_database_in_memory_is_refused() {
    for text in ["sqlite::memory:", "sqlite://:memory:", "sqlite:", "sqlite:file:x?mode=memory", "mysql://x"] {
        assert!(Location::parse(text).is_err(), "{text}");
    }
    assert_eq!(Location::parse("sqlite:data/postkey.db"), Ok(Location::Sqlite("data/postkey.db".into())));
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let at_a_folder = Location::Sqlite(folder.path().to_owned());
    let no_database = folder.path().join("text.db");
    std::fs::write(&no_database, "This is a text, and it is long enough to be looked at: ".repeat(40)).unwrap();
    // Nobody listens on port 1.
    let nobody = Location::Postgres("postgres://postgres@127.0.0.1:1/postgres".to_owned());
    let nonsense = Location::Postgres("postgres://postgres@127.0.0.1:port/postgres".to_owned());
    for location in [at_a_folder, Location::Sqlite(no_database), nobody, nonsense] {
        match Store::open(&location, NOW).await {
            Err(OpenError::Unavailable(e)) => assert!(!e.0.is_empty()),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("{location:?} was opened"),
        }
    }
}
