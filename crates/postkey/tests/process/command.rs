//! The command line: what starts, what is refused, and with which words.

use crate::kit::{BINARY, Folder, KEY, fake_smtp, options, postkey, printed, refused, server};
use postkey_bench::{Options, Server, free_port};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::time::Duration;

#[test]
fn the_version_is_printed() {
    assert_eq!(printed(&postkey(&["version"], &[])), format!("postkey {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn serve_names_everything_that_is_missing_and_its_mend() {
    let said = refused(&postkey(&["serve"], &[]));
    for words in [
        "public_url is missing",
        "https://",
        "secret_key is missing",
        "openssl rand -hex 32",
        "[mail] providers is missing",
        "[providers.NAME]",
    ] {
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
    let config = folder.file("clear.toml", &format!("public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\n[mail]\nfrom = \"a@example.com\"\nproviders = [\"relay\"]\n[providers.relay]\ntype = \"smtp\"\nhost = \"mail.example.com\"\ntls = \"none\"\n"));
    let said = refused(&postkey(&["serve", "--config", &config], &[]));
    assert!(said.contains("line 9: tls") && said.contains("in the clear"), "{said}");
}

#[test]
fn unknown_keys_are_refused_with_their_line() {
    let folder = Folder::new("unknown");
    let config = folder.file("postkey.toml", "log = \"info\"\n[mail]\nprovidres = [\"smtp\"]\n");
    let said = refused(&postkey(&["serve", "--config", &config], &[]));
    assert!(said.contains("line 3") && said.contains("providres"), "{said}");
}

#[test]
fn dev_does_not_listen_to_others_unless_told() {
    let folder = Folder::new("exposed");
    let data = folder.0.to_str().unwrap();
    let said = refused(&postkey(&["dev", "--data-dir", data, "--public-listen", "0.0.0.0:0"], &[]));
    assert!(said.contains("--expose-dev"), "{said}");
    let said = refused(&postkey(&["dev", "--data-dir", data, "--public-listen", "0.0.0.0:8000", "--expose-dev"], &[]));
    assert!(said.contains("--public-url http://ADDRESS:8000"), "{said}");
}

#[test]
fn the_inbox_is_named_only_where_there_is_one() {
    for (provider, named) in [("inbox", true), ("relay", false)] {
        let folder = Folder::new(provider);
        // Texts and WhatsApp have the inbox by default.
        let mail = format!(
            "[mail]\nfrom = \"a@example.com\"\nproviders = [\"{provider}\"]\n[sms]\nproviders = [\"discard\"]\n[whatsapp]\nproviders = [\"discard\"]\n\
             [providers.relay]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n",
            fake_smtp()
        );
        let config = folder.file("postkey.toml", &mail);
        let mut child = std::process::Command::new(BINARY)
            .args(["dev", "--config", &config, "--data-dir", folder.0.to_str().unwrap()])
            .args(["--public-listen", "127.0.0.1:0", "--private-listen", "127.0.0.1:0"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let greeting: Vec<String> = lines.take_while(|line| !line.contains("Ctrl-C")).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(greeting.iter().any(|line| line.contains("log in")), "{greeting:?}");
        assert_eq!(greeting.iter().any(|line| line.contains("/dev/inbox")), named, "{greeting:?}");
    }
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
    // Neither by hand nor by another way.
    let folder = ["--data-dir", data.to_str().unwrap()];
    for word in ["rotate", "list"] {
        let said = refused(&postkey(&["keys", word, folder[0], folder[1]], &[("POSTKEY_SECRET_KEY", KEY)]));
        assert!(said.contains("another secret key"), "{said}");
    }
    let config = check_config(&data, fake_smtp());
    let said = refused(&postkey(&["check", "--config", &config], &[]));
    assert!(said.contains("secret key: ") && said.contains("another secret key"), "{said}");
    // Nothing was broken by the try.
    first.start_again().await.unwrap();
    let key = std::fs::read_to_string(data.join("secret.key")).unwrap();
    let said = printed(&postkey(&["check", "--config", &config], &[("POSTKEY_SECRET_KEY", key.trim())]));
    assert!(said.contains("secret key     ok: opens 1 of 1 signing keys"), "{said}");
}

#[test]
fn keys_are_looked_for_where_a_server_made_them_only() {
    let folder = Folder::new("nokeys");
    let data = folder.0.join("data");
    let args = ["--data-dir", data.to_str().unwrap()];
    for word in ["list", "rotate"] {
        let said = refused(&postkey(&["keys", word, args[0], args[1]], &[]));
        assert!(said.contains("there is no secret key at") && said.contains("--config"), "{said}");
        let said = refused(&postkey(&["keys", word, args[0], args[1]], &[("POSTKEY_SECRET_KEY", KEY)]));
        assert!(said.contains("there is no Postkey database at"), "{said}");
    }
    assert!(!data.exists(), "something was made");
}

#[tokio::test]
async fn looking_after_keys_leaves_the_inbox_alone() {
    let server = server().await;
    let data = server.data_dir();
    let (mut browser, _) = crate::kit::at_the_code(&server, "jane@example.com").await;
    let list = || {
        let mut files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        files.sort();
        files
    };
    let before = (list(), inode(&data.join("inbox.jsonl")));
    for word in ["list", "rotate"] {
        printed(&postkey(&["keys", word, "--data-dir", data.to_str().unwrap()], &[]));
    }
    // Nor does a second server that finds its port taken.
    let (folder, port) = (data.to_str().unwrap(), server.public().to_string());
    refused(&postkey(&["dev", "--data-dir", folder, "--public-listen", &port, "--private-listen", "127.0.0.1:0"], &[]));
    assert_eq!((list(), inode(&data.join("inbox.jsonl"))), before);
    assert_eq!(browser.mails("jane@example.com").await.unwrap().len(), 1);
}

/// Which file it is, whatever its name.
fn inode(path: &std::path::Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap())
}

#[test]
fn dev_starts_at_once_in_a_fresh_folder_share_one_secret_key() {
    for _ in 0..5 {
        let folder = Folder::new("atonce");
        // A port that is taken ends each right after it made what it needs.
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().to_string();
        let args = ["dev", "--data-dir", folder.0.to_str().unwrap(), "--public-listen", &port, "--private-listen", "127.0.0.1:0"];
        let starts: Vec<String> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| refused(&postkey(&args, &[])))).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        for said in starts {
            assert!(said.contains("another program has it"), "{said}");
        }
        let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("secret.") && name != "secret.key"), "{left:?}");
    }
}

