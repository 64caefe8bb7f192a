//! An operator's folder: which of its files stand for what. A file that nothing is called is an error, so that a typing
//! mistake is never silent.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::problem::Problem;
use crate::words::Override;

/// What a folder holds.
#[derive(Default)]
pub(crate) struct Found {
    /// By its name, the whole path and the text.
    pub files: BTreeMap<String, (String, String)>,
    pub locales: Vec<Override>,
    pub problems: Vec<Problem>,
}

/// Reads the folder. `names` is what files in it may be called, beside `locales/<language>.ftl`. What begins with a dot is
/// left alone.
pub(crate) fn read(folder: &Path, names: &[&str]) -> Found {
    let mut found = Found::default();
    visit(folder, "", names, &mut found);
    found.locales.sort_by(|a, b| a.code.cmp(&b.code));
    found
}

fn visit(folder: &Path, prefix: &str, names: &[&str], found: &mut Found) {
    let label = folder.display().to_string();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) => return found.problems.push(Problem::new(label, None, format!("cannot be read: {e}"))),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => return found.problems.push(Problem::new(label, None, format!("cannot be read: {e}"))),
        };
        let (path, last) = (entry.path(), entry.file_name());
        let name = format!("{prefix}{}", last.to_string_lossy());
        if last.to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            visit(&path, &format!("{name}/"), names, found);
        } else {
            file(&path, &name, names, found);
        }
    }
}

fn file(path: &Path, name: &str, names: &[&str], found: &mut Found) {
    let label = path.display().to_string();
    let locale = name.strip_prefix("locales/").and_then(|file| file.strip_suffix(".ftl")).filter(|code| !code.contains('/'));
    if locale.is_none() && !names.contains(&name) {
        let what = format!("no template is called “{name}”; the nearest is “{}”", nearest(name, names));
        return found.problems.push(Problem::new(label, None, what));
    }
    match (fs::read(path).map(String::from_utf8), locale) {
        (Err(e), _) => found.problems.push(Problem::new(label, None, format!("cannot be read: {e}"))),
        (Ok(Err(e)), _) => {
            let lines = e.as_bytes().iter().take(e.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count();
            found.problems.push(Problem::new(label, lines + 1, "is not UTF-8 text"));
        }
        (Ok(Ok(text)), Some(code)) => found.locales.push(Override { code: code.to_owned(), label, text }),
        (Ok(Ok(text)), None) => drop(found.files.insert(name.to_owned(), (label, text))),
    }
}

/// The known name that takes the fewest changes of letters.
fn nearest<'a>(name: &str, names: &[&'a str]) -> &'a str {
    let all = names.iter().copied().chain(["locales/en.ftl"]);
    all.min_by_key(|known| strsim::damerau_levenshtein(name, known)).unwrap_or("locales/en.ftl")
}
