//! Takes over an operator's plans, number ranges, customers and lines from CSV files, in that order.
//! A file is one transaction: it is in or it is not, and a dry run takes the same path and then
//! rolls back. Good rows are taken, bad ones are named with line, column, value and reason.
//! This is the one place that writes accounts, plans and lines in bulk.

pub mod bulk;
mod cells;
mod columns;
pub mod command;
mod customers;
mod line_row;
mod lines;
mod plans;
mod progress;
mod queries;
mod ranges;
mod report;
mod row;
mod sheet;
mod stock;

use std::time::Duration;

use sqlx::PgPool;

use crate::clock::Clock;
use progress::Progress;
pub use progress::Stage;
pub use report::{Problem, Report, Weight};
pub use sheet::Unusable;

/// Rows per statement.
const BATCH: usize = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    Plans,
    Ranges,
    Customers,
    Lines,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub dry_run: bool,
    /// How often progress is told.
    pub every: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Unusable(#[from] Unusable),
    #[error("the database refused, and nothing of the file was kept: {0}")]
    Database(#[from] sqlx::Error),
}

pub async fn import(
    pool: &PgPool,
    clock: &Clock,
    what: What,
    file: &[u8],
    options: Options,
    tell: &mut (dyn FnMut(Stage, usize, usize) + Send),
) -> Result<Report, ImportError> {
    let (name, table) = match what {
        What::Plans => ("plans", &columns::PLANS),
        What::Ranges => ("ranges", &columns::RANGES),
        What::Customers => ("customers", &columns::CUSTOMERS),
        What::Lines => ("lines", &columns::LINES),
    };
    let sheet = sheet::Sheet::read(file, table)?;
    let ignored_columns = sheet.ignored.clone();
    let mut report = Report { what: name, dry_run: options.dry_run, ignored_columns, ..Report::default() };
    let mut progress = Progress::new(tell, options.every, sheet.len());
    let (report_to, progress_to, now) = (&mut report, &mut progress, clock.now());
    let mut tx = crate::db::begin(pool).await?;
    queries::begin(&mut tx).await?;
    match what {
        What::Plans => plans::import(&mut tx, now, &sheet, report_to, progress_to).await?,
        What::Ranges => ranges::import(&mut tx, now, &sheet, report_to, progress_to).await?,
        What::Customers => customers::import(&mut tx, now, &sheet, report_to, progress_to).await?,
        What::Lines => lines::import(&mut tx, now, &sheet, report_to, progress_to).await?,
    }
    if options.dry_run {
        tx.rollback().await?
    } else {
        tx.commit().await?
    }
    report.problems.sort_by_key(|problem| problem.line);
    Ok(report)
}
