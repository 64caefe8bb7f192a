//! What a message is made of: the names it fills in, what it selects by, what it refers to.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};

use crate::message::Plurals;
use crate::problem::Problem;
use crate::words::Spoken;

/// A message, where it stands, and what it is made of.
pub(crate) struct Shape<'a> {
    pub file: &'a str,
    pub line: usize,
    /// `{ $name }`
    pub variables: BTreeSet<&'a str>,
    /// `{ other-message }`
    pub messages: BTreeSet<&'a str>,
    /// `{ $name -> … }`
    pub selections: Vec<Selection<'a>>,
}

/// One choice between variants.
pub(crate) struct Selection<'a> {
    pub variable: &'a str,
    /// The variants' names; a number's is its spelling.
    pub keys: BTreeSet<&'a str>,
}

const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

impl Selection<'_> {
    /// Whether it goes by number: one of its variants is a plural category or a number.
    pub fn by_number(&self) -> bool {
        self.keys.iter().any(|key| CATEGORIES.contains(key) || key.parse::<f64>().is_ok())
    }

    /// The plural categories it lacks. One whose every number has a variant of its own is not missing.
    pub fn lacks(&self, plurals: &BTreeMap<&'static str, Vec<i64>>) -> Vec<&'static str> {
        let own = |number: &i64| self.keys.iter().any(|key| key.parse() == Ok(*number));
        let lacks = |(category, numbers): (&&'static str, &Vec<i64>)| {
            let covered = self.keys.contains(*category) || (*category != "other" && numbers.iter().all(own));
            (!covered).then_some(*category)
        };
        plurals.iter().filter_map(lacks).collect()
    }
}

/// A language's plural categories for whole numbers (CLDR's cardinals), each with numbers up to a thousand that are in
/// it: more than any count that is ever said here. `other` is always one, because Fluent asks for a default.
pub(crate) fn plurals(tag: &str) -> BTreeMap<&'static str, Vec<i64>> {
    let rules = Plurals::of(tag);
    let mut all = BTreeMap::from([("other", Vec::new())]);
    for number in 0..=1000 {
        all.entry(rules.category(number)).or_default().push(number);
    }
    all
}

/// A language's messages as they are in force, and what is wrong with its files by themselves.
pub(crate) fn messages<'a>(spoken: &'a Spoken, problems: &mut Vec<Problem>) -> BTreeMap<&'a str, Shape<'a>> {
    let mut all = BTreeMap::new();
    for file in &spoken.files {
        let lines = lines(&file.source);
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &file.resource.body {
            let Entry::Message(message) = entry else { continue };
            let key = message.id.name.as_str();
            let times = seen.entry(key).or_default();
            let line = lines.get(key).and_then(|lines| lines.get(*times)).copied().unwrap_or(1);
            *times += 1;
            if *times > 1 {
                problems.push(Problem::new(&file.label, line, format!("{key} stands here a second time")));
            }
            if !message.attributes.is_empty() {
                problems.push(Problem::new(&file.label, line, format!("{key} has attributes, which nobody reads: make them messages")));
            }
            let mut shape =
                Shape { file: &file.label, line, variables: BTreeSet::new(), messages: BTreeSet::new(), selections: Vec::new() };
            let mut functions = BTreeSet::new();
            match &message.value {
                Some(pattern) => walk(pattern, &mut shape, &mut functions),
                None => continue,
            }
            for function in functions {
                problems.push(Problem::new(&file.label, line, format!("{key} calls {function}(), but there are no functions here")));
            }
            all.insert(key, shape);
        }
    }
    all
}

/// Where messages begin: a name at the very start of a line.
fn lines(source: &str) -> BTreeMap<&str, Vec<usize>> {
    let mut all: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, line) in source.lines().enumerate() {
        if let Some((key, _)) = line.split_once('=')
            && key.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            all.entry(key.trim_end()).or_default().push(number + 1);
        }
    }
    all
}

fn walk<'a>(pattern: &'a Pattern<String>, shape: &mut Shape<'a>, functions: &mut BTreeSet<&'a str>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            walk_expression(expression, shape, functions);
        }
    }
}

fn walk_expression<'a>(expression: &'a Expression<String>, shape: &mut Shape<'a>, functions: &mut BTreeSet<&'a str>) {
    match expression {
        Expression::Inline(inline) => walk_inline(inline, shape, functions),
        Expression::Select { selector, variants } => {
            walk_inline(selector, shape, functions);
            if let InlineExpression::VariableReference { id } = selector {
                let name = |key: &'a VariantKey<String>| match key {
                    VariantKey::Identifier { name } => name.as_str(),
                    VariantKey::NumberLiteral { value } => value.as_str(),
                };
                let keys = variants.iter().map(|variant| name(&variant.key)).collect();
                shape.selections.push(Selection { variable: &id.name, keys });
            }
            for variant in variants {
                walk(&variant.value, shape, functions);
            }
        }
    }
}

fn walk_inline<'a>(inline: &'a InlineExpression<String>, shape: &mut Shape<'a>, functions: &mut BTreeSet<&'a str>) {
    match inline {
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } | InlineExpression::TermReference { .. } => {}
        InlineExpression::FunctionReference { id, .. } => drop(functions.insert(&id.name)),
        InlineExpression::MessageReference { id, .. } => drop(shape.messages.insert(&id.name)),
        InlineExpression::VariableReference { id } => drop(shape.variables.insert(&id.name)),
        InlineExpression::Placeable { expression } => walk_expression(expression, shape, functions),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_cldrs() {
        let table = [
            ("en", "one other"),
            ("de", "one other"),
            ("fr", "one other"),
            ("es", "one other"),
            ("pt", "one other"),
            ("it", "one other"),
            ("nl", "one other"),
            ("pl", "few many one other"),
            ("tr", "one other"),
            ("ar", "few many one other two zero"),
            ("ja", "other"),
            ("zh", "other"),
            ("ko", "other"),
            ("pt-BR", "one other"),
            ("zh-Hant", "other"),
            ("tlh", "other"),
        ];
        for (tag, expected) in table {
            assert_eq!(plurals(tag).keys().copied().collect::<Vec<_>>().join(" "), expected, "{tag}");
        }
    }

    #[test]
    fn a_number_of_its_own_covers_its_category() {
        let lacks =
            |keys: &[&'static str], tag| Selection { variable: "n", keys: keys.iter().copied().collect() }.lacks(&plurals(tag)).join(" ");
        assert_eq!(lacks(&["1", "other"], "en"), "");
        assert_eq!(lacks(&["1", "other"], "pl"), "few many");
        assert_eq!(lacks(&["1", "other"], "fr"), "one", "French says one for nought too");
        assert_eq!(lacks(&["0", "1", "2", "few", "many", "other"], "ar"), "");
        assert_eq!(lacks(&["one"], "ja"), "other");
    }
}
