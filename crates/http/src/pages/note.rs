//! Notes: what a form has to tell the next page, as a code from a closed list in a short-lived cookie. Never text
//! from an address: nobody can write on our pages by making up a link.

use super::screens::Field;
use crate::Doors;
use crate::kit::answer;
use crate::kit::cookies::{self, Cookie};
use crate::kit::form::Form;
use crate::kit::frame::Seen;
use axum::http::HeaderMap;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use postkey_auth::TextsHeld;
use postkey_model::{ContactMethod, IdentifierError, Millis, PhoneError, Region, Tenant, Timestamp};
use postkey_words::Arg;

const COOKIE: &str = "pk_note";

/// Everything a form can tell the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    Typed,
    EmptyEmail,
    EmptyPhone,
    EmptyEither,
    TooLong,
    NotAnEmail,
    BadDomain,
    Neither,
    NotAPhone,
    PhoneCountry,
    PhoneInvalid,
    PhoneNoTexts,
    AlreadyYours,
    NotYours,
    BadPlace,
    StartAgain,
    UsedElsewhere,
    OtherTab,
    TooManyWrong,
    Throttled,
    GuessesThrottled,
    TextsCountry,
    TextsCountryEmail,
    TextsHeld,
    TextsHeldEmail,
    NotACode,
    WrongCode,
    ExpiredCode,
    SentAgain,
    TooSoon,
    LinkExpired,
    LinkUsed,
    LinkReplaced,
    LinkCancelled,
    LinkTries,
    LinkInvalid,
    WrongNumber,
    NumberSpent,
    NumberRight,
    Disowned,
    SessionEnded,
    SessionsEnded,
    IdentifierAdded,
    IdentifierChanged,
    IdentifierRemoved,
    ChangeDead,
}

/// Where on a page a note belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Nowhere: it only brings back what was typed.
    Silent,
    /// At the field.
    Field,
    /// Above the form, as something to mend.
    Above,
    /// Above the form, as good news.
    Good,
    /// It has a page of its own.
    Page,
}

