//! The doors beside the pages: the frontend door that scripts call, and the back-end door on the private listener.

use crate::browser::{THROTTLED, let_in};
use crate::http::{Answer, Ask, Http};
use serde_json::{Value, json};

/// The frontend door, for one tenant.
#[derive(Clone)]
pub struct Web {
    http: Http,
    origin: String,
    base: String,
}

/// A sign-in that was begun by a door, as it is told to whoever began it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// `preAuthSessionId`
    pub sign_in: String,
    /// `deviceId`
    pub device: String,
    /// The code, where the door tells it.
    pub code: String,
    /// The secret of the link, where the door tells it.
    pub link: String,
}

/// What became of a code that was sent in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It was right, and opened something.
    In,
    /// It was looked at, and wrong: so many tries are used up by now.
    Wrong(i64),
    /// It was not looked at: the sign-in is over, or never was.
    Over,
    /// Something else was answered.
    Else(String),
}

impl Tried {
    /// What an answer of either door of SuperTokens means.
    pub fn read(answer: &Answer) -> Self {
        let told = answer.json();
        match (answer.status, told["status"].as_str().unwrap_or_default()) {
            (200, "OK") => Tried::In,
            (200, "INCORRECT_USER_INPUT_CODE_ERROR" | "EXPIRED_USER_INPUT_CODE_ERROR") => {
                Tried::Wrong(told["failedCodeInputAttemptCount"].as_i64().unwrap_or(-1))
            }
            (200, "RESTART_FLOW_ERROR") => Tried::Over,
            (status, word) => Tried::Else(format!("{status} {word}")),
        }
    }

    /// What an answer of the pages means. They tell it to the next page in a cookie.
    pub fn of_page(answer: &Answer) -> Self {
        let note = answer.cookie("pk_note").unwrap_or_default();
        let mut parts = note.split('.');
        match (parts.next().unwrap_or_default(), parts.next().and_then(|left| left.parse::<i64>().ok())) {
            _ if let_in(answer) => Tried::In,
            ("wrong-code", left) => Tried::Wrong(left.unwrap_or(-1)),
            ("expired-code", _) => Tried::Wrong(-1),
            ("too-many-wrong" | "start-again" | "used-elsewhere", _) => Tried::Over,
            (_, _) if answer.status == 303 && answer.header("location") == "/auth/code" => Tried::Over,
            (word, _) => Tried::Else(format!("{} {word}", answer.status)),
        }
    }

    /// Whether the code was compared with the right one.
    pub fn evaluated(&self) -> bool {
        matches!(self, Tried::In | Tried::Wrong(_))
    }
}

impl Web {
    /// The door for a tenant.
    pub fn new(http: Http, origin: &str, tenant: &str) -> Self {
        let base = if tenant == "public" { "/auth".to_owned() } else { format!("/auth/{tenant}") };
        Web { http, origin: origin.to_owned(), base }
    }

    /// A call, as the SDKs send it.
    pub fn call(&self, path: &str, body: &Value) -> Ask {
        let ask = Ask::post(&format!("{}{path}", self.base)).with("origin", &self.origin).with("sec-fetch-site", "same-origin");
        ask.with("rid", "passwordless").with("fdi-version", "4.1").with("st-auth-mode", "header").json(body)
    }

    /// Sends a call.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, String> {
        self.http.ask(self.call(path, body)).await
    }

    /// Asks for a code.
    pub async fn create(&self, who: &str) -> Result<Begun, String> {
        let field = if who.starts_with('+') { "phoneNumber" } else { "email" };
        begun(&self.post("/signinup/code", &json!({ field: who })).await?)
    }

    /// Asks for another one.
    pub async fn resend(&self, begun: &Begun) -> Result<Answer, String> {
        self.post("/signinup/code/resend", &json!({ "deviceId": begun.device, "preAuthSessionId": begun.sign_in })).await
    }

    /// Sends a code in: the answer.
    pub async fn consume(&self, begun: &Begun, code: &str) -> Result<Answer, String> {
        let body = json!({ "deviceId": begun.device, "preAuthSessionId": begun.sign_in, "userInputCode": code });
        self.post("/signinup/code/consume", &body).await
    }

    /// Sends a code in: what became of it.
    pub async fn tried(&self, begun: &Begun, code: &str) -> Result<Tried, String> {
        Ok(Tried::read(&self.consume(begun, code).await?))
    }

    /// Sends a link's secret in: the answer.
    pub async fn consume_link(&self, sign_in: &str, secret: &str) -> Result<Answer, String> {
        self.post("/signinup/code/consume", &json!({ "preAuthSessionId": sign_in, "linkCode": secret })).await
    }
}

