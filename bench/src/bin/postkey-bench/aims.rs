//! What the project wants of itself, and whether the measured tables have it.

use crate::report::Measured;
use crate::results::shown;
use serde_json::Value;
use std::fmt::Write;

struct Aim {
    what: &'static str,
    table: &'static str,
    /// Columns and what stands there in the rows that count.
    rows: &'static [(&'static str, &'static str)],
    column: &'static str,
    bound: Bound,
}

enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

use Bound::{AtLeast, AtMost};

const SQLITE: (&str, &str) = ("engine", "SQLite");
const POSTGRES: (&str, &str) = ("engine", "PostgreSQL");

const AIMS: &[Aim] = &[
    Aim {
        what: "logins/s, SQLite, 64 clients, ES256",
        table: "login",
        rows: &[SQLITE, ("signed with", "ES256"), ("clients", "64")],
        column: "logins/s",
        bound: AtLeast(3000.0),
    },
    Aim {
        what: "logins/s, SQLite, 64 clients, RS256",
        table: "login",
        rows: &[SQLITE, ("signed with", "RS256"), ("clients", "64")],
        column: "logins/s",
        bound: AtLeast(500.0),
    },
    Aim {
        what: "logins/s, PostgreSQL on the same machine, 64 clients",
        table: "login",
        rows: &[POSTGRES, ("signed with", "ES256"), ("clients", "64")],
        column: "logins/s",
        bound: AtLeast(1200.0),
    },
    Aim { what: "p99 of asking, 16 clients, ms", table: "login", rows: &[("clients", "16")], column: "ask p99 ms", bound: AtMost(60.0) },
    Aim { what: "p99 of typing, 16 clients, ms", table: "login", rows: &[("clients", "16")], column: "type p99 ms", bound: AtMost(60.0) },
    Aim {
        what: "server CPU per login, ms, 64 clients, ES256",
        table: "login",
        rows: &[("signed with", "ES256"), ("clients", "64")],
        column: "CPU ms/login",
        bound: AtMost(0.4),
    },
    Aim { what: "memory under load, MiB", table: "login", rows: &[], column: "RSS MiB", bound: AtMost(60.0) },
    Aim {
        what: "refreshes/s, SQLite",
        table: "refresh",
        rows: &[SQLITE, ("clients", "64")],
        column: "refreshes/s",
        bound: AtLeast(5000.0),
    },
    Aim {
        what: "access tokens verified/s on one core, ES256, from their second request on",
        table: "verify",
        rows: &[("signed with", "ES256")],
        column: "verified again/s",
        bound: AtLeast(30_000.0),
    },
    Aim {
        what: "time per login, with 1,000,000 users to with 1,000, SQLite",
        table: "scale",
        rows: &[SQLITE, ("what", "login: time, ms at full load"), ("users", "1,000,000")],
        column: "ratio",
        bound: AtMost(1.3),
    },
    Aim {
        what: "time per refresh, with 1,000,000 users to with 1,000, SQLite",
        table: "scale",
        rows: &[SQLITE, ("what", "refresh: time, ms at full load"), ("users", "1,000,000")],
        column: "ratio",
        bound: AtMost(1.3),
    },
    Aim {
        what: "start with 1,000,000 users, the file not in memory, ms",
        table: "start",
        rows: &[SQLITE, ("users", "1,000,000")],
        column: "with the file not in memory",
        bound: AtMost(300.0),
    },
    Aim {
        what: "p99 of accepted requests when ten times too many come, ms",
        table: "overload",
        rows: &[("asked for", "10 times")],
        column: "p99 ms",
        bound: AtMost(1000.0),
    },
    Aim {
        what: "p99 of the 503s then, ms",
        table: "overload",
        rows: &[("asked for", "10 times")],
        column: "503 p99 ms",
        bound: AtMost(1000.0),
    },
    Aim {
        what: "memory at the end of very many logins ÷ after a fifth of them",
        table: "growth",
        rows: &[],
        column: "memory at 100 % ÷ at 20 %",
        bound: AtMost(1.1),
    },
    Aim { what: "size of the binary, MB", table: "idle", rows: &[], column: "binary MB", bound: AtMost(20.0) },
    Aim { what: "memory at rest, MiB", table: "idle", rows: &[], column: "RSS MiB", bound: AtMost(30.0) },
    Aim { what: "start to first answer, ms", table: "idle", rows: &[], column: "first start ms", bound: AtMost(150.0) },
];

/// The table of aims; one row for each, with the worst measured row that counts.
pub fn table(rows: &[Measured]) -> String {
    let mut out = String::from("| what | aim | measured | |\n|---|---|---|---|\n");
    for aim in AIMS {
        let counts = |row: &&Measured| {
            row.table == aim.table && aim.rows.iter().all(|(column, wanted)| row.cell(column).is_some_and(|cell| shown(cell) == *wanted))
        };
        let found = rows.iter().filter(counts).filter_map(|row| row.cell(aim.column).and_then(Value::as_f64));
        let (worst, sign, bound) = match aim.bound {
            AtLeast(bound) => (found.reduce(f64::min), "≥", bound),
            AtMost(bound) => (found.reduce(f64::max), "≤", bound),
        };
        let held = worst.map(|worst| match aim.bound {
            AtLeast(bound) => worst >= bound,
            AtMost(bound) => worst <= bound,
        });
        let verdict = match held {
            Some(true) => "held",
            Some(false) => "**missed**",
            None => "not measured",
        };
        let bound = if bound.fract() == 0.0 { shown(&Value::from(bound as u64)) } else { bound.to_string() };
        let worst = worst.map(|worst| shown(&Value::from(worst))).unwrap_or_default();
        let _ = writeln!(out, "| {} | {sign} {bound} | {worst} | {verdict} |", aim.what);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_row_decides() {
        let row = |clients: u64, p99: f64| Measured {
            table: "login".to_owned(),
            cells: vec![("clients".to_owned(), clients.into()), ("ask p99 ms".to_owned(), p99.into())],
        };
        let line = |rows: &[Measured]| table(rows).lines().find(|line| line.contains("p99 of asking")).unwrap_or_default().to_owned();
        assert_eq!(line(&[row(16, 4.0), row(16, 9.5), row(64, 99.0)]), "| p99 of asking, 16 clients, ms | ≤ 60 | 9.50 | held |");
        assert!(line(&[row(16, 61.0)]).contains("missed"));
        assert!(line(&[row(64, 1.0)]).contains("not measured"));
    }
}
