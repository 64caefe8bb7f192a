//! Checks of templates and locales: what is missing, what nobody uses, what does not fit English.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::Problem;
use crate::scan::{Call, Key, calls};
use crate::shape::{Shape, messages, plurals};
use crate::words::{OWN_NAME, Spoken};
use crate::{Templates, Words};

/// Languages with a plural whose nouns stay as they are behind a number, so that a message need not choose by it.
const NOUNS_STAY: [&str; 8] = ["az", "fa", "hu", "ka", "kk", "ky", "tr", "uz"];

type Messages<'a> = BTreeMap<&'a str, Shape<'a>>;

impl Words {
    /// What is wrong with the languages: against English, messages that are missing or unknown, placeables that are
    /// missing or too many, variants and plural forms that are missing.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some((english, others)) = self.spoken().split_first() else { return problems };
        let reference = messages(english, &mut problems);
        check_selections(english, &reference, &reference, &mut problems);
        check_references(&reference, &reference, &mut problems);
        for other in others {
            let said = messages(other, &mut problems);
            check_language(other, &said, &reference, &mut problems);
            check_selections(other, &said, &reference, &mut problems);
            check_references(&said, &reference, &mut problems);
        }
        problems.sort();
        problems
    }
}

impl Templates {
    /// What is wrong with templates and locales ([`Words::check`]), with the keys that the templates name, and with
    /// those that nobody does. `used` are the keys that Rust code passes; one that ends in `*` stands for all that
    /// begin so. Does not render anything: that takes values.
    pub fn check(&self, used: &[&str]) -> Vec<Problem> {
        let mut problems = self.words().check();
        let Some(english) = self.words().spoken().first() else { return problems };
        let reference = messages(english, &mut Vec::new());
        let mut named = Named::default();
        for source in self.sources.values() {
            for call in calls(&source.text) {
                check_call(&source.label, &call, &reference, &mut problems);
                named.add(&call.key);
            }
            // An operator's page that says less does not make our messages useless.
            calls(source.built_in).iter().for_each(|call| named.add(&call.key));
        }
        for key in used {
            match key.strip_suffix('*') {
                Some(beginning) => named.add(&Key::Beginning(beginning.to_owned())),
                None => named.add(&Key::Whole((*key).to_owned())),
            }
            if !known(key.strip_suffix('*').map_or(Wanted::Whole(key), Wanted::Beginning), &reference) {
                problems.push(Problem::new("locales/en.ftl", None, format!("has no message {key}, which the program uses")));
            }
        }
        let used = named.with_references(&reference);
        for (key, shape) in reference.iter().filter(|(key, _)| !used.contains(**key) && **key != OWN_NAME) {
            problems.push(Problem::new(shape.file, shape.line, format!("nobody uses {key}")));
        }
        problems.sort();
        problems.dedup();
        problems
    }
}

/// Keys that somebody names.
#[derive(Default)]
struct Named {
    whole: BTreeSet<String>,
    beginnings: BTreeSet<String>,
}

impl Named {
    fn add(&mut self, key: &Key) {
        match key {
            Key::Whole(key) => drop(self.whole.insert(key.clone())),
            Key::Beginning(beginning) => drop(self.beginnings.insert(beginning.clone())),
            Key::Tangled | Key::Value => {}
        }
    }

    /// With what the named messages refer to.
    fn with_references<'a>(&self, reference: &Messages<'a>) -> BTreeSet<&'a str> {
        let is_named = |key: &str| self.whole.contains(key) || self.beginnings.iter().any(|beginning| key.starts_with(beginning));
        let mut all = BTreeSet::new();
        let mut next: Vec<&str> = reference.keys().copied().filter(|key| is_named(key)).collect();
        while let Some(key) = next.pop() {
            if all.insert(key)
                && let Some(shape) = reference.get(key)
            {
                next.extend(shape.messages.iter().copied());
            }
        }
        all
    }
}

