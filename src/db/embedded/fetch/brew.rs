//! Homebrew, which installs rather than unpacks.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

const FORMULA: &str = "postgresql@18";

pub(super) fn install(say: super::Say) -> Result<PathBuf> {
    say("Installing PostgreSQL 18 with Homebrew");
    super::output(Command::new("brew").args(["install", FORMULA]))?;
    let prefix = super::output(Command::new("brew").args(["--prefix", FORMULA]))?;
    Ok(Path::new(prefix.trim()).join("bin"))
}