impl Note {
    /// All notes: the word in the cookie, the key of what the page says, and where.
    const ALL: [(Note, &str, &str, Spot); 46] = [
        (Note::Typed, "typed", "", Spot::Silent),
        (Note::EmptyEmail, "empty-email", "error-empty-email", Spot::Field),
        (Note::EmptyPhone, "empty-phone", "error-empty-phone", Spot::Field),
        (Note::EmptyEither, "empty-either", "error-empty-either", Spot::Field),
        (Note::TooLong, "too-long", "error-long", Spot::Field),
        (Note::NotAnEmail, "not-an-email", "error-email", Spot::Field),
        (Note::BadDomain, "bad-domain", "error-domain", Spot::Field),
        (Note::Neither, "neither", "error-neither", Spot::Field),
        (Note::NotAPhone, "not-a-phone", "error-phone", Spot::Field),
        (Note::PhoneCountry, "phone-country", "error-phone-country", Spot::Field),
        (Note::PhoneInvalid, "phone-invalid", "error-phone-invalid", Spot::Field),
        (Note::PhoneNoTexts, "phone-no-texts", "error-phone-no-texts", Spot::Field),
        (Note::AlreadyYours, "already-yours", "error-yours", Spot::Field),
        (Note::NotYours, "not-yours", "error-not-yours", Spot::Above),
        (Note::BadPlace, "bad-place", "note-bad-place", Spot::Above),
        (Note::StartAgain, "start-again", "note-start-again", Spot::Above),
        (Note::UsedElsewhere, "used-elsewhere", "note-used-elsewhere", Spot::Above),
        (Note::OtherTab, "other-tab", "note-other-tab", Spot::Above),
        (Note::TooManyWrong, "too-many-wrong", "note-too-many-wrong", Spot::Above),
        (Note::Throttled, "throttled", "note-throttled", Spot::Above),
        (Note::GuessesThrottled, "guesses-throttled", "note-guesses-throttled", Spot::Above),
        (Note::TextsCountry, "texts-country", "note-texts-country", Spot::Above),
        (Note::TextsCountryEmail, "texts-country-email", "note-texts-country-email", Spot::Above),
        (Note::TextsHeld, "texts-held", "note-texts-held", Spot::Above),
        (Note::TextsHeldEmail, "texts-held-email", "note-texts-held-email", Spot::Above),
        (Note::NotACode, "not-a-code", "error-not-a-code", Spot::Field),
        (Note::WrongCode, "wrong-code", "error-wrong-code", Spot::Field),
        (Note::ExpiredCode, "expired-code", "error-expired-code", Spot::Field),
        (Note::SentAgain, "sent-again", "sent-again", Spot::Good),
        (Note::TooSoon, "too-soon", "note-too-soon", Spot::Above),
        (Note::LinkExpired, "link-expired", "link-expired", Spot::Page),
        (Note::LinkUsed, "link-used", "link-used", Spot::Page),
        (Note::LinkReplaced, "link-replaced", "link-replaced", Spot::Page),
        (Note::LinkCancelled, "link-cancelled", "link-cancelled", Spot::Page),
        (Note::LinkTries, "link-tries", "link-tries", Spot::Page),
        (Note::LinkInvalid, "link-invalid", "link-invalid", Spot::Page),
        (Note::WrongNumber, "wrong-number", "error-number", Spot::Page),
        (Note::NumberSpent, "number-spent", "error-number-spent", Spot::Page),
        (Note::NumberRight, "number-right", "number-done", Spot::Page),
        (Note::Disowned, "disowned", "disowned", Spot::Page),
        (Note::SessionEnded, "session-ended", "note-session-ended", Spot::Good),
        (Note::SessionsEnded, "sessions-ended", "note-sessions-ended", Spot::Good),
        (Note::IdentifierAdded, "identifier-added", "note-identifier-added", Spot::Good),
        (Note::IdentifierChanged, "identifier-changed", "note-identifier-changed", Spot::Good),
        (Note::IdentifierRemoved, "identifier-removed", "note-identifier-removed", Spot::Good),
        (Note::ChangeDead, "change-dead", "note-change-dead", Spot::Above),
    ];

    fn row(self) -> &'static (Note, &'static str, &'static str, Spot) {
        Note::ALL.iter().find(|(note, ..)| *note == self).unwrap_or(&Note::ALL[0])
    }

    /// The key of what the page says.
    pub(crate) fn key(self) -> &'static str {
        self.row().2
    }

    /// Where on a page it belongs.
    pub(crate) fn spot(self) -> Spot {
        self.row().3
    }

    /// What is said where no text goes out.
    pub(crate) fn about_texts(held: &TextsHeld) -> Self {
        match (held.why.until(), held.by_email) {
            (None, true) => Note::TextsCountryEmail,
            (None, false) => Note::TextsCountry,
            (Some(_), true) => Note::TextsHeldEmail,
            (Some(_), false) => Note::TextsHeld,
        }
    }

    /// The same where somebody adds a number: an address would not do instead.
    pub(crate) fn about_number(held: &TextsHeld) -> Self {
        Note::about_texts(&TextsHeld { by_email: false, ..*held })
    }

    /// What is wrong with an identifier that was typed into an application's own field.
    pub(crate) fn about_typed(e: &IdentifierError, method: ContactMethod) -> Self {
        let field = match method {
            ContactMethod::Email => Field::Email,
            ContactMethod::Phone => Field::Phone,
            ContactMethod::EmailOrPhone => Field::Either,
        };
        Note::about(e, field)
    }

    /// What is wrong with an identifier typed into a field that takes `field`.
    pub(crate) fn about(e: &IdentifierError, field: Field) -> Self {
        match e {
            IdentifierError::Empty | IdentifierError::Phone { why: PhoneError::Empty, .. } => match field {
                Field::Email => Note::EmptyEmail,
                Field::Phone => Note::EmptyPhone,
                Field::Either => Note::EmptyEither,
            },
            IdentifierError::TooLong | IdentifierError::Phone { why: PhoneError::TooLong, .. } => Note::TooLong,
            IdentifierError::NotAnEmail => Note::NotAnEmail,
            IdentifierError::BadDomain => Note::BadDomain,
            IdentifierError::Neither => Note::Neither,
            IdentifierError::Phone { why: PhoneError::NotANumber, .. } => Note::NotAPhone,
            IdentifierError::Phone { why: PhoneError::NeedsCountry, .. } => Note::PhoneCountry,
            IdentifierError::Phone { why: PhoneError::Invalid, .. } => Note::PhoneInvalid,
            IdentifierError::Phone { why: PhoneError::NoTexts, .. } => Note::PhoneNoTexts,
        }
    }
}

