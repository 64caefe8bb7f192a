//! Finds the calls of `t("…")` and `th("…")` in a template's source.

use crate::problem::line_of;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub key: Key,
    pub line: usize,
    /// The names of its arguments.
    pub args: Vec<String>,
    /// Whether more arguments come out of a value (`**more`).
    pub open: bool,
}

/// What a call names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// `t("key")`
    Whole(String),
    /// `t("beginning-" ~ rest)`
    Beginning(String),
    /// `t("a" if …)`: cannot be followed.
    Tangled,
    /// `t(value)`: the program says which keys these are.
    Value,
}

/// All calls in a template's source, in order.
pub(crate) fn calls(source: &str) -> Vec<Call> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = source.get(at..).and_then(|rest| rest.find('{')).map(|start| at + start) {
        let rest = source.get(start..).unwrap_or_default();
        if rest.starts_with("{#") {
            at = start + rest.find("#}").unwrap_or(rest.len());
        } else if rest.starts_with("{{") || rest.starts_with("{%") {
            let end = start + 2 + code_length(rest.get(2..).unwrap_or_default());
            let code = source.get(start + 2..end).unwrap_or_default();
            if code.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '+')) == "raw" {
                at = source.get(end..).and_then(|rest| rest.find("endraw")).map_or(source.len(), |length| end + length);
            } else {
                calls_in(source, start + 2, code, &mut found);
                at = end;
            }
        } else {
            at = start + 1;
        }
    }
    found
}

/// How long a piece of code is: up to `}}` or `%}` outside of quotes.
fn code_length(code: &str) -> usize {
    let mut quoted = Quoted::default();
    let bytes = code.as_bytes();
    let ends = |i: usize| matches!((bytes.get(i), bytes.get(i + 1)), (Some(b'}' | b'%'), Some(b'}')));
    (0..bytes.len()).find(|i| !quoted.step(bytes[*i]) && ends(*i)).unwrap_or(bytes.len())
}

fn calls_in(source: &str, offset: usize, code: &str, found: &mut Vec<Call>) {
    let bytes = code.as_bytes();
    let mut quoted = Quoted::default();
    for i in 0..bytes.len() {
        if quoted.step(bytes[i])
            || bytes[i] != b't'
            || i.checked_sub(1).is_some_and(|before| is_name(bytes[before]) || bytes[before] == b'.')
        {
            continue;
        }
        let after = code.get(i + 1..).unwrap_or_default();
        let after = after.strip_prefix('h').unwrap_or(after).trim_start();
        if let Some(inside) = after.strip_prefix('(') {
            found.push(call(line_of(source, offset + i), &arguments(inside)));
        }
    }
}

fn call(line: usize, arguments: &[&str]) -> Call {
    let (first, rest) = arguments.split_first().map_or(("", &[] as &[&str]), |(first, rest)| (first.trim(), rest));
    let quote = first.chars().next().filter(|c| matches!(c, '"' | '\''));
    let key = match quote.and_then(|quote| first.get(1..)?.split_once(quote)) {
        None => Key::Value,
        Some((text, "")) => Key::Whole(text.to_owned()),
        Some((text, more)) if more.trim_start().starts_with('~') => Key::Beginning(text.to_owned()),
        Some(_) => Key::Tangled,
    };
    let name = |argument: &&str| {
        let (name, value) = argument.split_once('=')?;
        (!value.starts_with('=') && name.trim().bytes().all(is_name)).then(|| name.trim().to_owned())
    };
    Call { key, line, args: rest.iter().filter_map(name).collect(), open: rest.iter().any(|argument| argument.trim().starts_with("**")) }
}

/// A call's arguments, from behind its opening parenthesis.
fn arguments(inside: &str) -> Vec<&str> {
    let (mut quoted, mut depth, mut start) = (Quoted::default(), 0, 0);
    let mut all = Vec::new();
    for (i, byte) in inside.bytes().enumerate() {
        if quoted.step(byte) {
            continue;
        }
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' if depth == 0 => {
                all.extend(inside.get(start..i));
                return all;
            }
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => {
                all.extend(inside.get(start..i));
                start = i + 1;
            }
            _ => {}
        }
    }
    all
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether we are between quotes.
#[derive(Default)]
struct Quoted {
    by: Option<u8>,
    escaped: bool,
}

impl Quoted {
    /// Takes the next byte; true where it belongs to a string.
    fn step(&mut self, byte: u8) -> bool {
        let inside = self.by.is_some();
        match self.by {
            _ if self.escaped => self.escaped = false,
            Some(_) if byte == b'\\' => self.escaped = true,
            Some(by) if byte == by => self.by = None,
            None if matches!(byte, b'"' | b'\'') => self.by = Some(byte),
            _ => {}
        }
        inside || self.by.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(key: &str, line: usize, args: &[&str]) -> Call {
        Call { key: Key::Whole(key.to_owned()), line, args: args.iter().map(|arg| (*arg).to_owned()).collect(), open: false }
    }

    #[test]
    fn calls_are_found_where_they_run() {
        let source = r#"<b title="{{ t("a") }}">
t("text") {# t("comment") #} {% raw %}{{ t("raw") }}{% endraw %}
{%- if x and th( 'b' , n=1, who = t("c", x='),') ) == "y" -%}{{ x.t("method") }} {{ "t('quoted')" }} {{ start("d") }}
{{ "}}" }}{{ t("e") }} {{ x|f(t("g")) }} { {{ t ("h", **more) }}"#;
        let mut open = whole("h", 4, &[]);
        open.open = true;
        let expected =
            [whole("a", 1, &[]), whole("b", 3, &["n", "who"]), whole("c", 3, &["x"]), whole("e", 4, &[]), whole("g", 4, &[]), open];
        assert_eq!(calls(source), expected);
    }

    #[test]
    fn keys_that_are_not_one_literal() {
        let keys: Vec<Key> =
            calls("{{ t('a-' ~ b) }}{{ t('a' if b else 'c') }}{{ t(problem) }}{{ t() }}").into_iter().map(|call| call.key).collect();
        assert_eq!(keys, [Key::Beginning("a-".to_owned()), Key::Tangled, Key::Value, Key::Value]);
    }

    #[test]
    fn broken_sources_end() {
        for source in ["{{ t('a", "{{ t(", "{#", "{%", "{", "{% raw %}", "{{ t('é\\", "{{ th(((("] {
            let _ = calls(source);
        }
    }
}
