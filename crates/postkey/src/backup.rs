//! `postkey backup` and `postkey restore`: a copy of the embedded database while the server runs, and back again.

use crate::Options;
use crate::clients::moment;
use crate::secret_key::make_folder;
use crate::setup::Setup;
use crate::system::SystemClock;
use clap::Args;
use postkey_model::{Clock, Keyring};
use postkey_store::{BackupError, Location, SealedKey};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub struct Backup {
    /// The file to write, or a folder: then a file named after the time.
    target: PathBuf,
    /// Replace a file of that name.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub options: Options,
}

#[derive(Args)]
pub struct Restore {
    /// A file that `postkey backup` wrote.
    source: PathBuf,
    #[command(flatten)]
    pub options: Options,
}

/// `postkey backup`
pub fn back_up(setup: &Setup, wish: &Backup) -> Result<(), String> {
    let database = embedded(&setup.location, "pg_dump, or pg_basebackup for the whole server")?;
    let mut target = wish.target.clone();
    if target.is_dir() {
        let now = moment(SystemClock.now());
        let seconds = now.split('.').next().unwrap_or_default().trim_end_matches('Z').replace(':', "");
        target.push(format!("postkey-{seconds}Z.db"));
    }
    if same_file(database, &target) {
        return Err(format!("{} is the database itself: name another file", target.display()));
    }
    let begin = Instant::now();
    let copied = postkey_store::back_up(database, &target, wish.force).map_err(explained)?;
    println!(
        "{}: {} bytes at migration {}, checked, in {:.1} s. The secret key is not in it: keep a copy of that in another place",
        target.display(),
        copied.bytes,
        copied.migration,
        begin.elapsed().as_secs_f64()
    );
    Ok(())
}

/// `postkey restore`
pub fn restore(setup: &Setup, wish: &Restore) -> Result<(), String> {
    let database = embedded(&setup.location, "pg_restore, or psql for what pg_dump wrote as SQL")?;
    if same_file(database, &wish.source) {
        return Err(format!("{} is the database itself", wish.source.display()));
    }
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let begin = Instant::now();
    let restoring = postkey_store::restore(&wish.source, database).map_err(explained)?;
    let copied = restoring.copied();
    let keys = restoring.signing_keys().map_err(explained)?;
    let opened = opens(&setup.keyring(), &keys);
    if opened == 0 && !keys.is_empty() {
        return Err(format!(
            "the secret key opens none of the {} signing keys in {}: restore with the secret key that the server had when it was made",
            keys.len(),
            wish.source.display()
        ));
    }
    let aside = aside(database);
    let is_kept = restoring.put_in_place(&aside).map_err(explained)?;
    println!(
        "{}: {} bytes at migration {}, checked, the secret key opens {opened} of {} signing keys, in {:.1} s",
        database.display(),
        copied.bytes,
        copied.migration,
        keys.len(),
        begin.elapsed().as_secs_f64()
    );
    if is_kept {
        println!("what was there before is kept as {}", aside.display());
    }
    Ok(())
}

/// How many of `keys` the keyring opens.
fn opens(keyring: &Keyring, keys: &[SealedKey]) -> usize {
    keys.iter().filter(|(place, sealed)| keyring.open_signing_key(&place.each_ref().map(String::as_str), sealed).is_ok()).count()
}

fn embedded<'a>(location: &'a Location, tools: &str) -> Result<&'a Path, String> {
    match location {
        Location::Sqlite(path) => Ok(path),
        Location::Postgres(_) => {
            Err(format!("the database is on PostgreSQL, which has tools of its own for this: use {tools} (docs/operating.md shows how)"))
        }
    }
}

/// A name beside the database that nobody has.
fn aside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".before-{}", SystemClock.now().0));
    name.into()
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn explained(e: BackupError) -> String {
    e.to_string()
}
