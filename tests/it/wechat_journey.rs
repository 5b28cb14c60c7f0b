//! Paying with WeChat Pay, from choosing it to an active line.

use crate::support::portal::TestPortal;
use crate::support::shopper::between;
use crate::support::wechat::PHONE;
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::gateway::{StatementKind, StatementLine};
use renewal_portal::payments::{RefundReason, refund};
use time::Duration;

#[tokio::test]
async fn on_a_desktop_the_code_is_scanned_and_the_page_leads_on_by_itself() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let code_path = mei.pay_by_wechat(order).await;
    assert_eq!(code_path, format!("/orders/{order}/pay/code"));

    let page = mei.browser.get(&code_path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for part in [r#"<svg xmlns="http://www.w3.org/2000/svg" class="qr""#, "¥42.00", "minutes left", "I have paid"] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(page.body.contains(&format!(r#"data-live="/orders/{order}/events""#)));
    assert!(page.body.contains(&format!(r#"href="/orders/{order}/pay""#)), "another method can be chosen");

    let payer = between(&page.body, r#"<a class="btn wide" href=""#, "\"");
    let payer = payer.split_once("/sandbox").map(|(_, rest)| format!("/sandbox{rest}")).unwrap();
    let answer = mei.browser.post_as_is(&payer, &[("outcome", "pay")]).await;
    assert_eq!(answer.status, 303);
    assert!(answer.location().contains("/sandbox/pay/"), "who scanned a code stays with their phone");
    portal.until(order, "fulfilled").await;
    assert_eq!(mei.sees(order).await, ("paid".into(), "active".into()));
    assert_eq!(mei.browser.get(&code_path).await.location(), format!("/orders/{order}"));
}

#[tokio::test]
async fn a_phone_is_led_into_the_app_and_back() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    mei.browser.headers.push(("user-agent", PHONE.to_owned()));
    let order = mei.place(line, "P30").await;
    let page = mei.browser.get(&format!("/orders/{order}/pay")).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://") && policy.contains("https://wx.tenpay.com"), "{policy}");
    assert_eq!(page.header("referrer-policy"), "origin", "the app takes a payer only from a site that says its name");
    let link = mei.pay_by_wechat(order).await;
    assert!(link.contains("/sandbox/pay/") && link.contains("&redirect_url=http%3A%2F%2F"), "{link}");
    mei.press(&link, "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(mei.sees(order).await, ("paid".into(), "active".into()));
}

#[tokio::test]
async fn a_link_or_code_that_aged_is_fetched_again_and_is_the_same_payment() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    mei.browser.headers.push(("user-agent", PHONE.to_owned()));
    let order = mei.place(line, "P30").await;
    let first = mei.pay_by_wechat(order).await;
    assert_eq!(mei.pay_by_wechat(order).await, first);
    portal.pass(Duration::minutes(5));
    let second = mei.pay_by_wechat(order).await;
    assert_ne!(second, first);
    assert_eq!(second.split('?').next(), first.split('?').next(), "the same payment there");
    let attempts: i64 =
        sqlx::query_scalar("select count(*) from payment_attempts").fetch_one(&portal.db.pool).await.unwrap();
    assert_eq!(attempts, 1);
}

#[tokio::test]
async fn a_phone_that_shows_the_code_is_told_how_to_use_it() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let code = mei.pay_by_wechat(order).await;
    assert!(!mei.browser.get(&code).await.body.contains("Take a screenshot"));
    mei.browser.headers.push(("user-agent", PHONE.to_owned()));
    assert!(mei.browser.get(&code).await.body.contains("Take a screenshot"));
}

#[tokio::test]
async fn an_order_that_is_cancelled_is_closed_there_as_well() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let code = mei.pay_by_wechat(order).await;
    let page = mei.browser.get(&code).await;
    let payer = between(&page.body, r#"<a class="btn wide" href=""#, "\"");
    let payer = payer.split_once("/sandbox").map(|(_, rest)| format!("/sandbox{rest}")).unwrap();
    mei.cancel(order).await;
    portal.until(order, "cancelled").await;
    let page = mei.browser.get(&payer).await;
    assert!(!page.body.contains("outcome"), "nothing can be chosen any more");
    assert_eq!(mei.browser.get(&code).await.location(), format!("/orders/{order}"));
}

#[tokio::test]
async fn without_an_open_payment_the_code_page_leads_to_where_one_is_begun() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let answer = mei.browser.get(&format!("/orders/{order}/pay/code")).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, &*format!("/orders/{order}/pay")));
    let mut other = portal.customer("other@post.example").await;
    assert_eq!(other.browser.get(&format!("/orders/{order}/pay/code")).await.status, 404);
}

