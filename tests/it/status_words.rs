//! What a customer reads of an order that did not go the usual way: the truth, with what happens next.

use renewal_portal::ids::OrderId;
use time::Duration;

use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;

async fn page(reader: &mut Shopper, order: OrderId) -> String {
    reader.browser.get(&format!("/orders/{order}")).await.body
}

async fn in_chinese(portal: &TestPortal) {
    portal.run("update accounts set language = 'zh-CN'").await;
}

/// The texts of all mails of a kind.
async fn mails(portal: &TestPortal, template: &str) -> Vec<String> {
    sqlx::query_scalar("select subject || ' ' || body_text from messages where template = $1")
        .bind(template)
        .fetch_all(&portal.db.pool)
        .await
        .unwrap()
}

fn says(page: &str, words: &[&str]) {
    for wanted in words {
        assert!(page.contains(wanted), "{wanted} is not on {page}");
    }
}

#[tokio::test]
async fn another_amount_than_due_is_told_with_both_amounts() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "wrong_amount").await;
    portal.until(order, "needs_attention").await;
    portal.settle().await;
    let seen = page(&mut mei, order).await;
    says(
        &seen,
        &["¥42.00 was due and ¥37.80 arrived", "Refunded ¥37.80", "Received ¥37.80, due was ¥42.00", "Renew again"],
    );
    says(&seen, &[&format!("href=\"/lines/{line}\""), "support@demo.example"]);
    assert!(!seen.contains("Refunded ¥42.00") && !seen.contains("clear result"), "{seen}");
    let listed = mei.browser.get("/orders").await.body;
    says(&listed, &["Other amount came, sent back"]);
    assert!(!listed.contains("Refunded"), "what was ordered is not what came back: {listed}");
    assert_eq!(mei.sees(order).await.0, "refunded");
    says(&mails(&portal, "refunded").await.join("\n"), &["¥37.80 refunded", "¥42.00 was due", "returned in full"]);
    assert!(mails(&portal, "attention").await.is_empty());
    in_chinese(&portal).await;
    let seen = page(&mut mei, order).await;
    says(&seen, &["到账金额不符，已退款", "应付 ¥42.00，实际到账 ¥37.80", "重新续费"]);
    says(&mei.browser.get("/orders").await.body, &["金额不符，已退回"]);
    mei.place(line, "P30").await;
    portal.prove().await;
}

#[tokio::test]
async fn another_date_than_promised_is_told_calmly_and_by_mail() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("106").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    portal.settle().await;
    let seen = page(&mut mei, order).await;
    says(
        &seen,
        &["Renewed, with another date than promised", "by the next working day", "mailto:support@demo.example"],
    );
    assert!(!seen.contains("is the one that was promised"), "{seen}");
    let told = mails(&portal, "deviation").await;
    assert_eq!(told.len(), 1, "{told:?}");
    says(&told[0], &["promised when you ordered", "support@demo.example"]);
    says(&mei.browser.get("/orders").await.body, &["Active, other date than promised"]);
    let receipt = mei.browser.get(&format!("/orders/{order}/receipt")).await.body;
    says(&receipt, &["Promised until", "the carrier gave", "Beijing time"]);
    portal.run("update cases set closed_at = opened_at").await;
    says(&page(&mut mei, order).await, &["looked into it and dealt with it"]);
    in_chinese(&portal).await;
    says(&page(&mut mei, order).await, &["已续费，有效期与承诺不同", "下单时承诺的是", "客服已核实处理完毕。"]);
    portal.prove().await;
}

#[tokio::test]
async fn a_refusal_says_why_and_where_the_money_is() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("103").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "refunded").await;
    portal.settle().await;
    let seen = page(&mut mei, order).await;
    says(
        &seen,
        &["returned to where you paid from", "can take 1 – 3 working days to show", "did not accept this renewal: "],
    );
    says(
        &seen,
        &["href=\"mailto:support@demo.example?subject=", ">Ask our support<", "confirmed the line before you paid"],
    );
    says(&seen, &["btn quiet wide", "our support: <a href=\"mailto:support@demo.example\""]);
    let told = mails(&portal, "refunded").await;
    assert_eq!(told.len(), 1, "{told:?}");
    says(&told[0], &["did not accept the renewal", "returned to where you paid from"]);
    in_chinese(&portal).await;
    says(&page(&mut mei, order).await, &["退回原付款账户，到账可能需要 1 – 3 个工作日", "没有接受这次续费："]);
    portal.prove().await;
}