enum Wanted<'a> {
    Whole(&'a str),
    Beginning(&'a str),
}

fn known(wanted: Wanted, reference: &Messages) -> bool {
    match wanted {
        Wanted::Whole(key) => reference.contains_key(key),
        Wanted::Beginning(beginning) => reference.keys().any(|key| key.starts_with(beginning)),
    }
}

fn check_call(file: &str, call: &Call, reference: &Messages, problems: &mut Vec<Problem>) {
    let mut problem = |what: String| problems.push(Problem::new(file, call.line, what));
    match &call.key {
        Key::Whole(key) if !reference.contains_key(key.as_str()) => {
            problem(format!("there is no message {key}{}", nearest(key, reference)))
        }
        Key::Whole(key) if !call.open => {
            for variable in filled_in(key, reference, reference) {
                if !call.args.iter().any(|arg| arg == variable) {
                    problem(format!("{key} needs {variable}=…"));
                }
            }
        }
        Key::Beginning(beginning) if !known(Wanted::Beginning(beginning), reference) => {
            problem(format!("there is no message that begins with {beginning}"));
        }
        Key::Tangled => problem("a key must be one literal: choose with {% if %} around the call".to_owned()),
        Key::Whole(_) | Key::Beginning(_) | Key::Value => {}
    }
}

fn check_language(spoken: &Spoken, said: &Messages, reference: &Messages, problems: &mut Vec<Problem>) {
    let file = spoken.files.first().map(|file| file.label.as_str()).unwrap_or_default();
    for (key, english) in reference {
        let Some(shape) = said.get(key) else {
            if *key != OWN_NAME {
                problems.push(Problem::new(file, None, format!("has no message {key} ({}:{})", english.file, english.line)));
            }
            continue;
        };
        let (ours, theirs) = (filled_in(key, said, reference), filled_in(key, reference, reference));
        for variable in theirs.difference(&ours) {
            problems.push(Problem::new(shape.file, shape.line, format!("{key} lacks {{ ${variable} }}")));
        }
        for variable in ours.difference(&theirs) {
            problems.push(Problem::new(shape.file, shape.line, format!("{key} has {{ ${variable} }}, which English has not")));
        }
    }
    for (key, shape) in said.iter().filter(|(key, _)| !reference.contains_key(**key) && **key != OWN_NAME) {
        problems.push(Problem::new(shape.file, shape.line, format!("English has no message {key}{}", nearest(key, reference))));
    }
}

fn check_selections(spoken: &Spoken, said: &Messages, reference: &Messages, problems: &mut Vec<Problem>) {
    let code = spoken.language.code();
    let plurals = plurals(code);
    let stays = NOUNS_STAY.contains(&code.split('-').next().unwrap_or_default());
    for (key, shape) in said {
        let mut problem = |what: String| problems.push(Problem::new(shape.file, shape.line, what));
        let english = reference.get(key).map_or(&[] as &[_], |english| &english.selections);
        for selection in &shape.selections {
            let same = |other: &&crate::shape::Selection| other.variable == selection.variable;
            let model = english.iter().find(same);
            if selection.by_number() || model.is_some_and(|model| model.by_number()) {
                for category in selection.lacks(&plurals) {
                    problem(format!("{key} lacks the plural form [{category}] of ${}", selection.variable));
                }
            } else if let Some(model) = model {
                for variant in model.keys.symmetric_difference(&selection.keys) {
                    let verb = if model.keys.contains(variant) { "lacks" } else { "has, unlike English," };
                    problem(format!("{key} {verb} the variant [{variant}] of ${}", selection.variable));
                }
            }
        }
        for model in english.iter().filter(|model| model.by_number() && plurals.len() > 1 && !stays) {
            let said = shape.selections.iter().any(|selection| selection.variable == model.variable);
            if !said && shape.variables.contains(model.variable) {
                let forms = plurals.keys().map(|category| format!("[{category}]")).collect::<Vec<_>>().join(" ");
                problem(format!("{key} lacks the plural forms {forms} of ${}", model.variable));
            }
        }
    }
}

fn check_references(said: &Messages, reference: &Messages, problems: &mut Vec<Problem>) {
    for (key, shape) in said {
        // Fluent looks into the same language only.
        for message in shape.messages.iter().filter(|message| !said.contains_key(**message)) {
            problems.push(Problem::new(
                shape.file,
                shape.line,
                format!("{key} refers to {message}, which is not there{}", nearest(message, reference)),
            ));
        }
    }
}

/// The names that a message fills in, by itself and through what it refers to.
fn filled_in<'a>(key: &str, said: &'a Messages<'a>, reference: &'a Messages<'a>) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    let mut seen = BTreeSet::from([key]);
    let mut next: Vec<&Shape> = said.get(key).or_else(|| reference.get(key)).into_iter().collect();
    while let Some(shape) = next.pop() {
        all.extend(shape.variables.iter().copied());
        next.extend(shape.messages.iter().filter(|message| seen.insert(**message)).filter_map(|message| said.get(*message)));
    }
    all
}

