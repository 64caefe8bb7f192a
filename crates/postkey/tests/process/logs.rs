//! What the log says of a whole run, and what it never says.

use crate::kit::{BINARY, handle_in};
use postkey_bench::{Answer, Browser, Client, Options, Server};
use serde_json::{Value, json};
use std::time::Duration;

const PROXY: [(&str, &str); 2] =
    [("x-request-id", "from-the-proxy.7"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];

/// Everything that must not come up in the log, with what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() >= 4, "{what}: {secret:?} would be found by chance");
        self.0.push((what, secret.to_owned()));
    }

    /// The cookies of an answer.
    fn add_cookies(&mut self, answer: &Answer) {
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let value = line.split(';').next().and_then(|pair| pair.split_once('=')).map_or("", |(_, value)| value);
            if value.len() >= 12 {
                self.add("a cookie", value);
            }
        }
    }
}

async fn newest(browser: &mut Browser, to: &str) -> Value {
    for _ in 0..1000 {
        let path = format!("/dev/inbox.json?to={}", to.replace('@', "%40").replace('+', "%2B"));
        let answer = browser.client.send("GET", &path, &[], None).await.unwrap();
        let all: Value = serde_json::from_slice(&answer.body).unwrap();
        if let Some(message) = all.get(0) {
            return message.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no message to {to}");
}

/// One person's ways in and around, by page; every secret on the way is noted.
async fn a_person(server: &Server, secrets: &mut Secrets, field: &str, who: &str) {
    secrets.add("an address or number", who);
    let mut browser = Browser::new(server.public());
    browser.open().await.unwrap();
    secrets.add("a form token", browser.form());
    let answer = browser.post("/auth/_/start", &[(field, who)]).await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    secrets.add_cookies(&answer);
    let message = newest(&mut browser, who).await;
    let (code, link) = (message["code"].as_str().unwrap().replace(' ', ""), message["link"].as_str().unwrap());
    secrets.add("a code", &code);
    secrets.add("a link's secret", link.split('#').nth(1).unwrap());
    let wrong = if code == "271828" { "314159" } else { "271828" };
    secrets.add("a wrong code", wrong);
    browser.code(wrong).await.unwrap();
    // As a careless person would: the link's secret in the query, the code in a path.
    browser.get(&format!("/auth/verify?preAuthSessionId=x&code={code}&email={who}")).await.unwrap();
    browser.get(&format!("/auth/{code}/{who}")).await.unwrap();
    let answer = browser.code(&code).await.unwrap();
    assert!(answer.cookie("sAccessToken").is_some(), "{} {}", answer.status, answer.text());
    secrets.add_cookies(&answer);
    assert!(!handle_in(&browser.jar).is_empty());
    let answer = browser.refresh().await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    secrets.add_cookies(&answer);
    browser.post("/auth/_/sign-out", &[]).await.unwrap();
}

/// What a back end does: a code made and used, somebody looked up.
async fn a_back_end(server: &Server, secrets: &mut Secrets) {
    let mut core = Client::new(server.private(), "localhost");
    let headers = [("rid", "passwordless"), ("cdi-version", "5.1")];
    let who = "quentin.backend@example.org";
    secrets.add("an address", who);
    let mut ask = async |method: &str, path: &str, body: Value| {
        let text = body.to_string();
        let body = (method == "POST").then_some(("application/json", text.as_bytes()));
        let answer = core.send(method, path, &headers, body).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        serde_json::from_slice::<Value>(&answer.body).unwrap()
    };
    let made = ask("POST", "/recipe/signinup/code", json!({ "email": who })).await;
    for (what, key) in [("a code", "userInputCode"), ("a link's secret", "linkCode"), ("a device's secret", "deviceId")] {
        secrets.add(what, made[key].as_str().unwrap());
    }
    let typed = ["preAuthSessionId", "deviceId", "userInputCode"].map(|key| (key.to_owned(), made[key].clone()));
    let used = ask("POST", "/recipe/signinup/code/consume", Value::Object(typed.into_iter().collect())).await;
    assert_eq!(used["status"], "OK", "{used}");
    ask("GET", "/users/by-accountinfo?email=quentin.backend%40example.org&doUnionOfAccountInfo=false", Value::Null).await;
}

async fn run(format: &str) -> (String, Secrets) {
    let config = format!(
        "log = \"debug\"\nlog_format = \"{format}\"\ntrusted_proxies = [\"127.0.0.0/8\"]\n\
         [tenants.public]\nsends_per_contact = 0\nsends_per_network = 0\ncontact = \"EMAIL_OR_PHONE\"\nresend_gap = \"1s\"\n"
    );
    let mut server = Server::start(Options { binary: BINARY.into(), config, ..Options::default() }).await.unwrap();
    let mut secrets = Secrets::default();
    a_person(&server, &mut secrets, "identifier", "theodora.person@example.org").await;
    a_person(&server, &mut secrets, "identifier", "+4915112345678").await;
    a_back_end(&server, &mut secrets).await;
    let mut client = server.client();
    let forwarded = [PROXY[0], PROXY[1], ("x-forwarded-for", "198.51.100.77"), ("user-agent", "Secretive/1.0")];
    let answer = client.send("GET", "/auth?tenantId=public&email=query.person@example.org", &forwarded, None).await.unwrap();
    assert_eq!(answer.header("x-request-id"), Some(PROXY[0].1));
    let odd = client.send("GET", "/auth", &[("x-request-id", "somebody@example.org said so")], None).await.unwrap();
    assert_ne!(odd.header("x-request-id"), Some("somebody@example.org said so"));
    // Bodies and heads that make no sense.
    for (path, body) in [("/auth/_/start", "email=broken.person%ZZ@example.org"), ("/auth/signinup/code", "{\"email\":\"broken.person@")] {
        client.send("POST", path, &[], Some(("application/json", body.as_bytes()))).await.unwrap();
    }
    for secret in ["query.person", "broken.person", "somebody@", "198.51.100.77", "Secretive"] {
        secrets.add("what was sent along", secret);
    }
    let key = std::fs::read_to_string(server.data_dir().join("secret.key")).unwrap();
    secrets.add("the secret key", key.trim());
    assert_eq!(server.stop().await.unwrap().code(), Some(0));
    (server.log(), secrets)
}

/// A line without its moment, whose digits may look like any code.
fn without_moment(line: &str) -> &str {
    line.find("\"level\"").map_or_else(|| line.split_once(' ').map_or(line, |(_, rest)| rest), |from| &line[from..])
}

fn assert_silent(log: &str, secrets: &Secrets) {
    assert!(secrets.0.len() > 20, "only {} secrets were noted", secrets.0.len());
    for (what, secret) in &secrets.0 {
        let line = log.lines().map(without_moment).find(|line| line.contains(secret.as_str()));
        assert!(line.is_none(), "the log tells {what} ({secret}): {line:?}");
    }
    // Whole addresses of pages say too much, and so do networks.
    for sign in ["http://", "https://", "preAuthSessionId", "@example", "?tenantId"] {
        let line = log.lines().find(|line| line.contains(sign) && !line.contains("the database") && !line.contains("ready"));
        assert!(line.is_none(), "{sign}: {line:?}");
    }
}

#[tokio::test]
async fn a_whole_run_in_json_tells_no_secret() {
    let (log, secrets) = run("json").await;
    assert_silent(&log, &secrets);
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let requests: Vec<&Value> = lines.iter().filter(|line| line["message"] == "request").collect();
    assert!(requests.len() > 20, "{log}");
    for line in &requests {
        assert!(line["id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
        assert!(line["method"].is_string() && line["status"].is_u64() && line["ms"].is_i64(), "{line}");
        let route = line["route"].as_str().unwrap();
        assert!(route == "unmatched" || route.starts_with('/'), "{line}");
    }
    let ids: std::collections::BTreeSet<&str> = requests.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!(ids.len(), requests.len(), "each request has an id of its own");
    let code = requests.iter().find(|line| line["route"] == "/auth/_/code" && line["status"] == 303).unwrap();
    assert_eq!(code["tenant"], "public", "{code}");
    let proxied = requests.iter().find(|line| line["id"] == PROXY[0].1).unwrap();
    assert_eq!((&proxied["trace"], &proxied["route"]), (&json!("0af7651916cd43dd8448eb211c80319c"), &json!("/auth")));
}

#[tokio::test]
async fn a_whole_run_in_text_tells_no_secret() {
    let (log, secrets) = run("text").await;
    assert_silent(&log, &secrets);
    let line = log.lines().find(|line| line.contains("/auth/_/code") && line.contains("303")).unwrap();
    for part in ["request", "method=POST", "route=\"/auth/_/code\"", "status=303", "tenant=\"public\"", "ms="] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(log.contains("trace=\"0af7651916cd43dd8448eb211c80319c\""), "{log}");
}
