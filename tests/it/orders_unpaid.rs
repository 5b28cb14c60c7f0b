//! An order that is not paid, as its customer is told of it: while they may still pay, and as soon as their time is over.

use renewal_portal::ids::OrderId;
use renewal_portal::payments::gateway::*;
use time::Duration;

use crate::support::portal::TestPortal;
use crate::support::scripted::say;
use crate::support::shopper::Shopper;

const UNPAID: &str = "<h1>Not paid yet; nothing was charged</h1>";
const CHECKING: &str = "<h1>Checking your payment</h1>";

fn says(page: &str, words: &[&str]) {
    for wanted in words {
        assert!(page.contains(wanted), "{wanted} is not on {page}");
    }
}

/// The order's page, for who comes back from paying.
async fn back(reader: &mut Shopper, order: OrderId) -> String {
    reader.browser.get(&format!("/orders/{order}?from=payment")).await.body
}

#[tokio::test]
async fn who_leaves_the_payers_page_is_told_that_nothing_is_paid() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let page = mei.pay(order).await;
    says(&mei.browser.get(&format!("/orders/{order}")).await.body, &[CHECKING]);
    let finish = format!("class=\"btn wide\" href=\"/orders/{order}/pay\">Finish paying ¥42.00");
    let seen = back(&mut mei, order).await;
    says(&seen, &[UNPAID, &finish, "says that nothing is paid (asked at ", "data-live=\"/orders/"]);
    assert!(!seen.contains("pay again"), "{seen}");
    says(&mei.browser.get("/orders").await.body, &["To be paid"]);
    let pay = format!("href=\"/orders/{order}/pay\">Finish paying");
    says(&mei.browser.get("/account").await.body, &["Not paid yet; the last day of this line is still ", &pay]);
    portal.run("update lines set valid_until = valid_until - 7").await;
    says(&mei.browser.get("/account").await.body, &["Not paid yet; this line stops at midnight."]);
    portal.run("update lines set valid_until = valid_until + 7").await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn who_closes_the_payers_page_is_told_once_the_gateway_was_asked() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    mei.pay(order).await;
    portal.pass(Duration::seconds(16));
    portal.work().await;
    says(&mei.browser.get(&format!("/orders/{order}")).await.body, &[UNPAID]);
}

#[tokio::test]
async fn nothing_is_said_to_be_unpaid_that_its_gateway_is_not_sure_of() {
    let (portal, gateway) = TestPortal::and_scripted().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let page = Presentation::Redirect("https://bank.example/pay".into());
    say(&gateway.create, Ok(Created { provider_ref: Some("cs_1".into()), presentation: page }));
    mei.choose(order, "card").await;
    for (answer, title) in [
        (Ok(Standing::Open), UNPAID),
        (Err(GatewayError::Unknown("no answer".into())), CHECKING),
        (Ok(Standing::NotYetCreated), UNPAID),
        (Ok(Standing::Processing), CHECKING),
    ] {
        let told = format!("{answer:?}");
        say(&gateway.query, answer);
        let seen = back(&mut mei, order).await;
        assert!(seen.contains(title), "{told}: {seen}");
    }
}

/// Alipay tells of no decline: its trade goes on waiting for the payer, who may try again.
#[tokio::test]
async fn who_declines_at_alipay_is_told_and_may_try_again() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let signed = mei.choose(order, "alipay").await.location().to_owned();
    let path = signed.strip_prefix(&portal.url).unwrap();
    let page = mei.browser.get(path).await.location().to_owned();
    mei.press(&page, "decline").await;
    portal.work().await;
    says(&back(&mut mei, order).await, &[UNPAID, "Alipay says that nothing is paid", "Finish paying ¥42.00"]);
    assert_eq!(mei.choose(order, "alipay").await.location(), signed, "the same payment");
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn who_says_to_have_paid_and_has_not_is_told_so() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    mei.choose(order, "wechat").await;
    let code = mei.browser.get(&format!("/orders/{order}/pay/code")).await.body;
    says(&code, &[&format!("href=\"/orders/{order}?from=payment\">I have paid")]);
    says(&back(&mut mei, order).await, &[UNPAID, "WeChat Pay says that nothing is paid"]);
}

#[tokio::test]
async fn an_order_is_over_by_the_clock_on_every_page() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let overview = mei.browser.get("/account").await.body;
    says(&overview, &["Finish paying"]);
    portal.pass(Duration::minutes(40));
    assert_eq!(portal.status(order).await, "awaiting_payment", "no job has seen to it");
    let seen = mei.browser.get(&format!("/orders/{order}")).await.body;
    says(&seen, &["<h1>This order has expired</h1>", &format!("href=\"/lines/{line}/renew\">Renew again")]);
    assert!(!seen.contains("kept until") && !seen.contains(&format!("/orders/{order}/pay")), "{seen}");
    for page in ["pay", "pay/code", "cancel"] {
        let led = mei.browser.get(&format!("/orders/{order}/{page}")).await;
        assert_eq!((led.status.as_u16(), led.location()), (303, &*format!("/orders/{order}")), "{page}");
    }
    assert_eq!(mei.choose(order, "sandbox").await.location(), format!("/orders/{order}"));
    says(&mei.browser.get("/orders").await.body, &["Expired"]);
    let overview = mei.browser.get("/account").await.body;
    assert!(!overview.contains("Finish paying") && !overview.contains("See the open order"), "{overview}");
    says(&mei.browser.get(&format!("/lines/{line}")).await.body, &["Expired"]);
    let again = mei.place(line, "P60").await;
    assert_ne!(again, order, "what is over stands in nobody's way");
    assert_eq!(portal.status(order).await, "expired");
    portal.prove().await;
}

#[tokio::test]
async fn who_began_to_pay_for_what_is_over_may_order_again_at_once() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    mei.pay(order).await;
    portal.pass(Duration::minutes(40));
    let seen = mei.browser.get(&format!("/orders/{order}")).await.body;
    says(&seen, &["This order has expired", "data-live"]);
    let again = mei.place(line, "P30").await;
    assert_ne!(again, order);
    assert_eq!(portal.status(order).await, "expired", "{:?}", portal.events(order).await);
    let page = mei.pay(again).await;
    mei.press(&page, "pay").await;
    portal.until(again, "fulfilled").await;
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn nobody_orders_again_while_the_payment_before_is_not_closed() {
    let (portal, gateway) = TestPortal::and_scripted().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let page = Presentation::Redirect("https://bank.example/pay".into());
    say(&gateway.create, Ok(Created { provider_ref: Some("cs_1".into()), presentation: page }));
    mei.choose(order, "card").await;
    portal.pass(Duration::minutes(40));
    say(&gateway.close, Err(GatewayError::Unknown("no answer".into())));
    let review = mei.review(line, "P30").await;
    let refused = mei.send(&review).await;
    assert_eq!(refused.status, 422);
    says(&refused.body, &["is still being closed. Nothing was charged.", "Go to payment"]);
    say(&gateway.close, Ok(CloseAnswer::Closed));
    let placed = mei.send(&review).await;
    assert_eq!(placed.status, 303, "{}", placed.body);
    assert_eq!(portal.status(order).await, "expired");
}
