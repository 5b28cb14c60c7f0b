//! A job that always panics is tried as often as it may be, holds up nobody, and ends where people see it.

use renewal_portal::clock::Clock;
use renewal_portal::jobs::{self, NewJob, run_due};
use serde_json::json;
use time::Duration;

use crate::support::portal::TestPortal;

#[tokio::test]
async fn a_job_that_always_panics_holds_up_nobody_and_is_told() {
    let portal = TestPortal::start().await;
    let (pool, clock) = (&portal.db.pool, Clock::real());
    portal.run("delete from jobs").await;
    let save = async |kind: &'static str| {
        let job = NewJob { kind, dedupe_key: "1".into(), payload: json!({}), run_at: clock.now(), max_attempts: 3 };
        jobs::enqueue(&mut pool.acquire().await.unwrap(), job).await.unwrap();
    };
    save("poison").await;
    save("renew").await;
    for _ in 0..6 {
        let handle = |job: jobs::Claimed| async move {
            assert_ne!(job.kind, "poison", "nothing can be done with it");
            job.complete(&mut *pool.acquire().await?).await
        };
        run_due(pool, &clock, handle).await.unwrap();
        assert_eq!(portal.count("select count(*) from jobs where kind = 'renew' and state = 'done'").await, 1);
        clock.advance(Duration::hours(2));
    }
    let counts = jobs::counts(pool).await.unwrap();
    assert_eq!((counts.dead, portal.count("select attempts::bigint from jobs where kind = 'poison'").await), (1, 3));
    let todo = portal.staff_as("admin").await.browser.get("/staff").await.body;
    assert!(todo.contains("poison"), "{todo}");
}
