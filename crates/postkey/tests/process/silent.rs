//! Others that take a connection and then say nothing: they are not waited for for ever, and a signal still ends us.

use crate::kit::{BINARY, Folder, options, postkey, refused};
use postkey_bench::{Browser, Options, Server};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Takes connections, keeps them, and says nothing. Each one is handed over.
fn silent() -> (u16, mpsc::Receiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, connections) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = sender.send(stream);
        }
    });
    (port, connections)
}

#[tokio::test]
async fn a_silent_mail_server_does_not_keep_us_from_stopping() {
    let (port, connections) = silent();
    let config = format!(
        "log = \"warn\"\n[mail]\nproviders = [\"relay\"]\nfrom = \"a@example.com\"\n[providers.relay]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n"
    );
    let mut server = Server::start(Options { config, ..options() }).await.unwrap();
    // More than are sent at once: some wait for a place.
    for i in 0..80 {
        let answer = Browser::new(server.public()).start(&format!("silent{i}@example.com")).await.unwrap();
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let kept = connections.recv().unwrap();
    assert_eq!(server.stop().await.unwrap().code(), Some(0), "{}", server.log());
    assert!(server.log().contains("these messages go out after the next start"), "{}", server.log());
    drop(kept);
}

#[test]
fn a_silent_database_does_not_keep_us_from_stopping() {
    let (port, connections) = silent();
    let folder = Folder::new("silent");
    let data = folder.0.to_str().unwrap();
    let mut child = Command::new(BINARY)
        .args(["dev", "--data-dir", data, "--public-listen", "127.0.0.1:0", "--private-listen", "127.0.0.1:0"])
        .args(["--database-url", &format!("postgres://postgres@127.0.0.1:{port}/postgres")])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let kept = connections.recv().unwrap();
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begin.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(status.and_then(|status| status.code()), Some(0), "it did not stop well");
    drop(kept);
}

#[test]
fn a_silent_database_is_named_by_check_and_at_start() {
    let (port, _connections) = silent();
    let folder = Folder::new("silent-check");
    let database = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let data = folder.0.to_str().unwrap();
    let config = folder.file(
        "postkey.toml",
        "public_url = \"https://login.example.com\"\nsecret_key = \"8f1d4f7c2f0b53c1f36cb5c3d14b1a7e6d5c4b3a29180716253443526170fe9d\"\n\
         public_listen = \"127.0.0.1:0\"\nprivate_listen = [\"127.0.0.1:0\"]\n\
         [mail]\nproviders = [\"relay\"]\nfrom = \"a@example.com\"\n[providers.relay]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n",
    );
    for word in ["check", "serve"] {
        let said = refused(&postkey(&[word, "--config", &config, "--data-dir", data, "--database-url", &database], &[]));
        assert!(said.contains("the database did not answer in time"), "{said}");
    }
}
