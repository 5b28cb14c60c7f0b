//! `import plans|ranges|customers|lines FILE`

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use sqlx::PgPool;

use super::{ImportError, Options, Stage, What, import};
use crate::clock::Clock;

/// Takes over plans, number ranges, customers and lines from CSV files, in that order
///
/// Headings may be English or Chinese, the text UTF-8 or GB18030. Good rows are taken, bad ones are
/// listed with line, column, value and reason. A file is taken in one piece: after a crash nothing of it
/// is there, and importing it again changes nothing that is there already.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What the rows are
    pub what: What,
    /// The CSV file
    pub file: PathBuf,
    /// Check everything and report it, but keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write every problem to this file, not only the first fifty to the screen
    #[arg(long, value_name = "FILE.csv")]
    pub errors: Option<PathBuf>,
}

/// The exit code: 0 all rows are in, 1 some were refused, 2 nothing could be done.
pub async fn run(pool: &PgPool, clock: &Clock, arguments: &Arguments) -> u8 {
    match take(pool, clock, arguments).await {
        Ok(refused) => u8::from(refused),
        Err(error) => {
            say(&format!("error: {}: {error:#}", arguments.file.display()));
            2
        }
    }
}

async fn take(pool: &PgPool, clock: &Clock, arguments: &Arguments) -> anyhow::Result<bool> {
    let file = tokio::fs::read(&arguments.file).await.context("cannot be read")?;
    let options = Options { dry_run: arguments.dry_run, every: Duration::from_secs(1) };
    let report = import(pool, clock, arguments.what, &file, options, &mut tell)
        .await
        .map_err(|error: ImportError| anyhow::anyhow!(error))?;
    if let Some(path) = &arguments.errors {
        let csv = report.problems_csv()?;
        tokio::fs::write(path, csv).await.with_context(|| format!("cannot write {}", path.display()))?;
    }
    write!(std::io::stdout().lock(), "{report}")?;
    Ok(report.refused > 0)
}

fn tell(stage: Stage, done: usize, total: usize) {
    let doing = match stage {
        Stage::Checking => "checking",
        Stage::Writing => "writing",
    };
    say(&format!("{doing}: {done} of {total}"));
}

/// A closed terminal is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
