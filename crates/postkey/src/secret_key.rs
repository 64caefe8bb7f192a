//! The server's secret key: where it comes from, and how a development server makes one.

use crate::config::ConfigFile;
use crate::setup::{Environment, Mode, Purpose};
use postkey_model::{Entropy, RootKey, Secret};
use std::path::Path;

/// The secret key that the settings mean; a development server without one makes its own.
pub fn root_key(
    (mode, purpose): (Mode, Purpose),
    file: &ConfigFile,
    environment: &Environment,
    entropy: &dyn Entropy,
    wrong: &mut Vec<String>,
) -> Option<RootKey> {
    let config = &file.config;
    let (place, text) = match (&environment.secret_key, &config.secret_key, &config.secret_key_file) {
        (Some(text), _, _) => ("POSTKEY_SECRET_KEY".to_owned(), Secret::new(text.clone())),
        (None, Some(_), Some(_)) => {
            wrong.push(format!("{} and secret_key_file are both set: keep one", file.place("", "secret_key")));
            return None;
        }
        (None, Some(text), None) => (file.place("", "secret_key"), Secret::new(text.clone())),
        (None, None, Some(path)) => (file.place("", "secret_key_file"), read_secret(&file.place("", "secret_key_file"), path, wrong)?),
        (None, None, None) if mode == Mode::Serve => {
            wrong.push(
                "secret_key is missing: make one with `openssl rand -hex 32` and set POSTKEY_SECRET_KEY, secret_key_file or secret_key"
                    .to_owned(),
            );
            return None;
        }
        (None, None, None) => {
            let path = config.data_dir.join("secret.key");
            if !path.exists() {
                if purpose == Purpose::Keys {
                    wrong.push(format!(
                        "there is no secret key at {}: name the server's settings with --config, or the folder of a development server with --data-dir",
                        path.display()
                    ));
                    return None;
                }
                make_secret(&path, entropy).map_err(|e| wrong.push(format!("{}: {e}", path.display()))).ok()?;
            }
            (path.display().to_string(), read_secret("the secret key", &path, wrong)?)
        }
    };
    RootKey::parse(text.expose()).map_err(|e| wrong.push(format!("{place}: {e}"))).ok()
}

/// The secret keys from before it, the youngest first.
pub fn previous_keys(file: &ConfigFile, environment: &Environment, wrong: &mut Vec<String>) -> Vec<RootKey> {
    let config = &file.config;
    let mut found = Vec::new();
    for text in environment.previous_secret_keys.iter().flat_map(|list| list.split(',')) {
        found.push(("POSTKEY_PREVIOUS_SECRET_KEYS".to_owned(), Secret::new(text.to_owned())));
    }
    for text in &config.previous_secret_keys {
        found.push((file.place("", "previous_secret_keys"), Secret::new(text.clone())));
    }
    for path in &config.previous_secret_key_files {
        let place = file.place("", "previous_secret_key_files");
        if let Some(text) = read_secret(&place, path, wrong) {
            found.push((place, text));
        }
    }
    let mut keys = Vec::new();
    for (place, text) in found {
        match RootKey::parse(text.expose()) {
            Ok(key) => keys.push(key),
            Err(e) => wrong.push(format!("{place}: {e}")),
        }
    }
    keys
}

/// Reads a secret that stands in a file of its own, which `place` names.
pub fn read_secret(place: &str, path: &Path, wrong: &mut Vec<String>) -> Option<Secret<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(Secret::new(text.trim().to_owned())),
        Err(e) => {
            wrong.push(format!("{place}: cannot read {}: {e}", path.display()));
            None
        }
    }
}

/// Makes a folder that only we may look into.
pub fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a secret key at `path`, whole or not at all. When another start was first, its key stays.
fn make_secret(path: &Path, entropy: &dyn Entropy) -> std::io::Result<()> {
    use std::io::Write;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folder(folder)?;
    let mut draw = [0; 8];
    entropy.fill(&mut draw);
    let fresh = path.with_extension(format!("{:016x}", u64::from_be_bytes(draw)));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    let placed = writeln!(file, "{}", RootKey::generate(entropy).to_hex().expose()).and_then(|()| file.sync_all()).and_then(|()| {
        // A link never takes the place of a file that is there.
        match std::fs::hard_link(&fresh, path) {
            // A file system without links.
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists && !path.exists() => std::fs::rename(&fresh, path),
            _ => Ok(()),
        }
    });
    let _ = std::fs::remove_file(&fresh);
    placed.and_then(|()| std::fs::File::open(folder)?.sync_all())
}
