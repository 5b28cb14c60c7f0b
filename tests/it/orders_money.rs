//! Every way money can come, and every way it goes back.

use futures_util::future::join_all;
use renewal_portal::ids::{LineId, OrderId};
use renewal_portal::orders::model::OrderStatus;
use renewal_portal::orders::queries::{self, Move};
use time::Duration;

use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;

/// The line and where its order ends once paid.
async fn each_outcome(ending: &str, ends: &str, cases: &[&str]) {
    let portal = TestPortal::start().await;
    let mut mei = portal.mei().await;
    let mut orders = vec![];
    for outcome in ["pay", "late", "twice", "reorder", "never", "timeout"] {
        let line = portal.line(mei.account, ending).await;
        orders.push((outcome, mei.buy(line, "P30", outcome).await));
    }
    let declined = mei.buy(portal.line(mei.account, ending).await, "P30", "decline").await;
    let wrong = mei.buy(portal.line(mei.account, ending).await, "P30", "wrong_amount").await;
    for (_, order) in &orders {
        portal.until(*order, ends).await;
    }
    portal.settle().await;
    for (outcome, order) in orders {
        assert_eq!(portal.status(order).await, ends, "{outcome} on {ending}: {:?}", portal.events(order).await);
    }
    assert_eq!(portal.status(declined).await, "expired");
    assert_eq!(portal.status(wrong).await, "needs_attention");
    assert_eq!(mei.sees(wrong).await, ("refunded".into(), "attention".into()));
    let mut found = portal.cases().await;
    found.dedup();
    assert_eq!(found, cases, "{ending}");
    let renewed = if ends == "fulfilled" { 6 } else { 0 };
    assert_eq!(portal.count("select count(*) from simulator.renewals where refused is null").await, renewed);
    portal.prove().await;
}

macro_rules! endings {
    ($($name:ident: $ending:literal $ends:literal $cases:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            each_outcome($ending, $ends, &$cases).await;
        })*
    };
}

endings! {
    however_paid_done_at_once_is_active: "100" "fulfilled" ["amount_mismatch"];
    however_paid_done_in_silence_is_active: "101" "fulfilled" ["amount_mismatch"];
    however_paid_not_done_in_silence_is_active_later: "102" "fulfilled" ["amount_mismatch"];
    however_paid_refused_is_refunded: "103" "refunded" ["amount_mismatch"];
    however_paid_turned_away_is_active_later: "104" "fulfilled" ["amount_mismatch"];
    however_paid_answered_as_a_duplicate_is_active: "105" "fulfilled" ["amount_mismatch"];
    however_paid_fewer_days_are_a_case: "106" "fulfilled" ["amount_mismatch", "deviation"];
    however_paid_an_error_page_is_asked_after: "107" "fulfilled" ["amount_mismatch"];
}

#[tokio::test]
async fn after_a_declined_payment_another_may_be_made() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "decline").await;
    portal.work().await;
    assert_eq!(mei.sees(order).await, ("failed".into(), "waiting".into()));
    let page = mei.pay(order).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 2);
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn paying_in_many_tabs_is_one_payment() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    mei.browser.get(&format!("/orders/{order}/pay")).await;
    let tabs = (0..10).map(|_| {
        let mut mei = mei.clone();
        async move { mei.pay(order).await }
    });
    let pages = join_all(tabs).await;
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    for page in &pages {
        mei.press(page, "pay").await;
    }
    portal.until(order, "fulfilled").await;
    assert_eq!(portal.count("select count(*) from sandbox.payments where status = 'paid'").await, 1);
    portal.settle().await;
    portal.prove().await;
}

/// Ordered, sent to pay with money to come late, and out of time meanwhile.
async fn expired_with_money_on_its_way(ending: &str) -> (TestPortal, Shopper, LineId, OrderId) {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with(ending).await;
    let order = mei.buy(line, "P30", "late").await;
    portal.runs_out(order).await;
    assert_eq!(mei.sees(order).await, ("none".into(), "waiting".into()));
    (portal, mei, line, order)
}

