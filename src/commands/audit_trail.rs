use super::DatabaseArgs;
use crate::audit::{self, Act, Actor, export, seal};
use crate::clock::Clock;
use clap::Args;
use serde_json::json;
use std::io::{BufWriter, Write, stdout};
use std::process::ExitCode;

#[derive(Args)]
pub struct AuditTrail {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only what comes after this position of the chain.
    #[arg(long, default_value_t = 0)]
    after: i64,
}

impl AuditTrail {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let database = self.database.open(1, |text| eprintln!("{text}")).await?;
        let mut tx = crate::db::begin(&database.pool).await?;
        // Whoever takes the trail away stands in it.
        let act = Act {
            at: Clock::real().now(),
            actor: Actor::SYSTEM,
            action: "audit_trail.exported",
            account: None,
            subject: None,
            detail: json!({ "after": self.after }),
        };
        audit::record(&mut *tx, act).await?;
        while seal::seal(&mut tx).await? > 0 {}
        let mut out = BufWriter::new(stdout().lock());
        let lines = export::export(&mut tx, self.after, &mut out).await?;
        out.flush()?;
        tx.commit().await?;
        database.close().await;
        eprintln!("{lines} lines");
        Ok(ExitCode::SUCCESS)
    }
}
