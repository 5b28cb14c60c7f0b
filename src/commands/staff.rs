use super::DatabaseArgs;
use crate::ids::AccountId;
use clap::{Args, ValueEnum};
use std::process::ExitCode;

#[derive(Args)]
pub struct Staff {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The address they sign in with. They set a password at /password/forgot.
    email: String,
    /// The name colleagues see.
    name: String,
    #[arg(long, value_enum, default_value_t = StaffRole::Support)]
    role: StaffRole,
}

#[derive(Clone, Copy, ValueEnum)]
enum StaffRole {
    Viewer,
    Support,
    Finance,
    Admin,
}

impl StaffRole {
    fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Finance => "finance",
            Self::Admin => "admin",
        }
    }
}

impl Staff {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let database = self.database.open(2, |text| eprintln!("{text}")).await?;
        let changed = sqlx::query(
            "insert into accounts (id, email, email_key, email_verified_at, name, role, created_at) values ($1, $2, lower($2), now(), $3, $4, now())
             on conflict (email_key) do update set role = excluded.role where accounts.role <> 'customer'",
        )
        .bind(AccountId::new())
        .bind(self.email.trim())
        .bind(&self.name)
        .bind(self.role.name())
        .execute(&database.pool)
        .await?;
        database.close().await;
        anyhow::ensure!(
            changed.rows_affected() == 1,
            "{} is a customer's address; staff need one of their own",
            self.email
        );
        println!("{} is {}. A password is set at /password/forgot.", self.email, self.role.name());
        Ok(ExitCode::SUCCESS)
    }
}
