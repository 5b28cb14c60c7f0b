//! Connections to the database are few: nobody keeps one who waits for something else.

use std::time::Duration;

use renewal_portal::ids::LineId;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::portal::TestPortal;
use crate::support::shopper::{Shopper, form};

/// Takes what connections the portal has, but for one; its listener keeps its own.
async fn one_left(portal: &TestPortal) -> Vec<PoolConnection<Postgres>> {
    let mut taken = vec![];
    while let Ok(conn) = timeout(Duration::from_millis(500), portal.app.pool.acquire()).await {
        taken.push(conn.unwrap());
    }
    taken.pop();
    taken
}

/// A form whose second half is not sent yet.
struct Stalled {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Stalled {
    async fn at(portal: &TestPortal, shopper: &Shopper, path: &str, fields: &[(&str, &str)]) -> Self {
        let browser = &shopper.browser;
        let body = form(&[&[("csrf", &*browser.token)], fields].concat());
        let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: portal.example\r\nconnection: close\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            cookies.join("; "),
            body.len()
        );
        let (sent, rest) = body.as_bytes().split_at(body.len() / 2);
        let mut stream = TcpStream::connect(portal.url.trim_start_matches("http://")).await.unwrap();
        stream.write_all(&[head.as_bytes(), sent].concat()).await.unwrap();
        Self { stream, rest: rest.to_vec() }
    }

    /// Sends the rest and reads the answer.
    async fn finish(mut self) -> String {
        self.stream.write_all(&self.rest).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

/// More than one, so that some come surely after the slow sender's session was read.
async fn is_served(mei: &mut Shopper, line: LineId) {
    for _ in 0..4 {
        for path in ["/account".to_owned(), format!("/lines/{line}/renew"), "/orders".to_owned()] {
            let page = mei.browser.get(&path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn an_order_that_is_sent_slowly_keeps_no_connection() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let review = mei.review(line, "P30").await;
    let taken = one_left(&portal).await;
    let fields = [("plan", "P30"), ("attempt", &*review.attempt), ("price", &*review.price)];
    let slow = Stalled::at(&portal, &mei, &format!("/lines/{line}/renewals"), &fields).await;
    is_served(&mut mei, line).await;
    assert!(slow.finish().await.starts_with("HTTP/1.1 303"));
    assert_eq!(portal.count("select count(*) from orders").await, 1);
    drop(taken);
}

#[tokio::test]
async fn any_form_that_is_sent_slowly_keeps_no_connection() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.place(line, "P30").await;
    mei.browser.get(&format!("/orders/{order}")).await;
    let taken = one_left(&portal).await;
    let slow = Stalled::at(&portal, &mei, &format!("/orders/{order}/cancel"), &[("sure", "yes")]).await;
    let other = portal.line(mei.account, "100").await;
    is_served(&mut mei, other).await;
    assert!(slow.finish().await.starts_with("HTTP/1.1 303"));
    assert_eq!(portal.status(order).await, "cancelled");
    drop(taken);
}

#[tokio::test]
async fn every_page_of_a_customer_needs_one_connection_at_a_time() {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    let done = mei.buy(line, "P30", "pay").await;
    portal.until(done, "fulfilled").await;
    let other = portal.line(mei.account, "100").await;
    let _taken = one_left(&portal).await;
    let open = mei.place(other, "P30").await;
    mei.pay(open).await;
    for path in [
        "/account".to_owned(),
        "/orders".to_owned(),
        "/balance".to_owned(),
        format!("/lines/{line}"),
        format!("/lines/{line}/renew"),
        format!("/lines/{line}/renew?plan=P30"),
        format!("/orders/{open}"),
        format!("/orders/{open}/pay"),
        format!("/orders/{done}"),
        format!("/orders/{done}/receipt"),
        format!("/orders/{done}/receipt.pdf"),
    ] {
        let page = mei.browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
    }
}
