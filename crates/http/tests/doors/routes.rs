//! The routing table, whole: each route with its method, and every other method refused.

use crate::house::{Dev, House, LOCAL, Plan};
use crate::tape::Tape;
use insta::assert_snapshot;

/// The public listener's routes.
pub const PUBLIC: [(&str, &str); 32] = [
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
];
/// What the login SDK of Authress calls, the page of its links, and key sets.
pub const LOGINS: [(&str, &str); 22] = [
    ("POST", "/api/authentication"),
    ("POST", "/api/authentication/oauth/tokens"),
    ("PATCH", "/api/authentication/{id}"),
    ("POST", "/api/authentication/{id}/tokens"),
    ("POST", "/api/authentication/{id}/code"),
    ("GET PATCH DELETE", "/api/session"),
    ("GET", "/api/session/profile"),
    ("DELETE", "/api/session/identities/{id}"),
    ("DELETE", "/api/identities/{id}"),
    ("GET POST", "/api/session/devices"),
    ("DELETE", "/api/session/devices/{id}"),
    ("GET", "/api/session/credentials"),
    ("GET POST", "/login"),
    ("GET POST", "/login/pages"),
    ("POST", "/login/provider"),
    ("GET", "/login/problem"),
    ("GET", "/logout"),
    ("GET", "/settings"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/.well-known/openid-configuration/jwks"),
    ("GET", "/v1/clients/{id}/.well-known/openid-configuration/jwks"),
    ("POST", "/v1/clients/{id}/codes"),
];
/// What the web SDKs call for a tenant: below `/auth` and below `/auth/{tenant}`.
pub const OF_TENANTS: [(&str, &str); 26] = [
    ("POST", "/signinup/code"),
    ("POST", "/signinup/code/resend"),
    ("POST", "/signinup/code/consume"),
    ("GET", "/passwordless/email/exists"),
    ("GET", "/passwordless/phonenumber/exists"),
    ("GET", "/passwordless/phoneNumber/exists"),
    ("GET", "/signup/email/exists"),
    ("GET", "/signup/phonenumber/exists"),
    ("GET", "/loginmethods"),
    ("GET", "/authorisationurl"),
    ("POST", "/signinup"),
    ("POST", "/signin"),
    ("POST", "/signup"),
    ("GET", "/emailpassword/email/exists"),
    ("POST", "/user/password/reset"),
    ("POST", "/user/password/reset/token"),
    ("POST", "/webauthn/options/register"),
    ("POST", "/webauthn/options/signin"),
    ("POST", "/webauthn/signup"),
    ("POST", "/webauthn/signin"),
    ("GET", "/webauthn/email/exists"),
    ("POST", "/webauthn/credential"),
    ("GET", "/webauthn/credential/list"),
    ("POST", "/webauthn/credential/remove"),
    ("POST", "/user/webauthn/reset"),
    ("POST", "/user/webauthn/reset/token"),
];
/// What they call without a tenant, below `/auth`.
pub const OF_NO_TENANT: [(&str, &str); 20] = [
    ("GET POST", "/user/email/verify"),
    ("POST", "/user/email/verify/token"),
    ("POST", "/callback/apple"),
    ("PUT", "/mfa/info"),
    ("POST", "/totp/device"),
    ("GET", "/totp/device/list"),
    ("POST", "/totp/device/remove"),
    ("POST", "/totp/device/verify"),
    ("POST", "/totp/verify"),
    ("GET", "/oauth/auth"),
    ("POST", "/oauth/token"),
    ("GET", "/oauth/login"),
    ("GET", "/oauth/login/info"),
    ("POST", "/oauth/logout"),
    ("GET POST", "/oauth/end_session"),
    ("GET", "/oauth/userinfo"),
    ("POST", "/oauth/introspect"),
    ("POST", "/oauth/revoke"),
    ("POST", "/session/refresh"),
    ("POST", "/signout"),
];
/// Of these only this method is also a tenant's.
const ALSO_OF_TENANTS: (&str, &str) = ("POST", "/user/email/verify");
/// The key set.
const KEYS: [(&str, &str); 3] =
    [("GET", "/auth/jwt/jwks.json"), ("GET", "/.well-known/jwks.json"), ("GET", "/auth/.well-known/openid-configuration")];
/// The addresses of our pages' forms, and of what their script sends.
pub fn forms() -> Vec<&'static str> {
    PUBLIC.iter().filter(|(method, path)| *method == "POST" && path.starts_with("/auth/_/")).map(|(_, path)| *path).collect()
}
/// On both listeners.
const HEALTH: [(&str, &str); 2] = [("GET", "/health"), ("GET", "/ready")];
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
const PRIVATE: [(&str, &str); 3] = [("GET", "/.well-known/jwks.json"), ("GET", "/metrics"), ("GET", "/postkey/sign-ins/{id}")];

/// A new route has to be written down here, and gets the tests of this file.
#[test]
fn the_table_here_is_the_table_there() {
    let source = include_str!("../../src/lib.rs");
    let mut there: Vec<(String, String)> = source
        .split(".route(\"")
        .skip(1)
        .map(|rest| {
            let (path, rest) = rest.split_once("\", ").unwrap();
            // `get(…)`, or `get(…).post(…)`.
            let handlers = rest.split('\n').next().unwrap();
            let methods = handlers.split(").").map(|one| one.split('(').next().unwrap().to_ascii_uppercase());
            (methods.collect::<Vec<_>>().join(" "), path.to_owned())
        })
        .collect();
    let web_sdks = OF_TENANTS.iter().chain(&OF_NO_TENANT).chain([&ALSO_OF_TENANTS]).chain(&KEYS);
    let all = PUBLIC.iter().chain(&LOGINS).chain(&HEALTH).chain(&HEALTH).chain(&DEV).chain(&PRIVATE).chain(web_sdks);
    let mut here: Vec<(String, String)> = all.map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    there.sort();
    here.sort();
    assert_eq!(here, there);
}

/// All routes of the public listener as they are reached, with a tenant's name where one may stand.
fn public() -> Vec<(&'static str, String)> {
    let whole = PUBLIC.iter().chain(&LOGINS).chain(&HEALTH).chain(&DEV).chain(&KEYS).map(|(methods, path)| (*methods, (*path).to_owned()));
    let below = |prefix: &'static str| move |(methods, path): &(&'static str, &'static str)| (*methods, format!("{prefix}{path}"));
    let without = OF_TENANTS.iter().chain(&OF_NO_TENANT).map(below("/auth"));
    let named = OF_TENANTS.iter().chain([&ALSO_OF_TENANTS]).map(below("/auth/acme"));
    whole.chain(without).chain(named).collect()
}

#[tokio::test]
async fn every_other_method_is_refused() {
    let house = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    let public = public().into_iter().map(|route| (route, false));
    let private = PRIVATE.iter().chain(&HEALTH).map(|(methods, path)| ((*methods, (*path).to_owned()), true));
    for ((methods, path), private) in public.chain(private) {
        let path = path.as_str();
        let allowed: Vec<&str> = methods.split(' ').collect();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X"] {
            let ask = |method: &str| if private { house.back_end(method, path) } else { house.ask(method, path) };
            let answer = ask(method).send().await;
            let fits = allowed.contains(&method) || (method == "HEAD" && allowed.contains(&"GET"));
            assert_eq!(answer.status != 405, fits, "{method} {path}: {}", answer.status);
            if !fits {
                let named = methods.replace("GET", "GET,HEAD").replace(' ', ",");
                assert_eq!(answer.header("allow"), named, "{method} {path}");
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
