//! What is asked of the carrier, and of the operator's own books, before any money moves.

use renewal_portal::simulator::stock;

use crate::support::portal::TestPortal;

const NOT_THE_CUSTOMERS_DOING: &str = "can’t be renewed at the moment; it is on our side";

/// The carrier asks three quarters of the price.
async fn wanted_margin(portal: &TestPortal, basis_points: i32) {
    sqlx::query(
        "insert into pricing_rules (carrier, cost_currency, currency, rate_millionths, markup_bp, step_minor, minimum_margin_bp)
         values ('cucc', 'CNY', 'CNY', 1000000, 3000, 100, $1)
         on conflict (carrier, cost_currency, currency) do update set minimum_margin_bp = excluded.minimum_margin_bp",
    )
    .bind(basis_points)
    .execute(&portal.app.pool)
    .await
    .unwrap();
}

async fn alerts(portal: &TestPortal) -> Vec<(String, String)> {
    sqlx::query_as("select kind, product from carrier_alerts where closed_at is null")
        .fetch_all(&portal.app.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_earns_too_little_is_not_sold_until_it_does_again() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    stock::take(&mut portal.app.pool.acquire().await.unwrap()).await.unwrap();
    let review = format!("/lines/{line}/renew?plan=P30");
    wanted_margin(&portal, 2_600).await;
    for _ in 0..2 {
        let page = mei.browser.get(&review).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(NOT_THE_CUSTOMERS_DOING), "{}", page.body);
    }
    assert_eq!(alerts(&portal).await, [("margin".to_owned(), "cucc:p30".to_owned())], "told once");
    let to_do = portal.staff_as("viewer").await.browser.get("/staff").await.body;
    assert!(to_do.contains("Earns too little") && to_do.contains("China Unicom · cucc:p30"), "{to_do}");
    wanted_margin(&portal, 2_500).await;
    assert!(!mei.browser.get(&review).await.body.contains(NOT_THE_CUSTOMERS_DOING));
    assert_eq!(alerts(&portal).await, []);
}

#[tokio::test]
async fn what_got_dearer_after_the_order_takes_no_money() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    stock::take(&mut portal.app.pool.acquire().await.unwrap()).await.unwrap();
    wanted_margin(&portal, 2_500).await;
    let order = mei.place(line, "P30").await;
    sqlx::query("update simulator.products set cost_minor = cost_minor + 1").execute(&portal.app.pool).await.unwrap();
    let refused = mei.choose(order, "sandbox").await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 0);
}
