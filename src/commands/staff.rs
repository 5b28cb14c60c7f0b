use super::DatabaseArgs;
use crate::audit::{self, Act, Actor};
use crate::clock::Clock;
use crate::ids::AccountId;
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::json;
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
        let mut tx = crate::db::begin(&database.pool).await?;
        let account: Option<AccountId> = sqlx::query_scalar(
            "insert into accounts (id, email, email_key, email_verified_at, name, role, created_at) values ($1, $2, lower($2), now(), $3, $4, now())
             on conflict (email_key) do update set role = excluded.role where accounts.role <> 'customer'
             returning id",
        )
        .bind(AccountId::new())
        .bind(self.email.trim())
        .bind(&self.name)
        .bind(self.role.name())
        .fetch_optional(&mut *tx)
        .await?;
        let account =
            account.with_context(|| format!("{} is a customer's address; staff need one of their own", self.email))?;
        let act = Act {
            at: Clock::real().now(),
            actor: Actor::SYSTEM,
            action: "staff.role_given",
            account: Some(account),
            subject: None,
            detail: json!({ "role": self.role.name() }),
        };
        audit::record(&mut *tx, act).await?;
        tx.commit().await?;
        database.close().await;
        println!("{} is {}. A password is set at /password/forgot.", self.email, self.role.name());
        Ok(ExitCode::SUCCESS)
    }
}
