//! Every kind of job and who handles it: what follows from what, in one list.

use crate::app::App;
use crate::jobs::{Claimed, Done, JobError, Worker};
use crate::{
    accounts, audit, catalogue, claims, contact, housekeeping, mail, orders, payments, privacy, profiles, provisioning,
    sms, sync,
};
use tokio::sync::watch;

macro_rules! kinds {
    (|$app:ident, $pool:ident, $clock:ident, $job:ident| $($(#[$prompt:ident])? $kind:path => $run:expr,)+) => {
        pub async fn handle($app: App, $job: Claimed) -> Result<Done, JobError> {
            let ($pool, $clock) = (&$app.pool, &$app.clock);
            match $job.kind.as_str() {
                $($kind => $run.await,)+
                unknown => Err(JobError::fail(anyhow::anyhow!("no handler for jobs of kind {unknown}"))),
            }
        }

        /// Those marked so.
        const PROMPT: &[&str] = &[$($(kinds!(@$prompt $kind),)?)+];
    };
    (@prompt $kind:path) => { $kind };
}

// `prompt`: it asks no other company anything, and money waits for it. A carrier that does not answer must not keep money
// that came from its order.
kinds! { |app, pool, clock, job|
    // Money: ask the gateway, close at the gateway, send money back.
    payments::query::JOB => payments::query::run(pool, clock, &app.gateways, &job),
    payments::close::JOB => payments::close::run(pool, clock, &app.gateways, &job),
    payments::refund::JOB => payments::refund::run(pool, clock, &app.gateways, &job),

    payments::reconcile::JOB => payments::reconcile::run(pool, clock, &app.gateways, &job),

    // Money -> order.
    #[prompt] payments::SETTLED => orders::progress::payment_settled(pool, clock, &job),
    #[prompt] payments::CLOSED => orders::progress::payment_closed(pool, clock, &job),
    #[prompt] payments::REFUND_FINISHED => orders::progress::refund_finished(pool, clock, &job),
    #[prompt] payments::REFUND_FAILED => orders::progress::refund_failed(pool, clock, &job),
    #[prompt] payments::REFUND_STUCK => orders::progress::refund_stuck(pool, clock, &job),
    #[prompt] payments::REFUND_EXTERNAL => orders::progress::refund_external(pool, clock, &job),
    #[prompt] payments::DISPUTED => orders::progress::disputed(pool, clock, &job),

    // The carrier's part.
    provisioning::PROVISION =>
        provisioning::provision(pool, clock, &app.carriers, &provisioning::Settings::default(), &job),
    provisioning::RELEASE => provisioning::release(pool, clock, &app.carriers, &job),

    // Carrier -> order.
    #[prompt] provisioning::PROVISIONED => orders::progress::provisioned(pool, clock, &job),
    #[prompt] provisioning::PROVISIONING_REFUSED => orders::progress::provisioning_refused(pool, clock, &job),
    #[prompt] provisioning::PROVISIONING_STUCK => orders::progress::provisioning_stuck(pool, clock, &job),

    // What carriers sell.
    catalogue::JOB => catalogue::run(pool, clock, &app.carriers, &job),

    // Orders and their lines.
    #[prompt] orders::expire::FIND_OVERDUE => orders::expire::find_overdue(pool, clock, &job),
    #[prompt] orders::expire::EXPIRE => orders::expire::expire(pool, clock, &job),
    orders::progress::START_TERM => orders::progress::start_term(pool, clock, &job),
    orders::progress::WRITE_TO_CUSTOMER => orders::mails::write(pool, clock, &app.base_url, &job),

    // People.
    accounts::second_step::code::TEXT_CODE => contact::text_code(pool, clock, &job),
    accounts::second_step::code::MAIL_CODE => accounts::second_step::code::mail_code(pool, clock, &job),
    accounts::second_step_reset::REMIND =>
        accounts::second_step_reset::remind(pool, clock, &app.base_url.0, &job),
    accounts::register::MAIL_LINK => accounts::register::mail_link(pool, clock, &app.base_url.0, &job),
    accounts::recover::MAIL_LINK => accounts::recover::mail_link(pool, clock, &app.base_url.0, &job),

    privacy::MAKE => privacy::make(pool, clock, &app.base_url, &job),
    privacy::DROP => privacy::drop(pool, &job),
    privacy::CLOSE => privacy::close(pool, clock, &app.base_url, &job),
    privacy::FORGET_MAILS => privacy::forget_mails(pool, clock, &job),

    claims::SEND_CODE => claims::send_code(pool, clock, &job),

    // Lines and their carriers.
    sync::SYNC => sync::run(pool, clock, &app.carriers, &job),
    sync::event::CARRIER_EVENT => sync::event::act(pool, clock, &job),
    sync::change::CHANGE => sync::change::run(pool, clock, &app.carriers, &job),
    profiles::ORDER_PROFILE => profiles::run(pool, clock, &app.carriers, &app.base_url, &job),
    sync::DEVIATES => orders::progress::deviates(pool, clock, &job),

    // The trail of who did what.
    audit::seal::JOB => audit::seal::run(pool, clock, &job),

    // Messages.
    mail::SEND => mail::send(pool, clock, &app.mailer, &job),
    sms::SEND => sms::send(pool, clock, &app.texter, &job),

    housekeeping::HOURLY => housekeeping::hourly(pool, clock, &app.gateways, (&app.carriers, &app.keys), &job),
}

/// Those nobody waits for.
const BACKGROUND: &[&str] = &[sync::SYNC, catalogue::JOB, audit::seal::JOB];

/// Runs jobs until told to stop.
pub async fn run(app: App, lanes: usize, stop: watch::Receiver<bool>) {
    if let Err(error) = housekeeping::schedule(&app.pool, &app.clock).await {
        tracing::error!(%error, "housekeeping could not be scheduled");
    }
    if let Err(error) = catalogue::schedule(&app.pool, &app.clock, &app.carriers).await {
        tracing::error!(%error, "the catalogues could not be scheduled");
    }
    if let Err(error) = sync::schedule_all(&app.pool, &app.clock, &app.carriers).await {
        tracing::error!(%error, "the carriers' lines can't be asked after");
    }
    let worker =
        Worker { pool: app.pool.clone(), clock: app.clock.clone(), lanes, prompt: PROMPT, background: BACKGROUND };
    worker.run(move |job| handle(app.clone(), job), stop).await;
}
