//! What a case is, how it may end, and the list of all of them.

use crate::cases;
use crate::world::World;
use futures_util::future::BoxFuture;

/// One attack.
pub struct Case {
    /// Its name for ever: `A01`.
    pub id: &'static str,
    /// What is tried, as docs/attacks.md says it.
    pub tried: &'static str,
    /// Without these it cannot be tried.
    pub needs: &'static [Need],
    /// When it runs.
    pub when: When,
    /// Tries it.
    pub run: Run,
}

impl Case {
    /// A case that needs nothing and runs in its turn.
    pub fn new(id: &'static str, tried: &'static str, run: Run) -> Self {
        Case { id, tried, needs: &[], when: When::InTurn, run }
    }

    /// The same, but not without these.
    pub fn needs(self, needs: &'static [Need]) -> Self {
        Case { needs, ..self }
    }

    /// The same at another time.
    pub fn when(self, when: When) -> Self {
        Case { when, ..self }
    }
}

/// How a case is run. An error says why it broke off: a server that does not answer any more did not hold.
pub type Run = for<'a> fn(&'a World) -> BoxFuture<'a, Result<Verdict, String>>;

/// When a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In its turn.
    InTurn,
    /// Beside the others, because most of it is waiting.
    Meanwhile,
    /// After all others: it stops servers, or looks at what the others left behind.
    Last,
}

/// What a case cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The private listener, and an API key for it.
    BackEnd,
    /// Two nodes on one database.
    TwoNodes,
    /// Servers of the suite's own, to configure, stop and look into.
    OwnServers,
}

/// How a case ended, and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server did what it promises.
    Held(String),
    /// It did not.
    Fell(String),
    /// It could not be tried here.
    Skipped(String),
}

impl Verdict {
    /// Held when `good`, else fell.
    pub fn of(good: bool, happened: impl Into<String>) -> Self {
        if good { Verdict::Held(happened.into()) } else { Verdict::Fell(happened.into()) }
    }

    /// Held when nothing was found wrong; else fell, with all of it.
    pub fn unless(wrong: &[String], good: impl Into<String>) -> Self {
        if wrong.is_empty() { Verdict::Held(good.into()) } else { Verdict::Fell(wrong.join("; ")) }
    }

    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Held(_) => "held",
            Verdict::Fell(_) => "FELL",
            Verdict::Skipped(_) => "skipped",
        }
    }

    /// What happened.
    pub fn happened(&self) -> &str {
        match self {
            Verdict::Held(words) | Verdict::Fell(words) | Verdict::Skipped(words) => words,
        }
    }
}

/// All cases, in the order of their ids.
pub fn all() -> Vec<Case> {
    let mut all = [
        cases::abuse::cases(),
        cases::abuse_load::cases(),
        cases::abuse_texts::cases(),
        cases::budget::cases(),
        cases::guessing::cases(),
        cases::links::cases(),
        cases::hosts::cases(),
        cases::enumeration::cases(),
        cases::sessions::cases(),
        cases::operations::cases(),
        cases::faults::cases(),
        cases::linking::cases(),
    ]
    .concat_all();
    all.sort_by_key(|case| case.id);
    all
}

/// Lists one behind the other. (Cases are not copied, so slices cannot do it.)
trait ConcatAll {
    fn concat_all(self) -> Vec<Case>;
}

impl<const N: usize> ConcatAll for [Vec<Case>; N] {
    fn concat_all(self) -> Vec<Case> {
        self.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_a_letter_and_two_digits_and_stand_once() {
        let ids: Vec<&str> = all().iter().map(|case| case.id).collect();
        for id in &ids {
            let (letter, number) = id.split_at(1);
            assert!("ABCDEFGH".contains(letter) && number.len() == 2 && number.parse::<u8>().is_ok(), "{id}");
        }
        assert!(ids.windows(2).all(|two| two[0] < two[1]), "{ids:?}");
    }

    /// docs/attacks.md tells of every case in the words of the code, and of no other.
    #[test]
    fn the_page_lists_every_case() {
        let page = include_str!("../../../docs/attacks.md");
        let row = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells.len() == 4 && cells[1].len() == 3 && cells[1].ends_with(|c: char| c.is_ascii_digit()))
                .then(|| (cells[1].to_owned(), cells[2].to_owned()))
        };
        let told: Vec<_> = page.lines().filter_map(row).collect();
        let known: Vec<_> = all().iter().map(|case| (case.id.to_owned(), case.tried.to_owned())).collect();
        assert_eq!(told, known);
    }
}
