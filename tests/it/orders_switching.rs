//! Another way to pay, in one tab or two: nothing is paid twice for good, and nobody is told what is not known.

use std::sync::Arc;

use renewal_portal::ids::OrderId;
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::gateway::*;
use time::Duration;

use crate::support::portal::TestPortal;
use crate::support::scripted::{Scripted, answer, say};
use crate::support::shopper::Shopper;

struct Scene {
    portal: TestPortal,
    gateway: Arc<Scripted>,
    mei: Shopper,
    order: OrderId,
}

/// Ordered, and begun to pay by card.
async fn begun() -> Scene {
    let (portal, gateway) = TestPortal::and_scripted().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let page = Presentation::Redirect("https://bank.example/pay".into());
    say(&gateway.create, Ok(Created { provider_ref: Some("cs_1".into()), presentation: page }));
    let sent = mei.choose(order, "card").await;
    assert_eq!((sent.status.as_u16(), sent.location()), (303, "https://bank.example/pay"), "{}", sent.body);
    Scene { portal, gateway, mei, order }
}

fn money(transaction: &str) -> MoneyIn {
    let at = time::OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
    MoneyIn { transaction: transaction.into(), received: Money::new(4_200, Currency::Cny), at }
}

impl Scene {
    async fn card_reference(&self) -> Option<String> {
        sqlx::query_scalar("select merchant_ref from payment_attempts where order_id = $1 and method = 'card'")
            .bind(self.order)
            .fetch_one(&self.portal.db.pool)
            .await
            .unwrap()
    }

    /// The bank says that the card was charged.
    async fn card_is_charged(&self) {
        let reference = self.card_reference().await;
        assert_eq!(self.portal.scripted("evt_card", reference, News::Paid(money("pi_1"))).await, 200);
    }

    async fn goes_back(&mut self, reason: &str) {
        say(&self.gateway.refund, Ok(answer(RefundState::Succeeded)));
        self.portal.settle().await;
        let back: Vec<(String, String)> =
            sqlx::query_as("select reason, status from refunds").fetch_all(&self.portal.db.pool).await.unwrap();
        assert_eq!(back, [(reason.to_owned(), "succeeded".to_owned())]);
    }
}

