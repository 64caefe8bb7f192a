//! The template engine: built-in templates, an operator's folder over them, and what every template may call.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, context};
use thiserror::Error as ThisError;

use crate::folder;
use crate::locales::{SHIPPED, Shipped};
use crate::problem::{LoadError, Problem};
use crate::{Arg, Language, Words};

/// Where a template or file came from.
pub(crate) struct Source {
    /// `pages/start.html`, or an operator's whole path.
    pub label: String,
    pub text: String,
    /// What is shipped under that name.
    pub built_in: &'static str,
}

/// What is handed in before an operator's folder is read.
#[derive(Default)]
pub struct Builder {
    templates: Vec<(&'static str, &'static str)>,
    files: Vec<(&'static str, &'static str)>,
    elsewhere: Vec<&'static str>,
    globals: Vec<(&'static str, Value)>,
    shipped: Option<&'static [Shipped]>,
}

impl Builder {
    /// Templates, each with its name (`pages/start.html`, `sms/sign-in.txt`) and its source. What ends in `.html` is
    /// escaped by itself.
    #[must_use]
    pub fn templates(mut self, templates: &[(&'static str, &'static str)]) -> Self {
        self.templates.extend_from_slice(templates);
        self
    }

    /// Files that an operator may replace like templates, but that are used as they are: style sheets, scripts.
    #[must_use]
    pub fn files(mut self, files: &[(&'static str, &'static str)]) -> Self {
        self.files.extend_from_slice(files);
        self
    }

    /// Names that may stand in the operator's folder because somebody else reads them.
    #[must_use]
    pub fn elsewhere(mut self, names: &[&'static str]) -> Self {
        self.elsewhere.extend_from_slice(names);
        self
    }

    /// A value that every template sees.
    #[must_use]
    pub fn global(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.globals.push((name, value.into()));
        self
    }

    /// Test-only strings instead of the shipped ones.
    #[cfg(test)]
    pub(crate) fn speaking(mut self, shipped: &'static [Shipped]) -> Self {
        self.shipped = Some(shipped);
        self
    }

    /// Parses everything; a file of the same name in the operator's folder wins. `locales/de.ftl` there is laid over
    /// the shipped one message by message, and one of a language that is not shipped adds that language. Fails with
    /// everything that is wrong at once: files that nothing is called, what cannot be read or parsed.
    pub fn load(self, folder: Option<&Path>) -> Result<Templates, LoadError> {
        let names = || self.templates.iter().chain(&self.files).map(|(name, _)| *name).chain(self.elsewhere.iter().copied());
        let mut found = folder::Found::default();
        if let Some(folder) = folder {
            found = folder::read(folder, &names().collect::<Vec<_>>());
        }
        let mut problems = found.problems;
        let words = Words::load(self.shipped.unwrap_or(SHIPPED), found.locales).map_err(|LoadError(more)| problems.extend(more)).ok();
        let mut chosen = |list: &[(&'static str, &'static str)]| -> BTreeMap<&'static str, Source> {
            let source = |(name, built_in): &(&'static str, &'static str)| {
                let (label, text) = found.files.remove(*name).unwrap_or_else(|| ((*name).to_owned(), (*built_in).to_owned()));
                (*name, Source { label, text, built_in })
            };
            list.iter().map(source).collect()
        };
        let (sources, files) = (chosen(&self.templates), chosen(&self.files));
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| if is_html(name) { AutoEscape::Html } else { AutoEscape::None });
        // Debug information is the values themselves; nobody here prints it, and nobody ever shall.
        environment.set_debug(false);
        for (name, source) in &sources {
            if let Err(e) = environment.add_template_owned(*name, source.text.clone()) {
                problems.push(Problem::new(&source.label, e.line(), format!("{}: {}", e.kind(), e.detail().unwrap_or("cannot be parsed"))));
            }
        }
        // For tab titles and buttons, where some systems draw boxes for isolation marks.
        environment.add_filter("bare", |text: String| text.replace(['\u{2068}', '\u{2069}'], ""));
        for (name, value) in self.globals {
            environment.add_global(name, value);
        }
        match words {
            Some(words) if problems.is_empty() => Ok(Templates::new(environment, words, sources, files)),
            _ => {
                problems.sort();
                Err(LoadError(problems))
            }
        }
    }
}

