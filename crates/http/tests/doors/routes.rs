//! The routing table, whole: each route with its method, and every other method refused.

use crate::house::{Dev, House, LOCAL, Plan};
use crate::tape::Tape;
use insta::assert_snapshot;

/// The public listener's routes.
pub const PUBLIC: [(&str, &str); 37] = [
    ("GET", "/auth"),
    ("GET", "/auth/code"),
    ("GET", "/auth/sent"),
    ("GET", "/auth/verify"),
    ("GET", "/auth/link-problem"),
    ("GET", "/auth/signed-in"),
    ("GET", "/auth/sessions"),
    ("GET", "/auth/identifiers"),
    ("GET", "/auth/identifiers/new"),
    ("GET", "/auth/identifiers/code"),
    ("POST", "/auth/_/start"),
    ("POST", "/auth/_/check"),
    ("POST", "/auth/_/code"),
    ("POST", "/auth/_/resend"),
    ("POST", "/auth/_/again"),
    ("POST", "/auth/_/cancel"),
    ("GET", "/auth/_/waiting"),
    ("POST", "/auth/_/collect"),
    ("POST", "/auth/_/verify"),
    ("POST", "/auth/_/opened"),
    ("POST", "/auth/_/approve"),
    ("POST", "/auth/_/disown"),
    ("POST", "/auth/_/sign-out"),
    ("POST", "/auth/_/sessions/end"),
    ("POST", "/auth/_/sessions/end-others"),
    ("POST", "/auth/_/identifiers/start"),
    ("POST", "/auth/_/identifiers/remove"),
    ("POST", "/auth/_/identifiers/code"),
    ("POST", "/auth/_/identifiers/resend"),
    ("POST", "/auth/_/identifiers/cancel"),
    ("POST", "/auth/_/language"),
    ("GET", "/auth/_/assets/{file}"),
    ("POST", "/auth/session/refresh"),
    ("POST", "/auth/signout"),
    ("GET", "/auth/jwt/jwks.json"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/auth/.well-known/openid-configuration"),
];
/// The addresses of our pages' forms, and of what their script sends.
pub fn forms() -> Vec<&'static str> {
    PUBLIC.iter().filter(|(method, path)| *method == "POST" && path.starts_with("/auth/_/")).map(|(_, path)| *path).collect()
}
/// On both listeners.
const HEALTH: (&str, &str) = ("GET", "/health");
/// Those of `dev`.
pub const DEV: [(&str, &str); 8] = [
    ("GET", "/"),
    ("GET", "/demo"),
    ("GET", "/dev/inbox"),
    ("GET", "/dev/inbox.json"),
    ("GET", "/dev/discarded.json"),
    ("GET", "/dev/pages"),
    ("GET", "/dev/pages/{screen}"),
    ("GET", "/dev/pages.css"),
];
/// The private listener's.
const PRIVATE: [(&str, &str); 3] = [("GET", "/hello"), ("GET", "/.well-known/jwks.json"), ("GET", "/postkey/sign-ins/{id}")];

/// A new route has to be written down here, and gets the tests of this file.
#[test]
fn the_table_here_is_the_table_there() {
    let source = include_str!("../../src/lib.rs");
    let mut there: Vec<(String, String)> = source
        .split(".route(\"")
        .skip(1)
        .map(|rest| {
            let (path, rest) = rest.split_once("\", ").unwrap();
            let method = rest.split('(').next().unwrap().to_ascii_uppercase();
            (method, path.to_owned())
        })
        .collect();
    let all = PUBLIC.iter().chain([&HEALTH, &HEALTH]).chain(&DEV).chain(&PRIVATE);
    let mut here: Vec<(String, String)> = all.map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    there.sort();
    here.sort();
    assert_eq!(here, there);
}

#[tokio::test]
async fn every_other_method_is_refused() {
    let house = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    let public = PUBLIC.iter().chain([&HEALTH]).chain(&DEV).map(|route| (route, false));
    for ((allowed, path), private) in public.chain(PRIVATE.iter().chain([&HEALTH]).map(|route| (route, true))) {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X"] {
            let ask = |method: &str| if private { house.back_end(method, path) } else { house.ask(method, path) };
            let answer = ask(method).send().await;
            let fits = method == *allowed || (method == "HEAD" && *allowed == "GET");
            assert_eq!(answer.status != 405, fits, "{method} {path}: {}", answer.status);
            if !fits {
                let methods = if *allowed == "GET" { "GET,HEAD" } else { "POST" };
                assert_eq!(answer.header("allow"), methods, "{method} {path}");
                assert!(answer.set_cookies().is_empty());
            }
            if method == "HEAD" && fits {
                assert!(answer.body.is_empty(), "{path}");
                assert_eq!(answer.status, ask("GET").send().await.status, "{path}: as GET");
            }
        }
    }
}

#[tokio::test]
async fn wrong_methods_and_unknown_addresses() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    tape.add_whole(&house.get("/nowhere").send().await);
    tape.add_whole(&house.get("/nowhere").json().send().await);
    tape.add(&house.get("/nowhere").without("accept").send().await);
    tape.add(&house.get("/auth/_/start").send().await);
    tape.add(&house.ask("DELETE", "/auth/_/start").json().send().await);
    tape.add(&house.ask("POST", "/auth").json().send().await);
    tape.add(&house.get("/auth/_/assets/page-0000000000000000.css").send().await);
    let odd = [
        "/auth/",
        "//auth",
        "/AUTH",
        "/auth/code/",
        "/auth/%63ode",
        "/auth/_/assets/",
        "/auth/_/assets/../../health",
        "/auth/_/assets/%2e%2e%2fx",
    ];
    for path in odd {
        assert_eq!(house.get(path).send().await.status, 404, "{path}");
    }
    assert_eq!(house.get("/auth/_/assets/%ff").send().await.status, 404, "not UTF-8");
    assert_snapshot!(tape.text());
}

/// What was asked for is not repeated on error pages: neither words nor secrets in an address come back.
#[tokio::test]
async fn error_pages_repeat_nothing() {
    let house = House::plain().await;
    for path in ["/s3cret-path?x=s3cret", "/auth/_/start?linkCode=s3cret", "/auth/_/assets/s3cret"] {
        for answer in [house.get(path).send().await, house.get(path).json().send().await] {
            assert!(answer.status >= 400 && !answer.body.contains("s3cret"), "{path}");
            assert!(answer.body.contains(answer.header("x-request-id")), "{path}");
        }
    }
}

#[tokio::test]
async fn assets_may_be_kept() {
    let house = House::plain().await;
    let page = house.get("/auth").send().await;
    let mut tape = Tape::default();
    for part in page.body.split("/auth/_/assets/").skip(1) {
        let file = part.split('"').next().unwrap();
        let mut asset = house.get(&format!("/auth/_/assets/{file}")).send().await;
        assert!(asset.body.len() > 100);
        asset.body = String::new();
        tape.add_whole(&asset);
    }
    assert_snapshot!(tape.text());
}