/// What an answer tells of the sign-in that it began.
fn begun(answer: &Answer) -> Result<Begun, String> {
    let told = answer.json();
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    match text("status").as_str() {
        "OK" => {
            Ok(Begun { sign_in: text("preAuthSessionId"), device: text("deviceId"), code: text("userInputCode"), link: text("linkCode") })
        }
        "GENERAL_ERROR" => Err(format!("{THROTTLED} ({})", text("message"))),
        _ => Err(format!("asked for a code, and got {} {}", answer.status, text("status"))),
    }
}

/// The back-end door, for one tenant.
#[derive(Clone)]
pub struct Core {
    http: Http,
    key: String,
    tenant: String,
}

impl Core {
    /// The door for a tenant.
    pub fn new(http: Http, key: &str, tenant: &str) -> Self {
        Core { http, key: key.to_owned(), tenant: tenant.to_owned() }
    }

    /// The same for what belongs to no tenant.
    pub fn app(&self) -> Self {
        Core { tenant: String::new(), ..self.clone() }
    }

    /// Sends a call, as the back-end SDKs do. `path` is behind the tenant.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Answer, String> {
        let tenant = if self.tenant.is_empty() { String::new() } else { format!("/{}", self.tenant) };
        let ask = Ask::new(method, &format!("{tenant}{path}")).with("cdi-version", "5.4").with("api-key", &self.key);
        self.http.ask(if method == "GET" { ask } else { ask.json(body) }).await
    }

    /// Has a code made, for the application to deliver.
    pub async fn create(&self, who: &str) -> Result<Begun, String> {
        let field = if who.starts_with('+') { "phoneNumber" } else { "email" };
        begun(&self.call("POST", "/recipe/signinup/code", &json!({ field: who })).await?)
    }

    /// Sends a code in, to be used (`consume`) or only looked at (`check`).
    pub async fn tried(&self, begun: &Begun, code: &str, verb: &str) -> Result<Tried, String> {
        let body = json!({ "preAuthSessionId": begun.sign_in, "deviceId": begun.device, "userInputCode": code });
        Ok(Tried::read(&self.call("POST", &format!("/recipe/signinup/code/{verb}"), &body).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, note: &str, body: &str) -> Answer {
        let headers = [("location", "/auth/code"), ("set-cookie", note)];
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn answers_to_codes_are_understood() {
        let wrong = r#"{"status":"INCORRECT_USER_INPUT_CODE_ERROR","failedCodeInputAttemptCount":3}"#;
        assert_eq!(Tried::read(&answer(200, "", wrong)), Tried::Wrong(3));
        assert_eq!(Tried::read(&answer(200, "", r#"{"status":"OK"}"#)), Tried::In);
        assert_eq!(Tried::read(&answer(200, "", r#"{"status":"RESTART_FLOW_ERROR"}"#)), Tried::Over);
        assert_eq!(Tried::read(&answer(503, "", "")), Tried::Else("503 ".to_owned()));
        assert_eq!(Tried::of_page(&answer(303, "pk_note=wrong-code.4..x; Path=/", "")), Tried::Wrong(4));
        assert_eq!(Tried::of_page(&answer(303, "pk_note=too-many-wrong.0..; Path=/", "")), Tried::Over);
        assert_eq!(Tried::of_page(&answer(303, "sAccessToken=abc; Path=/", "")), Tried::In);
        assert_eq!(Tried::of_page(&answer(503, "pk_note=busy; Path=/", "")), Tried::Else("503 busy".to_owned()));
    }
}
