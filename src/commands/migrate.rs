use super::DatabaseArgs;
use crate::db;
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    database: DatabaseArgs,
    /// A role that is to run the portal without owning its tables: it is given the rights it needs.
    #[arg(long, value_name = "ROLE")]
    grant_to: Option<String>,
}

impl Migrate {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let database = self.database.open(2, |text| eprintln!("{text}")).await?;
        db::MIGRATOR.run(&database.pool).await?;
        println!("The tables are up to date.");
        if let Some(role) = &self.grant_to {
            db::tables::grant(&database.pool, role).await?;
            println!("{role} may run the portal on them.");
        }
        database.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
