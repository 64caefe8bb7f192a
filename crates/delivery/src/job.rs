//! A message on its way: what is known of it, and what of it must not come back in the words of a provider.

use crate::Rendered;
use postkey_model::{Message, MessageContent, Timestamp};

/// What a provider's answer may take of a timeline's line, in signs.
const LONGEST_ANSWER: usize = 200;
/// The last digits of a phone number that are cut out by themselves.
const OWN_DIGITS: usize = 7;
/// Stands for what was cut out.
const CUT: &str = "…";

/// A message ready to be handed over.
pub(crate) struct Job<'a> {
    pub(crate) message: &'a Message,
    pub(crate) content: &'a MessageContent,
    pub(crate) rendered: &'a Rendered,
    /// When this try began.
    pub(crate) now: Timestamp,
}

impl Job<'_> {
    /// A provider's words on one line of at most 200 signs, without the recipient, the code and the link in it.
    pub(crate) fn scrubbed(&self, words: &str) -> String {
        scrubbed(words, self.message, Some(self.content))
    }
}

/// The code as one types it: without the spaces that it is shown with.
pub(crate) fn without_spaces(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

/// As [`Job::scrubbed`], for a message that may not even open.
pub(crate) fn scrubbed(words: &str, message: &Message, content: Option<&MessageContent>) -> String {
    let mut line = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(content) = content {
        if let Some(link) = &content.link {
            line = without(&line, link);
            // The secret alone signs in too.
            if let Some((_, secret)) = link.split_once('#') {
                line = without(&line, secret);
            }
        }
        if let Some(code) = &content.code {
            line = without(&line, code);
        }
    }
    line = without(&line, &message.to);
    if message.to.starts_with('+') {
        // However its beginning is written, or masked: the end is the person's own.
        let own = message.to.char_indices().rev().nth(OWN_DIGITS - 1).and_then(|(at, _)| message.to.get(at..)).unwrap_or_default();
        line = without(&line, own);
    }
    if let Some((shortened, _)) = line.char_indices().nth(LONGEST_ANSWER).map(|(at, _)| line.split_at(at)) {
        line = shortened.to_owned();
    }
    line
}

/// The text without `secret`, however it is written: in either case, with spaces and signs between its letters, with
/// some of its own signs left out, or percent-escaped, once or twice.
fn without(text: &str, secret: &str) -> String {
    let wanted: Vec<char> = secret.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if wanted.len() < 4 {
        return text.to_owned();
    }
    (0..=2).fold(text.to_owned(), |text, escapes| without_letters(&text, &wanted, escapes))
}

/// The text without these letters and digits in a row, whatever other signs stand between them.
fn without_letters(text: &str, wanted: &[char], escapes: usize) -> String {
    let letters = letters(text, escapes);
    let mut out = String::with_capacity(text.len());
    let (mut kept_to, mut at) = (0, 0);
    while at + wanted.len() <= letters.len() {
        let here = letters.iter().skip(at).take(wanted.len());
        if here.map(|(_, _, letter)| *letter).eq(wanted.iter().copied()) {
            let begin = letters.get(at).map_or(0, |letter| letter.0);
            at += wanted.len();
            let end = letters.get(at - 1).map_or(text.len(), |letter| letter.1);
            out.push_str(text.get(kept_to..begin).unwrap_or_default());
            out.push_str(CUT);
            kept_to = end;
        } else {
            at += 1;
        }
    }
    out.push_str(text.get(kept_to..).unwrap_or_default());
    out
}

/// The letters and digits of a text, in lower case, with where each begins and ends; percent-escapes of ASCII undone,
/// if they were made this often.
fn letters(text: &str, escapes: usize) -> Vec<(usize, usize, char)> {
    let mut letters = Vec::new();
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        let escaped = escaped(rest.as_str(), escapes).filter(|_| c == '%');
        let (c, end) = match escaped {
            Some((c, length)) => {
                (0..length).for_each(|_| {
                    rest.next();
                });
                (c, at + 1 + length)
            }
            None => (c, at + c.len_utf8()),
        };
        if c.is_alphanumeric() {
            letters.extend(c.to_lowercase().map(|lower| (at, end, lower)));
        }
    }
    letters
}

/// The ASCII sign that `%` and the beginning of `rest` stand for when it was escaped `times` times, and how long that is.
fn escaped(rest: &str, times: usize) -> Option<(char, usize)> {
    let again = 2 * times.checked_sub(1)?;
    let digits = rest.get(again..again + 2)?;
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex || !rest.get(..again)?.bytes().eq(b"25".iter().copied().cycle().take(again)) {
        return None;
    }
    let byte = u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)?;
    Some((char::from(byte), again + 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fake, samples};

    #[test]
    fn a_providers_words_lose_recipient_code_and_link() {
        let mut content = samples::content(postkey_model::MessageKind::SignIn);
        content.code = Some("578 396".to_owned());
        content.link = Some("https://login.example.com/auth/verify?preAuthSessionId=a#Se_cr-et9".to_owned());
        let message = fake::message(postkey_model::Channel::Sms, "+15005550001");
        let say = |words: &str| scrubbed(words, &message, Some(&content));
        assert_eq!(say("The 'To' number +15005550001 is not valid"), "The 'To' number +… is not valid");
        assert_eq!(say("to whatsapp:+1 500 555-0001, 1-500-555-0001"), "to whatsapp:+…, …");
        assert_eq!(say("queued: 578396 is your code; 578\u{a0}396; 578-396"), "queued: … is your code; …; …");
        assert_eq!(say("see https://login.example.com/auth/verify?preAuthSessionId=a#Se_cr-et9."), "see ….");
        assert_eq!(say("secret Se_cr-et9 and Se%5fcr%2Det9, %53e_cr-et9; %2553e%255Fcr-et9"), "secret … and …, …; …");
        assert_eq!(say("100 %, 5 %25, %zz%"), "100 %, 5 %25, %zz%");
        // The end of a number alone, as others write it.
        assert_eq!(say("500 555 0001, 5550001, 555-0001, +1 ••• 555 0001"), "500 …, …, …, +1 ••• …");
        assert_eq!(say("0001 and 550001"), "0001 and 550001");
        assert_eq!(say("two\r\n lines\u{7}"), "two lines");
        assert_eq!(say(&"ü".repeat(300)).chars().count(), 200);
        assert_eq!(say("queued as 4F3D2A"), "queued as 4F3D2A");
        let mail = fake::message(postkey_model::Channel::Email, "jane.doe@example.com");
        assert_eq!(scrubbed("<Jane.Doe@Example.COM>: unknown", &mail, None), "<…>: unknown");
        assert_eq!(scrubbed("to=jane.doe%40example.com", &mail, None), "to=…");
    }
}
