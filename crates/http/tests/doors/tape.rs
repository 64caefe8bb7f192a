//! A tape: exchanges written down for a snapshot. What differs from run to run (ids, secrets, signatures) is
//! replaced by a word; the same value is the same word all along the tape.

use crate::house::{POLICY, USUAL};
use crate::visitor::Answer;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use std::fmt::Write;

#[derive(Default)]
pub struct Tape {
    text: String,
}

impl Tape {
    /// Writes down an answer. Headers that every answer has are left out (they are checked on each); of a page only
    /// its title and what it says to the person.
    pub fn add(&mut self, answer: &Answer) {
        self.write(answer, false);
    }

    /// Writes down everything.
    pub fn add_whole(&mut self, answer: &Answer) {
        self.write(answer, true);
    }

    pub fn say(&mut self, words: &str) {
        let _ = write!(self.text, "# {words}\n\n");
    }

    fn write(&mut self, answer: &Answer, whole: bool) {
        let out = &mut self.text;
        let _ = writeln!(out, "> {}\n< {}", answer.asked, answer.status);
        let request_id = answer.header("x-request-id");
        for (name, value) in &answer.headers {
            let (name, value) = (name.as_str(), value.to_str().unwrap());
            let usual = USUAL.contains(&(name, value))
                || matches!(name, "x-request-id" | "strict-transport-security")
                || (name == "content-security-policy" && value == POLICY);
            // The length says nothing that the body does not.
            if name != "content-length" && (whole || !usual) {
                let _ = writeln!(out, "< {name}: {}", readable(name, value));
            }
        }
        if answer.header("content-type").starts_with("text/html") && !whole {
            let _ = writeln!(out, "{}", spoken(&answer.body));
        } else if !answer.body.is_empty() {
            let _ = writeln!(out, "{}", without_languages(answer.body.trim_end()));
        }
        out.push('\n');
        if !request_id.is_empty() {
            self.text = self.text.replace(request_id, "[request id]");
        }
    }

    /// The tape with ids and secrets replaced.
    pub fn text(&self) -> String {
        redacted(&self.text)
    }
}

/// `text` with ids and secrets replaced by words.
pub fn redacted(text: &str) -> String {
    let mut known: Vec<(String, String)> = Vec::new();
    let mut out = String::new();
    let mut word = String::new();
    let mut counts = [0u32; 2];
    for sign in text.chars().chain(['\n']) {
        if sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_') {
            word.push(sign);
            continue;
        }
        let place = usize::from(!is_uuid(&word));
        if is_asset(&word) {
            out.push_str("page-[hash]");
        } else if is_uuid(&word) || is_secret(&word) {
            if !known.iter().any(|(value, _)| *value == word) {
                counts[place] += 1;
                known.push((word.clone(), format!("[{} {}]", ["id", "secret"][place], counts[place])));
            }
            out.push_str(known.iter().find(|(value, _)| *value == word).map_or("", |(_, name)| name));
        } else {
            out.push_str(&word);
        }
        word.clear();
        out.push(sign);
    }
    out.trim_end().to_owned()
}

/// Tokens taken apart, so that the snapshot shows what is in them.
fn readable(name: &str, value: &str) -> String {
    let (before, token, after) = match name {
        "front-token" => ("", value, ""),
        "set-cookie" => {
            let (cookie, value) = value.split_once('=').unwrap();
            let (token, rest) = value.split_once(';').unwrap();
            if cookie == "pk_device" {
                return format!("{cookie}=[device that knows {}];{rest}", token.split('.').count() - 1);
            }
            if !matches!(cookie, "sFrontToken" | "sAccessToken") || token.is_empty() {
                return format!("{cookie}={value}");
            }
            return format!("{cookie}={};{rest}", readable(if cookie == "sFrontToken" { "front-token" } else { "jwt" }, token));
        }
        "jwt" => {
            let parts: Vec<&str> = value.split('.').collect();
            let plain = |part: &str| String::from_utf8(BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap();
            return format!("jwt({} {} signature)", plain(parts[0]), plain(parts[1]));
        }
        _ => return value.to_owned(),
    };
    match BASE64.decode(token.as_bytes()).ok().and_then(|plain| String::from_utf8(plain).ok()) {
        Some(plain) if plain.starts_with('{') => format!("{before}base64({plain}){after}"),
        _ => value.to_owned(),
    }
}

/// What a page says: title, headings, paragraphs, notices, buttons, field values.
pub fn spoken(html: &str) -> String {
    let html = &html.replace("&#x2f;", "/").replace("&#x27;", "'");
    let mut lines = Vec::new();
    for (open, close) in [("<title>", "</title>"), ("<h1", "</h1>")] {
        if let Some(rest) = html.split(open).nth(1) {
            let inner = rest.split(close).next().unwrap_or_default();
            let inner = if open.ends_with('>') { inner } else { inner.split_once('>').map_or("", |(_, text)| text) };
            lines.push(format!("{}: {}", open.trim_matches(['<', '>']), without_tags(inner)));
        }
    }
    for piece in html.split("<p").skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap_or(("", ""));
        if !(tag.is_empty() || tag.starts_with(' ')) || tag.contains("brand") {
            continue;
        }
        let text = without_tags(rest.split("</p>").next().unwrap_or_default());
        if !text.is_empty() {
            lines.push(format!("p{}: {text}", tag.split(" data-").next().unwrap_or_default()));
        }
    }
    for piece in html.split("<form").skip(1) {
        let form = piece.split("</form>").next().unwrap_or_default();
        let action = form.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        // The same on every page.
        if action == "/auth/_/language" {
            continue;
        }
        let mut line = format!("form {action}:");
        for input in form.split("<input").skip(1) {
            let tag = input.split('>').next().unwrap_or_default();
            let attribute = |name: &str| tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            let value = tag.replace('\n', " ");
            let value = value.split(" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-").to_owned();
            let _ = write!(line, " {}={value}", attribute("name").unwrap_or_default());
        }
        let button = form.split("<button").nth(1).and_then(|rest| rest.split_once('>')).map_or("", |(_, rest)| rest);
        let _ = write!(line, " [{}]", button.split('<').next().unwrap_or_default());
        lines.push(line);
    }
    lines.join("\n")
}

/// Which languages there are is told elsewhere.
fn without_languages(html: &str) -> String {
    match html.split_once("autocomplete=\"off\">\n<option value=\"en\"") {
        Some((before, rest)) => {
            format!("{before}autocomplete=\"off\">[languages]{}", rest.split_once("</select>").map_or("", |(_, after)| after))
        }
        None => html.to_owned(),
    }
}

fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for sign in html.chars() {
        match sign {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => out.push(sign),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36 && word.bytes().enumerate().all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

fn is_asset(word: &str) -> bool {
    word.len() == 21 && word.starts_with("page-") && word[5..].bytes().all(|b| b.is_ascii_hexdigit())
}

/// Long, and of mixed signs: nothing that a person wrote.
fn is_secret(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let upper = word.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = word.bytes().filter(u8::is_ascii_lowercase).count();
    word.len() >= 20 && lower > 0 && (digits >= 2 || upper >= 5) && !word.starts_with("d-")
}
