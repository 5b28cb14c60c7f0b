use super::DatabaseArgs;
use crate::invariants;
use clap::Args;
use std::process::ExitCode;

/// How many breaks of one claim are listed.
const LISTED: usize = 20;

#[derive(Args)]
pub struct Audit {
    #[command(flatten)]
    database: DatabaseArgs,
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
        println!("{} claims, {broken} breaks", verdicts.len());
        database.close().await;
        Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