/// The templates, parsed once, with the words they say.
pub struct Templates {
    environment: Environment<'static>,
    words: Arc<Words>,
    pub(crate) sources: BTreeMap<&'static str, Source>,
    pub(crate) files: BTreeMap<&'static str, Source>,
    /// What templates see as `languages`.
    languages: Value,
}

/// A template could not be rendered. Never says what was to be filled in: that can be a code.
#[derive(Clone, Debug, ThisError, PartialEq, Eq)]
#[error("{0}")]
pub struct RenderError(Problem);

impl Templates {
    /// Nothing yet; hand in templates, then [`Builder::load`].
    pub fn builder() -> Builder {
        Builder::default()
    }

    fn new(
        mut environment: Environment<'static>,
        words: Words,
        sources: BTreeMap<&'static str, Source>,
        files: BTreeMap<&'static str, Source>,
    ) -> Self {
        let words = Arc::new(words);
        let languages = words.languages().all().iter();
        let languages = languages.map(|l| context! { code => l.code(), name => l.own_name(), dir => l.dir() }).collect();
        let said = Arc::clone(&words);
        environment.add_function("t", move |state: &State, key: &str, args: Kwargs| {
            let say = if is_html(state.name()) { Words::text } else { Words::plain };
            Ok::<_, Error>(Value::from(say(&said, language(state, &said)?, key, &Given::from(&args)?.args())))
        });
        let said = Arc::clone(&words);
        environment.add_function("th", move |state: &State, key: &str, args: Kwargs| {
            let html = said.html(language(state, &said)?, key, &Given::from(&args)?.args());
            Ok::<_, Error>(Value::from_safe_string(html))
        });
        Templates { environment, words, sources, files, languages }
    }

    /// What the templates say, for callers that need a string or a country without a template.
    pub fn words(&self) -> &Arc<Words> {
        &self.words
    }

    /// Renders a template in a language. Beside `values` and the globals a template has `lang` (`de`), `dir` (`ltr` or
    /// `rtl`), `languages` (each with `code`, `name`, `dir`), `t("key", name=…)`, which gives text, and
    /// `th("key", name=…)`, which gives HTML ([`Words::html`]). A name that was not given is an error.
    pub fn render(&self, name: &str, language: Language, values: Value) -> Result<String, RenderError> {
        let values = context! { lang => language.code(), dir => language.dir(), languages => &self.languages, ..values };
        let rendered = self.environment.get_template(name).and_then(|template| template.render(values));
        rendered.map_err(|e| self.render_error(name, &e))
    }

    /// A file that is used as it is: the operator's, else the built-in one.
    pub fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(|source| source.text.as_str())
    }

    /// The templates' names, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.sources.keys().copied()
    }

    /// Where, what kind of error, and the template's own line: none of these can hold a value. minijinja's details can.
    fn render_error(&self, name: &str, error: &Error) -> RenderError {
        let mut deepest = error;
        let mut safe = None;
        let mut source = std::error::Error::source(error);
        while let Some(e) = source {
            if let Some(e) = e.downcast_ref::<Error>() {
                deepest = e;
            }
            safe = e.downcast_ref::<Refused>().or(safe);
            source = e.source();
        }
        let template = deepest.name().filter(|name| self.sources.contains_key(name)).unwrap_or(name);
        let mut what = deepest.kind().to_string();
        if let Some(Refused(why)) = safe {
            what = format!("{what}: {why}");
        }
        let Some(source) = self.sources.get(template) else {
            return RenderError(Problem::new(if self.is_plain(name) { name } else { "templates" }, None, "there is no such template"));
        };
        let line = deepest.line();
        if let Some(text) = line.and_then(|line| source.text.lines().nth(line.checked_sub(1)?)) {
            what = format!("{what}, in “{}”", text.trim().chars().take(120).collect::<String>());
        }
        RenderError(Problem::new(&source.label, line, what))
    }

    /// A name from our own code, not one that was filled in.
    fn is_plain(&self, name: &str) -> bool {
        name.len() < 100 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'.' | b'_'))
    }
}

