//! What was measured: rows of named tables, printed as they come, and kept as JSON lines for `report`.

use serde_json::{Value, json};
use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{Result, Write};
use std::path::Path;

/// Where rows go.
pub struct Results {
    file: Option<RefCell<File>>,
    last: RefCell<String>,
}

/// A row under way: a column's name and what stands there, in order.
pub struct Row(Vec<(String, Value)>);

impl Results {
    /// Rows are added to the end of `path`, if there is one.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let file = path.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        Ok(Results { file: file.map(RefCell::new), last: RefCell::default() })
    }

    /// Prints a row, and keeps it.
    pub fn add(&self, table: &str, row: Row) -> Result<()> {
        let names: Vec<&str> = row.0.iter().map(|(name, _)| name.as_str()).collect();
        let head = format!("{table}: {}", names.join(" | "));
        if *self.last.borrow() != head {
            println!("\n{head}");
            *self.last.borrow_mut() = head;
        }
        let values: Vec<String> = row.0.iter().map(|(_, value)| shown(value)).collect();
        println!("{table}: {}", values.join(" | "));
        if let Some(file) = &self.file {
            let cells: Vec<Value> = row.0.into_iter().map(|(name, value)| json!([name, value])).collect();
            let mut file = file.borrow_mut();
            writeln!(file, "{}", json!({ "table": table, "cells": cells }))?;
            file.flush()?;
        }
        Ok(())
    }
}

impl Row {
    /// An empty one.
    pub fn new() -> Self {
        Row(Vec::new())
    }

    /// With a word.
    pub fn text(mut self, column: &str, value: impl Into<String>) -> Self {
        self.0.push((column.to_owned(), Value::String(value.into())));
        self
    }

    /// With a measured figure; nothing where there is none.
    pub fn number(mut self, column: &str, value: impl Into<Option<f64>>) -> Self {
        self.0.push((column.to_owned(), value.into().map_or(Value::Null, Value::from)));
        self
    }

    /// With a count.
    pub fn count(mut self, column: &str, value: u64) -> Self {
        self.0.push((column.to_owned(), Value::from(value)));
        self
    }
}

/// As people read it: counts whole, measured figures with three digits that mean something, thousands apart.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(n) => match (n.as_u64(), n.as_f64().unwrap_or_default()) {
            (Some(whole), _) => thousands(&whole.to_string()),
            (None, x) if x.abs() >= 100.0 => thousands(&format!("{x:.0}")),
            (None, x) if x.abs() >= 10.0 => format!("{x:.1}"),
            (None, x) if x.abs() >= 1.0 || x == 0.0 => format!("{x:.2}"),
            (None, x) => format!("{x:.3}"),
        },
        _ => String::new(),
    }
}

fn thousands(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_the_digits_that_mean_something() {
        let shown = |value: Value| super::shown(&value);
        assert_eq!(shown(json!(1_234_567)), "1,234,567");
        assert_eq!(shown(json!(8104.4)), "8,104");
        assert_eq!(
            (shown(json!(0.1564)), shown(json!(4.044)), shown(json!(36.81)), shown(json!(0.0))),
            ("0.156".into(), "4.04".into(), "36.8".into(), "0.00".into())
        );
        assert_eq!(shown(Value::Null), "");
    }
}
