//! Which PostgreSQL to run: a named one, a fetched one, an installed one, and only then a new download.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::build::Build;
use super::fetch;
use super::home::Home;

const OLDEST: u32 = 15;

pub(super) fn build(home: &Home, say: &dyn Fn(&str)) -> Result<Build> {
    let data = data_major(home)?;
    if let Some(folder) = std::env::var_os("PG_BIN_DIR") {
        return named(&PathBuf::from(folder), home, data);
    }
    if let Some(build) = at_hand(home, data) {
        return Ok(build);
    }
    if let Some(major) = data {
        say(&format!("The data was written by PostgreSQL {major}, which is not installed"));
    }
    let build = fetch::build(home, say)?;
    match data {
        Some(major) if major != build.major => bail!(
            "{} was written by PostgreSQL {major}, and only {} could be found: install PostgreSQL {major}, \
             or set PG_BIN_DIR to the folder of its programs",
            home.data().display(),
            build.major
        ),
        _ => Ok(build),
    }
}

fn data_major(home: &Home) -> Result<Option<u32>> {
    let path = home.data().join("PG_VERSION");
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path)?;
    let major = text.trim().parse().with_context(|| format!("{} is damaged", path.display()))?;
    Ok(Some(major))
}

fn named(bin: &Path, home: &Home, data: Option<u32>) -> Result<Build> {
    let build = Build::open(bin, home.run_as)
        .with_context(|| format!("PG_BIN_DIR: no postgres and initdb that run here in {}", bin.display()))?;
    let major = data.unwrap_or(build.major);
    ensure!(major == build.major, "PG_BIN_DIR holds PostgreSQL {}, but the data was written by {major}", build.major);
    Ok(build)
}

/// Data that exists decides the version; otherwise a fetched build, then the newest installed one.
fn at_hand(home: &Home, data: Option<u32>) -> Option<Build> {
    let fits = |build: &Build| match data {
        Some(major) => build.major == major,
        None => build.major >= OLDEST,
    };
    let cached = fetch::cached(home).into_iter().find(fits);
    cached.or_else(|| installed(home).into_iter().filter(fits).max_by_key(|build| build.major))
}

fn installed(home: &Home) -> Vec<Build> {
    if std::env::var_os("PG_NO_SYSTEM").is_some() {
        return Vec::new();
    }
    let mut folders: Vec<PathBuf> = PLACES.iter().flat_map(|(root, prefix)| versions(root, prefix)).collect();
    if let Some(path) = std::env::var_os("PATH") {
        folders.extend(std::env::split_paths(&path));
    }
    folders.iter().filter_map(|bin| Build::open(bin, home.run_as)).collect()
}

/// Folders that hold one PostgreSQL each, and how its name begins there.
const PLACES: &[(&str, &str)] = &[
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql"),
    ("/usr/local", "pgsql"),
    ("/Applications/Postgres.app/Contents/Versions", ""),
    ("/opt/homebrew/opt", "postgresql"),
    ("/usr/local/opt", "postgresql"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql"),
];

fn versions(root: &str, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    named.map(|entry| entry.path().join("bin")).collect()
}