fn is_html(name: &str) -> bool {
    name.ends_with(".html")
}

/// Why `t` or `th` would not: text of ours, with no values in it.
#[derive(Debug, ThisError)]
#[error("{0}")]
struct Refused(String);

fn refused(kind: ErrorKind, why: String) -> Error {
    Error::new(kind, "t() and th()").with_source(Refused(why))
}

fn language(state: &State, words: &Words) -> Result<Language, Error> {
    let code = state.lookup("lang");
    let found = code.as_ref().and_then(Value::as_str).and_then(|code| words.languages().find(code));
    found.ok_or_else(|| refused(ErrorKind::UndefinedError, "here `lang` is not the code of a loaded language".to_owned()))
}

/// A call's named arguments.
struct Given<'a>(Vec<(&'a str, Value)>);

impl<'a> Given<'a> {
    fn from(args: &'a Kwargs) -> Result<Self, Error> {
        let one = |name: &'a str| {
            let value: Value = args.get(name)?;
            let known = value.as_str().is_some() || (value.is_number() && value.as_i64().is_some());
            let why = || format!("`{name}` is neither a text nor a whole number");
            if known { Ok((name, value)) } else { Err(refused(ErrorKind::InvalidOperation, why())) }
        };
        args.args().map(one).collect::<Result<_, _>>().map(Given)
    }

    fn args(&self) -> Vec<(&str, Arg<'_>)> {
        self.0.iter().map(|(name, value)| (*name, arg(value))).collect()
    }
}

