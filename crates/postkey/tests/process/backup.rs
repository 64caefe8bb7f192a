//! Copies of the embedded database: made under a load of logins, put back, and refused where they must be.

use crate::kit::{
    BINARY, Folder, KEY, at_the_code, code_for, handle_in, has_session, options, postkey, printed, refused, server, signed_in,
};
use postkey_bench::{Browser, Jar, Options, Server};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Logs in, one person after the other, until it is told to stop.
async fn log_in(server: std::net::SocketAddr, who: usize, stop: Arc<AtomicBool>) -> usize {
    let mut done = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut browser = Browser::new(server);
        let email = format!("p{who}-{done}@example.com");
        assert_eq!(browser.start(&email).await.unwrap().status, 303);
        let code = code_for(&mut browser, &email).await;
        assert!(has_session(&browser.code(&code).await.unwrap()));
        done += 1;
    }
    done
}

/// Every one of these sessions is good, and can be renewed.
async fn all_good(server: &Server, jars: Vec<Jar>) {
    let mut browser = Browser::new(server.public());
    for jar in jars {
        let handle = handle_in(&jar);
        browser.jar = jar;
        assert_eq!(browser.signed_in().await.unwrap(), Some(handle.clone()));
        let answer = browser.refresh().await.unwrap();
        assert_eq!((answer.status, handle_in(&browser.jar)), (200, handle), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_under_load_has_every_session_from_before_it() {
    let options = Options { args: vec!["--public-url".to_owned(), "http://localhost:8000".to_owned()], ..options() };
    let old = Server::start(options.clone()).await.unwrap();
    let stop = Arc::new(AtomicBool::default());
    let load: Vec<_> = (0..4).map(|who| tokio::spawn(log_in(old.public(), who, stop.clone()))).collect();
    let mut jars = Vec::new();
    for n in 0..5 {
        jars.push(signed_in(&old, &format!("before{n}@example.com")).await.jar);
    }
    let folder = Folder::new("backup");
    let (file, data) = (folder.0.join("copy.db"), old.data_dir());
    let said = tokio::task::spawn_blocking({
        let (file, data) = (file.clone(), data.clone());
        move || printed(&postkey(&["backup", text(&file), "--data-dir", text(&data)], &[]))
    });
    let said = said.await.unwrap();
    assert!(said.contains("bytes at migration") && said.contains("checked"), "{said}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.store(true, Ordering::Relaxed);
    for worker in load {
        assert!(worker.await.unwrap() > 0, "nobody logged in meanwhile");
    }
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["copy.db"], "something is left over");
    // A second copy takes nobody's place, unless it is told to.
    let said = refused(&postkey(&["backup", text(&file), "--data-dir", text(&data)], &[]));
    assert!(said.contains("is there already") && said.contains("--force"), "{said}");
    printed(&postkey(&["backup", text(&file), "--force", "--data-dir", text(&data)], &[]));
    // While a server has the database, nothing takes its place.
    let said = refused(&postkey(&["restore", text(&file), "--data-dir", text(&data)], &[]));
    assert!(said.contains("is in use: stop the server first"), "{said}");
    all_good(&old, jars[..1].to_vec()).await;

    // Into another folder, with the key, on another server. That the first session was renewed since is not known there.
    let new = folder.0.join("new");
    std::fs::create_dir_all(new.join("data")).unwrap();
    std::fs::copy(data.join("secret.key"), new.join("data").join("secret.key")).unwrap();
    let said = printed(&postkey(&["restore", text(&file), "--data-dir", text(&new.join("data"))], &[]));
    assert!(said.contains("the secret key opens 2 of 2"), "{said}");
    let new = Server::start(Options { folder: Some(new), ..options }).await.unwrap();
    all_good(&new, jars).await;
}

#[tokio::test]
async fn a_restore_takes_back_what_came_later_and_keeps_it_aside() {
    let mut server = server().await;
    let folder = Folder::new("restore");
    let file = folder.0.join("copy.db");
    let data = server.data_dir();
    let before = signed_in(&server, "before@example.com").await.jar;
    printed(&postkey(&["backup", text(&file), "--data-dir", text(&data)], &[]));
    let (mut waiting, code) = at_the_code(&server, "after@example.com").await;
    assert!(has_session(&waiting.code(&code).await.unwrap()));
    assert!(server.stop().await.unwrap().success());

    let said = printed(&postkey(&["restore", text(&file), "--data-dir", text(&data)], &[]));
    let aside = said.split("kept as ").nth(1).unwrap().trim();
    let users = |path: &Path| -> i64 {
        rusqlite::Connection::open(path).unwrap().query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap()
    };
    assert_eq!((users(&data.join("postkey.db")), users(Path::new(aside))), (1, 2));
    server.start_again().await.unwrap();
    all_good(&server, vec![before]).await;
    let mut after = Browser::new(server.public());
    after.jar = waiting.jar;
    assert_eq!(after.signed_in().await.unwrap(), None, "a session from after the backup");
    server.stop().await.unwrap();

    // A database that is no database any more is the very reason to restore.
    std::fs::write(data.join("postkey.db"), "not a database, but once it was one. ".repeat(40)).unwrap();
    printed(&postkey(&["restore", text(&file), "--data-dir", text(&data)], &[]));
    assert_eq!(users(&data.join("postkey.db")), 1);
}

#[tokio::test]
async fn a_log_that_lost_its_database_does_not_write_into_a_restored_one() {
    let mut server = server().await;
    let folder = Folder::new("log");
    let file = folder.0.join("copy.db");
    let data = server.data_dir();
    let database = data.join("postkey.db");
    let jar = signed_in(&server, "before@example.com").await.jar;
    printed(&postkey(&["backup", text(&file), "--data-dir", text(&data)], &[]));
    signed_in(&server, "after@example.com").await;
    // Killed, it leaves what it wrote last in the log; somebody then takes the database alone away.
    server.kill().unwrap();
    let log = data.join("postkey.db-wal");
    assert!(std::fs::metadata(&log).unwrap().len() > 0);
    std::fs::remove_file(&database).unwrap();
    let said = printed(&postkey(&["restore", text(&file), "--data-dir", text(&data)], &[]));
    let aside = said.split("kept as ").nth(1).unwrap().trim().to_owned();
    assert!(!log.exists() && Path::new(&format!("{aside}-wal")).exists(), "{said}");
    let sound: String = rusqlite::Connection::open(&database).unwrap().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    server.start_again().await.unwrap();
    all_good(&server, vec![jar]).await;
}

#[tokio::test]
async fn without_room_for_it_no_copy_is_left_and_it_is_said_what_was_to_be_written() {
    let server = server().await;
    let folder = Folder::new("room");
    let file = folder.0.join("copy.db");
    let data = server.data_dir();
    let full = |args: &[&str]| {
        let limited = ["-c", "trap '' XFSZ; exec \"$@\"", "sh", "prlimit", "--fsize=40960", "--", BINARY];
        std::process::Command::new("sh").args(limited).args(args).args(["--data-dir", text(&data)]).output().unwrap()
    };
    let said = refused(&full(&["backup", text(&file)]));
    assert!(said.contains(&format!("could not be copied into {}", text(&file))) && said.contains("Is there room for it?"), "{said}");
    let said = refused(&full(&["keys", "drill", "--folder", text(&folder.0)]));
    assert!(said.contains("Is there room for it?"), "{said}");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0, "something is left over");
}

#[tokio::test]
async fn what_is_no_backup_of_ours_is_refused_and_nothing_changes() {
    let mut server = server().await;
    let folder = Folder::new("refused");
    let data = server.data_dir();
    signed_in(&server, "jane@example.com").await;
    let good = folder.0.join("good.db");
    printed(&postkey(&["backup", text(&good), "--data-dir", text(&data)], &[]));
    assert!(server.stop().await.unwrap().success());
    let before = std::fs::read(data.join("postkey.db")).unwrap();
    let restore =
        |source: &Path, variables: &[(&str, &str)]| refused(&postkey(&["restore", text(source), "--data-dir", text(&data)], variables));
    let made = |name: &str, sql: &str| {
        let path = folder.0.join(name);
        std::fs::copy(&good, &path).unwrap();
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    };
    let newer = made("newer.db", "INSERT INTO migrations VALUES (9000, 'x', 0)");
    let edited = made("edited.db", "UPDATE migrations SET checksum = 'x' WHERE number = 2");
    let foreign = folder.0.join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let text_file = folder.file("notes.txt", &"no database at all. ".repeat(100));
    let mut broken = std::fs::read(&good).unwrap();
    let middle = broken.len() / 2;
    broken[middle..middle + 8192].fill(0x5a);
    let damaged = folder.0.join("damaged.db");
    std::fs::write(&damaged, broken).unwrap();
    for (source, words) in [
        (newer.as_path(), "run the newer Postkey"),
        (&edited, "migration 2 in the database is not the one"),
        (&foreign, "is no Postkey database"),
        (Path::new(&text_file), "is no Postkey database"),
        (&folder.0.join("none.db"), "none.db"),
        (&data.join("postkey.db"), "is the database itself"),
    ] {
        let said = restore(source, &[]);
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
    let said = restore(&damaged, &[]);
    assert!(said.contains("damaged"), "{said}");
    let said = restore(&good, &[("POSTKEY_SECRET_KEY", KEY)]);
    assert!(said.contains("opens none of the 2 signing keys") && said.contains("the secret key that the server had"), "{said}");
    assert!(before == std::fs::read(data.join("postkey.db")).unwrap(), "something changed");
    let left = std::fs::read_dir(&data).unwrap().filter(|entry| text(&entry.as_ref().unwrap().path()).contains("part")).count();
    assert_eq!(left, 0, "something is left over");
}

#[test]
fn on_postgresql_its_own_tools_are_named() {
    let folder = Folder::new("tools");
    folder.file("secret.key", KEY);
    let database = ["--data-dir", text(&folder.0), "--database-url", "postgres://localhost/postkey"];
    let said = refused(&postkey(&[&["backup", "x.db"][..], &database].concat(), &[]));
    assert!(said.contains("pg_dump") && said.contains("pg_basebackup"), "{said}");
    let said = refused(&postkey(&[&["restore", "x.db"][..], &database].concat(), &[]));
    assert!(said.contains("pg_restore"), "{said}");
}