/// What our code says by itself, beside notes: whole keys, or a string that nobody uses would hide behind them.
const SAID_BY_CODE: [&str; 53] = [
    "start-again",
    "error-number-title",
    "number-done-title",
    "disowned-title",
    "ago",
    "ago-hours",
    "ago-days",
    "link-expired-title",
    "link-used-title",
    "link-replaced-title",
    "link-cancelled-title",
    "link-tries-title",
    "link-invalid-title",
    "link-invalid",
    "add-email-title",
    "add-phone-title",
    "change-email-title",
    "change-phone-title",
    "unavailable-title",
    "unavailable",
    "missing-title",
    "missing",
    "method-title",
    "method",
    "form-title",
    "form-old",
    "form-kind",
    "form-large",
    "form-cut",
    "form-slow",
    "tenant-title",
    "tenant-missing",
    "login-back",
    "login-message-title",
    "login-message",
    "login-unknown",
    "login-expired",
    "login-used",
    "login-not-believed",
    "login-wrong-browser-title",
    "login-wrong-browser",
    "login-not-linked-title",
    "login-linked-elsewhere",
    "login-linking-disabled",
    "login-not-admitted-title",
    "login-not-admitted",
    "login-other-way-title",
    "login-other-way",
    "login-declined-title",
    "login-declined",
    "login-away-title",
    "login-away",
    "login-seed",
];

/// The keys of everything that our code says: notes, and the rest.
pub fn said_by_code() -> impl Iterator<Item = &'static str> {
    Note::ALL.iter().map(|(_, _, key, _)| *key).filter(|key| !key.is_empty()).chain(SAID_BY_CODE)
}

/// A note as it was left.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub(crate) note: Note,
    /// What goes with it: tries left, or when a wait is over, in milliseconds since 1970.
    pub(crate) number: i64,
    /// What was typed, so that nobody types it twice.
    pub(crate) typed: String,
    /// The country that goes with it.
    pub(crate) country: Option<Region>,
}

impl Left {
    /// Nothing but a note.
    pub(crate) fn plain(note: Note) -> Self {
        Left { note, number: 0, typed: String::new(), country: None }
    }

    /// A note with a number.
    pub(crate) fn counted(note: Note, number: i64) -> Self {
        Left { number, ..Left::plain(note) }
    }

    /// What the page says at `spot`; empty when it belongs elsewhere.
    pub(crate) fn words_at(&self, doors: &Doors, seen: &Seen, headers: &HeaderMap, tenant: &Tenant, spot: Spot) -> String {
        if self.note.spot() != spot {
            return String::new();
        }
        let minutes = ((self.number - seen.now.0).max(0) + 59_999) / 60_000;
        let args = [
            ("n", Arg::Number(self.number)),
            ("minutes", Arg::Number(minutes)),
            ("to", Arg::Text(&self.typed)),
            ("app", Arg::Text(&tenant.app_name)),
        ];
        doors.say(seen, headers, Some(tenant), self.note.key(), &args)
    }
}

/// What a page says at `spot` about a note that may have been left.
pub(crate) fn said(left: Option<&Left>, doors: &Doors, seen: &Seen, headers: &HeaderMap, tenant: &Tenant, spot: Spot) -> String {
    left.map(|left| left.words_at(doors, seen, headers, tenant, spot)).unwrap_or_default()
}

