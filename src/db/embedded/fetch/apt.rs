//! Debian's and Ubuntu's own packages, unpacked into a folder: nothing is installed and root is not needed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// Where apt keeps what it knows of packages: the system's lists, or ours when those are missing or old.
struct Apt {
    options: Vec<String>,
}

pub(super) fn fetch(work: &Path, made: &Path, say: super::Say) -> Result<()> {
    ensure!(
        Path::new("/usr/share/zoneinfo/UTC").exists(),
        "Debian's PostgreSQL needs the time zones of the package tzdata"
    );
    say("Downloading PostgreSQL with apt-get (17 MB)");
    let apt = Apt::of_the_system();
    if download(&apt, work).is_err() {
        say("Asking apt-get which packages there are now");
        download(&Apt::updated(work)?, work)?;
    }
    for package in super::files(work, "deb")? {
        super::output(Command::new("dpkg").arg("-x").arg(package).arg(made))?;
    }
    drop_jit(made)
}

fn download(apt: &Apt, work: &Path) -> Result<()> {
    let server = apt.server(work)?;
    let libraries = missing_libraries(apt, &server)?;
    if !libraries.is_empty() {
        apt.download(work, libraries)?;
    }
    Ok(())
}

impl Apt {
    fn of_the_system() -> Self {
        // Dropping to apt's own account fails in a folder that this account cannot write.
        Self { options: vec!["APT::Sandbox::User=root".into(), "Acquire::Retries=1".into()] }
    }

    fn updated(work: &Path) -> Result<Self> {
        let mut apt = Self::of_the_system();
        for (setting, folder) in [("Dir::State::lists", "lists"), ("Dir::Cache", "cache")] {
            let folder = work.join(folder);
            fs::create_dir_all(folder.join("partial"))?;
            fs::create_dir_all(folder.join("archives/partial"))?;
            apt.options.push(format!("{setting}={}", folder.display()));
        }
        super::output(apt.command("apt-get").arg("update")).context("apt-get update")?;
        Ok(apt)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for option in &self.options {
            command.args(["-o", option]);
        }
        command.env("LC_ALL", "C");
        command
    }

    fn download(&self, work: &Path, packages: impl IntoIterator<Item = String>) -> Result<()> {
        let mut command = self.command("apt-get");
        command.args(["-q", "download"]).args(packages).current_dir(work);
        super::output(&mut command).map(drop)
    }

    /// The newest server that apt can bring; it may know names that it cannot.
    fn server(&self, work: &Path) -> Result<String> {
        let names = super::output(self.command("apt-cache").args(["pkgnames", "postgresql-"]))?;
        let mut versions: Vec<u32> =
            names.lines().filter_map(|name| name.strip_prefix("postgresql-")?.parse().ok()).collect();
        versions.sort_unstable();
        let mut refusal = None;
        for version in versions.into_iter().rev().filter(|version| *version >= 15) {
            let name = format!("postgresql-{version}");
            match self.download(work, [name.clone()]) {
                Ok(()) => return Ok(name),
                Err(error) => refusal = Some(error),
            }
        }
        match refusal {
            Some(error) => Err(error),
            None => bail!("apt knows no PostgreSQL from 15 on"),
        }
    }

    fn libraries_of(&self, packages: &[String]) -> Result<BTreeSet<String>> {
        let mut command = self.command("apt-cache");
        command.args(["depends", "--no-recommends", "--no-suggests", "--no-enhances"]);
        command.args(["--no-conflicts", "--no-breaks", "--no-replaces"]).args(packages);
        let text = super::output(&mut command)?;
        let names = text.lines().filter_map(|line| line.split_once("Depends: ").map(|(_, name)| name));
        Ok(names.filter(|name| is_wanted(name)).map(str::to_owned).collect())
    }
}

/// The C library is there; LLVM is large and only serves a compiler that stays off.
fn is_wanted(name: &str) -> bool {
    let library = name.starts_with("lib") && !name.contains(':');
    library && !["libc6", "libllvm", "libc-"].iter().any(|prefix| name.starts_with(prefix))
}

fn missing_libraries(apt: &Apt, server: &str) -> Result<BTreeSet<String>> {
    let installed = installed();
    let mut missing = BTreeSet::new();
    let mut asked = vec![server.to_owned()];
    while !asked.is_empty() {
        let found = apt.libraries_of(&asked)?;
        asked = found.into_iter().filter(|name| !installed.contains(name) && missing.insert(name.clone())).collect();
    }
    Ok(missing)
}

fn installed() -> BTreeSet<String> {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${db:Status-Status} ${Package}\n"]);
    let text = super::output(&mut query).unwrap_or_default();
    text.lines().filter_map(|line| line.strip_prefix("installed ")).map(str::to_owned).collect()
}

/// Without LLVM beside it the compiler would fail where its absence is accepted.
fn drop_jit(made: &Path) -> Result<()> {
    let versions = fs::read_dir(made.join("usr/lib/postgresql"))?.flatten();
    let jits = versions.map(|entry| entry.path().join("lib/llvmjit.so"));
    for jit in jits.filter(|path: &PathBuf| path.exists()) {
        fs::remove_file(jit)?;
    }
    Ok(())
}
