use super::DatabaseArgs;
use crate::db::MIGRATOR;
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Migrate {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let database = self.database.open(2, |text| eprintln!("{text}")).await?;
        MIGRATOR.run(&database.pool).await?;
        println!("The tables are up to date.");
        database.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
