//! What a line's page says of orders that renewed nothing, and when its carrier can be asked again.

use time::Duration;

use crate::staff_support::Office;
use crate::support::portal::TestPortal;

#[tokio::test]
async fn orders_that_renewed_nothing_are_told_as_what_they_became() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("103").await;
    let page = format!("/lines/{line}");
    let open = mei.place(line, "P30").await;
    let shown = mei.browser.get(&page).await.body;
    assert!(history(&shown).contains("To be paid") && !history(&shown).contains("is-good"), "{shown}");
    let cancelled = mei.browser.post(&format!("/orders/{open}/cancel"), &[("sure", "yes")]).await;
    assert_eq!(cancelled.status, 303, "{}", cancelled.body);
    portal.work().await;
    let refused = mei.buy(line, "P30", "pay").await;
    portal.until(refused, "refunded").await;
    let shown = mei.browser.get(&page).await.body;
    let told = history(&shown);
    assert!(told.contains("Cancelled") && told.contains("Refunded") && !told.contains("is-good"), "{told}");
}

/// The part of the page after its heading.
fn history(page: &str) -> &str {
    page.split("timeline").nth(1).expect("a history")
}

#[tokio::test]
async fn the_button_that_asks_the_carrier_comes_back_by_itself() {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let line = portal.known_line(mei.account, "321").await;
    let page = format!("/lines/{line}");
    mei.browser.get(&page).await;
    mei.browser.post(&format!("{page}/usage"), &[]).await;
    let shown = mei.browser.get(&page).await.body;
    let form = format!(r#"<form method="post" action="{page}/usage" hidden>"#);
    assert!(shown.contains("data-until=\"") && shown.contains(&form) && shown.contains("js/until."), "{shown}");
    portal.pass(Duration::minutes(2));
    let shown = mei.browser.get(&page).await.body;
    assert!(!shown.contains("data-until") && shown.contains(&form.replace(" hidden", "")), "{shown}");
}

#[tokio::test]
async fn jobs_of_a_kind_stand_once_on_the_rehearsal_clock() {
    let office = Office::open().await;
    sqlx::raw_sql(
        "insert into jobs (kind, dedupe_key, payload, run_at, max_attempts, created_at)
         select kind, n::text, '{}', now() + interval '20 hours', 3, now()
         from unnest(array['send-message', 'sync-line']) kind, generate_series(1, 3) n",
    )
    .execute(office.pool())
    .await
    .unwrap();
    let mut staff = office.staff().await;
    let page = staff.get("/staff/rehearsal").await.body;
    let next = page.split(r#"<ol class="held">"#).nth(1).expect("jobs that come next");
    let mut names: Vec<&str> = next.split("<span>").skip(1).filter_map(|rest| rest.split(['<', '×']).next()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(all > 1 && names.len() == all && next.contains("× 3"), "{next}");
}
