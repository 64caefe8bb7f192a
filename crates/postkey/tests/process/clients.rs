//! Service clients and applications on the command line, beside a running server that notices them.

use crate::kit::{Folder, postkey, printed, refused, server};
use serde_json::{Value, json};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[tokio::test]
async fn a_client_is_made_shown_given_keys_and_deleted() {
    let server = server().await;
    let data = server.data_dir();
    let dir = data.to_str().unwrap();
    let run = |args: &[&str]| postkey(&[&["clients"], args, &["--data-dir", dir]].concat(), &[]);
    assert_eq!(printed(&run(&["list"])), "none\n");
    let wish =
        ["create", "--name", "Mailer", "--id", "sc_mailer", "--token-generation", "--assertion-max-age", "10m", "--linking", "automatic"];
    let output = run(&wish);
    let made = parsed(&printed(&output));
    let key = made["accessKey"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = key.split('.').collect();
    assert_eq!((parts.len(), parts[0], json!(parts[1]), parts[2]), (4, "sc_mailer", made["keyId"].clone(), "acc_local"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("only time"), "people are told that it is shown once");
    assert!(refused(&run(&wish)).contains("already"));

    let shown = printed(&run(&["show", "sc_mailer"]));
    assert!(!shown.contains(parts[3]) && !printed(&run(&["list"])).contains(parts[3]), "never again");
    let shown = parsed(&shown);
    let told =
        (&shown["admin"], &shown["tokenGeneration"], &shown["assertionMaxAgeSeconds"], &shown["loginLifeSeconds"], &shown["linking"]);
    assert_eq!(told, (&json!(false), &json!(true), &json!(600), &json!(600), &json!("AUTOMATIC")));

    let folder = Folder::new("clients");
    let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n";
    let own = parsed(&printed(&run(&["keys", "add", "sc_mailer", "--public-key", &folder.file("own.pem", pem)])));
    assert!(own["accessKey"].is_null(), "the owner has it: {own}");
    assert!(refused(&run(&["keys", "add", "sc_mailer", "--public-key", &folder.file("bad.pem", "x")])).contains("Ed25519"));
    assert_eq!(parsed(&printed(&run(&["show", "sc_mailer"])))["keys"].as_array().unwrap().len(), 2);
    printed(&run(&["keys", "delete", "sc_mailer", parts[1]]));
    assert!(refused(&run(&["keys", "delete", "sc_mailer", parts[1]])).contains("no key"));
    printed(&run(&["delete", "sc_mailer"]));
    for gone in [&["show", "sc_mailer"][..], &["delete", "sc_mailer"], &["keys", "add", "sc_mailer"]] {
        assert!(refused(&run(gone)).contains("no service client"), "{gone:?}");
    }
    for (wrong, why) in [
        (&["create", "--name", "x", "--id", "mailer"][..], "sc_"),
        (&["create", "--name", "x", "--authorization-url", "http://app.example.com/"], "https"),
        (&["create", "--name", "x", "--assertion-max-age", "2h"], "1 hour"),
    ] {
        assert!(refused(&run(wrong)).contains(why), "{wrong:?}");
    }
}

/// A key that nobody saw is no key: a pipe that is full or gone leaves nothing behind.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_key_that_cannot_be_shown_is_not_kept() {
    let server = server().await;
    let data = server.data_dir();
    let dir = data.to_str().unwrap();
    let run = |args: &[&str]| postkey(&[&["clients"], args, &["--data-dir", dir]].concat(), &[]);
    let into_full = |args: &[&str]| {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output =
            std::process::Command::new(crate::kit::BINARY).arg("clients").args(args).args(["--data-dir", dir]).stdout(full).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = into_full(&["create", "--name", "Mailer", "--id", "sc_mailer"]);
    assert!(said.contains("cannot write to standard output") && said.contains("deleted again"), "{said}");
    assert_eq!(printed(&run(&["list"])), "none\n");
    printed(&run(&["create", "--name", "Mailer", "--id", "sc_mailer"]));
    assert!(into_full(&["keys", "add", "sc_mailer"]).contains("deleted again"));
    assert_eq!(parsed(&printed(&run(&["show", "sc_mailer"])))["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn applications_are_registered_and_the_default_one_stays() {
    let server = server().await;
    let data = server.data_dir();
    let dir = data.to_str().unwrap();
    let run = |args: &[&str]| postkey(&[&["applications"], args, &["--data-dir", dir]].concat(), &[]);
    let made =
        ["create", "--id", "app_shop", "--redirect-url", "https://shop.example.com/in", "--redirect-url", "https://*.shop.example.com"];
    let made = parsed(&printed(&run(&made)));
    let told = (&made["applicationId"], &made["name"], &made["isDevelopment"], made["redirectUrls"].as_array().unwrap().len());
    assert_eq!(told, (&json!("app_shop"), &json!("app_shop"), &json!(false), 2));
    let listed = printed(&run(&["list"]));
    assert!(listed.lines().count() == 2 && listed.contains("app_default") && listed.contains("https://*.shop.example.com"), "{listed}");
    assert_eq!(parsed(&printed(&run(&["show", "app_default"])))["redirectUrls"][0], "http://localhost:*");
    assert!(refused(&run(&["delete", "app_default"])).contains("always there"));
    assert!(refused(&run(&["create", "--redirect-url", "http://shop.example.com/"])).contains("https"));
    assert!(refused(&run(&["create", "--redirect-url", "https://shop.example.com/", "--tenant", "nowhere"])).contains("no tenant"));
    printed(&run(&["delete", "app_shop"]));
    assert!(refused(&run(&["show", "app_shop"])).contains("no application"));
}
