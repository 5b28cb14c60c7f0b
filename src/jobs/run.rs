use super::claim::{LEASE_SECONDS, Takes, claim};
use super::{Claimed, Done, JobError};
use crate::clock::Clock;
use futures_util::FutureExt;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// Runs jobs on `lanes` tasks until told to stop; a job in hand is finished first.
pub struct Worker {
    pub pool: PgPool,
    pub clock: Clock,
    pub lanes: usize,
    /// Kinds that wait for nobody outside and have one more lane to themselves: others may all be waiting for a company
    /// that does not answer.
    pub prompt: &'static [&'static str],
    /// Kinds nobody waits for. They ask other companies all day and have lanes of their own, so that they take no other's place.
    pub background: &'static [&'static str],
}

const BACKGROUND_LANES: usize = 2;

impl Worker {
    pub async fn run<H, F>(self, handle: H, stop: watch::Receiver<bool>)
    where
        H: Fn(Claimed) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Done, JobError>> + Send + 'static,
    {
        let wake = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(self.pool.clone(), wake.clone(), stop.clone()));
        let prompt = (self.lanes > 0).then_some(Takes::Only(self.prompt));
        let behind = if self.lanes > 0 { BACKGROUND_LANES } else { 0 };
        let others = std::iter::repeat_n(Takes::Only(self.background), behind).chain(prompt);
        for takes in std::iter::repeat_n(Takes::AllBut(self.background), self.lanes).chain(others) {
            let lane = Lane { pool: self.pool.clone(), clock: self.clock.clone(), takes };
            tasks.spawn(lane.run(handle.clone(), wake.clone(), stop.clone()));
        }
        while tasks.join_next().await.is_some() {}
    }
}

struct Lane {
    pool: PgPool,
    clock: Clock,
    takes: Takes,
}

impl Lane {
    async fn run<H, F>(self, handle: H, wake: Arc<Notify>, mut stop: watch::Receiver<bool>)
    where
        H: Fn(Claimed) -> F,
        F: Future<Output = Result<Done, JobError>>,
    {
        let Self { pool, clock, takes } = self;
        while !*stop.borrow() {
            match claim(&pool, clock.now(), takes).await {
                Ok(Some(job)) => run_one(&pool, &clock, &handle, job).await,
                Ok(None) => {
                    tokio::select! {
                        _ = wake.notified() => {}
                        _ = tokio::time::sleep(Duration::from_millis(1000)) => {}
                        _ = stop.changed() => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "jobs can't be claimed");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}

/// Notifications are a hint only; the poll in each lane finds what they miss.
async fn listen(pool: PgPool, wake: Arc<Notify>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen("jobs").await?;
            loop {
                listener.recv().await?;
                wake.notify_waiters();
            }
        };
        let ended: sqlx::Result<()> = tokio::select! {
            ended = listening => ended,
            _ = stop.changed() => return,
        };
        tracing::warn!(?ended, "listening for jobs ended, starting again");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn run_one<H, F>(pool: &PgPool, clock: &Clock, handle: &H, job: Claimed)
where
    H: Fn(Claimed) -> F,
    F: Future<Output = Result<Done, JobError>>,
{
    let work = AssertUnwindSafe(handle(job.clone())).catch_unwind();
    let renewing = async {
        loop {
            tokio::time::sleep(Duration::from_secs_f64(LEASE_SECONDS / 3.0)).await;
            if let Err(error) = job.renew(pool).await {
                tracing::warn!(%error, job.id = job.id, "the lease could not be renewed");
            }
        }
    };
    let outcome = tokio::select! {
        outcome = work => outcome.unwrap_or_else(|_| Err(JobError::retry(anyhow::anyhow!("the job panicked")))),
        () = renewing => return,
    };
    if let Err(error) = outcome {
        tracing::warn!(job.id = job.id, job.kind = %job.kind, job.attempts = job.attempts, %error, "a job failed");
        if let Err(error) = job.give_back(pool, &error, clock.now()).await {
            tracing::error!(%error, job.id = job.id, "a job could not be given back; its lease will run out");
        }
    }
}

/// Runs everything that is due now, and what that makes due, on this task: for tests and rehearsals. Returns how many ran.
pub async fn run_due<H, F>(pool: &PgPool, clock: &Clock, handle: H) -> sqlx::Result<usize>
where
    H: Fn(Claimed) -> F,
    F: Future<Output = Result<Done, JobError>>,
{
    let mut ran = 0;
    while let Some(job) = claim(pool, clock.now(), Takes::Everything).await? {
        run_one(pool, clock, &handle, job).await;
        ran += 1;
    }
    Ok(ran)
}
