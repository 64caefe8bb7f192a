//! The report of an import: a line of JSON for each user that was not taken, or not whole.

use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub struct Report {
    path: PathBuf,
    /// Opened with the first line.
    file: Option<BufWriter<File>>,
    goes_on: bool,
    lines: u64,
}

impl Report {
    /// One that `goes_on` keeps what stands in its file; any other one begins without.
    pub fn open(path: PathBuf, goes_on: bool) -> Result<Self, String> {
        let mut report = Report { path, file: None, goes_on, lines: 0 };
        if !goes_on && report.path.exists() {
            report.begin()?;
        }
        Ok(report)
    }

    fn begin(&mut self) -> Result<&mut BufWriter<File>, String> {
        if self.file.is_none() {
            let mut options = File::options();
            options.create(true).write(true).append(self.goes_on).truncate(!self.goes_on);
            // It may name addresses.
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|e| self.wrong(&e))?;
            }
            let file = options.open(&self.path).map_err(|e| self.wrong(&e))?;
            self.file = Some(BufWriter::new(file));
        }
        self.file.as_mut().ok_or_else(|| "the report is not open".to_owned())
    }

    fn wrong(&self, e: &std::io::Error) -> String {
        format!("the report {}: {e}", self.path.display())
    }

    /// Adds one: the place in the source, the user's id if known, what became of it, and why.
    pub fn line(&mut self, place: &str, user: Option<&str>, outcome: &str, why: &[String]) -> Result<(), String> {
        let line = json!({ "row": place, "user": user, "outcome": outcome, "why": why });
        self.lines += 1;
        writeln!(self.begin()?, "{line}").map_err(|e| self.wrong(&e))
    }

    /// Hands over what was written.
    pub fn flush(&mut self) -> Result<(), String> {
        let flushed = self.file.as_mut().map(Write::flush).transpose();
        flushed.map(|_| ()).map_err(|e| self.wrong(&e))
    }

    /// How many lines this run wrote.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}
