//! What is wrong with a template, a locale file or the operator's folder, and where.

use std::fmt;

use thiserror::Error;

/// One thing that is wrong. Prints as `pages/start.html:3: what is wrong`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file: an operator's with its whole path, a built-in one by its name (`locales/de.ftl`).
    pub file: String,
    /// The line, counted from 1, where one line is to blame.
    pub line: Option<usize>,
    /// What is wrong, and where that helps what to do about it.
    pub what: String,
}

impl Problem {
    pub(crate) fn new(file: impl Into<String>, line: impl Into<Option<usize>>, what: impl Into<String>) -> Self {
        Problem { file: file.into(), line: line.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// Templates or locales cannot be loaded: everything that stands in the way, at once.
#[derive(Debug, Error)]
#[error("{}", lines(.0))]
pub struct LoadError(pub Vec<Problem>);

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The line that holds a byte of a text, counted from 1.
pub(crate) fn line_of(text: &str, position: usize) -> usize {
    text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_print_where_they_are() {
        let error = LoadError(vec![Problem::new("a.ftl", 3, "odd"), Problem::new("b.html", None, "empty")]);
        assert_eq!(error.to_string(), "a.ftl:3: odd\nb.html: empty");
        assert_eq!((line_of("a\nb\nc", 0), line_of("a\nb\nc", 2), line_of("a\nb\nc", 99)), (1, 2, 3));
    }
}
