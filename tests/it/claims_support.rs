//! Lines in stock, and customers who add them.

use renewal_portal::ids::LineId;

use crate::support::digits_in;
use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;
use crate::support::visitor::Answer;

pub const ICCID: &str = "89860012345678901238";
pub const NUMBER: &str = "+8613800138300";
pub const CODE: &str = "LPA:1$smdp.example.com$K7Q2-9XWM";

#[derive(Clone, Copy)]
pub struct Stock {
    pub iccid: &'static str,
    pub number: Option<&'static str>,
    pub code: Option<&'static str>,
    pub carrier_line_id: Option<&'static str>,
}

pub const CARD: Stock = Stock { iccid: ICCID, number: Some(NUMBER), code: None, carrier_line_id: None };
pub const ESIM: Stock = Stock { iccid: "8986001234567890120", number: None, code: Some(CODE), carrier_line_id: None };

pub async fn put(portal: &TestPortal, stock: Stock) -> LineId {
    let id = LineId::new();
    sqlx::query(
        "insert into stock_lines (id, kind, carrier, iccid, msisdn, activation_code, carrier_line_id, plan, valid_from, valid_until,
           anchor_day, data_total_bytes, data_left_bytes, imported_at)
         values ($1, 'esim', 'cucc', $2, $3, $4, $5, 'P30', current_date - 5, current_date + 25, 1, 1000, 1000, now())",
    )
    .bind(id)
    .bind(stock.iccid)
    .bind(stock.number)
    .bind(stock.code)
    .bind(stock.carrier_line_id)
    .execute(&portal.db.pool)
    .await
    .unwrap();
    id
}

pub async fn type_in(shopper: &mut Shopper, named: &str) -> Answer {
    shopper.browser.get("/lines/add").await;
    shopper.browser.post("/lines/add", &[("named", named)]).await
}

/// To the page that wants the code.
pub async fn ask(shopper: &mut Shopper, named: &str) -> String {
    let answer = type_in(shopper, named).await;
    assert_eq!(answer.status, 303, "{named}: {}", answer.body);
    assert!(answer.location().starts_with("/claims/"), "{named}: {}", answer.location());
    answer.location().to_owned()
}

/// Everything due is done, and the newest text is read: its receiver and its code.
pub async fn newest_text(portal: &TestPortal) -> Option<(String, String)> {
    portal.work().await;
    let text: Option<(String, String)> = sqlx::query_as(
        "select recipient, body_text from messages where channel = 'sms' order by created_at desc, id desc limit 1",
    )
    .fetch_optional(&portal.db.pool)
    .await
    .unwrap();
    text.map(|(to, text)| (to, digits_in(&text, 6)))
}

pub async fn code_to(portal: &TestPortal, number: &str) -> String {
    let (to, code) = newest_text(portal).await.expect("a text");
    assert_eq!(to, number);
    code
}

/// Six digits, and not these.
pub fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

pub async fn send(shopper: &mut Shopper, claim: &str, code: &str) -> Answer {
    shopper.browser.post(claim, &[("code", code)]).await
}

/// Follows the claim to its line.
pub async fn added(shopper: &mut Shopper, claim: &str) -> LineId {
    let answer = shopper.browser.get(claim).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (path, note) = answer.location().split_once('?').expect("a note");
    assert_eq!(note, "note=line-added");
    path.trim_start_matches("/lines/").parse().expect("a line")
}

pub async fn holder(portal: &TestPortal, line: LineId) -> Option<String> {
    sqlx::query_scalar(
        "select a.email from lines l join accounts a on a.id = l.account_id where l.id = $1 and l.ended_at is null",
    )
    .bind(line)
    .fetch_optional(&portal.db.pool)
    .await
    .unwrap()
}

/// The kinds of what waits for a person.
pub async fn requests(portal: &TestPortal) -> Vec<String> {
    sqlx::query_scalar("select kind from line_requests where closed_at is null order by opened_at")
        .fetch_all(&portal.db.pool)
        .await
        .unwrap()
}

pub async fn forget_tries(portal: &TestPortal) {
    portal.run("delete from rate_limits").await;
}
