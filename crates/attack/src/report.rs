//! What the suite prints: one line per case, for people or for programs, and the sum at the end.

use crate::case::{Case, Verdict};
use serde_json::json;

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// The server did what it promises.
    pub held: usize,
    /// It did not.
    pub fell: usize,
    /// Could not be tried.
    pub skipped: usize,
}

impl Sum {
    /// Counts one more.
    pub fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Held(_) => self.held += 1,
            Verdict::Fell(_) => self.fell += 1,
            Verdict::Skipped(_) => self.skipped += 1,
        }
    }

    /// The last line.
    pub fn line(&self, as_json: bool) -> String {
        let Sum { held, fell, skipped } = self;
        if as_json {
            return json!({ "held": held, "fell": fell, "skipped": skipped }).to_string();
        }
        format!("{held} held, {fell} fell, {skipped} skipped")
    }
}

/// The line of a case.
pub fn line(case: &Case, verdict: &Verdict, as_json: bool) -> String {
    let (id, tried, word, happened) = (case.id, case.tried, verdict.word(), verdict.happened());
    if as_json {
        return json!({ "id": id, "tried": tried, "happened": happened, "verdict": word.to_lowercase() }).to_string();
    }
    format!("{id}  {word:<7}  {tried} -> {happened}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted_and_told() {
        let mut sum = Sum::default();
        for verdict in [Verdict::Held(String::new()), Verdict::Fell("x".to_owned()), Verdict::Skipped(String::new())] {
            sum.add(&verdict);
        }
        assert_eq!(sum.line(false), "1 held, 1 fell, 1 skipped");
        assert_eq!(sum.line(true), r#"{"held":1,"fell":1,"skipped":1}"#);
        let all = crate::case::all();
        assert!(line(&all[0], &Verdict::Fell("two sessions".to_owned()), false).contains("FELL"));
        let told: serde_json::Value = serde_json::from_str(&line(&all[0], &Verdict::Held("all well".to_owned()), true)).unwrap();
        assert_eq!((told["id"].as_str(), told["verdict"].as_str()), (Some(all[0].id), Some("held")));
    }
}