#[tokio::test]
async fn money_after_a_cancellation_goes_back_and_every_page_says_so() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let before = portal.until_of(line).await;
    let order = mei.buy(line, "P30", "late").await;
    let asked = mei.browser.post(&format!("/orders/{order}/cancel"), &[]).await;
    assert_eq!((asked.status.as_u16(), asked.location()), (303, &*format!("/orders/{order}/cancel")));
    let sure = mei.browser.get(asked.location()).await.body;
    assert!(sure.contains("all of it goes back to you") && sure.contains("name=\"sure\""), "{sure}");
    assert_eq!(portal.count("select count(*) from order_events where event = 'cancel_asked'").await, 0);
    mei.cancel(order).await;
    let ending = mei.browser.get(&format!("/orders/{order}")).await.body;
    assert!(ending.contains("<h1>Being cancelled</h1>") && !ending.contains("pay again"), "{ending}");
    portal.work().await;
    assert_eq!(portal.status(order).await, "cancelled", "{:?}", portal.events(order).await);
    for page in [format!("/orders/{order}"), format!("/orders/{order}?from=payment")] {
        let seen = mei.browser.get(&page).await.body;
        assert!(seen.contains("If the payment you had begun still arrives, all of it goes back to you"), "{seen}");
        assert!(seen.contains(&format!("data-live=\"/orders/{order}/events\"")), "{seen}");
    }
    portal.pass(Duration::seconds(25));
    portal.settle().await;
    assert_eq!(portal.status(order).await, "cancelled");
    assert_eq!(portal.until_of(line).await, before, "what was cancelled renews nothing");
    assert_eq!(portal.count("select count(*) from refunds where reason = 'late' and status = 'succeeded'").await, 1);
    let seen = mei.browser.get(&format!("/orders/{order}")).await.body;
    assert!(seen.contains("¥42.00 that arrived afterwards") && seen.contains("data-live=\"settled\""), "{seen}");
    let mails = "select count(*) from messages where template = 'refunded' and body_text like '%was cancelled, so the payment of ¥42.00%'";
    assert_eq!(portal.count(mails).await, 1);
    portal.prove().await;
}

