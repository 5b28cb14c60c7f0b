//! The main job, from the plans to the receipt.

use std::time::Duration as StdDuration;

use base64::Engine;
use renewal_portal::calendar::add_days;
use renewal_portal::mail::Mailer;
use time::Duration;

use crate::support::portal::{TestPortal, as_read};
use crate::support::smtp::MailServer;

fn pair(payment: &str, provisioning: &str) -> (String, String) {
    (payment.into(), provisioning.into())
}

#[tokio::test]
async fn a_line_is_renewed_and_each_step_is_shown() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("321").await;
    let before = portal.until_of(line).await;

    let order = mei.place(line, "P30").await;
    assert_eq!(mei.sees(order).await, pair("none", "waiting"));
    let page = mei.pay(order).await;
    assert_eq!(mei.sees(order).await, pair("pending", "waiting"));
    mei.press(&page, "pay").await;
    portal.work().await;
    assert_eq!(mei.sees(order).await, pair("paid", "activating"));
    assert_eq!(portal.until_of(line).await, before, "only the carrier's word moves the line");
    portal.until(order, "fulfilled").await;
    assert_eq!(mei.sees(order).await, pair("paid", "active"));
    assert_eq!(portal.until_of(line).await, add_days(before, 30).unwrap());
    assert_eq!(portal.events(order).await, ["placed", "settled", "provisioned"]);
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn the_receipt_is_a_page_a_pdf_and_a_mail() {
    let mails = MailServer::start().await;
    let mailer = Mailer::smtp(&mails.url, "Renewals <noreply@portal.example>").unwrap();
    let portal = TestPortal::mailing(mailer).await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    assert_eq!(mei.browser.get(&format!("/orders/{order}/receipt")).await.status, 404, "nothing is bought yet");
    let page = mei.pay(order).await;
    mei.press(&page, "pay").await;
    portal.until(order, "fulfilled").await;

    let until = as_read(portal.until_of(line).await);
    let receipt = mei.browser.get(&format!("/orders/{order}/receipt")).await;
    assert_eq!(receipt.status, 200);
    assert!(receipt.body.contains("42.00"), "{}", receipt.body);
    assert!(receipt.body.contains(&until), "{until} is not on {}", receipt.body);
    let pdf = mei.browser.get(&format!("/orders/{order}/receipt.pdf")).await;
    assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    assert!(pdf.header("content-disposition").starts_with("attachment; filename=\"receipt-"));
    assert!(pdf.body.starts_with("%PDF"));

    portal.work().await;
    let sent = mails.mails();
    assert_eq!(sent.len(), 1, "{sent:?}");
    let mail = &sent[0];
    assert!(mail.contains("To: mei@post.example") && mail.contains("Message-ID: <"), "{mail}");
    assert!(mail.contains("filename=\"receipt-"), "{mail}");
    assert!(attachment(mail).starts_with(b"%PDF"));
    portal.prove().await;
}

fn attachment(mail: &str) -> Vec<u8> {
    let part = mail.split("Content-Type: application/pdf").nth(1).expect("a PDF");
    let body = part.split_once("\n\n").expect("a body").1;
    let lines = body.lines().take_while(|line| !line.starts_with("--"));
    base64::engine::general_purpose::STANDARD.decode(lines.collect::<String>()).expect("base64")
}

#[tokio::test]
async fn a_page_that_listens_hears_of_the_change() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    let page = mei.pay(order).await;

    let cookies: Vec<_> = mei.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let events = format!("{}/orders/{order}/events", portal.url);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut stream = http.get(events).header("cookie", cookies.join("; ")).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");

    mei.press(&page, "pay").await;
    portal.work().await;
    let heard = async {
        let mut heard = String::new();
        while let Some(bytes) = stream.chunk().await.unwrap() {
            heard.push_str(&String::from_utf8_lossy(&bytes));
            if heard.contains("event: changed") {
                return;
            }
        }
        panic!("the stream ended: {heard}");
    };
    tokio::time::timeout(StdDuration::from_secs(10), heard).await.expect("news within ten seconds");
    portal.until(order, "fulfilled").await;
    portal.prove().await;
}

#[tokio::test]
async fn a_queued_plan_starts_when_the_term_before_it_has_ended() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let before = portal.until_of(line).await;
    let order = mei.buy(line, "Q30", "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(portal.until_of(line).await, add_days(before, 30).unwrap());
    let plan = "select count(*) from lines where plan = 'Q30' and data_left_bytes = 10000000000";
    assert_eq!(portal.count(plan).await, 0, "the plan before still runs");

    portal.pass(Duration::days(7));
    portal.work().await;
    assert_eq!(portal.count(plan).await, 0, "its last day is not over");
    portal.pass(Duration::days(1));
    portal.work().await;
    assert_eq!(portal.count(plan).await, 1, "{:?}", portal.events(order).await);
    portal.prove().await;
}
