//! What a case works with: the servers under attack, browsers in front of them, the inbox, and what only servers of the
//! suite's own have.

use crate::browser::{Browser, Link};
use crate::case::Need;
use crate::doors::{Core, Web};
use crate::house::House;
use crate::http::{Ask, Http};
use serde_json::Value;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// How long a message may take to its inbox.
const MAIL_PATIENCE: Duration = Duration::from_secs(20);

/// One node of what is attacked.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its public listener.
    pub public: Url,
    /// Its private listener, where it can be reached.
    pub private: Option<Url>,
}

/// What a case works with.
pub struct World {
    /// The nodes. There is always one.
    pub nodes: Vec<Node>,
    /// How the server is called from outside: links and cookies are for this origin.
    pub origin: String,
    /// Opens the private listener; empty when none is known.
    pub api_key: String,
    /// Where messages can be read.
    pub inboxes: Vec<Url>,
    /// A browser to run without a head.
    pub browser_program: Option<PathBuf>,
    /// Servers of the suite's own, when these are.
    pub house: Option<Mutex<House>>,
    /// The time, in milliseconds since 1970.
    pub now: fn() -> i64,
    /// What makes addresses of this run unlike those of all others.
    pub stamp: String,
    /// How many addresses there were.
    pub count: AtomicU64,
}

/// A message in an inbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// The code in it; empty when there is none.
    pub code: String,
    /// The link in it; empty when there is none.
    pub link: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its HTML; empty for texts.
    pub html: String,
    /// To whom.
    pub to: String,
}

impl Mail {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Mail { code: text("code"), link: text("link"), subject: text("subject"), text: text("text"), html: text("html"), to: text("to") }
    }

    /// Its link, taken apart.
    pub fn link(&self) -> Result<Link, String> {
        Link::read(&self.link)
    }
}