fn arg(value: &Value) -> Arg<'_> {
    match value.as_str() {
        Some(html) if value.is_safe() => Arg::Markup(html),
        Some(text) => Arg::Text(text),
        None => Arg::Number(value.as_i64().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const STRINGS: &[Shipped] = &[
        Shipped {
            language: Language::ENGLISH,
            file: "locales/en.ftl",
            strings: "hello = Hello <b> { $name }!\ntries = { $n ->\n    [one] { $n } try\n   *[other] { $n } tries\n}\nterms = Read { $link }.\nonly-english = English & more\nvia = { $way ->\n    [sms] text\n   *[mail] mail\n} by { $way }\n",
            countries: "DE\tGermany\n",
        },
        Shipped {
            language: Language::new("de", "Deutsch"),
            file: "locales/de.ftl",
            strings: "hello = Hallo { $name }!\ntries = { $n ->\n    [one] ein Versuch\n   *[other] { $n } Versuche\n}\nterms = Lies { $link }.\n",
            countries: "DE\tDeutschland\n",
        },
        Shipped {
            language: Language::new("ar", "العربية").right_to_left(),
            file: "locales/ar.ftl",
            strings: "hello = مرحبا { $name }!\n",
            countries: "DE\tألمانيا\n",
        },
    ];

    const PARTS: &str = "{% macro greet(who) %}<i>{{ th('hello', name=who) }}</i>{% endmacro %}";

    fn load(templates: &[(&'static str, &'static str)]) -> Templates {
        Templates::builder().speaking(STRINGS).templates(templates).load(None).unwrap()
    }

    fn render(source: &'static str, code: &str, values: Value) -> String {
        let templates = load(&[("pages/x.html", source), ("pages/parts.html", PARTS)]);
        templates.render("pages/x.html", templates.words().languages().find(code).unwrap(), values).unwrap()
    }

    fn text(source: &'static str, code: &str, values: Value) -> String {
        let templates = load(&[("sms/x.txt", source)]);
        templates.render("sms/x.txt", templates.words().languages().find(code).unwrap(), values).unwrap()
    }

    fn error(source: &'static str, values: Value) -> String {
        load(&[("pages/x.html", source)]).render("pages/x.html", Language::ENGLISH, values).unwrap_err().to_string()
    }

    #[test]
    fn a_template_knows_its_language() {
        let source = "{{ lang }} {{ dir }}{% for l in languages %} {{ l.code }}={{ l.name }}/{{ l.dir }}{% endfor %}";
        assert_eq!(render(source, "ar", context! {}), "ar rtl en=English/ltr de=Deutsch/ltr ar=العربية/rtl");
        // What the caller gives cannot change it.
        assert_eq!(render("{{ lang }}{{ dir }}", "de", context! { lang => "ar", dir => "rtl" }), "deltr");
    }

    #[test]
    fn strings_are_text_in_text_and_escaped_in_html() {
        let values = || context! { name => "<script>" };
        assert_eq!(text("{{ t('hello', name=name) }}", "en", values()), "Hello <b> <script>!");
        let escaped = "Hello &lt;b&gt; \u{2068}&lt;script&gt;\u{2069}!";
        assert_eq!(render("{{ t('hello', name=name) }}", "en", values()), escaped);
        assert_eq!(render("{{ th('hello', name=name) }}", "en", values()), "Hello &lt;b&gt; <bdi>&lt;script&gt;</bdi>!");
    }

    #[test]
    fn hostile_values_stay_values() {
        let shown = |name: &str| render("{{ th('hello', name=name) }}", "de", context! { name => name });
        assert_eq!(shown("{{ 7*7 }}"), "Hallo <bdi>{{ 7*7 }}</bdi>!");
        assert_eq!(shown("{ $n }"), "Hallo <bdi>{ $n }</bdi>!");
        assert_eq!(shown("a\u{202E}b\u{2069}c"), "Hallo <bdi>abc</bdi>!");
        assert_eq!(shown("a\r\nb"), "Hallo <bdi>a  b</bdi>!");
        assert_eq!(shown("\"'&"), "Hallo <bdi>&quot;&#x27;&amp;</bdi>!");
        let plain = text("{{ t('hello', name=name) }}", "de", context! { name => "x\n@evil.example #123456" });
        assert_eq!(plain, "Hallo x @evil.example #123456!");
    }

    #[test]
    fn numbers_choose_the_plural_and_are_not_marked() {
        let tries = |code, n: i64| render("{{ th('tries', n=n) }}", code, context! { n });
        assert_eq!((tries("en", 1), tries("en", 2)), ("1 try".to_owned(), "2 tries".to_owned()));
        assert_eq!((tries("de", 1), tries("de", 5)), ("ein Versuch".to_owned(), "5 Versuche".to_owned()));
    }

    #[test]
    fn markup_made_by_a_template_goes_into_a_message_as_it_is() {
        let source = "{% set a %}<a href=\"{{ url }}\">x</a>{% endset %}{{ th('terms', link=a) }}";
        assert_eq!(render(source, "de", context! { url => "/?a&b" }), "Lies <a href=\"&#x2f;?a&amp;b\">x</a>.");
        assert_eq!(render("{{ th('terms', link=a) }}", "de", context! { a => "<a>" }), "Lies <bdi>&lt;a&gt;</bdi>.");
    }

    #[test]
    fn texts_can_choose_a_variant_and_be_marked() {
        assert_eq!(render("{{ th('via', way=way) }}", "en", context! { way => "sms" }), "text by <bdi>sms</bdi>");
    }

    #[test]
    fn english_stands_in() {
        assert_eq!(render("{{ t('only-english') }}", "de", context! {}), "English &amp; more");
        assert_eq!(render("{{ th('only-english') }}", "de", context! {}), "English &amp; more");
        assert_eq!(render("{{ t('nowhere<') }}", "de", context! {}), "nowhere&lt;");
        assert_eq!(render("{{ th('nowhere<') }}", "de", context! {}), "nowhere&lt;");
    }

    #[test]
    fn macros_and_loops_keep_the_language() {
        let source = "{% from 'pages/parts.html' import greet %}{% for n in names %}{{ greet(n) }}{% endfor %}";
        assert_eq!(render(source, "de", context! { names => ["A", "B"] }), "<i>Hallo <bdi>A</bdi>!</i><i>Hallo <bdi>B</bdi>!</i>");
    }

    #[test]
    fn errors_name_file_line_and_cause_and_no_value() {
        let code = "CODE-4711";
        let values = || context! { code, list => [code], deep => context! { code } };
        let cases = [
            ("\n{{ missing }}", "pages/x.html:2: undefined value, in “{{ missing }}”"),
            ("{{ t('hello', name=missing) }}", "pages/x.html:1: invalid operation: `name` is neither a text nor a whole number, in"),
            ("{{ t('hello', name=list) }}", "pages/x.html:1: invalid operation: `name`"),
            ("{{ t('hello', code) }}", "pages/x.html:1: too many arguments"),
            ("{{ code.x.y }}", "pages/x.html:1: undefined value"),
            ("{{ code() }}", "pages/x.html:1: "),
            ("{{ code - 1 }}", "pages/x.html:1: invalid operation"),
            ("{{ code|int }}", "pages/x.html:1: invalid operation"),
            ("{{ code|nope }}", "pages/x.html:1: unknown filter"),
            ("{{ code is nope }}", "pages/x.html:1: unknown test"),
            ("{% include code %}", "pages/x.html:1: template not found"),
            ("{% extends code %}", "pages/x.html:1: template not found"),
            ("{% import code as x %}", "pages/x.html:1: template not found"),
            ("{{ deep[code][code] }}", "pages/x.html:1: undefined value"),
            ("{% for a, b in list %}{% endfor %}", "pages/x.html:1: cannot unpack"),
            ("{% set lang = code %}{{ t('hello') }}", "pages/x.html:1: undefined value: here `lang` is not the code of a loaded language"),
        ];
        for (source, expected) in cases {
            let templates = Templates::builder().speaking(STRINGS).templates(&[("pages/x.html", source)]).load(None);
            let problem = match templates {
                // Unknown filters and tests are noticed while loading.
                Err(e) => e.to_string(),
                Ok(templates) => {
                    let error = templates.render("pages/x.html", Language::ENGLISH, values()).unwrap_err();
                    assert!(!format!("{error:?}").contains(code), "{error:?}");
                    error.to_string()
                }
            };
            assert!(problem.starts_with(expected), "{source} says {problem}");
            assert!(!problem.contains(code), "{problem}");
        }
        assert_eq!(
            load(&[]).render("pages/no.html", Language::ENGLISH, values()).unwrap_err().to_string(),
            "pages/no.html: there is no such template"
        );
        assert!(error("{% include 'pages/gone.html' %}", values()).starts_with("pages/x.html:1: template not found"));
    }

    #[test]
    fn an_error_in_an_included_file_names_that_file() {
        let templates = load(&[("pages/x.html", "{% include 'pages/y.html' %}"), ("pages/y.html", "\n\n{{ nope }}")]);
        let error = templates.render("pages/x.html", Language::ENGLISH, context! {}).unwrap_err();
        assert_eq!(error.to_string(), "pages/y.html:3: undefined value, in “{{ nope }}”");
    }

    #[test]
    fn globals_and_files() {
        let builder = Templates::builder().speaking(STRINGS).templates(&[("a.html", "{{ css }}")]).files(&[("page.css", "p {{")]);
        let templates = builder.global("css", "/page.css").load(None).unwrap();
        assert_eq!(templates.render("a.html", Language::ENGLISH, context! {}).unwrap(), "&#x2f;page.css");
        assert_eq!((templates.file("page.css"), templates.file("a.html")), (Some("p {{"), None));
        assert_eq!(templates.names().collect::<Vec<_>>(), ["a.html"]);
    }

    fn with_folder(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Result<Templates, LoadError>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let builder = Templates::builder().speaking(STRINGS).files(&[("pages/assets/page.css", "p {}")]);
        let builder = builder.templates(&[("pages/start.html", "built-in {{ t('hello', name='x') }}"), ("pages/code.html", "code")]);
        let loaded = builder.elsewhere(&["sms/sign-in.txt"]).load(Some(folder.path()));
        (folder, loaded)
    }

    #[test]
    fn an_operators_files_win() {
        let (_folder, loaded) = with_folder(&[
            ("pages/start.html", b"mine {{ t('hello', name='x') }} <{{ '<' }}"),
            ("pages/assets/page.css", b"mine"),
            ("sms/sign-in.txt", b"{{ not ours"),
            (".git/config", b""),
            ("pages/.swp", b""),
            ("locales/de.ftl", "hello = Servus { $name }!\n".as_bytes()),
            ("locales/da.ftl", "language-name = Dansk\nhello = Hej { $name }!\n".as_bytes()),
        ]);
        let templates = loaded.unwrap();
        let start = |code| templates.render("pages/start.html", templates.words().languages().find(code).unwrap(), context! {}).unwrap();
        assert_eq!(start("de"), "mine Servus \u{2068}x\u{2069}! <&lt;");
        assert_eq!(start("da"), "mine Hej \u{2068}x\u{2069}! <&lt;");
        assert_eq!(templates.render("pages/code.html", Language::ENGLISH, context! {}).unwrap(), "code");
        assert_eq!(templates.file("pages/assets/page.css"), Some("mine"));
        let words = templates.words();
        let danish = words.languages().choose(Some("da-DK"), None, None, Language::ENGLISH);
        assert_eq!((danish.code(), danish.own_name(), danish.dir()), ("da", "Dansk", "ltr"));
        assert_eq!(words.country(danish, "DE"), Some("Germany"));
        // What the operator's file does not say is still said by ours.
        assert_eq!(words.plain(words.languages().find("de").unwrap(), "tries", &[("n", Arg::Number(1))]), "ein Versuch");
    }

    #[test]
    fn what_is_wrong_in_the_folder_is_said_all_at_once() {
        let (folder, loaded) = with_folder(&[
            ("pages/strat.html", b""),
            ("pages/code.html", b"fine\n{% if %}"),
            ("pages/start.html", b"a\n\xff"),
            ("locales/de.ftl", b"hello = ok\n\noops\n"),
            ("locales/da.ftl", b"hello = Hej\n"),
            ("locales/pt-br.ftl", b"language-name = x\n"),
            ("locales/english.txt", b""),
            ("locales/not a tag.ftl", b""),
        ]);
        let LoadError(problems) = loaded.err().unwrap();
        let root = folder.path().display().to_string();
        let mut said: Vec<String> = problems.iter().map(|p| p.to_string().replace(&format!("{root}/"), "")).collect();
        said.sort();
        let starts = [
            "locales/da.ftl: da is a new language: say in a message language-name",
            "locales/de.ftl:3: ",
            "locales/english.txt: no template is called “locales/english.txt”; the nearest is “locales/en.ftl”",
            "locales/not a tag.ftl: “not a tag” is not a language tag",
            "locales/pt-br.ftl: write the language's tag as pt-BR.ftl",
            "pages/code.html:2: syntax error: ",
            "pages/start.html:2: is not UTF-8 text",
            "pages/strat.html: no template is called “pages/strat.html”; the nearest is “pages/start.html”",
        ];
        assert_eq!(said.len(), starts.len(), "{said:#?}");
        for (said, start) in said.iter().zip(starts) {
            assert!(said.starts_with(start), "{said}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let gone = tempfile::tempdir().unwrap().path().join("gone");
        let error = Templates::builder().speaking(STRINGS).load(Some(&gone)).err().unwrap();
        assert!(error.to_string().contains("gone: cannot be read"), "{error}");
    }
}
