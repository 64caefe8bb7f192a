//! The command line: what starts, what is refused, and with which words.

use crate::kit::{BINARY, Folder, options, postkey, printed, refused, server};
use postkey_bench::{Options, Server, free_port};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

const KEY: &str = "8f1d4f7c2f0b53c1f36cb5c3d14b1a7e6d5c4b3a29180716253443526170fe9d";

#[test]
fn the_version_is_printed() {
    assert_eq!(printed(&postkey(&["version"], &[])), format!("postkey {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn serve_names_everything_that_is_missing_and_its_mend() {
    let said = refused(&postkey(&["serve"], &[]));
    for words in
        ["public_url is missing", "https://", "secret_key is missing", "openssl rand -hex 32", "transport is missing", "[mail.smtp]"]
    {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
}

#[test]
fn weak_settings_are_refused_with_their_line() {
    let folder = Folder::new("weak");
    let config = folder.file(
        "postkey.toml",
        "public_url = \"http://login.example.com\"\nsecret_key = \"0000000000000000000000000000000000000000000000000000000000000000\"\n\
         [tenants.public]\ncode_length = 3\nmax_attempts = 50\ncode_lifetime = \"1d\"\n",
    );
    let said = refused(&postkey(&["serve", "--config", &config], &[]));
    for words in [
        "line 1: public_url",
        "not https",
        "line 2: secret_key",
        "not random",
        "line 4: code_length",
        "line 5: max_attempts",
        "line 6: code_lifetime",
    ] {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
    let config = folder.file("clear.toml", &format!("public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\n[mail]\ntransport = \"smtp\"\nfrom = \"a@example.com\"\n[mail.smtp]\nhost = \"mail.example.com\"\ntls = \"none\"\n"));
    let said = refused(&postkey(&["serve", "--config", &config], &[]));
    assert!(said.contains("line 8: tls") && said.contains("in the clear"), "{said}");
}

#[test]
fn unknown_keys_are_refused_with_their_line() {
    let folder = Folder::new("unknown");
    let config = folder.file("postkey.toml", "log = \"info\"\n[mail]\ntransprot = \"smtp\"\n");
    let said = refused(&postkey(&["serve", "--config", &config], &[]));
    assert!(said.contains("line 3") && said.contains("transprot"), "{said}");
}

#[test]
fn dev_does_not_listen_to_others_unless_told() {
    let folder = Folder::new("exposed");
    let data = folder.0.to_str().unwrap();
    let said = refused(&postkey(&["dev", "--data-dir", data, "--public-listen", "0.0.0.0:0"], &[]));
    assert!(said.contains("--expose-dev"), "{said}");
}

#[tokio::test]
async fn a_second_server_on_the_port_says_so() {
    let first = server().await;
    let folder = Folder::new("second");
    let (data, port) = (folder.0.to_str().unwrap(), first.public().to_string());
    let said = refused(&postkey(&["dev", "--data-dir", data, "--public-listen", &port, "--private-listen", "127.0.0.1:0"], &[]));
    assert!(
        said.contains(&format!("cannot listen on {port}")) && said.contains("another program has it") && said.contains("public_listen"),
        "{said}"
    );
}

#[tokio::test]
async fn another_secret_key_than_the_databases_is_refused() {
    let mut first = server().await;
    first.stop().await.unwrap();
    let data = first.data_dir();
    let args = ["dev", "--data-dir", data.to_str().unwrap(), "--public-listen", "127.0.0.1:0", "--private-listen", "127.0.0.1:0"];
    let said = refused(&postkey(&args, &[("POSTKEY_SECRET_KEY", KEY)]));
    assert!(said.contains("another secret key") && said.contains("was first started with"), "{said}");
    // Nothing was broken by the try.
    first.start_again().await.unwrap();
}

#[test]
fn check_reaches_database_and_mail_server() {
    let folder = Folder::new("check");
    let smtp = fake_smtp();
    let config = serve_config(&folder, smtp);
    let said = printed(&postkey(&["check", "--config", &config], &[]));
    assert!(
        said.contains("config         ok") && said.contains("database       ok (SQLite)") && said.contains("mail server    ok"),
        "{said}"
    );
    assert!(!folder.0.join("data").exists(), "check made something");
    // Nobody listens there.
    let config = serve_config(&folder, free_port().unwrap());
    let said = refused(&postkey(&["check", "--config", &config], &[]));
    assert!(said.starts_with("postkey: mail:"), "{said}");
    let database = format!("postgres://postgres@127.0.0.1:{}/postgres", free_port().unwrap());
    let said = refused(&postkey(&["check", "--config", &config, "--database-url", &database], &[]));
    assert!(said.starts_with("postkey: database:"), "{said}");
}

#[tokio::test]
async fn serve_has_no_development_routes() {
    let folder = Folder::new("serve");
    let config = std::fs::read_to_string(serve_config(&folder, fake_smtp())).unwrap();
    let server = Server::start(Options { serve: true, config, ..options() }).await.unwrap();
    let mut client = server.client();
    for path in ["/demo", "/dev/inbox", "/dev/inbox.json", "/dev/discarded.json", "/"] {
        assert_eq!(client.send("GET", path, &[], None).await.unwrap().status, 404, "{path}");
    }
    let page = client.send("GET", "/auth", &[], None).await.unwrap();
    assert_eq!(page.status, 200);
    assert!(page.header("set-cookie").unwrap().contains("; Secure"));
}

#[tokio::test]
async fn a_key_that_was_made_by_hand_is_published_by_the_running_server() {
    let server = server().await;
    let data = server.data_dir();
    let data = ["--data-dir", data.to_str().unwrap()];
    let list = printed(&postkey(&["keys", "list", data[0], data[1]], &[]));
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.lines().nth(1).unwrap().ends_with("signs"), "{list}");
    let made = printed(&postkey(&["keys", "rotate", data[0], data[1]], &[]));
    assert!(made.contains("a new key signs in") && made.lines().last().unwrap().contains("waits"), "{made}");
    let kid = made.lines().last().unwrap().split(' ').next().unwrap();
    assert!(printed(&postkey(&["keys", "rotate", data[0], data[1]], &[])).contains("waiting for its turn already"));
    let mut client = server.client();
    for _ in 0..120 {
        let keys = client.send("GET", "/auth/jwt/jwks.json", &[], None).await.unwrap().text();
        if keys.contains(kid) {
            let old = list.lines().nth(1).unwrap().split(' ').next().unwrap();
            assert!(keys.contains(old), "{keys}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("{kid} was not published: {}", server.log());
}

#[tokio::test]
async fn a_term_signal_ends_it_well() {
    let mut server = server().await;
    assert_eq!(server.stop().await.unwrap().code(), Some(0));
    server.start_again().await.unwrap();
    server.signal("INT").unwrap();
    assert_eq!(server.stop().await.unwrap().code(), Some(0));
}

/// A config for `serve` that is all right.
fn serve_config(folder: &Folder, smtp: u16) -> String {
    folder.file(
        "postkey.toml",
        &format!(
            "public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\ndata_dir = {:?}\n[mail]\ntransport = \"smtp\"\n\
             from = \"Example <login@example.com>\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\ntls = \"none\"\n",
            folder.0.join("data")
        ),
    )
}

/// Something that talks like a mail server for as long as the test runs.
fn fake_smtp() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.write_all(b"220 test ESMTP\r\n");
            for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
                let end = line.starts_with("QUIT");
                let _ = stream.write_all(if end { b"221 bye\r\n" } else { b"250 test\r\n" });
                if end {
                    break;
                }
            }
        }
    });
    port
}

#[test]
fn the_binary_is_the_one_that_was_built() {
    assert!(std::path::Path::new(BINARY).is_file());
}
