//! Moving a server from one engine to the other: who was signed in stays so.

use crate::import::Database;
use crate::kit::{Folder, handle_in, options, postkey, printed, refused, signed_in};
use postkey_bench::{Browser, Jar, Options, Server};
use std::path::Path;

async fn goes_on(server: &Server, jar: Jar) -> Jar {
    let mut browser = Browser::new(server.public());
    let handle = handle_in(&jar);
    browser.jar = jar;
    assert_eq!(browser.signed_in().await.unwrap(), Some(handle.clone()));
    let answer = browser.refresh().await.unwrap();
    assert_eq!((answer.status, handle_in(&browser.jar)), (200, handle), "{}", answer.text());
    browser.jar
}

#[tokio::test]
async fn sessions_go_on_after_a_move_to_postgresql_and_after_the_move_back() {
    let Some(database) = Database::create(&[]).await else { return };
    let args = vec!["--public-url".to_owned(), "http://localhost:8000".to_owned()];
    let folder = Folder::new("moving");
    let start = |folder: &Path, database_url: Option<String>| {
        Server::start(Options { args: args.clone(), folder: Some(folder.to_owned()), database_url, ..options() })
    };
    let mut server = start(&folder.0, None).await.unwrap();
    let jar = signed_in(&server, "jane@example.com").await.jar;
    let file = server.data_dir().join("postkey.db");
    let file = file.to_str().unwrap();
    let copy = |from: &str, to: &str| postkey(&["copy", "--from", from, "--to", to], &[]);
    let said = refused(&copy(file, &database.url));
    assert!(said.contains("is in use: stop the server first"), "{said}");
    assert!(server.stop().await.unwrap().success());
    let said = printed(&copy(file, &database.url));
    let row = |table: &str| said.lines().find(|line| line.starts_with(table)).unwrap_or_else(|| panic!("{table} is not in: {said}"));
    assert_eq!(row("sessions ").split_whitespace().nth(1), Some("1"));
    assert!(said.contains("with the same secret key"), "{said}");

    // The same folder, and in it the same key; the database is the other one.
    let mut server = start(&folder.0, Some(database.url.clone())).await.unwrap();
    let jar = goes_on(&server, jar).await;
    signed_in(&server, "joe@example.com").await;
    let back = folder.0.join("back").join("postkey.db");
    let back = back.to_str().unwrap();
    let said = refused(&copy(&database.url, back));
    assert!(said.contains("stop every server that is connected"), "{said}");
    assert!(!said.contains("127.0.0.1"), "{said}");
    assert!(server.stop().await.unwrap().success());
    let said = refused(&copy(&database.url, file));
    assert!(said.contains("the target is not empty"), "{said}");
    printed(&copy(&database.url, back));
    let server = start(&folder.0, Some(format!("sqlite:{back}"))).await.unwrap();
    goes_on(&server, jar).await;
}
