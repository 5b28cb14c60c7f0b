//! Where the server's files live: in the data folder, or beside it when the server's account cannot get in.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use super::run_as::{RunAs, our_uid, succeeds};

/// A link in the data folder that leads to the files when they live elsewhere.
const AWAY: &str = "postgres-elsewhere";
const AWAY_ROOT: &str = "/var/lib/renewal-portal";
/// `sun_path` holds 104 bytes on macOS, 108 on Linux; the socket's own name and its end need 16.
const LONGEST_SOCKET_FOLDER: usize = 88;

pub(super) struct Home {
    pub folder: PathBuf,
    pub sockets: PathBuf,
    pub run_as: RunAs,
}

impl Home {
    pub fn prepare(data_dir: &Path, say: &dyn Fn(&str)) -> Result<Self> {
        let choices = RunAs::choices()?;
        let mut folder = current(data_dir);
        let run_as = match choices.iter().find(|choice| choice.reaches(&folder)) {
            Some(choice) => *choice,
            None => {
                folder = move_away(data_dir, say)?;
                choices[0]
            }
        };
        let sockets = sockets(&folder);
        let home = Self { folder, sockets, run_as };
        home.own_folder(&home.sockets)?;
        if home.data().exists() {
            home.own_folder(&home.data())?;
        }
        Ok(home)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("pgdata")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    /// A folder that only the server's account can open.
    pub fn own_folder(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let found = fs::symlink_metadata(folder)?;
        ensure!(found.is_dir(), "{} is not a folder", folder.display());
        let ours = our_uid()?;
        let owner = self.run_as.owner();
        let wanted = owner.map_or(ours, |account| account.uid);
        if found.uid() != wanted {
            // In the shared temp folder anyone may have put it there first.
            ensure!(
                folder.starts_with(&self.folder) || found.uid() == ours,
                "{} belongs to somebody else",
                folder.display()
            );
            let group = owner.map_or_else(String::new, |account| format!(":{}", account.gid));
            let mut command = Command::new("chown");
            let given = succeeds(command.arg("-R").arg(format!("{wanted}{group}")).arg(folder));
            ensure!(given, "cannot give {} to the account that runs PostgreSQL", folder.display());
        }
        fs::set_permissions(folder, Permissions::from_mode(0o700))
            .with_context(|| format!("cannot close {} to others", folder.display()))
    }
}

pub(super) fn current(data_dir: &Path) -> PathBuf {
    fs::canonicalize(data_dir.join(AWAY)).unwrap_or_else(|_| data_dir.to_owned())
}

pub(super) fn sockets(folder: &Path) -> PathBuf {
    let inside = folder.join("socket");
    if inside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return inside;
    }
    let name = hex::encode(Sha256::digest(folder.as_os_str().as_encoded_bytes()));
    std::env::temp_dir().join(format!("renewal-portal-{}", &name[..12]))
}

pub(super) fn erase(data_dir: &Path) -> Result<()> {
    let folder = current(data_dir);
    let _ = fs::remove_dir_all(sockets(&folder));
    if folder.join("pgdata").exists() {
        fs::remove_dir_all(folder.join("pgdata"))?;
    }
    if folder != data_dir {
        fs::remove_dir_all(&folder)?;
        fs::remove_file(data_dir.join(AWAY))?;
    }
    Ok(())
}

/// Only root gets here: an ordinary user runs the server as itself and reaches its own folder.
fn move_away(data_dir: &Path, say: &dyn Fn(&str)) -> Result<PathBuf> {
    let link = data_dir.join(AWAY);
    if fs::symlink_metadata(&link).is_ok() {
        if link.exists() {
            bail!("the account that runs PostgreSQL cannot enter {}", current(data_dir).display());
        }
        fs::remove_file(&link)?;
    }
    let since = SystemTime::UNIX_EPOCH.elapsed()?.as_nanos();
    let folder = Path::new(AWAY_ROOT).join(format!("{since:x}"));
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}; choose another --data-dir", folder.display()))?;
    for open in [Path::new(AWAY_ROOT), &folder] {
        fs::set_permissions(open, Permissions::from_mode(0o755))?;
    }
    symlink(&folder, &link)?;
    say(&format!(
        "PostgreSQL may not enter {} under another account; its files go to {}",
        data_dir.display(),
        folder.display()
    ));
    Ok(folder)
}
