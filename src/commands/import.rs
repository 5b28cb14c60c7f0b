use super::DatabaseArgs;
use crate::clock::Clock;
use crate::db;
use crate::imports::command::{self, Arguments};
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    arguments: Arguments,
}

impl Import {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let database = self.database.open(2, |text| eprintln!("{text}")).await?;
        db::tables::migrate(&database.pool).await?;
        let code = command::run(&database.pool, &Clock::real(), &self.arguments).await;
        database.close().await;
        Ok(ExitCode::from(code))
    }
}
