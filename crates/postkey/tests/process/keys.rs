//! Changing keys: the drill on a copy, the next key of every set, and a new secret key while people are signed in.

use crate::import::Database;
use crate::kit::{Folder, KEY, NO_LIMITS, handle_in, options, postkey, printed, refused, signed_in};
use postkey_bench::{Browser, Jar, Options, Server};
use std::path::Path;

const NEW: &str = "1c0ffee1d0d0caca0b0e1f2a3948576673829fa4b5c6d7e8091a2b3c4d5e6f70";

/// Where people would reach it, for commands: with a config file of its own a server for real is meant.
const PUBLIC: [&str; 2] = ["--public-url", "https://login.example.com"];

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn with_keys(current: &str, previous: &[&str]) -> String {
    format!("log = \"warn\"\nsecret_key = \"{current}\"\nprevious_secret_keys = {previous:?}\n{NO_LIMITS}")
}

/// A session is good, and can be renewed.
async fn goes_on(server: &Server, jar: Jar) -> Jar {
    let mut browser = Browser::new(server.public());
    let handle = handle_in(&jar);
    browser.jar = jar;
    assert_eq!(browser.signed_in().await.unwrap(), Some(handle.clone()));
    let answer = browser.refresh().await.unwrap();
    assert_eq!((answer.status, handle_in(&browser.jar)), (200, handle), "{}", answer.text());
    browser.jar
}

/// The drill on the database of a running server, which goes on as if nothing had been.
async fn drilled(database_url: Option<String>) {
    let folder = Folder::new(if database_url.is_some() { "drill-pg" } else { "drill" });
    let config = with_keys(KEY, &[]);
    let server = Server::start(Options { config, database_url: database_url.clone(), ..options() }).await.unwrap();
    let mut jars = Vec::new();
    for n in 0..3 {
        jars.push(signed_in(&server, &format!("p{n}@example.com")).await.jar);
    }
    let file = server.folder().join("postkey.toml");
    let data = server.data_dir();
    let mut args = vec!["keys", "drill", "--config", text(&file), "--data-dir", text(&data), "--folder", text(&folder.0)];
    args.extend(PUBLIC);
    if let Some(url) = &database_url {
        args.extend(["--database-url", url]);
    }
    let said = printed(&postkey(&args, &[]));
    assert!(said.contains("sessions: 3 of those that are there, and 4 made for the drill"), "{said}");
    assert!(said.contains("3 proofs under way are good"), "{said}");
    assert!(said.ends_with("7 sessions before, 7 after; the drill held\n"), "{said}");
    assert!(!said.contains("example.com"), "{said}");
    let said = printed(&postkey(&[&args[..], &["--sessions", "2"]].concat(), &[]));
    assert!(said.ends_with("6 sessions before, 6 after; the drill held\n"), "{said}");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0, "a copy of the database is left over");
    // Nothing of it reached the database: no session was renewed there, none is new, no key is.
    for jar in jars {
        goes_on(&server, jar).await;
    }
    let mut list = args.clone();
    list[1] = "list";
    list.truncate(6);
    list.extend(PUBLIC);
    if let Some(url) = &database_url {
        list.extend(["--database-url", url]);
    }
    let keys = printed(&postkey(&list, &[]));
    assert_eq!(keys.lines().count(), 2, "{keys}");
}

#[tokio::test]
async fn a_drill_holds_beside_a_running_server() {
    drilled(None).await;
}

#[tokio::test]
async fn a_drill_holds_beside_a_running_server_on_postgresql() {
    let Some(database) = Database::create(&[]).await else { return };
    drilled(Some(database.url.clone())).await;
}

#[tokio::test]
async fn a_drill_says_what_it_cannot_work_with() {
    let folder = Folder::new("no-drill");
    folder.file("secret.key", KEY);
    let run = |more: &[&str]| refused(&postkey(&[&["keys", "drill", "--data-dir", text(&folder.0)], more].concat(), &[]));
    let said = run(&[]);
    assert!(said.contains("there is no Postkey database at"), "{said}");
    let said = run(&["--sessions", "many"]);
    assert!(said.contains("--sessions"), "{said}");
    let config = with_keys(KEY, &[]);
    let mut server = Server::start(Options { config, ..options() }).await.unwrap();
    server.stop().await.unwrap();
    // With another secret key there is nothing to drill.
    let said = refused(&postkey(&["keys", "drill", "--data-dir", text(&server.data_dir())], &[("POSTKEY_SECRET_KEY", NEW)]));
    assert!(said.contains("another secret key"), "{said}");
    let file = folder.file("a-file", "");
    let data = server.data_dir();
    let args = ["keys", "drill", "--data-dir", text(&data), "--folder", &file];
    let said = refused(&postkey(&args, &[("POSTKEY_SECRET_KEY", KEY)]));
    assert!(said.contains("--folder"), "{said}");
}

