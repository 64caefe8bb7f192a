//! Commands that look after a server: sign-ins, invitations, providers.

use crate::kit::{Folder, KEY, fake_smtp, has_session, options, postkey, printed, refused, server};
use postkey_bench::{Browser, Client, Options, Server, fields, free_port};
use serde_json::Value;
use std::time::Duration;

/// The newest message to `to` that came after `before` others; waits for it.
async fn message(server: &Server, to: &str, before: usize) -> Value {
    let path = format!("/dev/inbox.json?{}", fields(&[("to", to)]));
    for _ in 0..3000 {
        let answer = server.client().send("GET", &path, &[], None).await.unwrap();
        let list: Vec<Value> = serde_json::from_slice(&answer.body).unwrap();
        if list.len() > before {
            return list[0].clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no message to {to}");
}

#[tokio::test]
async fn a_sign_in_is_shown_from_beginning_to_end() {
    let server = server().await;
    let mut browser = Browser::new(server.public());
    assert_eq!(browser.start("jane@example.com").await.unwrap().status, 303);
    let mail = message(&server, "jane@example.com", 0).await;
    let link = mail["link"].as_str().unwrap();
    let id = link.split_once("preAuthSessionId=").unwrap().1.split(['&', '#']).next().unwrap();
    let data = server.data_dir();
    let data = data.to_str().unwrap();
    // It waits: sent, which is written down a moment after it arrived, and not used.
    let mut said = String::new();
    for _ in 0..300 {
        said = printed(&postkey(&["sign-ins", "show", id, "--data-dir", data], &[]));
        if said.contains("accepted") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(said.contains("accepted") && !said.contains("used"), "{said}");
    assert!(has_session(&browser.code(mail["code"].as_str().unwrap()).await.unwrap()));

    let said = printed(&postkey(&["sign-ins", "show", id, "--data-dir", data], &[]));
    for words in [&format!("sign-in   {id}"), "tenant    public", "messages  1, wrong codes 0"] {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
    let steps: Vec<&str> = said.lines().filter(|line| line.starts_with("  ")).collect();
    let at = |what: &str| steps.iter().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what} is not in: {said}"));
    assert!(at("asked") < at("queued") && at("queued") < at("accepted") && at("accepted") < at("used"), "{said}");
    assert!(steps[at("accepted")].contains("email by inbox"), "{said}");
    let secret = link.split_once('#').unwrap().1;
    for kept in ["jane@", mail["code"].as_str().unwrap(), secret] {
        assert!(!said.contains(kept), "{kept:?} is in: {said}");
    }

    // Found by whose it is, for whoever helps them: nobody reads an id out loud.
    let listed = printed(&postkey(&["sign-ins", "list", "Jane@Example.com", "--data-dir", data], &[]));
    assert!(listed.lines().count() == 1 && listed.contains(id) && listed.contains("completed"), "{listed}");
    let none = printed(&postkey(&["sign-ins", "list", "joe@example.com", "--data-dir", data], &[]));
    assert!(none.starts_with("none"), "{none}");
    let said = refused(&postkey(&["sign-ins", "list", "jane", "--data-dir", data], &[]));
    assert!(said.contains("write an address"), "{said}");

    let json: Value = serde_json::from_str(&printed(&postkey(&["sign-ins", "show", id, "--json", "--data-dir", data], &[]))).unwrap();
    assert_eq!((json["id"].as_str(), json["tenant"].as_str()), (Some(id), Some("public")));
    let whats: Vec<&str> = json["steps"].as_array().unwrap().iter().map(|step| step["what"].as_str().unwrap()).collect();
    assert_eq!(whats, ["asked", "queued", "accepted", "used"]);
    // The private listener says the same.
    let mut private = Client::new(server.private(), &server.private().to_string());
    let answer = private.send("GET", &format!("/postkey/sign-ins/{id}"), &[], None).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap(), json);

    let other = format!("{}{}", &id[..id.len() - 1], if id.ends_with('0') { '1' } else { '0' });
    let said = refused(&postkey(&["sign-ins", "show", &other, "--data-dir", data], &[]));
    assert!(said.contains("there is no sign-in of this id"), "{said}");
    let said = refused(&postkey(&["sign-ins", "show", "id=1", "--data-dir", data], &[]));
    assert!(said.contains("\"id=1\" cannot be the id of a sign-in: it is what stands behind preAuthSessionId= in the link"), "{said}");
}

#[tokio::test]
async fn whom_we_invite_may_come_in() {
    let config = "log = \"warn\"\n[tenants.public]\nsign_up = \"invited\"\nsign_up_allowed = [\"@example.org\"]\n[tenants.shut]\nsign_up = \"closed\"\n";
    let server = Server::start(Options { config: config.to_owned(), ..options() }).await.unwrap();
    let (file, data) = (server.folder().join("postkey.toml"), server.data_dir());
    let run = |args: &[&str]| postkey(&[args, &["--config", file.to_str().unwrap(), "--data-dir", data.to_str().unwrap()]].concat(), &[]);
    let start = async |who: &str| {
        let mut browser = Browser::new(server.public());
        assert_eq!(browser.start(who).await.unwrap().status, 303);
        browser
    };
    // A stranger sees the same page and gets no code; the list of the config lets whole domains in.
    start("jane@example.com").await;
    assert_eq!(message(&server, "jane@example.com", 0).await["code"], Value::Null);
    start("joe@example.org").await;
    assert!(message(&server, "joe@example.org", 0).await["code"].is_string());

    assert_eq!(printed(&run(&["invites", "list"])), "");
    let said = printed(&run(&["invites", "add", "Jane@Example.com"]));
    assert_eq!(said, "jane@example.com may get an account in public by signing in\n");
    printed(&run(&["invites", "add", "+49 1511 2345678"]));
    let list = printed(&run(&["invites", "list"]));
    let listed = |who: &str| list.lines().any(|line| line.ends_with(&format!("  {who}")));
    assert!(list.lines().count() == 2 && listed("jane@example.com") && listed("+4915112345678"), "{list}");
    let mut jane = start("jane@example.com").await;
    let mail = message(&server, "jane@example.com", 1).await;
    assert!(has_session(&jane.code(mail["code"].as_str().unwrap()).await.unwrap()));

    // Whoever has an account keeps it.
    printed(&run(&["invites", "withdraw", "jane@example.com"]));
    assert!(!printed(&run(&["invites", "list"])).contains("jane"));
    start("jane@example.com").await;
    assert!(message(&server, "jane@example.com", 2).await["code"].is_string());

    // Where nobody is let in at all, it is said that this changes nothing.
    let said = printed(&run(&["invites", "add", "jane@example.com", "--tenant", "shut"]));
    assert!(said.contains("is not \"invited\": the invitation changes nothing yet"), "{said}");
    assert!(printed(&run(&["invites", "list", "--tenant", "shut"])).contains("jane"));
    let said = refused(&run(&["invites", "add", "jane@example.com", "--tenant", "none"]));
    assert!(said.contains("there is no tenant of that name"), "{said}");
    for who in ["jane", "0151 12345678"] {
        let said = refused(&run(&["invites", "add", who]));
        assert!(said.contains(who) && said.contains("with its country code"), "{said}");
    }
}

#[test]
fn check_names_each_provider_and_what_is_wrong_with_it() {
    let folder = Folder::new("providers");
    let (relay, nobody) = (fake_smtp(), free_port().unwrap());
    let config = folder.file(
        "postkey.toml",
        &format!(
            "public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\ndata_dir = {:?}\n\
             [mail]\nfrom = \"a@example.com\"\nproviders = [\"relay\", \"second\"]\n[sms]\nproviders = [\"texts\", \"own\"]\n[texts]\ncountries = [\"DE\"]\n\
             [providers.relay]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {relay}\ntls = \"none\"\n\
             [providers.second]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {nobody}\ntls = \"none\"\n\
             [providers.texts]\ntype = \"twilio\"\naccount_sid = \"AC0123456789abcdef0123456789abcdef\"\nfrom = \"+15005550006\"\napi_url = \"http://127.0.0.1:{nobody}\"\n\
             [providers.own]\ntype = \"webhook\"\nurl = \"http://127.0.0.1:{nobody}/\"\nsecret = \"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"\n",
            folder.0.join("data")
        ),
    );
    let output = postkey(&["check", "--config", &config], &[("POSTKEY_TWILIO_TOKEN", "a-secret-token")]);
    let (said, shown) = (refused(&output), String::from_utf8_lossy(&output.stdout).into_owned());
    for line in ["config         ok", "relay          ok", "second         failed", "texts          failed", "own            failed"] {
        assert!(shown.lines().any(|shown| shown == line), "{line:?} is not in: {shown}");
    }
    for words in ["3 checks failed", "\nprovider second: ", "\nprovider texts: ", "\nprovider own: "] {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
    assert!(!said.contains("provider relay") && !said.contains("a-secret-token"), "{said}");
}
