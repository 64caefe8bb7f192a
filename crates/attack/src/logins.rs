//! The door of Authress' SDKs, as far as attacks need it: a login that a page asks for, and codes that a service client has
//! made for it.

use crate::doors::Tried;
use crate::http::{Answer, Ask, Http};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// The application that every server has, and where it sends people back to in development.
const APPLICATION: &str = "app_default";
const RETURN: &str = "http://localhost:3000/";

/// The door, for the logins of one service client.
#[derive(Clone)]
pub struct Logins {
    http: Http,
    client: String,
    access_key: String,
    now: i64,
}

impl Logins {
    /// The door. `made` is what `postkey clients create` printed.
    pub fn new(http: Http, made: &str, now: i64) -> Result<Self, String> {
        let told: Value = serde_json::from_str(made).map_err(|e| format!("a service client was made, but not told: {e}"))?;
        let text = |name: &str| told[name].as_str().map(str::to_owned).ok_or_else(|| format!("a service client without {name}"));
        Ok(Logins { http, client: text("clientId")?, access_key: text("accessKey")?, now })
    }

    /// Asks for a login, as a page does: its id.
    pub async fn ask(&self) -> Result<String, String> {
        let body = json!({
            "redirectUrl": RETURN, "codeChallengeMethod": "S256", "codeChallenge": hash(&self.client), "connectionId": self.client,
            "applicationId": APPLICATION, "antiAbuseHash": work(self.now, &format!("{}|{APPLICATION}", self.client)),
        });
        let answer = self.http.ask(self.call("/api/authentication", &body)).await?;
        let id = answer.json()["authenticationRequestId"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() { Err(format!("asked for a login, and got {}", answer.status)) } else { Ok(id) }
    }

    /// Has a code made for a login, as the back end does.
    pub async fn code_for(&self, login: &str, who: &str) -> Result<String, String> {
        let body = json!({ "authenticationRequestId": login, "userId": who });
        let ask = Ask::post(&format!("/v1/clients/{}/codes", self.client)).with("authorization", &format!("Bearer {}", self.access_key));
        let answer = self.http.ask(ask.json(&body)).await?;
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        if code.is_empty() { Err(format!("had a code made, and got {}", answer.status)) } else { Ok(code) }
    }

    /// Types a code.
    pub async fn tried(&self, login: &str, code: &str) -> Result<Tried, String> {
        let answer = self.http.ask(self.call(&format!("/api/authentication/{login}/code"), &json!({ "code": code }))).await?;
        Ok(read(&answer))
    }

    fn call(&self, path: &str, body: &Value) -> Ask {
        let page = RETURN.trim_end_matches('/');
        Ask::post(path).with("origin", page).with("sec-fetch-site", "cross-site").with("x-powered-by", "Authress Login SDK").json(body)
    }
}

fn read(answer: &Answer) -> Tried {
    let told = answer.json();
    match (answer.status, told["errorCode"].as_str().unwrap_or_default()) {
        (200, _) => Tried::In,
        (_, "WrongCode" | "ExpiredCode") => Tried::Wrong(5 - told["triesLeft"].as_i64().unwrap_or(0)),
        (_, "TooManyWrongCodes" | "ExpiredAuthenticationRequest") => Tried::Over,
        (status, word) => Tried::Else(format!("{status} {word}")),
    }
}

fn hash(text: &str) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The work that a page does before it asks for a login.
fn work(at: i64, text: &str) -> String {
    let done = (1_u32..).map(|counter| (counter, hash(&format!("{at};{counter};{text}")))).find(|(_, hash)| hash.starts_with("00"));
    done.map(|(counter, hash)| format!("v2;{at};{counter};{hash}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn work_is_done() {
        let done = super::work(1_700_000_000_000, "sc_a|app");
        let parts: Vec<&str> = done.split(';').collect();
        assert_eq!((parts[0], parts[1]), ("v2", "1700000000000"));
        assert_eq!(parts[3], super::hash(&format!("1700000000000;{};sc_a|app", parts[2])));
        assert!(parts[3].starts_with("00"));
    }
}