#[tokio::test]
async fn every_set_is_rotated_by_hand() {
    let server = Server::start(Options { config: with_keys(KEY, &[]), ..options() }).await.unwrap();
    let file = server.folder().join("postkey.toml");
    let data = server.data_dir();
    let args = [&["keys", "rotate", "--all", "--config", text(&file), "--data-dir", text(&data)], &PUBLIC[..]].concat();
    let rotate = || printed(&postkey(&args, &[]));
    let said = rotate();
    let line = |said: &str, set: &str| said.lines().find(|line| line.starts_with(set)).unwrap_or_else(|| panic!("{said}")).to_owned();
    assert!(line(&said, "session ").contains("a new key signs in 3"), "{said}");
    assert!(line(&said, "login ").contains("a new key signs in 3"), "{said}");
    let said = rotate();
    assert!(line(&said, "session ").contains("is waiting for its turn already"), "{said}");
}

#[tokio::test]
async fn the_secret_key_changes_while_people_are_signed_in() {
    let folder = Folder::new("new-key");
    let args = vec!["--public-url".to_owned(), "http://localhost:8000".to_owned()];
    let start = |config: String| Server::start(Options { config, args: args.clone(), folder: Some(folder.0.clone()), ..options() });
    let mut server = start(with_keys(KEY, &[])).await.unwrap();
    let (jane, joe) = (signed_in(&server, "jane@example.com").await.jar, signed_in(&server, "joe@example.com").await.jar);
    let (file, data) = (server.folder().join("postkey.toml"), server.data_dir());
    let reseal = |config: &str, more: &[&str], variables: &[(&str, &str)]| {
        std::fs::write(&file, config).unwrap();
        postkey(&[&["keys", "reseal", "--config", text(&file), "--data-dir", text(&data)], &PUBLIC[..], more].concat(), variables)
    };
    assert!(server.stop().await.unwrap().success());

    // A key that knows nothing of the older one opens nothing, and changes nothing.
    let said = refused(&reseal(&with_keys(NEW, &[]), &[], &[]));
    assert!(said.contains("2 secrets open under no key that is configured") && said.contains("previous_secret_keys"), "{said}");
    let mut server = start(with_keys(NEW, &[KEY])).await.unwrap();
    let jane = goes_on(&server, jane).await;
    let said = printed(&reseal(&with_keys(NEW, &[KEY]), &[], &[]));
    assert!(said.contains("2 secrets sealed anew under the secret key, 0 were already"), "{said}");
    let sessions = said.lines().find(|line| line.contains("sessions not renewed since")).unwrap().to_owned();
    assert!(sessions.contains(" 2  until "), "{said}");
    let said = refused(&reseal(&with_keys(NEW, &[KEY]), &["--since", "2999-01-01T00:00:00Z"], &[]));
    assert!(said.contains("is still to come"), "{said}");
    // From a file and from the environment too.
    let other = folder.file("older.key", KEY);
    let by_file = format!("{}previous_secret_key_files = [{other:?}]\n", "");
    let by_file = with_keys(NEW, &[]).replace("previous_secret_keys = []\n", &by_file);
    for (config, variables) in [(by_file, vec![]), (with_keys(NEW, &[]), vec![("POSTKEY_PREVIOUS_SECRET_KEYS", KEY)])] {
        let said = printed(&reseal(&config, &[], &variables));
        assert!(said.contains("0 secrets sealed anew under the secret key, 2 were already"), "{said}");
    }
    for (config, variables, words) in [
        (with_keys(NEW, &["short"]), vec![], "previous_secret_keys: a secret key is 32 random bytes"),
        (with_keys(NEW, &[]), vec![("POSTKEY_PREVIOUS_SECRET_KEYS", "x,y")], "POSTKEY_PREVIOUS_SECRET_KEYS: a secret key is"),
        (
            with_keys(NEW, &[]).replace("previous_secret_keys = []", "previous_secret_key_files = [\"none.key\"]"),
            vec![],
            "cannot read none.key",
        ),
    ] {
        let said = refused(&reseal(&config, &[], &variables));
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
    assert!(server.stop().await.unwrap().success());

    // The older key goes: who was there since goes on, who was not signs in again.
    let mut server = start(with_keys(NEW, &[])).await.unwrap();
    goes_on(&server, jane).await;
    let mut browser = Browser::new(server.public());
    browser.jar = joe;
    assert_eq!(browser.refresh().await.unwrap().status, 401);
    assert!(server.stop().await.unwrap().success());
    // And a server that has the older one alone is told which one it needs.
    std::fs::write(&file, with_keys(KEY, &[])).unwrap();
    let said = refused(&postkey(&[&["keys", "list", "--config", text(&file), "--data-dir", text(&data)], &PUBLIC[..]].concat(), &[]));
    assert!(said.contains("another secret key") && said.contains("or, where it was changed since, with the newer one"), "{said}");
}
