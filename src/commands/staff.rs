use super::DatabaseArgs;
use crate::accounts::{self, email::EmailAddress};
use crate::audit::{self, Act, Actor};
use crate::clock::Clock;
use crate::web::Role;
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

impl From<StaffRole> for Role {
    fn from(role: StaffRole) -> Self {
        match role {
            StaffRole::Viewer => Self::Viewer,
            StaffRole::Support => Self::Support,
            StaffRole::Finance => Self::Finance,
            StaffRole::Admin => Self::Admin,
        }
    }
}

impl Staff {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let email = EmailAddress::parse(&self.email).with_context(|| format!("{} is no email address", self.email))?;
        let (role, now) = (Role::from(self.role), Clock::real().now());
        let database = self.database.open(2, |text| eprintln!("{text}")).await?;
        let mut tx = crate::db::begin(&database.pool).await?;
        let account = accounts::give_role(&mut tx, &email, &self.name, role, now).await?;
        let account =
            account.with_context(|| format!("{} is a customer's address; staff need one of their own", self.email))?;
        let act = Act {
            at: now,
            actor: Actor::SYSTEM,
            action: "staff.role_given",
            account: Some(account),
            subject: None,
            detail: json!({ "role": role.name() }),
        };
        audit::record(&mut *tx, act).await?;
        tx.commit().await?;
        database.close().await;
        println!("{} is {}. A password is set at /password/forgot.", email.shown, role.name());
        Ok(ExitCode::SUCCESS)
    }
}