#[tokio::test]
async fn another_way_closes_the_first() {
    let Scene { portal, gateway, mut mei, order } = begun().await;
    let page = mei.browser.get(&format!("/orders/{order}/pay")).await.body;
    assert!(page.contains("You began to pay with Bank card."), "{page}");
    say(&gateway.close, Ok(CloseAnswer::Closed));
    let page = mei.pay(order).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(portal.count("select count(*) from payment_attempts where status = 'closed'").await, 1);
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn coming_back_to_the_same_way_leads_to_the_same_payment() {
    let Scene { mut mei, order, .. } = begun().await;
    let again = mei.choose(order, "card").await;
    assert_eq!(again.location(), "https://bank.example/pay");
}

#[tokio::test]
async fn what_cannot_be_stopped_and_is_paid_after_the_other_goes_back() {
    let mut scene = begun().await;
    say(&scene.gateway.close, Ok(CloseAnswer::NotYetCreated));
    let page = scene.mei.pay(scene.order).await;
    scene.mei.press(&page, "pay").await;
    scene.portal.until(scene.order, "fulfilled").await;
    scene.card_is_charged().await;
    scene.goes_back("surplus").await;
    assert_eq!(scene.portal.status(scene.order).await, "fulfilled");
    scene.portal.prove().await;
}

#[tokio::test]
async fn what_cannot_be_stopped_and_is_paid_before_the_other_counts() {
    let scene = begun().await;
    let Scene { portal, gateway, mut mei, order } = scene;
    say(&gateway.close, Ok(CloseAnswer::NotYetCreated));
    let page = mei.pay(order).await;
    let scene = Scene { portal, gateway, mei, order };
    scene.card_is_charged().await;
    scene.portal.work().await;
    assert_ne!(scene.portal.status(order).await, "awaiting_payment", "the money that came first pays");
    let Scene { portal, mut mei, .. } = scene;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    let surplus = "select count(*) from refunds r join payment_attempts a on a.id = r.attempt_id where a.gateway = 'sandbox' and r.reason = 'surplus' and r.status = 'succeeded'";
    assert_eq!(portal.count(surplus).await, 1);
    portal.prove().await;
}

#[tokio::test]
async fn a_close_without_an_answer_opens_no_second_payment_and_says_so() {
    let Scene { portal, gateway, mut mei, order } = begun().await;
    say(&gateway.close, Err(GatewayError::Unknown("no answer".into())));
    let told = mei.choose(order, "sandbox").await;
    assert_eq!(told.status, 422);
    assert!(told.body.contains("We could not make sure that your payment with Bank card is closed"), "{}", told.body);
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 1);
    say(&gateway.close, Ok(CloseAnswer::Closed));
    let page = mei.pay(order).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn who_has_paid_already_is_led_to_the_order() {
    let Scene { portal, gateway, mut mei, order } = begun().await;
    say(&gateway.close, Ok(CloseAnswer::AlreadyPaid));
    say(&gateway.query, Ok(Standing::Paid(money("pi_1"))));
    let sent = mei.choose(order, "sandbox").await;
    assert_eq!(sent.location(), format!("/orders/{order}"));
    portal.until(order, "fulfilled").await;
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 1);
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn two_tabs_with_two_ways_leave_one_open() {
    let Scene { portal, gateway, mei, order } = begun().await;
    for _ in 0..2 {
        say(&gateway.close, Ok(CloseAnswer::Closed));
    }
    let (mut one, mut two) = (mei.clone(), mei);
    let (first, second) = tokio::join!(one.choose(order, "sandbox"), two.choose(order, "sandbox"));
    assert_eq!(first.location(), second.location(), "{} {}", first.body, second.body);
    let open = "select count(*) from payment_attempts where status in ('creating', 'pending', 'unknown', 'closing')";
    assert_eq!(portal.count(open).await, 1);
    let page = first.location().to_owned();
    one.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn cancelling_does_not_wait_for_what_cannot_be_stopped() {
    let mut scene = begun().await;
    say(&scene.gateway.close, Ok(CloseAnswer::NotYetCreated));
    scene.mei.cancel(scene.order).await;
    scene.portal.work().await;
    assert_eq!(scene.portal.status(scene.order).await, "cancelled");
    scene.portal.run("update plans set withdrawn_at = now() where code = 'P30'").await;
    scene.card_is_charged().await;
    scene.goes_back("late").await;
    scene.portal.prove().await;
}

/// The gateway has told of the money, and nobody has decided about it yet when the customer cancels.
#[tokio::test]
async fn money_that_is_here_is_not_cancelled_away() {
    let Scene { portal, mut mei, order, .. } = begun().await;
    let reference: String =
        sqlx::query_scalar("select merchant_ref from payment_attempts").fetch_one(&portal.db.pool).await.unwrap();
    assert_eq!(portal.scripted("e1", Some(reference), News::Paid(money("t1"))).await, 200);
    mei.cancel(order).await;
    assert_eq!(portal.status(order).await, "awaiting_payment");
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn who_cancelled_cannot_begin_to_pay_meanwhile() {
    let Scene { portal, gateway, mut mei, order } = begun().await;
    say(&gateway.close, Err(GatewayError::Unknown("no answer".into())));
    mei.cancel(order).await;
    assert_eq!(mei.choose(order, "sandbox").await.location(), format!("/orders/{order}"));
    let told = mei.browser.get(&format!("/orders/{order}")).await.body;
    assert!(told.contains("<h1>Being cancelled</h1>"), "{told}");
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 1);
}

#[tokio::test]
async fn after_its_time_an_order_takes_no_new_payment() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    portal.pass(Duration::minutes(40));
    assert_eq!(mei.choose(order, "sandbox").await.location(), format!("/orders/{order}"));
    assert_eq!(portal.count("select count(*) from payment_attempts").await, 0);
    portal.until(order, "expired").await;
    portal.prove().await;
}

#[tokio::test]
async fn a_refund_at_the_gateway_and_a_dispute_are_cases_and_take_no_service_away() {
    let Scene { portal, gateway: _, mut mei, order } = begun().await;
    let scene_reference: Option<String> =
        sqlx::query_scalar("select merchant_ref from payment_attempts").fetch_one(&portal.db.pool).await.unwrap();
    assert_eq!(portal.scripted("evt_1", scene_reference, News::Paid(money("pi_1"))).await, 200);
    portal.until(order, "fulfilled").await;
    let amount = Money::new(1_000, Currency::Cny);
    let elsewhere = News::RefundElsewhere {
        transaction: "pi_1".into(),
        provider_refund_id: "re_9".into(),
        amount,
        state: RefundState::Succeeded,
    };
    assert_eq!(portal.scripted("evt_2", None, elsewhere).await, 200);
    let disputed = News::Disputed { transaction: "pi_1".into(), detail: "fraudulent".into() };
    assert_eq!(portal.scripted("evt_3", None, disputed).await, 200);
    portal.settle().await;
    assert_eq!(portal.cases().await, ["disputed", "external_refund"]);
    assert_eq!(portal.status(order).await, "fulfilled");
    assert_eq!(mei.sees(order).await, ("paid".into(), "active".into()));
    assert_eq!(portal.count("select count(*) from refunds").await, 1, "a dispute sends nothing back");
    portal.prove().await;
}
