//! Numbered migrations: one text for both engines, each applied once, in order, inside a transaction.

use crate::OpenError;

/// One step of the schema.
pub(crate) struct Migration {
    pub(crate) number: i64,
    sql: &'static str,
}

/// All steps, in order. A released step never changes.
const ALL: [Migration; 7] = [
    Migration { number: 1, sql: include_str!("../../../migrations/0001_first.sql") },
    Migration { number: 2, sql: include_str!("../../../migrations/0002_phones.sql") },
    Migration { number: 3, sql: include_str!("../../../migrations/0003_back_ends.sql") },
    Migration { number: 4, sql: include_str!("../../../migrations/0004_logins.sql") },
    Migration { number: 5, sql: include_str!("../../../migrations/0005_events.sql") },
    Migration { number: 6, sql: include_str!("../../../migrations/0006_decisions.sql") },
    Migration { number: 7, sql: include_str!("../../../migrations/0007_webhooks.sql") },
];

/// A "step" that stands in a database for as long as another one is copied into it, with a fingerprint of the source.
pub(crate) const COPYING: i64 = i64::MAX;

/// All steps, in order.
pub(crate) fn all() -> &'static [Migration] {
    &ALL
}

/// The table that remembers which steps were taken.
pub(crate) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
pub(crate) const TAKEN: &str = "SELECT number, checksum FROM migrations ORDER BY number";
pub(crate) const TAKE: &str = "INSERT INTO migrations (number, checksum, applied_at) VALUES ($1, $2, $3)";

impl Migration {
    pub(crate) fn for_sqlite(&self) -> String {
        self.sql.replace("CLUSTERED", "WITHOUT ROWID")
    }

    pub(crate) fn for_postgres(&self) -> String {
        self.sql.replace("CLUSTERED", "").replace(" BLOB", " BYTEA")
    }

    /// Enough to notice that a step was edited after it was taken.
    pub(crate) fn checksum(&self) -> String {
        postkey_model::fingerprint(self.sql)
    }
}

/// The steps still to take, given those taken (number, checksum).
pub(crate) fn missing(taken: &[(i64, String)]) -> Result<&'static [Migration], OpenError> {
    let known = ALL.len() as i64;
    if taken.iter().any(|(number, _)| *number == COPYING) {
        return Err(OpenError::HalfCopied);
    }
    if let Some(found) = taken.iter().map(|(number, _)| *number).max().filter(|found| *found > known) {
        return Err(OpenError::FromNewerVersion { found, known });
    }
    for (number, checksum) in taken {
        match ALL.iter().find(|m| m.number == *number) {
            Some(ours) if ours.checksum() == *checksum => {}
            _ => return Err(OpenError::OtherHistory(*number)),
        }
    }
    Ok(&ALL[taken.len().min(ALL.len())..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_or_foreign_database_is_refused() {
        let ours = (1, ALL[0].checksum());
        assert_eq!(missing(&[]).unwrap().len(), ALL.len());
        let left = missing(std::slice::from_ref(&ours)).unwrap();
        assert_eq!(left.iter().map(|step| step.number).collect::<Vec<_>>(), (2..=ALL.len() as i64).collect::<Vec<_>>());
        let all: Vec<_> = ALL.iter().map(|step| (step.number, step.checksum())).collect();
        assert!(missing(&all).unwrap().is_empty());
        assert!(matches!(missing(&[ours.clone(), (COPYING, String::new())]), Err(OpenError::HalfCopied)));
        assert!(matches!(missing(&[ours, (9, String::new())]), Err(OpenError::FromNewerVersion { found: 9, .. })));
        assert!(matches!(missing(&[(1, "edited".into())]), Err(OpenError::OtherHistory(1))));
    }
}