/// The gateway has taken the money, and tells of it only when it is asked to close.
#[tokio::test]
async fn money_that_a_close_finds_goes_back_to_who_cancelled() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let before = portal.until_of(line).await;
    let order = mei.buy(line, "P30", "never").await;
    mei.cancel(order).await;
    portal.settle().await;
    assert_eq!((portal.status(order).await.as_str(), portal.until_of(line).await), ("cancelled", before));
    assert_eq!(portal.count("select count(*) from refunds where reason = 'late' and status = 'succeeded'").await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn money_after_its_time_buys_what_is_still_sold() {
    let (portal, _, _, order) = expired_with_money_on_its_way("100").await;
    portal.pass(Duration::seconds(25));
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn money_after_its_time_goes_back_if_the_plan_is_gone() {
    let (portal, mut mei, _, order) = expired_with_money_on_its_way("100").await;
    portal.run("update plans set withdrawn_at = now() where code = 'P30'").await;
    portal.pass(Duration::seconds(25));
    portal.settle().await;
    assert_eq!(mei.sees(order).await, ("refunded".into(), "waiting".into()));
    assert_eq!(portal.status(order).await, "expired");
    assert_eq!(portal.count("select count(*) from refunds where reason = 'late' and status = 'succeeded'").await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn money_after_its_time_goes_back_if_another_order_is_open() {
    let (portal, mut mei, line, order) = expired_with_money_on_its_way("100").await;
    let other = mei.place(line, "P60").await;
    portal.pass(Duration::seconds(25));
    for _ in 0..5 {
        portal.work().await;
        portal.pass(Duration::seconds(5));
    }
    assert_eq!(
        (portal.status(order).await.as_str(), portal.status(other).await.as_str()),
        ("expired", "awaiting_payment")
    );
    assert_eq!(portal.count("select count(*) from refunds where reason = 'late' and status = 'succeeded'").await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn money_after_its_time_goes_back_if_the_line_was_renewed_since() {
    let (portal, mut mei, line, order) = expired_with_money_on_its_way("100").await;
    let before = portal.until_of(line).await;
    let other = mei.buy(line, "P30", "pay").await;
    portal.work().await;
    assert_eq!(portal.status(other).await, "fulfilled");
    portal.pass(Duration::seconds(25));
    portal.settle().await;
    assert_eq!(portal.status(order).await, "expired");
    assert_eq!((portal.until_of(line).await - before).whole_days(), 30, "one renewal was wanted, not two");
    portal.prove().await;
}

#[tokio::test]
async fn money_after_its_time_goes_back_if_the_line_can_not_take_it() {
    for change in [
        "update lines set status = 'suspended'",
        "update plans set price_minor = price_minor + 100",
        "insert into accounts (id, email, email_key, name, created_at) select gen_random_uuid(), 'new', 'new', 'New', now();
         update lines set account_id = (select id from accounts where email = 'new')",
    ] {
        let (portal, _, line, order) = expired_with_money_on_its_way("100").await;
        let before = portal.until_of(line).await;
        sqlx::raw_sql(change).execute(&portal.db.pool).await.unwrap();
        portal.pass(Duration::seconds(25));
        portal.settle().await;
        assert_eq!(portal.status(order).await, "expired", "{change}");
        assert_eq!(portal.until_of(line).await, before, "{change}");
        let back = "select count(*) from refunds where reason = 'late' and status = 'succeeded'";
        assert_eq!(portal.count(back).await, 1, "{change}");
    }
}

/// The older of two expired orders was honoured first: what the newer one showed its customer is no longer so.
#[tokio::test]
async fn money_after_its_time_goes_back_if_an_older_order_was_honoured_since() {
    let (portal, mut mei, line, older) = expired_with_money_on_its_way("100").await;
    let before = portal.until_of(line).await;
    portal.pass(Duration::seconds(10));
    let newer = mei.buy(line, "P60", "late").await;
    portal.runs_out(newer).await;
    portal.pass(Duration::seconds(14));
    portal.until(older, "fulfilled").await;
    assert_eq!(portal.status(newer).await, "expired");
    portal.pass(Duration::seconds(15));
    portal.settle().await;
    assert_eq!(portal.status(newer).await, "expired", "{:?}", portal.events(newer).await);
    assert_eq!((portal.until_of(line).await - before).whole_days(), 30, "one renewal was wanted, not two");
    let back = "select count(*) from refunds where reason = 'late' and status = 'succeeded' and amount_minor = 8000";
    assert_eq!(portal.count(back).await, 1);
    portal.prove().await;
}

/// Whoever moved the line's days.
#[tokio::test]
async fn money_after_its_time_goes_back_if_the_promise_no_longer_holds() {
    for change in ["valid_until = valid_until + 10", "valid_from = valid_from + 1"] {
        let (portal, _, _, order) = expired_with_money_on_its_way("100").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("update lines set {change}")))
            .execute(&portal.db.pool)
            .await
            .unwrap();
        portal.pass(Duration::seconds(25));
        portal.settle().await;
        assert_eq!(portal.status(order).await, "expired", "{change}");
        let back = "select count(*) from refunds where reason = 'late' and status = 'succeeded'";
        assert_eq!(portal.count(back).await, 1, "{change}");
    }
}

/// The older of two expired orders was honoured first, and its carrier does not answer.
#[tokio::test]
async fn money_after_its_time_goes_back_while_the_carrier_owes_an_answer() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("101").await;
    let older = mei.buy(line, "P30", "late").await;
    portal.runs_out(older).await;
    portal.pass(Duration::seconds(15));
    let newer = mei.buy(line, "P60", "late").await;
    portal.runs_out(newer).await;
    portal.pass(Duration::seconds(8));
    portal.until(older, "paid").await;
    assert_eq!(portal.status(newer).await, "expired");
    portal.run("update orders set status = 'needs_attention' where status = 'paid'").await;
    portal.carrier_goes_down().await;
    for _ in 0..8 {
        portal.pass(Duration::seconds(4));
        portal.work().await;
    }
    assert_eq!(portal.status(newer).await, "expired", "{:?}", portal.events(newer).await);
    let back = "select count(*) from refunds where reason = 'late' and amount_minor = 8000";
    assert_eq!(portal.count(back).await, 1);
}

#[tokio::test]
async fn what_is_paid_is_not_cancelled_and_what_is_decided_is_not_decided_again() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    mei.cancel(order).await;
    portal.run("update jobs set state = 'ready', finished_at = null where kind = 'payment-settled'").await;
    portal.settle().await;
    assert_eq!(portal.status(order).await, "fulfilled");
    assert_eq!(portal.count("select count(*) from refunds").await, 0);
    assert_eq!(portal.count("select count(*) from jobs where state = 'dead'").await, 0);
    portal.prove().await;
}

/// A bug above must not take an order where no order goes.
#[tokio::test]
async fn an_order_takes_no_step_that_is_none() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let id = mei.place(line, "P30").await;
    let mut tx = portal.db.pool.begin().await.unwrap();
    let order = queries::lock(&mut tx, id).await.unwrap();
    let step = Move {
        to: OrderStatus::Refunded,
        event: "refunded",
        detail: serde_json::json!({}),
        now: portal.clock.now(),
        order: &order,
        fulfilled_until: None,
    };
    assert!(queries::move_status(&mut tx, step).await.is_err());
}

#[tokio::test]
async fn a_cancelled_order_whose_payment_is_open_is_cancelled_when_that_is_closed() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    mei.pay(order).await;
    mei.cancel(order).await;
    assert_eq!(portal.status(order).await, "awaiting_payment", "it may be paid this very moment");
    portal.work().await;
    assert_eq!(portal.status(order).await, "cancelled", "{:?}", portal.events(order).await);
    assert_eq!(portal.count("select count(*) from sandbox.payments where status = 'open'").await, 0);
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn an_order_expires_and_money_that_comes_afterwards_is_honoured() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let page = mei.pay(order).await;
    portal.pass(Duration::minutes(39) + Duration::seconds(55));
    mei.press(&page, "late").await;
    portal.pass(Duration::seconds(10));
    portal.work().await;
    portal.work().await;
    for _ in 0..3 {
        portal.pass(Duration::seconds(1));
        portal.work().await;
    }
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn an_order_nobody_pays_expires_by_itself() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let (unpaid, abandoned) = (mei.place(line, "P30").await, portal.line(mei.account, "100").await);
    let abandoned = mei.place(abandoned, "P30").await;
    mei.pay(abandoned).await;
    portal.pass(Duration::minutes(41));
    portal.until(unpaid, "expired").await;
    portal.until(abandoned, "expired").await;
    assert_eq!(mei.sees(abandoned).await, ("none".into(), "waiting".into()));
    mei.place(line, "P60").await;
    portal.prove().await;
}