/// A hint at what may have been meant.
fn nearest(key: &str, reference: &Messages) -> String {
    let near = reference.keys().min_by_key(|known| strsim::damerau_levenshtein(key, known));
    near.filter(|near| strsim::damerau_levenshtein(key, near) <= 3).map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::locales::Shipped;

    const ENGLISH: &str = "\
hello = Hello { $name }
tries = { $n ->
    [one] { $n } try
   *[other] { $n } tries
}
way = { $how ->
    [sms] text
   *[mail] mail
}
both = { hello }, { tries }
lone = Nobody
";

    fn words(code: &'static str, strings: &'static str) -> Words {
        let english = Shipped { language: Language::ENGLISH, file: "locales/en.ftl", strings: ENGLISH, countries: "" };
        let other = Shipped { language: Language::new(code, code), file: "locales/xx.ftl", strings, countries: "" };
        Words::load(&[english, other], Vec::new()).unwrap()
    }

    fn problems(code: &'static str, strings: &'static str) -> Vec<String> {
        words(code, strings).check().iter().map(ToString::to_string).collect()
    }

    const GERMAN: &str = "\
hello = Hallo { $name }
tries = { $n ->
    [1] ein Versuch
   *[other] { $n } Versuche
}
way = { $how ->
    [sms] SMS
   *[mail] Mail
}
both = { hello }, { tries }
lone = Niemand
";

    #[test]
    fn a_whole_language_has_no_problems() {
        assert_eq!(problems("de", GERMAN), [] as [String; 0]);
        // No plural, no choice; an order of its own.
        let japanese = "hello = { $name }\ntries = { $n }\nway = { $how }\nboth = { tries }{ hello }\nlone = x\n";
        assert_eq!(problems("ja", japanese), [] as [String; 0]);
        assert_eq!(problems("tr", japanese), [] as [String; 0]);
    }

    #[test]
    fn messages_are_the_same_everywhere() {
        let strings = "helo = Hallo\nfar-from-everything = x\nhello = x { $nam }\ntries = { $n ->\n   *[other] x\n}\nlone = x { $n }\nlone = y\nlone2 =\n    .title = x\nboth = { helo } { hullo }\n";
        assert_eq!(
            problems("de", strings),
            [
                "locales/xx.ftl: has no message way (locales/en.ftl:6)",
                "locales/xx.ftl:1: English has no message helo; did you mean hello?",
                "locales/xx.ftl:2: English has no message far-from-everything",
                "locales/xx.ftl:3: hello has { $nam }, which English has not",
                "locales/xx.ftl:3: hello lacks { $name }",
                "locales/xx.ftl:4: tries lacks the plural form [one] of $n",
                "locales/xx.ftl:8: lone stands here a second time",
                "locales/xx.ftl:9: lone2 has attributes, which nobody reads: make them messages",
                "locales/xx.ftl:11: both lacks { $n }",
                "locales/xx.ftl:11: both lacks { $name }",
                "locales/xx.ftl:11: both refers to hullo, which is not there; did you mean hello?",
            ]
        );
    }

    #[test]
    fn plural_forms_are_the_languages_own() {
        let only = |found: Vec<String>| {
            let tries = found.into_iter().filter(|line| line.contains(": tries"));
            tries.map(|line| line.rsplit_once(": ").unwrap().1.to_owned()).collect::<Vec<_>>()
        };
        let lacks = |form: &str| format!("tries lacks the plural form [{form}] of $n");
        let two = "tries = { $n ->\n    [one] { $n }\n   *[other] { $n }\n}\n";
        assert_eq!(only(problems("de", two)), [] as [String; 0]);
        assert_eq!(only(problems("pl", two)), [lacks("few"), lacks("many")]);
        assert_eq!(only(problems("ar", two)), [lacks("few"), lacks("many"), lacks("two"), lacks("zero")]);
        assert_eq!(only(problems("pl", "tries = { $n }\n")), ["tries lacks the plural forms [few] [many] [one] [other] of $n"]);
        // Where English does not choose, a language that does must still do it whole.
        let found = problems("pl", "hello = { $name ->\n    [one] { $name }\n   *[other] x\n}\n");
        assert!(found.contains(&"locales/xx.ftl:1: hello lacks the plural form [few] of $name".to_owned()), "{found:?}");
    }

    #[test]
    fn variants_by_text_have_englishs_names() {
        let found = problems("de", "way = { $how ->\n    [smss] SMS\n   *[mail] Mail\n}\n");
        let way: Vec<_> = found.iter().filter(|line| line.starts_with("locales/xx.ftl:1: way")).collect();
        assert_eq!(
            way,
            [
                "locales/xx.ftl:1: way has, unlike English, the variant [smss] of $how",
                "locales/xx.ftl:1: way lacks the variant [sms] of $how"
            ]
        );
    }

    #[test]
    fn functions_are_not_there() {
        let found = problems("de", "hello = { NUMBER($name) }\n");
        assert!(found.contains(&"locales/xx.ftl:1: hello calls NUMBER(), but there are no functions here".to_owned()), "{found:?}");
    }

    const STRINGS: &[Shipped] = &[Shipped { language: Language::ENGLISH, file: "locales/en.ftl", strings: ENGLISH, countries: "" }];

    fn check(source: &'static str, used: &[&str]) -> Vec<String> {
        let templates = Templates::builder().speaking(STRINGS).templates(&[("pages/x.html", source)]).load(None).unwrap();
        templates.check(used).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn keys_are_used_and_there() {
        let all = "{{ th('both', name=x, n=1) }}{{ t('way', how=x) }}";
        assert_eq!(check(all, &["lone"]), [] as [String; 0]);
        assert_eq!(check(all, &[]), ["locales/en.ftl:11: nobody uses lone"]);
        assert_eq!(check(all, &["lo*"]), [] as [String; 0]);
        let gone =
            ["locales/en.ftl: has no message gone, which the program uses", "locales/en.ftl: has no message no-*, which the program uses"];
        assert_eq!(check(all, &["lone", "gone", "no-*"]), gone);
        assert_eq!(
            check(
                "{{ t('both') }}\n{{ t('hallo') }}{{ t('lo' ~ x) }}\n{{ t('no-' ~ x) }}{{ t('a' if x else 'b') }}{{ t('way', **x) }}",
                &[]
            ),
            [
                "pages/x.html:1: both needs n=…",
                "pages/x.html:1: both needs name=…",
                "pages/x.html:2: there is no message hallo; did you mean hello?",
                "pages/x.html:3: a key must be one literal: choose with {% if %} around the call",
                "pages/x.html:3: there is no message that begins with no-",
            ]
        );
    }

    #[test]
    fn an_operators_template_is_checked_under_its_own_path() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pages")).unwrap();
        let path = folder.path().join("pages/x.html");
        std::fs::write(&path, "\n{{ t('helo') }}").unwrap();
        let builder = Templates::builder().speaking(STRINGS);
        let templates = builder.templates(&[("pages/x.html", "{{ t('both', n=1, name='') }}")]).load(Some(folder.path())).unwrap();
        let found: Vec<_> = templates.check(&["way", "lone"]).iter().map(ToString::to_string).collect();
        assert_eq!(found, [format!("{}:2: there is no message helo; did you mean hello?", path.display())]);
    }
}
