//! A browser that knows the login pages: it opens them, fills in their forms, and keeps the cookies.

use crate::http::{Answer, Client};
use crate::jar::Jar;
use std::io::{Error, Result};
use std::net::SocketAddr;

const FORM: &str = "application/x-www-form-urlencoded";

/// A browser.
pub struct Browser {
    /// Its connection.
    pub client: Client,
    /// Its cookies.
    pub jar: Jar,
    form: String,
    network: String,
}

/// A mail in the built-in inbox, as far as logins need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The message's id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// The code in it.
    pub code: String,
}

impl Browser {
    /// A fresh browser for the server at `address`, called `localhost`.
    pub fn new(address: SocketAddr) -> Self {
        Browser {
            client: Client::new(address, &format!("localhost:{}", address.port())),
            jar: Jar::default(),
            form: String::new(),
            network: String::new(),
        }
    }

    /// `GET path`
    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.send("GET", path, None).await
    }

    /// `POST path` with a form; the form token goes along.
    pub async fn post(&mut self, path: &str, pairs: &[(&str, &str)]) -> Result<Answer> {
        let body = fields(&[pairs, &[("form", &self.form)]].concat());
        self.send("POST", path, Some((FORM, body.as_bytes()))).await
    }

    async fn send(&mut self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> Result<Answer> {
        let cookie = self.jar.header(path);
        // As a proxy in front would say it: people sit in many networks, and messages are counted by network.
        let headers = [("cookie", cookie.as_str()), ("x-forwarded-for", self.network.as_str())];
        let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let answer = self.client.send(method, path, &headers, body).await?;
        self.jar.take(&answer);
        Ok(answer)
    }

    /// Opens the start page, once: its form token serves all forms.
    pub async fn open(&mut self) -> Result<()> {
        if self.form.is_empty() {
            let page = self.get("/auth").await?;
            let text = page.text();
            let token = text.split_once("name=\"form\" value=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(token, _)| token);
            self.form = token.ok_or_else(|| Error::other(format!("no form on the start page: {} {text}", page.status)))?.to_owned();
        }
        Ok(())
    }

    /// The token of its forms; empty before the start page was opened.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// Forgets the forms' token: it goes with a cookie, and the cookies were changed.
    pub fn forget_form(&mut self) {
        self.form.clear();
    }

    /// Asks for a mail. 303 when it is on its way.
    pub async fn start(&mut self, email: &str) -> Result<Answer> {
        let [a, b, c] = email.bytes().fold([1_u8, 7, 31], |[a, b, c], byte| [b, c, a.wrapping_mul(31).wrapping_add(byte)]);
        self.network = format!("10.{a}.{b}.{c}");
        self.open().await?;
        self.post("/auth/_/start", &[("email", email)]).await
    }

    /// Types a code. 303 and cookies when it is right.
    pub async fn code(&mut self, code: &str) -> Result<Answer> {
        self.post("/auth/_/code", &[("code", code)]).await
    }

    /// Refreshes the session.
    pub async fn refresh(&mut self) -> Result<Answer> {
        self.send("POST", "/auth/session/refresh", None).await
    }

    /// The session's handle, as the application page shows it; `None` when nobody is signed in.
    pub async fn signed_in(&mut self) -> Result<Option<String>> {
        let page = self.get("/demo").await?;
        if page.status != 200 {
            return Err(Error::other(format!("GET /demo: {}", page.status)));
        }
        let text = page.text();
        let handle = text.split_once("id=\"session-handle\">").and_then(|(_, rest)| rest.split_once('<'));
        Ok(handle.map(|(handle, _)| handle.to_owned()))
    }

    /// The mails to an address, newest first; all mails when it is empty.
    pub async fn mails(&mut self, to: &str) -> Result<Vec<Mail>> {
        let query = if to.is_empty() { String::new() } else { fields(&[("to", to)]) };
        let answer = self.client.send("GET", &format!("/dev/inbox.json?{query}"), &[], None).await?;
        let list: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let text = |mail: &serde_json::Value, key: &str| mail[key].as_str().unwrap_or_default().to_owned();
        let mails = list.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(mails.iter().map(|mail| Mail { id: text(mail, "id"), to: text(mail, "to"), code: text(mail, "code") }).collect())
    }
}

/// Pairs as a form or query writes them.
pub fn fields(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        escape(&mut out, name);
        out.push('=');
        escape(&mut out, value);
    }
    out
}

fn escape(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            out.extend(['%', char::from(HEX[usize::from(byte >> 4)]), char::from(HEX[usize::from(byte & 15)])]);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn fields_are_escaped() {
        assert_eq!(super::fields(&[("email", "a+b@example.com"), ("x", "1&2")]), "email=a%2Bb%40example.com&x=1%262");
    }
}
