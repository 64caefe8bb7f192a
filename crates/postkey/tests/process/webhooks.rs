//! Services that are told what happens: what waits when the server is killed is told after the next start, and mistakes in the
//! config are named.

use crate::kit::{Folder, KEY, handle_in, options, postkey, printed, refused, signed_in};
use postkey_bench::{Options, Server};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A service that takes everything: the id and the text of each post.
fn service(listener: TcpListener) -> mpsc::Receiver<(String, Value)> {
    let (sender, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(&stream);
                loop {
                    let (mut id, mut length, mut line) = (String::new(), 0, String::new());
                    while reader.read_line(&mut line).unwrap_or(0) > 0 && line.trim_end() != "" {
                        let (name, value) = line.trim_end().split_once(": ").unwrap_or_default();
                        match name.to_ascii_lowercase().as_str() {
                            "webhook-id" => id = value.to_owned(),
                            "content-length" => length = value.parse().unwrap(),
                            _ => {}
                        }
                        line.clear();
                    }
                    let mut body = vec![0; length];
                    if length == 0 || reader.read_exact(&mut body).is_err() {
                        return;
                    }
                    sender.send((id, serde_json::from_slice(&body).unwrap())).unwrap();
                    (&stream).write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
                }
            });
        }
    });
    told
}

#[tokio::test]
async fn what_waits_when_the_server_is_killed_is_told_after_the_next_start() {
    // Nobody listens there yet, and nobody else can: the port is kept.
    let kept = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = kept.local_addr().unwrap();
    drop(kept);
    let usual = options();
    let config = format!("{}\n[webhooks.crm]\nurl = \"http://{address}/hook\"\nsecret = \"{SECRET}\"\n", usual.config);
    let mut server = Server::start(Options { config, ..usual }).await.unwrap();
    let browser = signed_in(&server, "jane@example.com").await;
    let handle = handle_in(&browser.jar);
    server.kill().unwrap();

    let folder = server.folder().to_owned();
    let config = folder.join("postkey.toml");
    let data = server.data_dir();
    let args = ["--config", config.to_str().unwrap(), "--data-dir", data.to_str().unwrap()];
    let listed = printed(&postkey(&[&["webhooks", "list"], &args[..]].concat(), &[]));
    assert!(listed.starts_with("crm: 2 waiting"), "{listed}");
    assert!(!listed.contains("jane"), "{listed}");
    assert_eq!(printed(&postkey(&[&["webhooks", "retry", "crm"], &args[..]].concat(), &[])), "0 to be told again\n");
    let said = refused(&postkey(&[&["webhooks", "retry", "nobody"], &args[..]].concat(), &[]));
    assert!(said.contains("no section [webhooks.nobody]"), "{said}");

    let told = service(TcpListener::bind(address).unwrap());
    server.start_again().await.unwrap();
    let mut ids = BTreeMap::new();
    while ids.len() < 2 {
        let (id, post) = told.recv_timeout(Duration::from_secs(90)).expect("what waited is told");
        assert_eq!(post["data"]["tenant"], "public");
        ids.insert(post["type"].as_str().unwrap().to_owned(), (id, post["data"].clone()));
    }
    assert_eq!(ids.keys().collect::<Vec<_>>(), ["user.created", "user.signed_in"]);
    let (created, signed_in) = (&ids["user.created"], &ids["user.signed_in"]);
    assert_eq!((created.1["user"].clone(), signed_in.1["session"].as_str()), (signed_in.1["user"].clone(), Some(handle.as_str())));
    assert_ne!(created.0, signed_in.0);
    for _ in 0..300 {
        if printed(&postkey(&[&["webhooks", "list"], &args[..]].concat(), &[])) == "crm: 0 waiting, 0 given up\n" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it still waits");
}

#[test]
fn mistakes_are_named_with_their_line_and_their_mend() {
    let folder = Folder::new("webhooks");
    let config = folder.file(
        "postkey.toml",
        &format!(
            "[webhooks.one]\nurl = \"http://example.com/hook\"\nsecret = \"{SECRET}\"\n[webhooks.two]\nurl = \"https://example.com\"\n\
             [webhooks.three]\nurl = \"https://example.com\"\nsecret = \"short\"\nevents = [\"user.sneezed\"]\ntenants = [\"Not One\"]\n\
             [webhooks.\"fo ur\"]\nurl = \"https://example.com\"\nsecret = \"{SECRET}\"\n[webhooks.five]\nurl = \"https://example.com\"\nsecret = \"short\"\n"
        ),
    );
    let data = folder.0.join("data");
    let said = refused(&postkey(&["serve", "--config", &config, "--data-dir", data.to_str().unwrap()], &[("POSTKEY_SECRET_KEY", KEY)]));
    for words in [
        "line 1: [webhooks.one]",
        "line 4: [webhooks.two] url or secret is missing",
        "echo whsec_$(openssl rand -base64 32)",
        "\"user.sneezed\" is nothing that can be told: write user.created, user.signed_in,",
        "\"Not One\" is no tenant's name",
        "a name has 1 to 64 letters, digits, - and _",
        "[webhooks.five] the secret must be whsec_ and 24 to 64 bytes in base64",
    ] {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
}
