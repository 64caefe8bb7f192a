//! Many who ask for messages: what each was answered, and what all of it comes to.

use crate::browser::Browser;
use crate::http::{Answer, Http};
use crate::world::World;
use futures_util::future::try_join_all;
use std::net::{IpAddr, Ipv4Addr, TcpListener};

/// So many ask at once.
const AT_ONCE: usize = 16;

/// What became of a message that was asked for on the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It goes out.
    Sent,
    /// Too much of something: to wait for so many seconds, where the answer says it.
    Throttled(Option<i64>),
    /// No text goes there just now: the word of the note that says so.
    Held(String),
    /// What was typed was not taken, or something else was answered.
    Else(String),
}

impl Asked {
    /// What an answer of the start form means.
    pub fn read(answer: &Answer) -> Self {
        let note = answer.cookie("pk_note").unwrap_or_default().split('.').next().unwrap_or_default();
        match (answer.status, note) {
            (303, _) if answer.cookie("pk_sign_in").is_some() => Asked::Sent,
            (303, note) if note.starts_with("texts-") => Asked::Held(note.to_owned()),
            (429, _) => Asked::Throttled(answer.header("retry-after").parse().ok()),
            (status, note) => Asked::Else(format!("{status} {note}").trim_end().to_owned()),
        }
    }
}

/// One of a crowd.
pub struct Crowd {
    /// In which tenant.
    pub tenant: &'static str,
    /// From which address of this machine.
    pub from: IpAddr,
    /// Whom the message is for.
    pub who: String,
}

/// Asks for a message to `who` on the pages, in a fresh browser, with these headers beside its own.
pub async fn ask(world: &World, http: &Http, tenant: &str, who: &str, headers: &[(&str, String)]) -> Result<Asked, String> {
    let mut browser = Browser::new(http.clone(), &world.origin, tenant);
    let field = if who.contains('@') { "email" } else { "phone" };
    let form = browser.form("/auth/_/start", &[(field, who), ("as", field), ("country", "DE"), ("tenantId", tenant)]);
    let form = headers.iter().fold(form, |form, (name, value)| form.with(name, value));
    Ok(Asked::read(&browser.send(form).await?))
}

/// All of a crowd ask, some at once, each other one at the other node where there is one.
pub async fn flood(world: &World, crowd: Vec<Crowd>) -> Result<Vec<Asked>, String> {
    let mut all = Vec::new();
    let mut crowd = crowd.into_iter().enumerate().peekable();
    while crowd.peek().is_some() {
        let some = crowd.by_ref().take(AT_ONCE).map(|(at, one)| async move {
            let http = world.http_at(at, Some(one.from))?;
            ask(world, &http, one.tenant, &one.who, &[]).await
        });
        all.extend(try_join_all(some).await?);
    }
    Ok(all)
}

/// What a crowd was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Messages that go out.
    pub sent: usize,
    /// Those who were told to wait.
    pub throttled: usize,
    /// The shortest and the longest wait of those, in seconds; -1 where none was told.
    pub waits: Option<(i64, i64)>,
    /// Those whom no text goes to.
    pub held: usize,
    /// What else was answered.
    pub other: Vec<String>,
}

impl Sum {
    /// All of them together.
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Asked>) -> Self {
        let mut sum = Sum::default();
        all.into_iter().for_each(|asked| sum.add(asked));
        sum
    }

    /// One more.
    pub fn add(&mut self, asked: &Asked) {
        match asked {
            Asked::Sent => self.sent += 1,
            Asked::Held(_) => self.held += 1,
            Asked::Else(words) => self.other.push(words.clone()),
            Asked::Throttled(wait) => {
                let wait = wait.unwrap_or(-1);
                let (least, most) = self.waits.unwrap_or((wait, wait));
                self.throttled += 1;
                self.waits = Some((least.min(wait), most.max(wait)));
            }
        }
    }

    /// What is wrong with it where exactly `most` messages may go out, and everybody else is told to wait for at most
    /// `window` seconds.
    pub fn wrong(&self, what: &str, most: usize, window: i64) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.sent != most {
            wrong.push(format!("{what}: {} went out, and not {most}", self.sent));
        }
        match self.waits {
            None => wrong.push(format!("{what}: nobody was told to wait")),
            Some((least, most)) if least < 1 || most > window => {
                wrong.push(format!("{what}: told to wait for {least} to {most} s (-1: not told)"));
            }
            Some(_) => {}
        }
        wrong.extend(self.other.first().map(|words| format!("{what}: {} were answered with {words}", self.other.len())));
        wrong
    }

    /// It in words.
    pub fn words(&self) -> String {
        let all = self.sent + self.throttled + self.held + self.other.len();
        let wait = self.waits.map_or(String::new(), |(_, most)| format!(", the others told to wait for {most} s at most"));
        format!("{} of {all} messages went out{wait}", self.sent)
    }
}

/// An address of this machine, if one can begin a connection there.
pub fn loopback(address: [u8; 4]) -> Option<IpAddr> {
    let address = Ipv4Addr::from(address);
    TcpListener::bind((address, 0)).is_ok().then_some(IpAddr::V4(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { status, headers, ..Answer::default() }
    }

    #[test]
    fn answers_to_the_start_form_are_understood() {
        let note = |word: &str| format!("pk_note={word}.0..x; Path=/auth");
        assert_eq!(Asked::read(&answer(303, &[("set-cookie", "pk_sign_in=abc; Path=/auth")])), Asked::Sent);
        assert_eq!(Asked::read(&answer(429, &[("retry-after", "17")])), Asked::Throttled(Some(17)));
        assert_eq!(Asked::read(&answer(429, &[])), Asked::Throttled(None));
        assert_eq!(Asked::read(&answer(303, &[("set-cookie", &note("texts-held"))])), Asked::Held("texts-held".to_owned()));
        assert_eq!(Asked::read(&answer(303, &[("set-cookie", &note("bad-domain"))])), Asked::Else("303 bad-domain".to_owned()));
        assert_eq!(Asked::read(&answer(503, &[])), Asked::Else("503".to_owned()));
    }

    #[test]
    fn one_message_too_many_or_too_few_and_odd_answers_are_wrong() {
        let of = |sent: usize, rest: &[Asked]| Sum::of(vec![Asked::Sent; sent].iter().chain(rest));
        let wait = |seconds| Asked::Throttled(Some(seconds));
        assert!(of(3, &[wait(1), wait(900)]).wrong("x", 3, 900).is_empty());
        assert_eq!(of(3, &[wait(5)]).waits, Some((5, 5)));
        for sum in [
            of(4, &[wait(5)]),
            of(2, &[wait(5)]),
            of(3, &[]),
            of(3, &[wait(901)]),
            of(3, &[wait(5), Asked::Throttled(None)]),
            of(3, &[wait(5), Asked::Else("503".to_owned())]),
        ] {
            assert_eq!(sum.wrong("x", 3, 900).len(), 1, "{sum:?}");
        }
    }
}
