//! What the binary can be told to do, one file a command.

mod audit;
mod audit_trail;
mod check;
mod database;
mod demo;
mod healthcheck;
mod import;
mod logging;
mod metrics;
mod migrate;
mod needs;
mod serve;
mod staff;
mod stop;
mod webhooks;

pub use database::DatabaseArgs;

use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Command {
    /// Start everything here: database, carrier simulator, payment sandbox, portal. Prints the address and the sign-ins.
    Demo(demo::Demo),
    /// Serve the portal and run its jobs, in production. Refuses to start with anything missing, and names all of it.
    Serve(serve::Serve),
    /// Run jobs only, beside any number of `serve` processes.
    Worker(serve::Serve),
    /// Bring the database's tables up to date.
    Migrate(migrate::Migrate),
    /// Take over plans, customers or lines from a CSV file. Good rows go in, bad ones are named; --dry-run only checks.
    Import(import::Import),
    /// Prove over the whole database that no order is lost or doubled. Exit code 1 on any break.
    Audit(audit::Audit),
    /// Write out the audit trail: lines of JSON, each with its hash.
    AuditTrail(audit_trail::AuditTrail),
    /// Find what would keep the portal from working before a customer does: every missing or wrong setting, the database,
    /// the mail server, the addresses to listen at, and whether each gateway knows our keys.
    Check(Box<check::Check>),
    /// Take stored notifications of gateways up again.
    Webhooks(webhooks::Webhooks),
    /// Make or change a member of staff; they set their password through the reset mail.
    Staff(staff::Staff),
    /// Exit code 0 if the portal at this address is ready: for containers.
    Healthcheck(healthcheck::Healthcheck),
}

impl Command {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        // One TLS provider for mail, database and HTTP alike; a second call has nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        match self {
            Self::Demo(demo) => demo.run().await,
            Self::Serve(serve) => serve.run(true).await,
            Self::Worker(serve) => serve.run(false).await,
            Self::Migrate(migrate) => migrate.run().await,
            Self::Import(import) => import.run().await,
            Self::Audit(audit) => audit.run().await,
            Self::AuditTrail(trail) => trail.run().await,
            Self::Check(check) => check.run().await,
            Self::Webhooks(webhooks) => webhooks.run().await,
            Self::Staff(staff) => staff.run().await,
            Self::Healthcheck(healthcheck) => healthcheck.run().await,
        }
    }
}
