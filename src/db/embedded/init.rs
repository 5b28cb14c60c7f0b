//! A new database cluster with the database `portal` in it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::Durability;
use super::build::Build;
use super::home::Home;

/// Built beside its place and then renamed, so that a start killed half-way leaves nothing half-done.
pub(super) fn create(home: &Home, build: &Build, durability: Durability, say: &dyn Fn(&str)) -> Result<()> {
    say(&format!("Creating a database with PostgreSQL {}", build.major));
    let fresh = home.folder.join("pgdata.new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    home.own_folder(&fresh)?;
    run(&mut initdb(home, build, durability, &fresh), "").context("initdb failed")?;
    let mut single = build.command(home.run_as, "postgres");
    single.args(["--single", "-D"]).arg(&fresh).arg("postgres");
    run(&mut single, "create database portal\n").context("cannot create the database portal")?;
    if home.data().exists() {
        fs::remove_dir(home.data())?;
    }
    fs::rename(&fresh, home.data())?;
    Ok(())
}

fn initdb(home: &Home, build: &Build, durability: Durability, data: &Path) -> Command {
    let mut command = build.command(home.run_as, "initdb");
    command.args(["-U", "portal", "-A", "trust", "-E", "UTF8", "--no-instructions", "--locale=C"]);
    if build.major >= 17 {
        command.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
    } else if cfg!(target_os = "linux") {
        command.arg("--lc-ctype=C.UTF-8");
    }
    if durability == Durability::None {
        command.arg("--no-sync");
    }
    command.arg("-D").arg(data);
    command
}

fn run(command: &mut Command, input: &str) -> Result<()> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    // Single-user mode reports a failed statement and still ends well.
    if !output.status.success() || told.contains("ERROR:") {
        bail!("{}{told}", String::from_utf8_lossy(&output.stdout));
    }
    Ok(())
}
