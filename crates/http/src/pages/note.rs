//! Notes: what a form has to tell the next page, as a code from a closed list in a short-lived cookie. Never text
//! from an address: nobody can write on our pages by making up a link.

use crate::Doors;
use crate::kit::cookies::{self, Cookie};
use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;
use postkey_model::{IdentifierError, Millis, Timestamp};

const COOKIE: &str = "pk_note";

/// Everything a form can tell the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    EmptyAddress,
    LongAddress,
    NotAnEmail,
    BadDomain,
    BadPlace,
    StartAgain,
    TooManyWrong,
    NotACode,
    WrongCode,
    ExpiredCode,
    SentAgain,
    TooSoon,
    LinkExpired,
    LinkUsed,
    LinkInvalid,
}

impl Note {
    const ALL: [(Note, &str); 15] = [
        (Note::EmptyAddress, "empty-address"),
        (Note::LongAddress, "long-address"),
        (Note::NotAnEmail, "not-an-email"),
        (Note::BadDomain, "bad-domain"),
        (Note::BadPlace, "bad-place"),
        (Note::StartAgain, "start-again"),
        (Note::TooManyWrong, "too-many-wrong"),
        (Note::NotACode, "not-a-code"),
        (Note::WrongCode, "wrong-code"),
        (Note::ExpiredCode, "expired-code"),
        (Note::SentAgain, "sent-again"),
        (Note::TooSoon, "too-soon"),
        (Note::LinkExpired, "link-expired"),
        (Note::LinkUsed, "link-used"),
        (Note::LinkInvalid, "link-invalid"),
    ];

    fn word(self) -> &'static str {
        Note::ALL.iter().find(|(note, _)| *note == self).map_or("", |(_, word)| word)
    }

    /// What the page says; `n` is the number that goes with it (tries left).
    pub(crate) fn words(self, n: i64) -> String {
        match self {
            Note::EmptyAddress => "Enter your email address.".to_owned(),
            Note::LongAddress => "That address is too long to be one.".to_owned(),
            Note::NotAnEmail => "Enter one email address, like name@example.com.".to_owned(),
            Note::BadDomain => "Check the part after the @: it is not a domain name.".to_owned(),
            Note::BadPlace => {
                "The page that sent you here asked for a place that is not allowed. Sign in, then go there by yourself.".to_owned()
            }
            Note::StartAgain => "That sign-in is over. Start again.".to_owned(),
            Note::TooManyWrong => "Too many wrong codes. Start again to get a new one.".to_owned(),
            Note::NotACode => "That is not a whole code. Check it against the mail.".to_owned(),
            Note::WrongCode if n == 1 => "That code is wrong. You have one try left.".to_owned(),
            Note::WrongCode => format!("That code is wrong. You have {n} tries left."),
            Note::ExpiredCode => "That code has expired. Ask for a new one below.".to_owned(),
            Note::SentAgain => "A new mail is on its way.".to_owned(),
            Note::TooSoon => "Wait a moment before you ask again. The last mail may still be on its way.".to_owned(),
            Note::LinkExpired => "This link has expired.".to_owned(),
            Note::LinkUsed => "This link was used already.".to_owned(),
            Note::LinkInvalid => "This link does not work.".to_owned(),
        }
    }
}

impl From<IdentifierError> for Note {
    fn from(e: IdentifierError) -> Self {
        match e {
            IdentifierError::Empty => Note::EmptyAddress,
            IdentifierError::TooLong => Note::LongAddress,
            IdentifierError::NotAnEmail => Note::NotAnEmail,
            IdentifierError::BadDomain => Note::BadDomain,
        }
    }
}

/// A note as it was left.
pub(crate) struct Left {
    pub(crate) note: Note,
    pub(crate) number: i64,
    pub(crate) typed: String,
}

impl Left {
    pub(crate) fn words(&self) -> String {
        self.note.words(self.number)
    }
}

/// Leaves a note for the next page, with a number and with what was typed, so that nobody types it twice.
pub(crate) fn leave(doors: &Doors, headers: &mut HeaderMap, now: Timestamp, note: Note, number: i64, typed: &str) {
    let typed: String = typed.chars().take(320).collect();
    let value = format!("{}.{number}.{}", note.word(), BASE64URL_NOPAD.encode(typed.as_bytes()));
    let expires = Some(now + Millis::from_mins(2));
    Cookie { name: COOKIE, value: &value, path: "/auth", domain: None, expires, http_only: true, secure: doors.secure() }.set(headers);
}

/// The note that was left for this page.
pub(crate) fn read(headers: &HeaderMap) -> Option<Left> {
    let mut parts = cookies::get(headers, COOKIE)?.splitn(3, '.');
    let word = parts.next()?;
    let note = Note::ALL.iter().find(|(_, known)| *known == word)?.0;
    let number = parts.next()?.parse().ok()?;
    let typed = String::from_utf8(BASE64URL_NOPAD.decode(parts.next()?.as_bytes()).ok()?).ok()?;
    Some(Left { note, number, typed })
}

/// Takes the note away: it is shown once.
pub(crate) fn clear(doors: &Doors, request: &HeaderMap, response: &mut HeaderMap) {
    if cookies::get(request, COOKIE).is_some() {
        let expires = Some(Timestamp(0));
        Cookie { name: COOKIE, value: "", path: "/auth", domain: None, expires, http_only: true, secure: doors.secure() }.set(response);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_has_a_word_of_its_own_and_words() {
        let mut words: Vec<&str> = Note::ALL.iter().map(|(_, word)| *word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Note::ALL.len());
        assert!(Note::ALL.iter().all(|(note, _)| note.words(3).len() > 10));
    }

    #[test]
    fn made_up_notes_say_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "pk_note=call+0800-evil.0.".parse().unwrap());
        assert!(read(&headers).is_none());
    }
}
