//! One set of PostgreSQL programs that runs here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::run_as::RunAs;

pub(super) struct Build {
    pub bin: PathBuf,
    pub major: u32,
    libraries: Option<OsString>,
}

impl Build {
    /// Programs in `bin`, if they run under that account.
    pub fn open(bin: &Path, run_as: RunAs) -> Option<Self> {
        if !bin.join("initdb").is_file() || !bin.join("postgres").is_file() {
            return None;
        }
        let libraries = unpacked_libraries(bin);
        let mut build = Self { bin: bin.to_owned(), major: 0, libraries };
        let output = build.command(run_as, "postgres").arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        build.major = text.split_whitespace().find_map(|word| word.split('.').next()?.parse().ok())?;
        // initdb needs libraries of its own, so it has to prove itself too.
        let proven = build.command(run_as, "initdb").arg("--version").output().ok()?;
        (output.status.success() && proven.status.success()).then_some(build)
    }

    /// A folder made by one of the fetchers.
    pub fn in_cache(folder: &Path, run_as: RunAs) -> Option<Self> {
        let debian = std::fs::read_dir(folder.join("usr/lib/postgresql")).into_iter().flatten();
        let nested = debian.flatten().map(|entry| entry.path().join("bin"));
        std::iter::once(folder.join("bin")).chain(nested).find_map(|bin| Self::open(&bin, run_as))
    }

    pub fn command(&self, run_as: RunAs, program: &str) -> Command {
        let mut command = run_as.command(&self.bin.join(program));
        self.set_libraries(&mut command);
        command
    }

    pub fn set_libraries(&self, command: &mut Command) {
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
    }
}

/// Debian's packages, unpacked elsewhere, bring libraries that the loader would not look for there.
fn unpacked_libraries(bin: &Path) -> Option<OsString> {
    let root = bin.ancestors().nth(5)?;
    if root == Path::new("/") || !bin.strip_prefix(root).ok()?.starts_with("usr/lib/postgresql") {
        return None;
    }
    let folders = ["usr/lib", "lib"].into_iter().filter_map(|part| std::fs::read_dir(root.join(part)).ok());
    let triplets = folders.flatten().flatten().map(|entry| entry.path());
    let wanted = triplets.filter(|path| path.to_string_lossy().contains("-linux-"));
    std::env::join_paths(wanted).ok().filter(|paths| !paths.is_empty())
}
