use super::DatabaseArgs;
use crate::audit::{self, Mark};
use crate::invariants;
use clap::Args;
use std::process::ExitCode;

/// How many breaks of one claim are listed.
const LISTED: usize = 20;

#[derive(Args)]
pub struct Audit {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The end of the audit trail as an earlier run printed it: the trail must still go through it.
    #[arg(long)]
    trail: Vec<Mark>,
}

impl Audit {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let database = self.database.open(2, |text| eprintln!("{text}")).await?;
        let verdicts = invariants::prove(&database.pool).await?;
        let mut broken = 0;
        for verdict in &verdicts {
            let mark = if verdict.breaks.is_empty() { "ok    " } else { "BROKEN" };
            println!("{mark} {:<4} {:>8} looked at  {}", verdict.id, verdict.looked_at, verdict.claim);
            for line in verdict.breaks.iter().take(LISTED) {
                println!("            {line}");
            }
            broken += verdict.breaks.len();
        }
        broken += self.compare(&mut *database.pool.acquire().await?).await?;
        println!("{} claims, {broken} breaks", verdicts.len());
        database.close().await;
        Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn compare(&self, conn: &mut sqlx::PgConnection) -> sqlx::Result<usize> {
        let mut broken = 0;
        for mark in &self.trail {
            if !audit::holds(conn, mark).await? {
                println!("BROKEN the audit trail does not go through {mark} any more");
                broken += 1;
            }
        }
        println!("the audit trail ends at {}", audit::end(conn).await?);
        Ok(broken)
    }
}
