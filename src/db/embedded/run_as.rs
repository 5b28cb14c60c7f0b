//! PostgreSQL refuses to run as root, and initdb refuses an account that has no name.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Account {
    pub uid: u32,
    pub gid: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RunAs {
    Myself,
    /// Root steps down to this account.
    Other(Account),
    /// A user namespace in which we bear this account's number; files stay ours.
    Renamed(Account),
}

impl RunAs {
    /// Every way that works here, the best first.
    pub fn choices() -> Result<Vec<Self>> {
        let root = our_uid()? == 0;
        if !root && id(&["-un"]).is_some() {
            return Ok(vec![Self::Myself]);
        }
        let mut choices = Vec::new();
        if let Some(account) = unprivileged_account() {
            if root {
                choices.push(Self::Other(account));
            }
            choices.push(Self::Renamed(account));
        }
        choices.retain(|choice| succeeds(&mut choice.command(Path::new("true"))));
        if choices.is_empty() {
            bail!(
                "PostgreSQL cannot run as this user, and no other account can be taken on: \
                 start as an ordinary user, or set DATABASE_URL"
            );
        }
        Ok(choices)
    }

    pub fn command(self, program: &Path) -> Command {
        let mut command = match self {
            Self::Renamed(account) => renamed(account, program),
            _ => Command::new(program),
        };
        if let Self::Other(account) = self {
            command.uid(account.uid).gid(account.gid);
        }
        command.current_dir("/");
        command
    }

    /// The account whose files the server accepts as its own; none when they are ours.
    pub fn owner(self) -> Option<Account> {
        match self {
            Self::Other(account) => Some(account),
            _ => None,
        }
    }

    pub fn reaches(self, folder: &Path) -> bool {
        let mut command = self.command(Path::new("/bin/sh"));
        succeeds(command.args(["-c", "cd \"$1\"", "sh"]).arg(folder))
    }
}

pub(super) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

pub(super) fn our_uid() -> Result<u32> {
    let text = id(&["-u"]).context("cannot ask `id` who we are")?;
    Ok(text.parse()?)
}

fn renamed(account: Account, program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .arg("-U")
        .arg(format!("--map-user={}", account.uid))
        .arg(format!("--map-group={}", account.gid))
        .arg("--")
        .arg(program);
    command
}

fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn unprivileged_account() -> Option<Account> {
    ["postgres", "_postgres", "nobody"].into_iter().find_map(|name| {
        let uid = id(&["-u", name])?.parse().ok()?;
        let gid = id(&["-g", name])?.parse().ok()?;
        Some(Account { uid, gid })
    })
}