#[test]
fn check_reaches_database_and_mail_server() {
    let folder = Folder::new("check");
    let smtp = fake_smtp();
    let config = serve_config(&folder, smtp);
    let said = printed(&postkey(&["check", "--config", &config], &[]));
    assert!(
        said.contains("config         ok") && said.contains("database       ok (SQLite)") && said.contains("relay          ok"),
        "{said}"
    );
    assert!(!folder.0.join("data").exists(), "check made something");
    // Nobody listens there.
    let config = serve_config(&folder, free_port().unwrap());
    let said = refused(&postkey(&["check", "--config", &config], &[]));
    assert!(said.starts_with("postkey: provider relay: the mail server: "), "{said}");
    // Each is tried, whatever came of the others.
    let database = format!("postgres://postgres@127.0.0.1:{}/postgres", free_port().unwrap());
    let said = refused(&postkey(&["check", "--config", &config, "--database-url", &database, "--public-url", "http://a.example"], &[]));
    for words in ["3 checks failed", "not https", "database:", "provider relay:"] {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
}

#[test]
fn settings_that_could_not_work_are_refused_with_their_mend() {
    let folder = Folder::new("senseless");
    for (settings, words) in [
        ("log = \"loud\"", "line 3: log: \"loud\" is not a level"),
        ("log = \"info,postkey_http=chatty\"", "\"chatty\" is not a level"),
        ("log = \"postkey_htpt=debug\"", "\"postkey_htpt\" is no part of Postkey"),
        ("database_url = \"sqlite::memory:\"", "line 3: database_url: sqlite: takes the path of a file"),
        ("private_hosts = [\"core:3567\"]", "line 3: private_hosts: \"core:3567\": each is a host's name or address alone"),
        ("private_listen = []", "line 3: private_listen: is empty"),
        ("cookie_domain = \"other.example\"", "line 3: cookie_domain"),
        ("[tenants.public]\ncode_alphabet = \"00\"", "line 4: code_alphabet: the code alphabet names a sign twice"),
    ] {
        let config =
            folder.file("postkey.toml", &format!("public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\n{settings}\n"));
        let said = refused(&postkey(&["serve", "--config", &config], &[]));
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
    for good in [
        "log = \"warn,postkey_delivery=debug,hyper=off\"",
        "private_hosts = [\"core\", \"10.0.0.5\", \"[fd00::5]\"]",
        "cookie_domain = \".Example.com\"",
    ] {
        let config = folder.file("postkey.toml", &format!("public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\n{good}\n"));
        let said = refused(&postkey(&["serve", "--config", &config], &[]));
        assert!(said.starts_with("postkey: [mail] providers is missing:") && said.lines().count() == 1, "{said}");
    }
}

#[tokio::test]
async fn a_cookie_domain_is_read_as_it_is_meant() {
    let config = "log = \"warn\"\npublic_url = \"http://login.example.com\"\ncookie_domain = \".Example.com\"\n".to_owned();
    let server = Server::start(Options { config, ..options() }).await.unwrap();
    let mut client = server.client();
    let answer = client.send("POST", "/auth/session/refresh", &[], None).await.unwrap();
    assert!(answer.headers.iter().any(|(_, value)| value.to_lowercase().contains("domain=example.com")), "{:?}", answer.headers);
    assert!(!answer.headers.iter().any(|(_, value)| value.contains("omain=.") || value.contains("Example")), "{:?}", answer.headers);
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
    folder.file("postkey.toml", &serve_settings(&folder.0.join("data"), smtp))
}

/// The same for a data folder that is there, and in it.
fn check_config(data: &std::path::Path, smtp: u16) -> String {
    let path = data.join("check.toml");
    std::fs::write(&path, serve_settings(data, smtp)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn serve_settings(data: &std::path::Path, smtp: u16) -> String {
    format!(
        "public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\ndata_dir = {data:?}\n[mail]\nproviders = [\"relay\"]\n\
         from = \"Example <login@example.com>\"\n[providers.relay]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {smtp}\ntls = \"none\"\n"
    )
}

#[test]
fn the_binary_is_the_one_that_was_built() {
    assert!(std::path::Path::new(BINARY).is_file());
}

#[tokio::test]
async fn health_asks_the_server_that_runs() {
    let config = "log = \"warn\"\nshutdown_grace = \"30s\"\n".to_owned();
    let mut server = Server::start(Options { config, ..options() }).await.unwrap();
    let private = server.private().to_string();
    let asked = |more: &[&str]| postkey(&[&["health", "--private-listen", &private], more].concat(), &[]);
    assert_eq!(printed(&asked(&[])).trim(), r#"{"status":"ok"}"#);
    assert_eq!(printed(&asked(&["--ready"])).trim(), r#"{"status":"ready"}"#);
    // On its way out it lives, but wants no more requests.
    server.signal("TERM").unwrap();
    let said = loop {
        let output = asked(&["--ready"]);
        if !output.status.success() {
            break refused(&output);
        }
    };
    assert!(said.contains("503") && said.contains("stopping"), "{said}");
    assert_eq!(printed(&asked(&[])).trim(), r#"{"status":"ok"}"#);
    server.kill().unwrap();
    let said = refused(&asked(&[]));
    assert!(said.contains(&private) && said.contains("refused"), "{said}");
}