#[tokio::test]
async fn money_that_came_late_or_untold_is_found_by_asking() {
    for outcome in ["never", "late", "timeout", "twice"] {
        let portal = TestPortal::start().await;
        let (mut mei, line) = portal.mei_with("100").await;
        mei.browser.headers.push(("user-agent", PHONE.to_owned()));
        let order = mei.place(line, "P30").await;
        let link = mei.pay_by_wechat(order).await;
        mei.press(&link, outcome).await;
        portal.until(order, "fulfilled").await;
    }
}

#[tokio::test]
async fn a_refund_ends_as_wechat_pay_says_and_all_of_it_stands_in_the_statement() {
    for (plan, ends) in [("P30", "succeeded"), ("R14", "failed"), ("R15", "succeeded"), ("R13", "failed")] {
        let portal = TestPortal::start().await;
        let (mut mei, line) = portal.mei_with("100").await;
        let order = mei.place(line, plan).await;
        mei.browser.headers.push(("user-agent", PHONE.to_owned()));
        let link = mei.pay_by_wechat(order).await;
        mei.press(&link, "pay").await;
        portal.until(order, "fulfilled").await;
        let (reference, amount) = portal.payment_of(order).await;
        let number = give_back(&portal, &reference, amount).await;
        refunded(&portal, &number, ends).await;

        let gateway = portal.app.gateways.named("wechat").unwrap();
        let today = renewal_portal::calendar::today(portal.clock.now(), &"Asia/Shanghai".parse_zone());
        let lines = gateway.statement(today).await.unwrap();
        let amount = Money::new(amount, Currency::Cny);
        assert!(
            lines.iter().any(|line| line.kind == StatementKind::Payment && of(line, &reference, amount)),
            "{lines:?}"
        );
        let back = lines.iter().filter(|line| matches!(&line.kind, StatementKind::Refund { merchant_refund_no, .. } if merchant_refund_no.as_deref() == Some(&number)));
        assert_eq!(back.filter(|line| of(line, &reference, amount)).count(), usize::from(ends == "succeeded"));
        assert_eq!(gateway.statement(today - Duration::days(2)).await.unwrap(), vec![]);
    }
}

fn of(line: &StatementLine, reference: &str, amount: Money) -> bool {
    line.merchant_ref.as_deref() == Some(reference) && line.amount == amount
}

trait ParseZone {
    fn parse_zone(&self) -> renewal_portal::calendar::Zone;
}

impl ParseZone for str {
    fn parse_zone(&self) -> renewal_portal::calendar::Zone {
        renewal_portal::calendar::Zone::parse(self).unwrap()
    }
}

async fn give_back(portal: &TestPortal, reference: &str, amount: i64) -> String {
    let mut tx = portal.db.pool.begin().await.unwrap();
    let attempt = sqlx::query_scalar("select id from payment_attempts where merchant_ref = $1")
        .bind(reference)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    let amount = Money::new(amount, Currency::Cny);
    let id = refund::request(&mut tx, attempt, amount, RefundReason::Operator, portal.clock.now()).await.unwrap();
    let number = sqlx::query_scalar("select merchant_refund_no from refunds where id = $1")
        .bind(id)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    number
}

async fn refunded(portal: &TestPortal, number: &str, ends: &str) {
    let mut status = String::new();
    for _ in 0..20 {
        portal.work().await;
        status = sqlx::query_scalar("select status from refunds where merchant_refund_no = $1")
            .bind(number)
            .fetch_one(&portal.db.pool)
            .await
            .unwrap();
        if status == ends {
            return;
        }
        portal.pass(Duration::seconds(3));
    }
    panic!("the refund is {status} instead of {ends}");
}
