//! `report`: fills what was measured into the marked blocks of a page. What stands between the blocks is people's.
//! A block whose table was not measured says so; a measured table without a block is an error.

use crate::results::shown;
use crate::{aims, sizing};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::{Error, Result};
use std::path::Path;

const BEGIN: &str = "<!-- measured: ";
const END: &str = "<!-- end -->";

/// A measured row: its table, and its cells by column.
pub struct Measured {
    /// The table's name.
    pub table: String,
    /// Column and value, in order.
    pub cells: Vec<(String, Value)>,
}

impl Measured {
    /// What stands in a column.
    pub fn cell(&self, column: &str) -> Option<&Value> {
        self.cells.iter().find(|(name, _)| name == column).map(|(_, value)| value)
    }
}

/// Writes `page`, filled in, to `out`. A page of `some` tables need not have a block for each.
pub fn write(results: &Path, page: &Path, out: &Path, some: bool) -> Result<()> {
    let rows = read(&std::fs::read_to_string(results)?)?;
    let filled = fill(&std::fs::read_to_string(page)?, &rows, some)?;
    std::fs::write(out, filled)?;
    println!("written: {}", out.display());
    Ok(())
}

fn read(lines: &str) -> Result<Vec<Measured>> {
    let row = |line: &str| {
        let value: Value = serde_json::from_str(line)?;
        let cells = value["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
        let cells = cells.iter().map(|cell| (cell[0].as_str().unwrap_or_default().to_owned(), cell[1].clone())).collect();
        Ok(Measured { table: value["table"].as_str().unwrap_or_default().to_owned(), cells })
    };
    lines.lines().map(row).collect()
}

fn fill(page: &str, rows: &[Measured], some: bool) -> Result<String> {
    let mut out = String::with_capacity(page.len() * 2);
    let mut unused: BTreeSet<&str> = rows.iter().map(|row| row.table.as_str()).collect();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->").ok_or_else(|| Error::other("a block's mark does not end"))?;
        let (_, after) = after.split_once(END).ok_or_else(|| Error::other(format!("the block {name} does not end")))?;
        unused.remove(name);
        let _ = writeln!(out, "{before}{BEGIN}{name} -->");
        out.push_str(&match name {
            "aims" => aims::table(rows),
            "sizing" => sizing::table(rows),
            _ => table(rows, name)?,
        });
        out.push_str(END);
        rest = after;
    }
    out.push_str(rest);
    match unused.first() {
        Some(name) if !some => Err(Error::other(format!("the page has no block for the measured table {name}"))),
        _ => Ok(out),
    }
}

fn table(rows: &[Measured], name: &str) -> Result<String> {
    let rows: Vec<&Measured> = rows.iter().filter(|row| row.table == name).collect();
    let Some(first) = rows.first() else { return Ok("Not measured in this run.\n".to_owned()) };
    let mut out = String::new();
    let columns: Vec<&str> = first.cells.iter().map(|(name, _)| name.as_str()).collect();
    let _ = writeln!(out, "| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()));
    for row in rows {
        let here: Vec<&str> = row.cells.iter().map(|(name, _)| name.as_str()).collect();
        if here != columns {
            return Err(Error::other(format!("the rows of {name} have different columns")));
        }
        let values: Vec<String> = row.cells.iter().map(|(_, value)| shown(value)).collect();
        let _ = writeln!(out, "| {} |", values.join(" | "));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "{\"table\":\"a\",\"cells\":[[\"engine\",\"SQLite\"],[\"x/s\",1234.5]]}\n";
    const PAGE: &str = "one\n<!-- measured: a -->\nold\n<!-- end -->\ntwo\n<!-- measured: b -->\nold\n<!-- end -->\n";

    #[test]
    fn blocks_are_filled_and_the_rest_is_left() {
        let filled = fill(PAGE, &read(LINES).unwrap(), false).unwrap();
        let table = "| engine | x/s |\n|---|---|\n| SQLite | 1,234 |\n";
        let expected = format!("one\n{BEGIN}a -->\n{table}{END}\ntwo\n{BEGIN}b -->\nNot measured in this run.\n{END}\n");
        assert_eq!(filled, expected);
        assert_eq!(fill(&filled, &read(LINES).unwrap(), false).unwrap(), expected, "a second time");
    }

    #[test]
    fn nothing_measured_is_dropped() {
        let rows = read(&LINES.replace("\"a\"", "\"c\"")).unwrap();
        assert!(fill(PAGE, &rows, false).unwrap_err().to_string().contains("table c"));
        assert!(fill(PAGE, &rows, true).is_ok(), "unless the page is one of some tables");
    }
}
