//! A carrier that gives something else than was promised, or says nothing for long.

use renewal_portal::calendar::add_days;
use time::Duration;

use crate::support::portal::{TestPortal, as_read};

#[tokio::test]
async fn fewer_days_than_promised_are_shown_as_the_carrier_gave_them() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("106").await;
    let before = portal.until_of(line).await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let given = add_days(before, 25).unwrap();
    assert_eq!(portal.until_of(line).await, given);
    assert_eq!(portal.cases().await, ["deviation"]);
    let receipt = mei.browser.get(&format!("/orders/{order}/receipt")).await.body;
    let (given, promised) = (as_read(given), as_read(add_days(before, 30).unwrap()));
    assert!(receipt.contains(&given), "{given} is not on {receipt}");
    assert!(receipt.contains(&promised), "{promised} is not beside it: {receipt}");
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn silence_becomes_a_case_and_the_answer_still_counts() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("101").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.work().await;
    portal.carrier_goes_down().await;
    portal.pass(Duration::minutes(5));
    portal.work().await;
    assert_eq!(mei.sees(order).await, ("paid".into(), "delayed".into()));
    portal.pass(Duration::hours(2));
    portal.until(order, "needs_attention").await;
    assert_eq!(mei.sees(order).await, ("paid".into(), "attention".into()));
    assert_eq!(portal.cases().await, ["provisioning_unknown"]);
    assert_eq!(portal.count("select count(*) from refunds").await, 0, "it may have been renewed");
    portal.carrier_comes_back().await;
    portal.pass(Duration::hours(1));
    portal.until(order, "fulfilled").await;
    assert_eq!(mei.sees(order).await, ("paid".into(), "active".into()));
    portal.prove().await;
}
