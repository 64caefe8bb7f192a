//! Strings and country names in every loaded language. The strings are Fluent; English stands in for what another
//! language lacks.

use std::sync::Arc;

use unic_langid::LanguageIdentifier;

use crate::locales::{SHIPPED, Shipped};
use crate::message::{LocaleFile, Messages, Style, escape};
use crate::problem::{LoadError, Problem};
use crate::{Language, Languages};

/// The message in which an added language says what its speakers call it.
pub(crate) const OWN_NAME: &str = "language-name";

/// What a message is told: a text as it is, a count (plural rules see it), or HTML that is known to be safe.
/// Has no `Debug`: a code could be in it.
#[derive(Clone, Copy)]
pub enum Arg<'a> {
    /// Any text, also a hostile one.
    Text(&'a str),
    /// A whole number.
    Number(i64),
    /// Safe HTML, such as a link that a template made. Only [`Words::html`] leaves it as it is; elsewhere it is text.
    Markup(&'a str),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Arg::Text(text)
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Arg::Number(number)
    }
}

/// What one language says.
pub(crate) struct Spoken {
    pub language: Language,
    /// Its files; what stands in a later one wins.
    pub files: Vec<LocaleFile>,
    messages: Messages,
    countries: Arc<[(&'static str, &'static str)]>,
}

/// An operator's locale file.
pub(crate) struct Override {
    /// The file's name without `.ftl`.
    pub code: String,
    /// Its whole path.
    pub label: String,
    pub text: String,
}

/// Every loaded language with what it says.
pub struct Words {
    languages: Languages,
    spoken: Vec<Spoken>,
}

impl Words {
    /// The shipped languages as they are.
    pub fn shipped() -> Result<Self, LoadError> {
        Words::load(SHIPPED, Vec::new())
    }

    /// Shipped languages, with an operator's messages over theirs and an operator's languages beside them.
    pub(crate) fn load(shipped: &[Shipped], overrides: Vec<Override>) -> Result<Self, LoadError> {
        let mut problems = Vec::new();
        let mut spoken: Vec<Spoken> = Vec::new();
        for shipped in shipped {
            match LocaleFile::parse(shipped.file, shipped.strings.to_owned()) {
                Ok(file) => spoken.push(Spoken::new(shipped.language, file, countries(shipped.countries))),
                Err(found) => problems.extend(found),
            }
        }
        for Override { code, label, text } in overrides {
            match LocaleFile::parse(&label, text) {
                Err(found) => problems.extend(found),
                Ok(file) => match spoken.iter_mut().find(|spoken| spoken.language.code() == code) {
                    Some(spoken) => spoken.add(file),
                    None => match added(&code, &file) {
                        Ok(language) => {
                            let countries = spoken.first().map(|english| Arc::clone(&english.countries)).unwrap_or_default();
                            spoken.push(Spoken::new(language, file, countries));
                        }
                        Err(what) => problems.push(Problem::new(label, None, what)),
                    },
                },
            }
        }
        if !problems.is_empty() {
            return Err(LoadError(problems));
        }
        Ok(Words { languages: Languages::new(spoken.iter().map(|spoken| spoken.language).collect()), spoken })
    }

    /// The loaded languages.
    pub fn languages(&self) -> &Languages {
        &self.languages
    }

    /// A message as text, with Unicode's isolation marks (U+2068, U+2069) around what is filled in: for text in pages.
    /// A message that the language lacks is said in English; a key that English lacks comes back itself and is logged.
    pub fn text(&self, language: Language, key: &str, args: &[(&str, Arg)]) -> String {
        self.format(language, key, args, Style::Isolated)
    }

    /// A message as text without isolation marks: for text messages, subjects and plain mail, where every mark costs
    /// or shows. Otherwise like [`Words::text`].
    pub fn plain(&self, language: Language, key: &str, args: &[(&str, Arg)]) -> String {
        self.format(language, key, args, Style::Plain)
    }

    /// A message as HTML for an element's content: everything is escaped, and each text that is filled in stands in
    /// `<bdi>`, so that its direction disturbs nothing around it. Otherwise like [`Words::text`].
    pub fn html(&self, language: Language, key: &str, args: &[(&str, Arg)]) -> String {
        self.format(language, key, args, Style::Html)
    }

    fn format(&self, language: Language, key: &str, args: &[(&str, Arg)], style: Style) -> String {
        let english = self.spoken.first();
        let own = self.spoken.iter().find(|spoken| spoken.language == language);
        let said = own.into_iter().chain(english).find_map(|spoken| spoken.messages.format(key, args, style));
        let code = language.code();
        let Some((text, missing)) = said else {
            tracing::error!(key, language = code, "no such message");
            let mut text = String::new();
            match style {
                Style::Html => escape(key, &mut text),
                Style::Isolated | Style::Plain => text.push_str(key),
            }
            return text;
        };
        if !missing.is_empty() {
            tracing::error!(key, language = code, missing = missing.join(" "), "a message could not be filled in");
        }
        text
    }

    /// Countries that have a calling code, as (ISO 3166-1 alpha-2 code, name), in the order that the language sorts them.
    /// An operator's language has them in English.
    pub fn countries(&self, language: Language) -> &[(&'static str, &'static str)] {
        let english = self.spoken.first();
        self.spoken.iter().find(|spoken| spoken.language == language).or(english).map_or(&[], |spoken| &spoken.countries)
    }

    /// A country's name. `code` in capitals.
    pub fn country(&self, language: Language, code: &str) -> Option<&'static str> {
        self.countries(language).iter().find(|(found, _)| *found == code).map(|(_, name)| *name)
    }

    pub(crate) fn spoken(&self) -> &[Spoken] {
        &self.spoken
    }
}

