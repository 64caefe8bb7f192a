//! What so many people need: the arithmetic of `docs/scale.md`, from what was measured. The assumptions stand there too.

use crate::report::Measured;
use crate::results::shown;
use serde_json::Value;
use std::fmt::Write;

/// People who come at least once a month.
const USERS: [f64; 5] = [1e4, 1e5, 1e6, 1e7, 1e8];
/// How often each signs in.
const LOGINS_A_MONTH: f64 = 4.0;
/// What share of them comes on a day, and how often a session is refreshed on a day when its user comes.
const DAILY: f64 = 0.2;
const REFRESHES_A_DAY: f64 = 6.0;
/// What share of a day falls into its busiest hour, and how many times more than that hour's mean its worst second has.
const BUSIEST_HOUR: f64 = 0.1;
const WORST_SECOND: f64 = 3.0;
/// Sessions of each user that are kept.
const SESSIONS: f64 = 10.0;
/// Months for which the audit trail is kept.
const TRAIL_MONTHS: f64 = 3.0;

/// The table; says so when something that it needs was not measured.
pub fn table(rows: &[Measured]) -> String {
    sized(rows).unwrap_or_else(|| "Not measured in this run.\n".to_owned())
}

fn sized(rows: &[Measured]) -> Option<String> {
    let figure = |table: &str, engine: &str, column: &str| {
        let fits = |row: &&Measured| {
            let says = |column: &str, wanted: &str| row.cell(column).is_none_or(|cell| shown(cell) == wanted);
            row.table == table && says("engine", engine) && says("signed with", "ES256") && says("clients", "64")
        };
        rows.iter().rfind(fits).and_then(|row| row.cell(column)).and_then(Value::as_f64)
    };
    let of = |engine: &'static str| {
        Some((
            figure("login", engine, "logins/s")?,
            figure("refresh", engine, "refreshes/s")?,
            figure("load", engine, "bytes a session, its share of the user included")?,
        ))
    };
    let ((sqlite_logins, sqlite_refreshes, sqlite_bytes), postgres) = (of("SQLite")?, of("PostgreSQL"));
    let (per_login, per_refresh) = (figure("login", "SQLite", "CPU ms/login")?, figure("refresh", "SQLite", "CPU ms/refresh")?);
    let trail = figure("growth", "SQLite", "bytes/login")?;
    let mut out = String::from(
        "| users a month | logins/s, worst second | refreshes/s, worst second | server cores busy then | % of the measured machine, SQLite \
         | %, PostgreSQL | GB of users and sessions, SQLite | PostgreSQL | GB of logins in three months, at most |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for users in USERS {
        let worst = |a_day: f64| a_day * BUSIEST_HOUR / 3600.0 * WORST_SECOND;
        let logins = worst(users * LOGINS_A_MONTH / 30.0);
        let refreshes = worst(users * DAILY * REFRESHES_A_DAY);
        let busy = |all_logins: f64, all_refreshes: f64| (logins / all_logins + refreshes / all_refreshes) * 100.0;
        let kept = |bytes: f64| users * SESSIONS * bytes / 1e9;
        let cells = [
            Some(logins),
            Some(refreshes),
            Some((logins * per_login + refreshes * per_refresh) / 1000.0),
            Some(busy(sqlite_logins, sqlite_refreshes)),
            postgres.map(|(logins, refreshes, _)| busy(logins, refreshes)),
            Some(kept(sqlite_bytes)),
            postgres.map(|(_, _, bytes)| kept(bytes)),
            Some(users * LOGINS_A_MONTH * TRAIL_MONTHS * trail / 1e9),
        ];
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.map(|x| shown(&Value::from(x))).unwrap_or_default()).collect();
        let _ = writeln!(out, "| {} | {} |", shown(&Value::from(users as u64)), cells.join(" | "));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(table: &str, cells: &[(&str, Value)]) -> Measured {
        Measured { table: table.to_owned(), cells: cells.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect() }
    }

    #[test]
    fn the_arithmetic_is_that_of_the_page() {
        let engine = || ("engine", Value::from("SQLite"));
        let login =
            [engine(), ("signed with", "ES256".into()), ("clients", 64.into()), ("logins/s", 1000.0.into()), ("CPU ms/login", 0.5.into())];
        let other =
            [engine(), ("signed with", "RS256".into()), ("clients", 64.into()), ("logins/s", 1.0.into()), ("CPU ms/login", 9.0.into())];
        let mut rows = vec![
            row("login", &login),
            row("login", &other),
            row("refresh", &[engine(), ("clients", 64.into()), ("refreshes/s", 10_000.0.into()), ("CPU ms/refresh", 0.1.into())]),
            row("load", &[engine(), ("bytes a session, its share of the user included", 400.0.into())]),
        ];
        assert!(table(&rows).contains("Not measured"), "something is missing");
        rows.push(row("growth", &[("bytes/login", 1000.0.into())]));
        let table = table(&rows);
        // 10⁶ × 4 ÷ 30 × 10 % ÷ 3600 × 3 = 11.1; 10⁶ × 20 % × 6 × 10 % ÷ 3600 × 3 = 100.
        let line = table.lines().find(|line| line.starts_with("| 1,000,000 |")).unwrap_or_default();
        assert_eq!(line, "| 1,000,000 | 11.1 | 100 | 0.016 | 2.11 |  | 4.00 |  | 12.0 |");
    }
}
