//! Our side of every call to Stripe, against the rehearsed one.

use crate::support::payments::{AMOUNT, World, world};
use crate::support::stripe::adapter;
use renewal_portal::ids::AttemptId;
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::Gateway;
use renewal_portal::payments::gateway::*;
use time::Duration;

impl World {
    fn stripe(&self) -> &dyn Gateway {
        self.gateways.named("stripe").unwrap().as_ref()
    }

    async fn payment(&self, attempt: AttemptId) -> Payment {
        Payment::of(&self.attempt(attempt).await)
    }

    /// Paid at Stripe, and known to us.
    async fn paid_at_stripe(&self) -> Payment {
        let (attempt, url) = self.started_at_stripe().await;
        self.press(&url, "never").await;
        self.look(attempt).await;
        self.payment(attempt).await
    }

    async fn refund_of(&self, payment: &Payment, number: &str, minor: i64) -> RefundOrder {
        let Standing::Paid(money) = self.stripe().query(payment).await.unwrap() else { panic!("paid") };
        RefundOrder {
            merchant_refund_no: number.into(),
            provider_refund_id: None,
            amount: Money::new(minor, Currency::Cny),
            reason: "surplus",
            requested_at: self.clock.now(),
            payment: payment.clone(),
            transaction: money.transaction,
            received: money.received,
        }
    }
}