impl Spoken {
    fn new(language: Language, file: LocaleFile, countries: Arc<[(&'static str, &'static str)]>) -> Self {
        let mut spoken = Spoken { language, files: Vec::new(), messages: Messages::new(language.code()), countries };
        spoken.add(file);
        spoken
    }

    fn add(&mut self, file: LocaleFile) {
        self.messages.add(&file);
        self.files.push(file);
    }
}

/// A language of the operator's.
fn added(code: &str, file: &LocaleFile) -> Result<Language, String> {
    let tag = code.parse::<LanguageIdentifier>().ok().filter(|tag| tag.language.as_str() != "und");
    let tag = tag.ok_or_else(|| format!("“{code}” is not a language tag; a file is called after one, such as da.ftl or pt-BR.ftl"))?;
    if tag != code {
        return Err(format!("write the language's tag as {tag}.ftl"));
    }
    let mut messages = Messages::new(code);
    messages.add(file);
    let name = messages.format(OWN_NAME, &[], Style::Plain).map(|(name, _)| name);
    let name = name.ok_or_else(|| format!("{code} is a new language: say in a message {OWN_NAME} what its speakers call it"))?;
    Ok(Language::added(&tag, name))
}

fn countries(lines: &'static str) -> Arc<[(&'static str, &'static str)]> {
    lines.lines().filter_map(|line| line.split_once('\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(code: &'static str, strings: &'static str) -> (Words, Language) {
        let english = Shipped { language: Language::ENGLISH, file: "locales/en.ftl", strings: "a = A { $x }\nb = B\n", countries: "" };
        let language = Language::new(code, code);
        let other = Shipped { language, file: "locales/xx.ftl", strings, countries: "" };
        (Words::load(&[english, other], Vec::new()).unwrap(), language)
    }

    /// Counts, and the form that Unicode CLDR's rules ask for.
    fn assert_plurals(code: &'static str, table: &[(&str, &[i64])]) {
        let forms = "n = { $n ->\n    [zero] zero\n    [one] one\n    [two] two\n    [few] few\n    [many] many\n   *[other] other\n}\n";
        let (words, language) = words(code, forms);
        for (form, numbers) in table {
            for n in *numbers {
                assert_eq!(words.plain(language, "n", &[("n", Arg::Number(*n))]), *form, "{code} {n}");
                assert_eq!(words.html(language, "n", &[("n", (*n).into())]), *form, "{code} {n}");
            }
        }
    }

    #[test]
    fn polish_counts() {
        assert_plurals(
            "pl",
            &[
                ("one", &[1]),
                ("few", &[2, 3, 4, 22, 23, 24, 32, 102, 104, 1002]),
                ("many", &[0, 5, 9, 10, 11, 12, 13, 14, 15, 21, 25, 100, 101, 112, 113, 114, 1000]),
            ],
        );
    }

    #[test]
    fn arabic_counts() {
        assert_plurals(
            "ar",
            &[
                ("zero", &[0]),
                ("one", &[1]),
                ("two", &[2]),
                ("few", &[3, 4, 10, 103, 110]),
                ("many", &[11, 12, 26, 99, 111, 199]),
                ("other", &[100, 101, 102, 200, 202, 1000]),
            ],
        );
    }

    type Say = fn(&Words, Language, &str, &[(&str, Arg)]) -> String;

    #[test]
    fn isolation_marks_stand_in_pages_only() {
        let (words, language) = words("de", "a = Ä { $x }!\n");
        let said = |say: Say, x| say(&words, language, "a", &[("x", Arg::Text(x))]);
        assert_eq!(said(Words::text, "x"), "Ä \u{2068}x\u{2069}!");
        assert_eq!(said(Words::plain, "x"), "Ä x!");
        assert_eq!(said(Words::html, "x"), "Ä <bdi>x</bdi>!");
        // A text cannot close the isolation around it, nor begin a line of its own.
        assert_eq!(said(Words::text, "\u{2069}\u{202E}x\n"), "Ä \u{2068}x \u{2069}!");
        assert_eq!(said(Words::plain, "\u{202E}a\u{2028}b\u{0}c\u{200D}"), "Ä a b c\u{200D}!");
    }

    #[test]
    fn english_then_the_key_itself() {
        let (words, language) = words("de", "a = Ä\n");
        assert_eq!(words.plain(language, "b", &[]), "B");
        assert_eq!(words.plain(language, "c", &[]), "c");
        assert_eq!(words.html(language, "<c>", &[]), "&lt;c&gt;");
        assert_eq!(words.plain(language, "a", &[("unused", Arg::Text("x"))]), "Ä");
        // Nothing was given: the name stands there, and the log says so.
        assert_eq!(words.plain(Language::ENGLISH, "a", &[]), "A {$x}");
        // A language that is not loaded is answered in English.
        assert_eq!(words.plain(Language::new("fr", "français"), "b", &[]), "B");
    }

    #[test]
    fn a_message_in_a_message_and_markup_among_texts() {
        let (words, language) = words("de", "in = <i> { $x }\nout = { in } { $link } { \"<q>\" } { $y }\n");
        let args = [("x", "<1>".into()), ("link", Arg::Markup("<a>&amp;</a>")), ("y", Arg::Markup("<hr>"))];
        assert_eq!(
            words.html(language, "out", &args),
            "&lt;i&gt; <bdi>&lt;1&gt;</bdi> <a>&amp;</a> &lt;q&gt; <hr>",
            "texts are escaped, markup is not, each in its place"
        );
        assert_eq!(words.plain(language, "out", &args), "<i> <1> <a>&amp;</a> <q> <hr>");
    }
}
