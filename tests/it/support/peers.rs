//! Payment libraries and other programs that are not ours, run as processes: `tests/peers` has the scripts, `scripts/peers` installs what they need.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What a script of `tests/peers` prints, given this on its standard input; both are JSON.
pub async fn ask<A: DeserializeOwned>(script: &str, question: &impl Serialize) -> A {
    let mut child = command(script)
        .current_dir(installed())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&serde_json::to_vec(question).unwrap()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{script}: {error}: {}", String::from_utf8_lossy(&output.stdout)))
}

fn command(script: &str) -> Command {
    let path = root().join("tests/peers").join(script);
    let program = match path.extension().and_then(|extension| extension.to_str()) {
        Some("mjs") => PathBuf::from("node"),
        Some("py") => installed().join("python/bin/python"),
        _ => panic!("{script} is neither JavaScript nor Python"),
    };
    let mut command = Command::new(program);
    command.arg(path);
    command
}

pub(super) fn installed() -> PathBuf {
    let folder = root().join("target/peers");
    assert!(folder.join("pins").exists(), "the programs of others are missing: run scripts/peers");
    folder
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
