//! A client as SuperTokens' web SDKs are one: the calls they make, with their headers.

use crate::house::{House, Mail};
use crate::visitor::{Answer, Ask};
use serde_json::{Value, json};

/// A client of a tenant (`""` for none in the path) that carries its tokens in cookies or in headers.
pub struct Sdk<'a> {
    pub house: &'a House,
    pub tenant: &'static str,
    pub mode: &'static str,
    pub origin: &'static str,
}

impl<'a> Sdk<'a> {
    /// One on a page of our own.
    pub fn new(house: &'a House, tenant: &'static str, mode: &'static str) -> Self {
        Sdk { house, tenant, mode, origin: house.origin }
    }

    pub fn path(&self, path: &str) -> String {
        if self.tenant.is_empty() { format!("/auth{path}") } else { format!("/auth/{}{path}", self.tenant) }
    }

    /// A call as it leaves the SDK.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'a> {
        let ask = self.house.ask(method, path).header("accept", "*/*").header("rid", "passwordless");
        let ask = ask.header("fdi-version", "3.1,4.0,4.1,4.2").header("st-auth-mode", self.mode).header("origin", self.origin);
        ask.header("sec-fetch-site", if self.origin == self.house.origin { "same-origin" } else { "same-site" })
    }

    pub fn get(&self, path: &str) -> Ask<'a> {
        self.ask("GET", &self.path(path)).header("content-type", "application/json")
    }

    pub fn post(&self, path: &str, body: &Value) -> Ask<'a> {
        self.ask("POST", &self.path(path)).body("application/json", body.to_string().as_bytes())
    }

    pub fn create(&self, contact: &str) -> Ask<'a> {
        let field = if contact.starts_with('+') { "phoneNumber" } else { "email" };
        self.post("/signinup/code", &json!({ field: contact, "shouldTryLinkingWithSessionUser": false }))
    }

    /// Asks for a message; what the SDK keeps, and the message.
    pub async fn start(&self, contact: &str) -> (Value, Mail) {
        let answer = self.create(contact).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        (answer.is_json(), self.house.mail())
    }

    pub fn code(&self, attempt: &Value, typed: &str) -> Ask<'a> {
        let body = json!({
            "userInputCode": typed,
            "deviceId": attempt["deviceId"],
            "preAuthSessionId": attempt["preAuthSessionId"],
            "shouldTryLinkingWithSessionUser": false,
        });
        self.post("/signinup/code/consume", &body)
    }

    pub fn link(&self, id: &str, secret: &str) -> Ask<'a> {
        let body = json!({ "linkCode": secret, "preAuthSessionId": id, "shouldTryLinkingWithSessionUser": false });
        self.post("/signinup/code/consume", &body)
    }

    pub fn resend(&self, attempt: &Value) -> Ask<'a> {
        self.post("/signinup/code/resend", &json!({ "deviceId": attempt["deviceId"], "preAuthSessionId": attempt["preAuthSessionId"] }))
    }

    /// The whole way in.
    pub async fn sign_in(&self, contact: &str) -> Tokens {
        let (attempt, mail) = self.start(contact).await;
        let answer = self.code(&attempt, mail.code()).send().await;
        assert_eq!(answer.is_json()["status"], "OK", "{}", answer.body);
        Tokens::of(&answer)
    }

    /// Renews with `refresh`, as this client carries it.
    pub fn renew(&self, refresh: &str) -> Ask<'a> {
        self.carrying(self.ask("POST", "/auth/session/refresh"), "sRefreshToken", refresh)
    }

    pub fn sign_out(&self, access: &str) -> Ask<'a> {
        self.carrying(self.ask("POST", "/auth/signout"), "sAccessToken", access)
    }

    /// A call of somebody who is signed in.
    pub fn with(&self, ask: Ask<'a>, access: &str) -> Ask<'a> {
        self.carrying(ask, "sAccessToken", access)
    }

    fn carrying(&self, ask: Ask<'a>, cookie: &str, token: &str) -> Ask<'a> {
        if self.mode == "header" {
            ask.header("authorization", &format!("Bearer {token}"))
        } else {
            ask.cookie(&format!("{cookie}={token}"))
        }
    }
}

/// The tokens of an answer, however they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub front: String,
}

impl Tokens {
    pub fn of(answer: &Answer) -> Tokens {
        let cookie = |name: &str| answer.set_cookie(name).map(|line| line.split(['=', ';']).nth(1).unwrap().to_owned());
        let token = |name: &str, header: &str| match answer.headers.get(header) {
            Some(value) => value.to_str().unwrap().to_owned(),
            None => cookie(name).unwrap_or_default(),
        };
        Tokens {
            access: token("sAccessToken", "st-access-token"),
            refresh: token("sRefreshToken", "st-refresh-token"),
            front: answer.header("front-token").to_owned(),
        }
    }
}

/// What SuperTokens' SDK reads out of a front token.
pub fn front(token: &str) -> Value {
    serde_json::from_slice(&data_encoding::BASE64.decode(token.as_bytes()).unwrap()).unwrap()
}
