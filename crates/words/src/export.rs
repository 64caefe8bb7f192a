//! Writing the built-in templates out, for an operator to change.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::Templates;
use crate::locales::SHIPPED;

/// The built-in templates could not be written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A file of that name is there already; nothing was written.
    #[error("{} is there already: nothing was written", .0.display())]
    Exists(PathBuf),
    /// A file or folder could not be made.
    #[error("{path}: {1}", path = .0.display())]
    Write(PathBuf, #[source] std::io::Error),
}

impl Templates {
    /// Writes every built-in template, file and locale into a folder, which is made where it is missing. Nothing is ever
    /// overwritten. Gives the paths written.
    pub fn export(&self, folder: &Path) -> Result<Vec<PathBuf>, ExportError> {
        let sources = self.sources.iter().chain(&self.files).map(|(name, source)| (*name, source.built_in));
        let all: Vec<(PathBuf, &str)> = sources
            .chain(SHIPPED.iter().map(|shipped| (shipped.file, shipped.strings)))
            .map(|(name, text)| (folder.join(name), text))
            .collect();
        if let Some((path, _)) = all.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
            return Err(ExportError::Exists(path.clone()));
        }
        for (path, text) in &all {
            write(path, text).map_err(|e| match e.kind() {
                std::io::ErrorKind::AlreadyExists => ExportError::Exists(path.clone()),
                _ => ExportError::Write(path.clone(), e),
            })?;
        }
        Ok(all.into_iter().map(|(path, _)| path).collect())
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn templates(folder: Option<&Path>) -> Templates {
        let builder = Templates::builder().templates(&[("pages/start.html", "<p>{{ t('start-title') }}</p>\n")]);
        builder.files(&[("pages/assets/page.css", "p {}\n")]).load(folder).unwrap()
    }

    #[test]
    fn everything_built_in_is_written_and_loads_again() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("new/templates");
        let written = templates(None).export(&target).unwrap();
        assert_eq!(written.len(), 2 + SHIPPED.len());
        assert_eq!(fs::read_to_string(target.join("pages/start.html")).unwrap(), "<p>{{ t('start-title') }}</p>\n");
        assert_eq!(fs::read_to_string(target.join("pages/assets/page.css")).unwrap(), "p {}\n");
        assert_eq!(fs::read_to_string(target.join("locales/en.ftl")).unwrap(), SHIPPED[0].strings);
        // What an operator has changed is not what is exported.
        fs::write(target.join("pages/start.html"), "mine").unwrap();
        let again = folder.path().join("again");
        templates(Some(&target)).export(&again).unwrap();
        assert!(fs::read_to_string(again.join("pages/start.html")).unwrap().contains("start-title"));
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pages")).unwrap();
        fs::write(folder.path().join("pages/start.html"), "mine").unwrap();
        let error = templates(None).export(folder.path()).unwrap_err();
        assert!(matches!(&error, ExportError::Exists(path) if path.ends_with("pages/start.html")), "{error}");
        assert_eq!(fs::read_to_string(folder.path().join("pages/start.html")).unwrap(), "mine");
        assert!(!folder.path().join("locales").exists() && !folder.path().join("pages/assets").exists());
    }
}