#[tokio::test]
async fn a_refund_done_at_once_is_told_once() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("103").await;
    let order = mei.buy(line, "P30", "pay").await;
    for _ in 0..5 {
        portal.work().await;
        portal.pass(Duration::seconds(2));
    }
    assert_eq!(portal.status(order).await, "refunded", "{:?}", portal.events(order).await);
    portal.settle().await;
    assert_eq!(mails(&portal, "refund-started").await.len(), 0);
    assert_eq!(mails(&portal, "refunded").await.len(), 1);
}

#[tokio::test]
async fn a_renewed_line_is_not_spoken_of_as_if_it_were_still_to_come() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "S30").await;
    let gateway = mei.pay(order).await;
    let seen = page(&mut mei, order).await;
    says(&seen, &["<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"]);
    mei.press(&gateway, "pay").await;
    portal.until(order, "fulfilled").await;
    let seen = page(&mut mei, order).await;
    says(&seen, &["The carrier’s date is the one that was promised", "Plan S30", &format!("href=\"/lines/{line}\"")]);
    assert!(!seen.contains("is then compared") && !seen.contains("http-equiv"), "{seen}");
    let number: String = sqlx::query_scalar("select number from orders").fetch_one(&portal.db.pool).await.unwrap();
    says(&mei.browser.get("/orders").await.body, &[&number, &format!("href=\"/orders/{order}/receipt\"")]);
    portal.settle().await;
    says(&mails(&portal, "receipt").await.join("\n"), &["was valid until", "is now valid until"]);
    portal.pass(Duration::days(1));
    in_chinese(&portal).await;
    let seen = page(&mut mei, order).await;
    says(&seen, &["号卡有效期至", "运营商给出的有效期与承诺一致"]);
    assert!(!seen.contains("延至"), "{seen}");
    let time = seen.split("<time>").nth(1).and_then(|rest| rest.split("</time>").next()).unwrap();
    assert!(time.contains('日'), "another day's time has its date: {time}");
}

#[tokio::test]
async fn a_review_says_what_was_and_what_is_stored() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let review = format!("/lines/{line}/renew?plan=P30");
    says(&mei.browser.get(&review).await.body, &["<dt>Valid now</dt>"]);
    portal.run("update lines set valid_from = valid_from - 60, valid_until = valid_until - 60").await;
    portal.run("update plans set effect = 'max' where code = 'P30'").await;
    let seen = mei.browser.get(&review).await.body;
    says(&seen, &["<dt>Was valid</dt>", "¥42.00 credit"]);
    assert!(!seen.contains("Valid now"), "{seen}");
}

#[tokio::test]
async fn a_declined_payment_is_told_in_the_title() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "decline").await;
    portal.work().await;
    let title = "<h1>The payment did not go through; nothing was charged</h1>";
    says(&page(&mut mei, order).await, &[title, "Try again, pay ¥42.00"]);
    let pay = format!("/orders/{order}/pay");
    let seen = mei.browser.get(&pay).await.body;
    says(
        &seen,
        &[title, "Try again or choose another way.", "Beijing time", "Plan P30", &format!("href=\"/lines/{line}\"")],
    );
    in_chinese(&portal).await;
    says(&mei.browser.get(&pay).await.body, &["付款没有成功，没有扣款", "请再试一次，或换一种方式。", "北京时间"]);
}

#[tokio::test]
async fn who_comes_back_from_paying_a_closed_order_is_told_of_the_money() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    mei.pay(order).await;
    mei.cancel(order).await;
    portal.until(order, "cancelled").await;
    let back = format!("/orders/{order}?from=payment");
    says(&mei.browser.get(&back).await.body, &["Nothing has arrived so far", "all of it goes back to you"]);
    for sql in [
        "update payment_attempts set status = 'succeeded', provider_txn_id = 'T1', received_minor = amount_minor,
           received_currency = currency, succeeded_at = created_at, refund_reserved_minor = amount_minor",
        "insert into refunds (id, attempt_id, account_id, amount_minor, currency, merchant_refund_no, reason, status, reserved_minor, asked_at, created_at, succeeded_at)
         select gen_random_uuid(), id, account_id, amount_minor, currency, 'R1', 'late', 'succeeded', amount_minor, created_at, created_at, created_at from payment_attempts",
    ] {
        portal.run(sql).await;
    }
    let seen = mei.browser.get(&back).await.body;
    says(&seen, &["¥42.00 that arrived afterwards", "returned in full to where you paid from", "Refunded ¥42.00"]);
    in_chinese(&portal).await;
    says(&mei.browser.get(&back).await.body, &["已全额退回原付款账户"]);
}
