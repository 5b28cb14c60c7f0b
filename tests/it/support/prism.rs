//! Stoplight's Prism between an adapter and a server: it lets only through what an OpenAPI file allows, both ways.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::peers::{installed, root};

const STARTS_WITHIN: Duration = Duration::from_secs(60);

pub struct Prism {
    pub url: String,
    _process: Child,
}

/// Between callers and `upstream`, by a file of `tests/openapi`.
pub async fn between(file: &str, upstream: &str) -> Prism {
    let mut process = Command::new("node")
        .arg(installed().join("node_modules/@stoplight/prism-cli/dist/index.js"))
        .args(["proxy", "--errors", "--port", "0"])
        .arg(root().join("tests/openapi").join(file))
        .arg(upstream)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let listening = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, url)) = line.split_once("Prism is listening on ") {
                return url.trim().to_owned();
            }
        }
        panic!("Prism ended before it listened");
    };
    let url = tokio::time::timeout(STARTS_WITHIN, listening).await.expect("Prism listens in time");
    // It stops where nobody reads what it says.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Prism { url, _process: process }
}
