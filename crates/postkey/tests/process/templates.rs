//! `postkey templates`, and a server with templates of its operator's.

use crate::kit::{Folder, KEY, mail_server, options, postkey, printed, refused};
use postkey_bench::{Browser, Options, Server};
use std::path::Path;
use std::process::Output;
use std::time::Duration;

fn export(folder: &Path) -> Output {
    postkey(&["templates", "export", folder.to_str().unwrap()], &[])
}

fn check(folder: &Path) -> Output {
    postkey(&["templates", "check", "--dir", folder.to_str().unwrap()], &[])
}

/// What a check found, which must have failed.
fn found(output: &Output) -> String {
    let said = refused(output);
    assert!(said.contains("wrong with the templates"), "{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn what_is_exported_is_whole_and_right() {
    let folder = Folder::new("export");
    let target = folder.0.join("new/templates");
    assert!(printed(&export(&target)).contains("files in"));
    for name in
        ["pages/start.html", "pages/assets/page.css", "mail/sign-in/body.html", "sms/sign-in.txt", "locales/en.ftl", "locales/ar.ftl"]
    {
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates").join(name);
        assert_eq!(std::fs::read(target.join(name)).unwrap(), std::fs::read(built_in).unwrap(), "{name}");
    }
    let said = printed(&check(&target));
    assert!(said.starts_with("ok: every message, and ") && said.trim_end().ends_with(" pages"), "{said}");
}

#[test]
fn export_overwrites_nothing() {
    let folder = Folder::new("overwrite");
    std::fs::create_dir_all(folder.0.join("pages")).unwrap();
    let mine = folder.file("pages/start.html", "mine");
    let said = refused(&export(&folder.0));
    assert!(said.contains(&mine) && said.contains("is there already: nothing was written"), "{said}");
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1, "something was written");
}

#[test]
fn a_broken_template_is_told_with_its_line() {
    let folder = Folder::new("broken");
    std::fs::create_dir_all(folder.0.join("mail/sign-in")).unwrap();
    let page = folder.0.join("mail/sign-in/body.txt");
    for (text, line, words) in [
        // It does not parse.
        ("Hello\n{% if code %}\n{{ code }}\n", "", ""),
        // It names a string that is not there.
        ("Hello\n\n{{ t(\"mail-sign-in-titel\", app=app_name) }}\n", ":3: ", "did you mean mail-sign-in-title?"),
        // It leaves out what the string fills in.
        ("Hello\n{{ t(\"mail-sign-in-title\") }}\n", ":2: ", "mail-sign-in-title needs app=…"),
        // It names a value that is not there.
        ("Hello\n{{ cod }}\n{{ link }}\n", ":2", ""),
    ] {
        std::fs::write(&page, text).unwrap();
        let said = found(&check(&folder.0));
        assert!(said.contains(&format!("{}{line}", page.display())) && said.contains(words), "for {text:?}: {said}");
    }
    std::fs::write(&page, "Hello\n{{ code }} {{ link }}\n").unwrap();
    // The folder of the config is meant when none is named.
    let config = Folder::new("broken-config");
    let config = config.file("postkey.toml", &format!("templates_dir = {:?}\n", folder.0));
    printed(&postkey(&["templates", "check", "--config", &config], &[]));
    std::fs::write(&page, "{{").unwrap();
    found(&postkey(&["templates", "check", "--config", &config], &[]));
}

#[test]
fn a_language_that_lacks_a_string_is_told() {
    let folder = Folder::new("language");
    std::fs::create_dir_all(folder.0.join("locales")).unwrap();
    let mut whole = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/locales/en.ftl")).unwrap();
    let path = folder.file("locales/da.ftl", &whole);
    let said = found(&check(&folder.0));
    assert!(said.contains(&format!("{path}: da is a new language: say in a message language-name")), "{said}");
    whole.push_str("language-name = Dansk\n");
    folder.file("locales/da.ftl", &whole);
    printed(&check(&folder.0));
    let line = whole.lines().find(|line| line.starts_with("continue = ")).unwrap().to_owned();
    whole = whole.replace(&format!("{line}\n"), "");
    let path = folder.file("locales/da.ftl", &whole);
    // No mistake: English stands in.
    let said = printed(&check(&folder.0));
    assert!(said.contains(&format!("note: {path}: has no message continue (locales/en.ftl:")), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[tokio::test]
async fn the_operators_page_and_mail_are_what_people_get() {
    let folder = Folder::new("operators");
    for dir in ["templates/pages/assets", "templates/mail/sign-in", "templates/locales"] {
        std::fs::create_dir_all(folder.0.join(dir)).unwrap();
    }
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/pages/start.html");
    let page = std::fs::read_to_string(built_in).unwrap().replace("{% block content %}", "{% block content %}<p>A page of our own</p>");
    folder.file("templates/pages/start.html", &page);
    folder.file("templates/mail/sign-in/subject.txt", "A subject of our own\n");
    folder.file("templates/mail/sign-in/body.txt", "Words of our own: {{ code }}\n");
    folder.file("templates/locales/en.ftl", "code-title = A title of our own\n");
    let (smtp, mails) = mail_server();
    let config = format!(
        "public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\ntemplates_dir = {:?}\n\
         [mail]\nfrom = \"a@example.com\"\nproviders = [\"relay\"]\n[providers.relay]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {smtp}\ntls = \"none\"\n",
        folder.0.join("templates")
    );
    let server = Server::start(Options { serve: true, config, ..options() }).await.unwrap();
    let mut browser = Browser::new(server.public());
    let page = browser.get("/auth").await.unwrap().text();
    assert!(page.contains("<p>A page of our own</p>"), "{page}");
    let answer = browser.start("jane@example.com").await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    let mail = mails.recv_timeout(Duration::from_secs(30)).unwrap();
    assert!(mail.contains("Subject: A subject of our own") && mail.contains("Words of our own: "), "{mail}");
    let page = browser.get(answer.header("location").unwrap()).await.unwrap().text();
    assert!(page.contains("A title of our own"), "{page}");
}
