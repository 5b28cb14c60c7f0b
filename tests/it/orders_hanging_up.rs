//! A client that hangs up in the middle of any request of the order's journey: what was begun is finished, and no
//! transaction stays open behind it.

use std::time::Duration as StdDuration;

use renewal_portal::mail::Mailer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::support::db::fresh_db;
use crate::support::portal::TestPortal;
use crate::support::shopper::{Shopper, form, placed};
use crate::support::tcp_proxy::SlowLine;

/// One way to the database and back takes twice as long, so that a request can be left at each of its statements.
const DELAY: StdDuration = StdDuration::from_millis(8);
const LEAVES_AFTER: [u64; 7] = [5, 30, 60, 90, 130, 180, 260];

#[tokio::test]
async fn nothing_is_left_half_done_when_the_client_hangs_up() {
    let db = fresh_db().await;
    let line = SlowLine::to(&db.url, DELAY, b"").await;
    let portal = TestPortal::on(db, &line.url, Mailer::Mailbox).await;
    let mut mei = portal.mei().await;
    for millis in LEAVES_AFTER {
        let line = portal.line(mei.account, "100").await;
        let review = mei.review(line, "P30").await;
        let fields = [("plan", "P30"), ("attempt", &*review.attempt), ("price", &*review.price)];
        hang_up(&portal, &mei, &format!("/lines/{line}/renewals"), &fields, millis).await;
        // Whether or not it came through, the customer presses again: it is the same order.
        let order = placed(&mei.send(&review).await);

        hang_up(&portal, &mei, &format!("/orders/{order}/pay"), &[("method", "sandbox")], millis).await;
        mei.pay(order).await;

        hang_up(&portal, &mei, &format!("/orders/{order}/cancel"), &[], millis).await;
        mei.cancel(order).await;
        no_transaction_waits(&portal).await;
    }
    portal.settle().await;
    let all = i64::try_from(LEAVES_AFTER.len()).unwrap();
    assert_eq!(portal.count("select count(*) from orders where status = 'cancelled'").await, all);
    assert_eq!(portal.count("select count(*) from orders").await, all);
    assert_eq!(portal.count("select count(*) from payment_attempts").await, all);
    portal.prove().await;
}

/// Sends the whole request and is gone before its answer.
async fn hang_up(portal: &TestPortal, shopper: &Shopper, path: &str, fields: &[(&str, &str)], millis: u64) {
    let browser = &shopper.browser;
    let body = form(&[&[("csrf", &*browser.token)], fields].concat());
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: portal.example\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        cookies.join("; "),
        body.len()
    );
    let mut stream = TcpStream::connect(portal.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    sleep(StdDuration::from_millis(millis)).await;
}

/// What is under way may have a transaction open for a moment; what was forgotten has it open until Postgres ends it.
async fn no_transaction_waits(portal: &TestPortal) {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
    let deadline = Instant::now() + StdDuration::from_secs(4);
    sleep(DELAY * 30).await;
    while portal.count(waiting).await > 0 {
        assert!(Instant::now() < deadline, "a transaction was left open");
        sleep(DELAY).await;
    }
}