#[tokio::test]
async fn a_refusal_pays_back_by_itself_and_says_so() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("103").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.work().await;
    assert_eq!(mei.sees(order).await, ("refunding".into(), "refused".into()));
    portal.until(order, "refunded").await;
    assert_eq!(mei.sees(order).await, ("refunded".into(), "refused".into()));
    portal.settle().await;
    let mails = "select count(*) from messages where sent_at is not null and template = 'refunded'";
    assert_eq!(portal.count(mails).await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn a_refund_that_fails_is_a_case_for_a_person() {
    for (plan, ends, cases) in [("R13", "needs_attention", 1), ("R14", "needs_attention", 1), ("R15", "refunded", 0)] {
        let portal = TestPortal::start().await;
        let (mut mei, line) = portal.mei_with("103").await;
        let order = mei.buy(line, plan, "pay").await;
        portal.until(order, ends).await;
        portal.settle().await;
        assert_eq!(portal.status(order).await, ends, "{plan}");
        assert_eq!(portal.cases().await, vec!["refund_failed"; cases], "{plan}");
        let seen = if cases == 1 { ("refunding", "attention") } else { ("refunded", "refused") };
        assert_eq!(mei.sees(order).await, (seen.0.into(), seen.1.into()), "{plan}");
        portal.prove().await;
    }
}