/// What a page says above its form, and whether it is good news.
pub(crate) fn banner(left: Option<&Left>, doors: &Doors, seen: &Seen, headers: &HeaderMap, tenant: &Tenant) -> (String, bool) {
    let said = |spot| said(left, doors, seen, headers, tenant, spot);
    let good = said(Spot::Good);
    if good.is_empty() { (said(Spot::Above), false) } else { (good, true) }
}

/// For how long a button waits because too many messages were asked for, in milliseconds.
pub(crate) fn throttled_for(left: Option<&Left>, now: Timestamp) -> i64 {
    left.filter(|left| left.note == Note::Throttled).map_or(0, |left| (left.number - now.0).max(0))
}

/// On to `address`, with a note for the page there.
pub(crate) fn go(doors: &Doors, form: &Form, address: &str, left: &Left) -> Response {
    let mut response = answer::go(&form.headers, address);
    leave(doors, response.headers_mut(), form.seen.now, left);
    response
}

/// Leaves a note for the next page.
pub(crate) fn leave(doors: &Doors, headers: &mut HeaderMap, now: Timestamp, left: &Left) {
    let typed: String = left.typed.chars().take(320).collect();
    let country = left.country.map(Region::as_str).unwrap_or_default();
    let value = format!("{}.{}.{country}.{}", left.note.row().1, left.number, BASE64URL_NOPAD.encode(typed.as_bytes()));
    // One that counts down lasts as long as that.
    let wait = if left.note == Note::Throttled { Millis(left.number - now.0) } else { Millis(0) };
    let expires = Some(now + wait.max(Millis::from_mins(2)));
    Cookie { name: COOKIE, value: &value, path: "/auth", domain: None, expires, http_only: true, secure: doors.secure() }.set(headers);
}

/// The note that was left for this page.
pub(crate) fn read(headers: &HeaderMap) -> Option<Left> {
    let mut parts = cookies::get(headers, COOKIE)?.splitn(4, '.');
    let word = parts.next()?;
    let note = Note::ALL.iter().find(|(_, known, ..)| *known == word)?.0;
    let number = parts.next()?.parse().ok()?;
    let country = Region::parse(parts.next()?);
    let typed = String::from_utf8(BASE64URL_NOPAD.decode(parts.next()?.as_bytes()).ok()?).ok()?;
    Some(Left { note, number, typed, country })
}

/// Takes the note away: it is shown once. One that counts down stays, but without what was typed: the next person at this
/// browser is told no address.
pub(crate) fn clear_shown(doors: &Doors, request: &HeaderMap, response: &mut HeaderMap, now: Timestamp) {
    match read(request).filter(|left| throttled_for(Some(left), now) > 0) {
        Some(left) if left.typed.is_empty() => {}
        Some(left) => leave(doors, response, now, &Left { typed: String::new(), ..left }),
        None => clear(doors, request, response),
    }
}

/// Takes the note away.
pub(crate) fn clear(doors: &Doors, request: &HeaderMap, response: &mut HeaderMap) {
    if cookies::get(request, COOKIE).is_some() {
        let expires = Some(Timestamp(0));
        Cookie { name: COOKIE, value: "", path: "/auth", domain: None, expires, http_only: true, secure: doors.secure() }.set(response);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postkey_words::Language;

    #[test]
    fn every_note_has_a_word_of_its_own_and_words() {
        let mut words: Vec<&str> = Note::ALL.iter().map(|(_, word, ..)| *word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Note::ALL.len());
        let english = postkey_words::Words::shipped().unwrap();
        for (note, _, key, spot) in Note::ALL {
            let said = english.text(
                Language::ENGLISH,
                key,
                &[("n", Arg::Number(3)), ("minutes", Arg::Number(3)), ("to", "x".into()), ("app", "x".into())],
            );
            assert!(spot == Spot::Silent || said != key, "{note:?} says nothing");
        }
    }

    #[test]
    fn made_up_notes_say_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "pk_note=call+0800-evil.0..".parse().unwrap());
        assert!(read(&headers).is_none());
    }
}