fn number(last: u8) -> String {
    format!("F{last:025}")
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_again_by_our_reference() {
    let world = world().await;
    let (attempt, url) = world.started_at_stripe().await;
    let known = world.payment(attempt).await;
    let lost = Payment { provider_ref: None, ..known.clone() };
    assert_eq!(world.stripe().query(&lost).await, Ok(Standing::Open));
    let again = world.stripe().create(&lost).await.unwrap();
    assert_eq!((again.provider_ref, again.presentation), (known.provider_ref, Presentation::Redirect(url.clone())));

    world.press(&url, "never").await;
    let Standing::Paid(money) = world.stripe().query(&lost).await.unwrap() else { panic!("paid") };
    assert_eq!(money.received, Money::new(AMOUNT, Currency::Cny));
    assert_eq!(world.stripe().close(&lost).await, Ok(CloseAnswer::AlreadyPaid));
    let stranger = Payment { merchant_ref: "R-NOBODY".into(), ..lost };
    assert_eq!(world.stripe().query(&stranger).await, Ok(Standing::NotYetCreated));
}

#[tokio::test]
async fn an_error_that_is_kept_under_the_key_does_not_hide_the_session() {
    let world = world().await;
    let (attempt, url) = world.started_at_stripe().await;
    let payment = Payment { provider_ref: None, ..world.payment(attempt).await };
    let broken = "update sandbox.stripe_answers set status = 500, answer = '{\"error\": {\"type\": \"api_error\"}}'";
    sqlx::query(broken).execute(&world.db.pool).await.unwrap();
    let found = world.stripe().create(&payment).await.unwrap();
    assert_eq!(found.presentation, Presentation::Redirect(url));
}

#[tokio::test]
async fn another_payments_session_says_nothing_about_this_one() {
    let world = world().await;
    let (one, url) = world.started_at_stripe().await;
    let (two, _) = world.started_at_stripe().await;
    world.press(&url, "pay").await;
    let mixed = Payment { provider_ref: world.payment(one).await.provider_ref, ..world.payment(two).await };
    assert!(matches!(world.stripe().query(&mixed).await, Err(GatewayError::Unknown(_))));
    assert!(matches!(world.stripe().close(&mixed).await, Err(GatewayError::Unknown(_))));
}

#[tokio::test]
async fn closed_is_closed_even_if_it_never_was_made() {
    let world = world().await;
    let (attempt, url) = world.started_at_stripe().await;
    let payment = world.payment(attempt).await;
    assert_eq!(world.stripe().close(&payment).await, Ok(CloseAnswer::Closed));
    assert_eq!(world.stripe().close(&payment).await, Ok(CloseAnswer::Closed));
    assert_eq!(world.stripe().query(&payment).await, Ok(Standing::Closed));
    world.press(&url, "pay").await;
    assert_eq!(world.stripe().query(&payment).await, Ok(Standing::Closed), "nothing can be paid after that");

    let unmade = Payment::of(&world.attempt(world.open_at("stripe", world.another_order().await).await).await);
    assert_eq!(world.stripe().close(&unmade).await, Ok(CloseAnswer::Closed));
    assert_eq!(world.stripe().query(&unmade).await, Ok(Standing::Closed));
}

#[tokio::test]
async fn what_stripe_will_not_do_is_told_apart_from_what_is_not_known() {
    let world = world().await;
    let (attempt, _) = world.started_at_stripe().await;
    let payment = Payment { merchant_ref: "R-OTHER".into(), provider_ref: None, ..world.payment(attempt).await };
    let kwd = Payment { amount: Money::new(4_505, Currency::Kwd), ..payment.clone() };
    assert!(matches!(world.stripe().create(&kwd).await, Err(GatewayError::Rejected(_))));
    let soon = Payment { expires_at: world.clock.now() + Duration::minutes(5), ..payment.clone() };
    assert!(matches!(world.stripe().create(&soon).await, Err(GatewayError::Rejected(_))));
    let unknown_key = adapter(&world.base, "sk_test_revoked");
    assert!(matches!(unknown_key.create(&payment).await, Err(GatewayError::Misconfigured(_))));
    assert!(matches!(unknown_key.time().await, Err(GatewayError::Misconfigured(_))));
    let elsewhere = adapter(&format!("{}/nowhere", world.base), "sk_test_a");
    assert!(matches!(elsewhere.time().await, Err(GatewayError::Misconfigured(_))), "an answer is not an account");
    let nobody = adapter("http://127.0.0.1:1", "sk_test_a");
    assert!(matches!(nobody.query(&payment).await, Err(GatewayError::Unknown(_))));
    let other_way = Payment { amount: Money::new(4_500, Currency::Kwd), ..payment };
    assert!(world.stripe().create(&other_way).await.is_ok(), "thousandths that end in nought");
}

#[tokio::test]
async fn a_refund_is_made_once_for_its_number_whatever_was_answered() {
    let world = world().await;
    let payment = world.paid_at_stripe().await;
    let refund = world.refund_of(&payment, &number(1), 700).await;
    assert_eq!(world.stripe().query_refund(&refund).await, Ok(None));
    let first = world.stripe().refund(&refund).await.unwrap();
    assert_eq!(first.state, RefundState::Accepted);
    assert_eq!(world.stripe().refund(&refund).await, Ok(first.clone()), "the same number is the same refund");

    // Done, and answered with an error that Stripe goes on repeating.
    let unclear = world.refund_of(&payment, &number(2), 615).await;
    assert!(matches!(world.stripe().refund(&unclear).await, Err(GatewayError::Unknown(_))));
    assert!(matches!(world.stripe().refund(&unclear).await, Err(GatewayError::Unknown(_))));
    world.pass(5).await;
    let found = world.stripe().query_refund(&unclear).await.unwrap().unwrap();
    assert_eq!(found.state, RefundState::Succeeded);

    for (number, minor) in [(number(3), 113), (number(4), 2_000)] {
        let refused = world.refund_of(&payment, &number, minor).await;
        assert!(matches!(world.stripe().refund(&refused).await, Err(GatewayError::Rejected(_))), "{minor}");
    }
    let known = RefundOrder { provider_refund_id: first.provider_refund_id, ..refund };
    assert_eq!(world.stripe().query_refund(&known).await.unwrap().unwrap().state, RefundState::Succeeded);
    let sent = "select coalesce(sum(amount_minor), 0)::bigint from sandbox.refunds where status <> $1";
    assert_eq!(world.count(sent, "failed").await, 700 + 615);
}

#[tokio::test]
async fn the_statement_has_each_payment_and_each_refund_with_our_names() {
    let world = world().await;
    let payment = world.paid_at_stripe().await;
    let refund = world.refund_of(&payment, &number(1), 700).await;
    let made = world.stripe().refund(&refund).await.unwrap();
    // More than one page of it.
    for _ in 0..21 {
        world.paid_at_stripe().await;
    }
    let lines = world.stripe().statement(world.clock.now().date()).await.unwrap();
    assert_eq!(lines.len(), 23);
    let ours: Vec<_> = lines.iter().filter(|line| line.transaction == refund.transaction).collect();
    let reference = Some(payment.merchant_ref.clone());
    assert!(ours.iter().all(|line| line.merchant_ref == reference), "{ours:?}");
    let back =
        StatementKind::Refund { merchant_refund_no: Some(number(1)), provider_refund_id: made.provider_refund_id };
    let told: Vec<_> = ours.iter().map(|line| (line.kind.clone(), line.amount.minor)).collect();
    assert!(told.contains(&(StatementKind::Payment, AMOUNT)) && told.contains(&(back, 700)), "{told:?}");
    assert_eq!(told.len(), 2);
    assert_eq!(world.stripe().statement(world.clock.now().date() - Duration::days(3)).await.unwrap(), []);
}

#[tokio::test]
async fn what_did_not_reach_us_can_be_fetched_and_the_clock_be_asked() {
    let world = world().await;
    let since = world.clock.now() - Duration::minutes(1);
    let (attempt, url) = world.started_at_stripe().await;
    world.press(&url, "pay").await;
    let missed = world.stripe().undelivered(since).await.unwrap();
    assert_eq!(missed.len(), 1);
    let notice = world.stripe().read(&missed[0]).unwrap();
    assert_eq!(notice.merchant_ref, Some(world.attempt(attempt).await.merchant_ref));
    assert!(matches!(notice.news, News::Paid(_)));
    world.sandbox.tick().await.unwrap();
    assert_eq!(world.stripe().undelivered(since).await.unwrap().len(), 0, "it was delivered meanwhile");
    assert_eq!(world.state(attempt).await, "succeeded");

    world.pass(3_600).await;
    let off = world.stripe().time().await.unwrap() - world.clock.now();
    assert!(off.abs() < Duration::seconds(5), "{off}");
}
