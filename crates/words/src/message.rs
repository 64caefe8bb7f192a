//! One language's messages: read from Fluent files, filled in, and put into the right form for a number.
//!
//! Fluent's own formatter is not used: its plural rules take a hundred and three for "other" in Arabic (they lose the
//! remainder in rules such as `n % 100 = 3..10`), and it can only give text, where pages need HTML.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource, Variant, VariantKey};
use fluent_syntax::parser::parse_runtime;
use fluent_syntax::unicode::unescape_unicode_to_string;
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesPreferences};

use crate::Arg;
use crate::problem::{Problem, line_of};

/// Messages may refer to messages this deep.
const DEEPEST: usize = 8;

/// Unicode's isolation marks (UAX #9 §2.4.1): first strong isolate, and its end.
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// What a message becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Text, with isolation marks around each text that is filled in.
    Isolated,
    /// Text.
    Plain,
    /// HTML, with `<bdi>` around each text that is filled in.
    Html,
}

/// A locale file, as it was loaded.
pub(crate) struct LocaleFile {
    /// `locales/de.ftl`, or an operator's whole path.
    pub label: String,
    pub source: String,
    pub resource: Resource<String>,
}

impl LocaleFile {
    /// Reads Fluent.
    pub fn parse(label: &str, source: String) -> Result<Self, Vec<Problem>> {
        match parse_runtime(source.clone()) {
            Ok(resource) => Ok(LocaleFile { label: label.to_owned(), source, resource }),
            Err((_, errors)) => {
                Err(errors.iter().map(|e| Problem::new(label, line_of(&source, e.pos.start), e.kind.to_string())).collect())
            }
        }
    }
}

/// A language's plural rules for whole numbers.
pub(crate) struct Plurals(PluralRulesPreferences);

impl Plurals {
    /// Those of a BCP 47 tag. A language that CLDR has no rules for has one form only.
    pub fn of(tag: &str) -> Self {
        Plurals(tag.parse::<Locale>().unwrap_or(Locale::UNKNOWN).into())
    }

    /// The category that a number is in, by CLDR's name.
    pub fn category(&self, number: i64) -> &'static str {
        let Ok(rules) = PluralRules::try_new_cardinal(self.0) else { return "other" };
        match rules.category_for(number) {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        }
    }
}

/// The messages in force.
pub(crate) struct Messages {
    plurals: Plurals,
    patterns: HashMap<String, Pattern<String>>,
}

impl Messages {
    pub fn new(tag: &str) -> Self {
        Messages { plurals: Plurals::of(tag), patterns: HashMap::new() }
    }

    /// What the file says wins over what was there, message by message.
    pub fn add(&mut self, file: &LocaleFile) {
        for entry in &file.resource.body {
            if let Entry::Message(message) = entry
                && let Some(pattern) = &message.value
            {
                self.patterns.insert(message.id.name.clone(), pattern.clone());
            }
        }
    }

    /// The message filled in, and the names in it that nothing was given for; nothing where there is no such message.
    pub fn format<'a>(&'a self, key: &str, args: &'a [(&'a str, Arg<'a>)], style: Style) -> Option<(String, Vec<String>)> {
        let pattern = self.patterns.get(key)?;
        let mut filling = Filling { messages: self, args, style, out: String::new(), missing: Vec::new() };
        filling.pattern(pattern, 0, true);
        Some((filling.out, filling.missing))
    }
}

struct Filling<'a> {
    messages: &'a Messages,
    args: &'a [(&'a str, Arg<'a>)],
    style: Style,
    out: String,
    missing: Vec<String>,
}

impl<'a> Filling<'a> {
    /// `alone`: nothing stands around it. A text that is the whole message needs no isolation, as in Fluent.
    fn pattern(&mut self, pattern: &'a Pattern<String>, depth: usize, alone: bool) {
        let alone = alone && pattern.elements.len() == 1;
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.text(value),
                PatternElement::Placeable { expression } => self.expression(expression, depth, alone),
            }
        }
    }

    fn expression(&mut self, expression: &'a Expression<String>, depth: usize, alone: bool) {
        match expression {
            Expression::Inline(inline) => self.inline(inline, depth, alone),
            Expression::Select { selector, variants } => {
                if let Some(variant) = self.choose(selector, variants) {
                    self.pattern(&variant.value, depth, alone);
                }
            }
        }
    }

    fn inline(&mut self, inline: &'a InlineExpression<String>, depth: usize, alone: bool) {
        match inline {
            InlineExpression::StringLiteral { value } => self.text(&unescape_unicode_to_string(value)),
            InlineExpression::NumberLiteral { value } => self.text(value),
            InlineExpression::VariableReference { id } => match self.arg(&id.name) {
                Some(arg) => self.fill_in(arg, alone),
                None => self.miss(format!("{{${}}}", id.name)),
            },
            InlineExpression::MessageReference { id, attribute: None } => match self.messages.patterns.get(&id.name) {
                Some(pattern) if depth < DEEPEST => self.pattern(pattern, depth + 1, alone),
                _ => self.miss(format!("{{{}}}", id.name)),
            },
            InlineExpression::MessageReference { id, attribute: Some(_) } => self.miss(format!("{{{}}}", id.name)),
            InlineExpression::FunctionReference { id, .. } => self.miss(format!("{{{}()}}", id.name)),
            InlineExpression::TermReference { id, .. } => self.miss(format!("{{-{}}}", id.name)),
            InlineExpression::Placeable { expression } => self.expression(expression, depth, alone),
        }
    }

    /// The first variant that fits, else the default one.
    fn choose(&mut self, selector: &InlineExpression<String>, variants: &'a [Variant<String>]) -> Option<&'a Variant<String>> {
        let InlineExpression::VariableReference { id } = selector else { return variants.iter().find(|variant| variant.default) };
        let arg = self.arg(&id.name);
        if arg.is_none() {
            self.missing.push(format!("{{${}}}", id.name));
        }
        let category = match arg {
            Some(Arg::Number(number)) => self.messages.plurals.category(number),
            _ => "",
        };
        let fits = |variant: &&Variant<String>| match (&variant.key, arg) {
            (VariantKey::Identifier { name }, Some(Arg::Text(text))) => name == text,
            (VariantKey::Identifier { name }, Some(Arg::Number(_))) => name == category,
            (VariantKey::NumberLiteral { value }, Some(Arg::Number(number))) => value.parse() == Ok(number),
            _ => false,
        };
        variants.iter().find(fits).or_else(|| variants.iter().find(|variant| variant.default))
    }

    fn arg(&self, name: &str) -> Option<Arg<'a>> {
        self.args.iter().find(|(given, _)| *given == name).map(|(_, arg)| *arg)
    }

    fn fill_in(&mut self, arg: Arg, alone: bool) {
        match (arg, self.style) {
            (Arg::Number(number), _) => self.out.push_str(&number.to_string()),
            (Arg::Markup(html), Style::Html) => self.out.push_str(html),
            (Arg::Text(text), Style::Html) => {
                self.out.push_str("<bdi>");
                self.text(&one_line(text));
                self.out.push_str("</bdi>");
            }
            (Arg::Text(text) | Arg::Markup(text), Style::Isolated) if !alone => {
                self.out.push(ISOLATE[0]);
                self.text(&one_line(text));
                self.out.push(ISOLATE[1]);
            }
            (Arg::Text(text) | Arg::Markup(text), Style::Isolated | Style::Plain) => self.text(&one_line(text)),
        }
    }

    fn miss(&mut self, name: String) {
        self.text(&name);
        self.missing.push(name);
    }

    fn text(&mut self, text: &str) {
        match self.style {
            Style::Html => escape(text, &mut self.out),
            Style::Isolated | Style::Plain => self.out.push_str(text),
        }
    }
}