impl World {
    /// Why a case with that need cannot be tried here; `None` when it can.
    pub fn lacks(&self, need: Need) -> Option<&'static str> {
        match need {
            Need::BackEnd if self.nodes[0].private.is_none() || self.api_key.is_empty() => {
                Some("needs the private listener (--private and --api-key)")
            }
            Need::TwoNodes if self.nodes.len() < 2 => Some("needs two nodes on one database (--node, or --database-url postgres://…)"),
            Need::OwnServers if self.house.is_none() => Some("needs servers of the suite's own (give no URL)"),
            Need::BackEnd | Need::TwoNodes | Need::OwnServers => None,
        }
    }

    /// How the server is called in `Host`.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }

    /// A client for the public listener of a node.
    pub fn http_at(&self, node: usize, from: Option<IpAddr>) -> Result<Http, String> {
        Http::new(&self.nodes[node % self.nodes.len()].public, self.host(), from)
    }

    /// A client for the public listener.
    pub fn http(&self) -> Result<Http, String> {
        self.http_at(0, None)
    }

    /// A fresh browser.
    pub fn browser(&self) -> Result<Browser, String> {
        self.browser_in("public")
    }

    /// A fresh browser for the pages of a tenant.
    pub fn browser_in(&self, tenant: &str) -> Result<Browser, String> {
        Ok(Browser::new(self.http()?, &self.origin, tenant))
    }

    /// A fresh browser that talks to a node, from an address of this machine where one is given.
    pub fn browser_at(&self, node: usize, from: Option<IpAddr>) -> Result<Browser, String> {
        Ok(Browser::new(self.http_at(node, from)?, &self.origin, "public"))
    }

    /// The frontend door, as scripts call it, at a node.
    pub fn web_at(&self, node: usize, tenant: &str) -> Result<Web, String> {
        Ok(Web::new(self.http_at(node, None)?, &self.origin, tenant))
    }

    /// The frontend door.
    pub fn web(&self) -> Result<Web, String> {
        self.web_at(0, "public")
    }

    /// The back-end door at a node.
    pub fn core_at(&self, node: usize, tenant: &str) -> Result<Core, String> {
        let private = self.nodes[node % self.nodes.len()].private.as_ref().ok_or("there is no private listener")?;
        Ok(Core::new(Http::new(private, private.authority(), None)?, &self.api_key, tenant))
    }

    /// An address that nobody used before.
    pub fn address(&self, name: &str) -> String {
        format!("{name}-{}-{:05}@example.com", self.stamp, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// A German mobile number that nobody used before in this run.
    pub fn number(&self) -> String {
        let tail: u64 = self.stamp.bytes().fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 9_000);
        format!("+491512{:03}{:04}", tail % 900 + 100, self.count.fetch_add(1, Ordering::Relaxed) % 10_000)
    }

    /// All messages to somebody, newest first.
    pub async fn mails_to(&self, who: &str) -> Result<Vec<Mail>, String> {
        let mut found: Vec<(i64, Mail)> = Vec::new();
        for inbox in &self.inboxes {
            let mut place = inbox.clone();
            // Without a name, all that are kept.
            if !who.is_empty() {
                place.query_pairs_mut().append_pair("to", who);
            }
            let http = Http::new(inbox, inbox.authority(), None)?;
            let path = format!("{}?{}", place.path(), place.query().unwrap_or_default());
            let answer = http.ask(Ask::get(&path).with("accept", "application/json")).await?;
            let list = answer.json();
            let list = list.as_array().filter(|_| answer.status == 200);
            let list = list.ok_or_else(|| format!("the inbox at {inbox} answered {}: is this a development server?", answer.status))?;
            found.extend(list.iter().map(|mail| (mail["sent_at"].as_i64().unwrap_or_default(), Mail::read(mail))));
        }
        // Each inbox is in order already; two are put in order by time.
        found.sort_by_key(|(at, _)| -at);
        Ok(found.into_iter().map(|(_, mail)| mail).collect())
    }

    /// The newest message to somebody, once there are `count`.
    pub async fn mail(&self, who: &str, count: usize) -> Result<Mail, String> {
        let begin = Instant::now();
        let mut pause = 2;
        loop {
            let mut mails = self.mails_to(who).await?;
            if mails.len() >= count {
                return Ok(mails.swap_remove(0));
            }
            if begin.elapsed() > MAIL_PATIENCE {
                return Err(format!("message {count} did not come in {} s", MAIL_PATIENCE.as_secs()));
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
            pause = (pause * 2).min(100);
        }
    }

    /// Signs somebody new in by code: their browser and address.
    pub async fn somebody(&self, name: &str) -> Result<(Browser, String), String> {
        let (mut browser, who) = (self.browser()?, self.address(name));
        self.sign_in(&mut browser, &who).await?;
        Ok((browser, who))
    }

    /// Signs somebody in by code in that browser.
    pub async fn sign_in(&self, browser: &mut Browser, who: &str) -> Result<(), String> {
        let before = self.mails_to(who).await?.len();
        browser.start(who).await?;
        let mail = self.mail(who, before + 1).await?;
        let answer = browser.code(&mail.code).await?;
        if crate::browser::let_in(&answer) { Ok(()) } else { Err(format!("the right code was answered with {}", answer.status)) }
    }
}

/// A code that is surely not `code`, but could be one: its last `signs` signs are changed by `step`.
pub fn wrong_code(code: &str, step: usize) -> String {
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    if digits != code.len() || code.is_empty() {
        let last = if code.ends_with('A') { 'B' } else { 'A' };
        let step: String = step.to_string().chars().map(|c| char::from(b'A' + (c as u8 - b'0'))).collect();
        let keep: String = code.chars().take(code.chars().count().saturating_sub(step.len() + 1)).collect();
        return format!("{keep}{step}{last}");
    }
    // Digits are counted on; 10^n never comes back to the code before it went through all others.
    let width = code.len();
    let all = 10_u64.saturating_pow(u32::try_from(width).unwrap_or(18).min(18));
    let number: u64 = code.parse().unwrap_or_default();
    let step = step as u64 % (all - 1).max(1) + 1;
    format!("{:0width$}", (number + step) % all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_codes_are_wrong_each_in_its_own_way_and_as_long() {
        for code in ["999999", "000000", "123456", "ABCDEFGH12", "AAAAAAAAAA"] {
            let wrong: std::collections::BTreeSet<String> = (0..60).map(|step| wrong_code(code, step)).collect();
            assert_eq!(wrong.len(), 60, "{code}");
            assert!(!wrong.contains(code) && wrong.iter().all(|one| one.len() == code.len()), "{code}: {wrong:?}");
        }
    }
}
