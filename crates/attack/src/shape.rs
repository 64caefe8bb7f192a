//! Answers compared: everything in them but what differs between any two, such as request ids, tokens and random values.

use crate::http::Answer;

/// Headers that tell of the request and not of the account.
const PASSING: [&str; 2] = ["x-request-id", "date"];

/// An answer without what must differ. `own` are words of its own: the address, the sign-in's id.
pub fn shape(answer: &Answer, own: &[&str]) -> String {
    let own = &[own, &[answer.header("x-request-id")]].concat()[..];
    let mut lines = vec![answer.status.to_string()];
    for (name, value) in answer.headers.iter().filter(|(name, _)| !PASSING.contains(&name.as_str())) {
        let value = match name.as_str() {
            "set-cookie" => cookie(value),
            // Of a body whose words are compared below: how long a button waits has three digits or four.
            "content-length" if *value == answer.body.len().to_string() => "that of the body".to_owned(),
            _ => plain(value, own),
        };
        lines.push(format!("{name}: {value}"));
    }
    lines.push(plain(&answer.text(), own));
    lines.join("\n")
}

/// A `Set-Cookie` line: the length of its value, and what comes behind it, without the time.
fn cookie(line: &str) -> String {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).unwrap_or_default();
    // Of a note, the word is what the next page says.
    let value = if name == "pk_note" { value.split('.').next().unwrap_or_default().to_owned() } else { format!("{} signs", value.len()) };
    let rest = parts.map(|part| if part.to_ascii_lowercase().starts_with("expires=") { "Expires" } else { part });
    format!("{name}={value}; {}", rest.collect::<Vec<_>>().join("; "))
}

/// A text without words of its own, without the tokens of forms, without moments (13 digits) and without how long a button
/// waits.
pub fn plain(text: &str, own: &[&str]) -> String {
    let mut text = text.to_owned();
    for word in own.iter().filter(|word| !word.is_empty()) {
        text = text.replace(word, "OWN");
    }
    let text = emptied(&emptied(&text, "name=\"form\" value=\""), "data-wait=\"");
    let mut plain = String::new();
    let mut digits = String::new();
    for sign in text.chars().chain(['\n']) {
        if sign.is_ascii_digit() {
            digits.push(sign);
            continue;
        }
        plain.push_str(if digits.len() == 13 { "MOMENT" } else { &digits });
        digits.clear();
        plain.push(sign);
    }
    plain
}

/// A text in which what stands between `start` and the next `"` is taken out, wherever that is.
fn emptied(text: &str, start: &str) -> String {
    let mut parts = text.split(start);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + start + part.find('"').map_or("", |end| &part[end..]))
}

/// Where two texts begin to differ; `None` when they do not.
pub fn difference(one: &str, other: &str) -> Option<String> {
    if one == other {
        return None;
    }
    let mut lines = one.lines().zip(other.lines());
    let found = lines.find(|(a, b)| a != b);
    let short = |text: &str| text.trim().chars().take(120).collect::<String>();
    Some(found.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("{:?} against {:?}", short(a), short(b))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, cookie: &str, text: &str) -> Answer {
        let headers = [("x-request-id", text), ("set-cookie", cookie)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        Answer { status, headers: headers.to_vec(), body: text.as_bytes().to_vec() }
    }

    #[test]
    fn what_must_differ_is_left_out_and_nothing_else() {
        let one = answer(200, "a=xyz; Path=/; Expires=Mon", "to ann 1700000000000 <input name=\"form\" value=\"t\">");
        let same = answer(200, "a=uvw; Path=/; Expires=Tue", "to bob 1700000000999 <input name=\"form\" value=\"u\">");
        assert_eq!(difference(&shape(&one, &["ann"]), &shape(&same, &["bob"])), None);
        for (other, own) in [
            (answer(303, "a=xyz; Path=/; Expires=Mon", "to ann 1700000000000 <input name=\"form\" value=\"t\">"), "ann"),
            (answer(200, "a=wxyz; Path=/; Expires=Mon", "to ann 1700000000000 <input name=\"form\" value=\"t\">"), "ann"),
            (answer(200, "a=xyz; Path=/auth; Expires=Mon", "to ann 1700000000000 <input name=\"form\" value=\"t\">"), "ann"),
            (answer(200, "a=xyz; Path=/; Expires=Mon", "to ann 42"), "ann"),
            (answer(200, "", "to ann 1700000000000 <input name=\"form\" value=\"t\">"), "ann"),
        ] {
            assert!(difference(&shape(&one, &["ann"]), &shape(&other, &[own])).is_some());
        }
        let with_length = |wait: &str, length: usize| {
            let mut answer = answer(200, "", &format!("<button data-wait=\"{wait}\">"));
            answer.headers = vec![("content-length".to_owned(), length.to_string())];
            shape(&answer, &[])
        };
        let length = "<button data-wait=\"\">".len();
        assert_eq!(with_length("1000", length + 4), with_length("999", length + 3));
        assert_ne!(with_length("1000", length + 4), with_length("999", length + 4));
        assert_ne!(cookie("pk_note=typed.0..x"), cookie("pk_note=throttled.0..x"));
    }
}