/// A text that is filled in stays one line and keeps its direction to itself: control characters become spaces, and what
/// embeds, overrides or isolates a direction (UAX #9 §2.1 to §2.4) is left out.
fn one_line(text: &str) -> Cow<'_, str> {
    let directs = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if !text.chars().any(|c| directs(c) || breaks(c)) {
        return Cow::Borrowed(text);
    }
    text.chars().filter(|c| !directs(*c)).map(|c| if breaks(c) { ' ' } else { c }).collect()
}

/// Appends a text as HTML.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(tag: &str, source: &str) -> Messages {
        let mut messages = Messages::new(tag);
        messages.add(&LocaleFile::parse("x.ftl", source.to_owned()).unwrap());
        messages
    }

    #[test]
    fn circles_end_and_what_is_missing_is_named() {
        let messages =
            messages("en", "a = x { b }\nb = y { a }\nc = { $c }{ -t }{ F() }{ gone }{ a.b }\nd = { $n ->\n   *[x] <\n}\n-t = t\n");
        let (text, missing) = messages.format("a", &[], Style::Plain).unwrap();
        assert!(text.starts_with("x y x y ") && text.len() < 40, "{text}");
        assert_eq!(missing, ["{b}"]);
        let (text, missing) = messages.format("c", &[], Style::Plain).unwrap();
        assert_eq!((text.as_str(), missing.join(" ").as_str()), ("{$c}{-t}{F()}{gone}{a}", "{$c} {-t} {F()} {gone} {a}"));
        assert_eq!(messages.format("d", &[], Style::Html).unwrap(), ("&lt;".to_owned(), vec!["{$n}".to_owned()]));
        assert!(messages.format("-t", &[], Style::Plain).is_none());
    }

    #[test]
    fn only_a_text_with_something_around_it_is_isolated() {
        let source =
            "a = { $x }\nb = { a }\nc = { a }.\nd = { $n ->\n    [one] { $x }\n   *[other] { $x }s\n}\ne = { d }!\nf = { { $x } }\n";
        let messages = messages("en", source);
        let marked = |key, n| {
            let (text, _) = messages.format(key, &[("x", Arg::Text("x")), ("n", Arg::Number(n))], Style::Isolated).unwrap();
            text.replace(ISOLATE[0], "<").replace(ISOLATE[1], ">")
        };
        let shown = [marked("a", 1), marked("b", 1), marked("c", 1), marked("d", 1), marked("d", 2), marked("e", 1), marked("f", 1)];
        assert_eq!(shown, ["x", "x", "<x>.", "x", "<x>s", "<x>!", "x"]);
    }

    #[test]
    fn a_number_itself_comes_before_its_category_where_it_stands_first() {
        let messages = messages("pl", "a = { $n ->\n    [0] nic\n    [few] kilka\n    [12] tuzin\n   *[many] { $n }\n}\n");
        let said = |n| messages.format("a", &[("n", Arg::Number(n))], Style::Plain).unwrap().0;
        assert_eq!([said(0), said(3), said(12), said(13), said(1)], ["nic", "kilka", "tuzin", "13", "1"]);
        let text = messages.format("a", &[("n", Arg::Text("0"))], Style::Plain).unwrap().0;
        assert_eq!(text, "0", "a text is not a number");
    }

    #[test]
    fn what_does_not_parse_is_named_with_its_line() {
        let problems = LocaleFile::parse("x.ftl", "a = b\n\nc = {\n".to_owned()).err().unwrap();
        assert!(problems[0].line >= Some(3) && problems[0].file == "x.ftl", "{problems:?}");
    }
}
