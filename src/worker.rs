//! Every kind of job and who handles it: what follows from what, in one list.

use crate::app::App;
use crate::jobs::{Claimed, Done, JobError, Worker};
use crate::{accounts, housekeeping, mail, orders, payments, provisioning};
use tokio::sync::watch;

pub async fn handle(app: App, job: Claimed) -> Result<Done, JobError> {
    let App { pool, clock, gateways, carriers, mailer, .. } = &app;
    match job.kind.as_str() {
        // Money: ask the gateway, close at the gateway, send money back.
        payments::query::JOB => payments::query::run(pool, clock, gateways, &job).await,
        payments::close::JOB => payments::close::run(pool, clock, gateways, &job).await,
        payments::refund::JOB => payments::refund::run(pool, clock, gateways, &job).await,

        payments::reconcile::JOB => payments::reconcile::run(pool, clock, gateways, &job).await,

        // Money -> order.
        payments::SETTLED => orders::progress::payment_settled(pool, clock, &job).await,
        payments::CLOSED => orders::progress::payment_closed(pool, clock, &job).await,
        payments::REFUND_FINISHED => orders::progress::refund_finished(pool, clock, &job).await,
        payments::REFUND_FAILED => orders::progress::refund_failed(pool, clock, &job).await,
        payments::REFUND_STUCK => orders::progress::refund_stuck(pool, clock, &job).await,
        payments::REFUND_EXTERNAL => orders::progress::refund_external(pool, clock, &job).await,
        payments::DISPUTED => orders::progress::disputed(pool, clock, &job).await,

        // The carrier's part.
        provisioning::PROVISION => {
            provisioning::provision(pool, clock, carriers, &provisioning::Settings::default(), &job).await
        }

        // Carrier -> order.
        provisioning::PROVISIONED => orders::progress::provisioned(pool, clock, &job).await,
        provisioning::PROVISIONING_REFUSED => orders::progress::provisioning_refused(pool, clock, &job).await,
        provisioning::PROVISIONING_STUCK => orders::progress::provisioning_stuck(pool, clock, &job).await,

        // Orders and their lines.
        orders::expire::FIND_OVERDUE => orders::expire::find_overdue(pool, clock, &job).await,
        orders::expire::EXPIRE => orders::expire::expire(pool, clock, &job).await,
        orders::progress::START_TERM => orders::progress::start_term(pool, clock, &job).await,
        orders::progress::WRITE_TO_CUSTOMER => orders::mails::write(pool, clock, &app.base_url, &job).await,

        // People.
        accounts::recover::MAIL_LINK => accounts::recover::mail_link(pool, clock, &app.base_url.0, &job).await,

        // Messages.
        mail::SEND => mail::send(pool, clock, mailer, &job).await,

        housekeeping::HOURLY => housekeeping::hourly(pool, clock, gateways, &job).await,

        unknown => Err(JobError::fail(anyhow::anyhow!("no handler for jobs of kind {unknown}"))),
    }
}

/// What asks no other company anything. A carrier that does not answer must not keep money that came from its order.
const PROMPT: [&str; 12] = [
    payments::SETTLED,
    payments::CLOSED,
    payments::REFUND_FINISHED,
    payments::REFUND_FAILED,
    payments::REFUND_STUCK,
    payments::REFUND_EXTERNAL,
    payments::DISPUTED,
    provisioning::PROVISIONED,
    provisioning::PROVISIONING_REFUSED,
    provisioning::PROVISIONING_STUCK,
    orders::expire::FIND_OVERDUE,
    orders::expire::EXPIRE,
];

/// Runs jobs until told to stop.
pub async fn run(app: App, lanes: usize, stop: watch::Receiver<bool>) {
    if let Err(error) = housekeeping::schedule(&app.pool, &app.clock).await {
        tracing::error!(%error, "housekeeping could not be scheduled");
    }
    let worker = Worker { pool: app.pool.clone(), clock: app.clock.clone(), lanes, prompt: &PROMPT };
    worker.run(move |job| handle(app.clone(), job), stop).await;
}
