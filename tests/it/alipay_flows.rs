//! Alipay through the rehearsed Alipay, over real HTTP: paying, asking, closing, giving back and the day's statement.

use crate::support::payments::{AMOUNT, World, world};
use crate::support::portal::TestPortal;
use renewal_portal::demo::alipay as demo;
use renewal_portal::http_client::Http;
use renewal_portal::ids::AttemptId;
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::alipay::{AlipayGateway, Merchant};
use renewal_portal::payments::gateway::{CloseAnswer, GatewayError, Payment, Standing, StatementKind};
use renewal_portal::payments::model::RefundReason;
use renewal_portal::payments::rsa::{PrivateKey, PublicKey};
use renewal_portal::payments::{Gateway, Presentation, refund};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148";

impl World {
    fn alipay(&self) -> &Arc<dyn Gateway> {
        self.gateways.named("alipay").unwrap()
    }

    /// An attempt made ready, and the address of its page.
    async fn alipay_started(&self) -> (AttemptId, String) {
        let attempt = self.open_at("alipay", self.order().await).await;
        let Presentation::Redirect(url) = self.start(attempt).await else { panic!("a page to go to") };
        (attempt, url)
    }

    /// The payer opens the page, which is when the trade begins.
    async fn alipay_opened(&self) -> (AttemptId, String) {
        let (attempt, url) = self.alipay_started().await;
        let page = self.http.get(url).send().await.unwrap();
        assert_eq!(page.status(), 303, "{}", page.text().await.unwrap());
        (attempt, page.headers()["location"].to_str().unwrap().to_owned())
    }

    async fn alipay_paid(&self) -> AttemptId {
        let (attempt, page) = self.alipay_opened().await;
        self.press(&page, "pay").await;
        assert_eq!(self.sandbox.tick().await.unwrap(), 1);
        assert_eq!(self.state(attempt).await, "succeeded");
        attempt
    }

    async fn asked(&self, attempt: AttemptId) -> Payment {
        Payment::of(&self.attempt(attempt).await)
    }

    async fn give_back(&self, attempt: AttemptId, minor: i64) -> String {
        let mut tx = self.db.pool.begin().await.unwrap();
        let amount = Money::new(minor, Currency::Cny);
        let id = refund::request(&mut tx, attempt, amount, RefundReason::Operator, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        self.work().await;
        self.state_of_refund(&id.to_string()).await
    }

    async fn state_of_refund(&self, id: &str) -> String {
        let sql = "select status from refunds where id = $1::uuid";
        sqlx::query_scalar(sql).bind(id).fetch_one(&self.db.pool).await.unwrap()
    }

    async fn last_refund(&self) -> String {
        let sql = "select status from refunds order by created_at desc limit 1";
        sqlx::query_scalar(sql).fetch_one(&self.db.pool).await.unwrap()
    }
}

#[tokio::test]
async fn a_trade_exists_once_the_payer_has_come_and_is_paid_through_the_notification() {
    let world = world().await;
    let (attempt, url) = world.alipay_started().await;
    let asked = world.asked(attempt).await;
    assert_eq!(world.alipay().query(&asked).await, Ok(Standing::NotYetCreated));
    assert_eq!(world.alipay().close(&asked).await, Ok(CloseAnswer::NotYetCreated));
    assert_eq!(world.look(attempt).await.status.as_str(), "pending", "not failed, but open");
    let page = world.http.get(&url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(world.alipay().query(&asked).await, Ok(Standing::Open));
    world.press(&page, "pay").await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    assert_eq!(world.state(attempt).await, "succeeded");
    let known = world.attempt(attempt).await;
    assert_eq!((known.received_minor, known.received_currency.as_deref()), (Some(AMOUNT), Some("CNY")));
    let Ok(Standing::Paid(money)) = world.alipay().query(&asked).await else { panic!("paid") };
    assert_eq!(Some(money.transaction), known.provider_txn_id);
    assert_eq!(world.alipay().close(&asked).await, Ok(CloseAnswer::AlreadyPaid));
}

#[tokio::test]
async fn what_was_never_told_is_found_by_asking() {
    let world = world().await;
    let (attempt, page) = world.alipay_opened().await;
    world.press(&page, "never").await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 0);
    assert_eq!(world.look(attempt).await.status.as_str(), "succeeded");
}

#[tokio::test]
async fn a_closed_trade_takes_no_money() {
    let world = world().await;
    let (attempt, page) = world.alipay_opened().await;
    let asked = world.asked(attempt).await;
    assert_eq!(world.alipay().close(&asked).await, Ok(CloseAnswer::Closed));
    assert_eq!(world.alipay().close(&asked).await, Ok(CloseAnswer::Closed), "asked twice");
    world.press(&page, "pay").await;
    assert_eq!(world.alipay().query(&asked).await, Ok(Standing::Closed));
}

#[tokio::test]
async fn a_payer_who_declines_leaves_the_trade_waiting() {
    let world = world().await;
    let (attempt, page) = world.alipay_opened().await;
    world.press(&page, "decline").await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 0, "nobody is told");
    let asked = world.asked(attempt).await;
    assert_eq!(world.alipay().query(&asked).await, Ok(Standing::Open));
    world.press(&page, "pay").await;
    assert!(matches!(world.alipay().query(&asked).await, Ok(Standing::Paid(_))));
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_leaves_the_matter_open() {
    let world = world().await;
    let (attempt, page) = world.alipay_opened().await;
    world.press(&page, "timeout").await;
    let asked = world.asked(attempt).await;
    assert!(matches!(world.alipay().query(&asked).await, Err(GatewayError::Unknown(_))));
    assert!(matches!(world.alipay().close(&asked).await, Err(GatewayError::Unknown(_))));
    world.pass(16).await;
    assert!(matches!(world.alipay().query(&asked).await, Ok(Standing::Paid(_))));
}

#[tokio::test]
async fn another_amount_is_recorded_as_it_came() {
    let world = world().await;
    let (attempt, page) = world.alipay_opened().await;
    world.press(&page, "wrong_amount").await;
    world.sandbox.tick().await.unwrap();
    assert_eq!(world.attempt(attempt).await.received_minor, Some(AMOUNT - AMOUNT / 10));
}

#[tokio::test]
async fn a_notification_that_comes_twice_settles_once() {
    let world = world().await;
    let (attempt, page) = world.alipay_opened().await;
    world.press(&page, "twice").await;
    assert_eq!(world.sandbox.tick().await.unwrap(), 2);
    assert_eq!(world.state(attempt).await, "succeeded");
    assert_eq!(world.told(renewal_portal::payments::SETTLED).await, 1);
}

#[tokio::test]
async fn a_refund_is_done_at_once_and_its_notification_says_so_again() {
    let world = world().await;
    let attempt = world.alipay_paid().await;
    assert_eq!(world.give_back(attempt, 1200).await, "succeeded");
    assert_eq!(world.sandbox.tick().await.unwrap(), 1, "Alipay tells of it");
    assert_eq!(world.give_back(attempt, AMOUNT - 1200).await, "succeeded");
    assert_eq!(world.sandbox.tick().await.unwrap(), 1);
    assert_eq!(world.told(renewal_portal::payments::REFUND_FINISHED).await, 2);
    assert_eq!(world.state(attempt).await, "succeeded", "a closed trade that was paid is a refund, no failure");
    let asked = world.asked(attempt).await;
    assert_eq!(world.alipay().query(&asked).await, Ok(Standing::Closed), "wholly given back");
}

#[tokio::test]
async fn a_refund_in_doubt_is_asked_for_under_its_number_and_one_refused_is_told() {
    let world = world().await;
    let attempt = world.alipay_paid().await;
    assert_eq!(world.give_back(attempt, 113).await, "failed", "no money in the account");
    assert_eq!(world.give_back(attempt, 115).await, "unknown", "a server error says nothing");
    world.pass(4).await;
    world.work().await;
    assert_eq!(world.last_refund().await, "succeeded");
    assert_eq!(world.count("select count(*) from sandbox.refunds where amount_minor = $1::int", "115").await, 1);
    assert_eq!(world.give_back(attempt, 114).await, "submitted", "`fund_change` is N");
    world.pass(4).await;
    world.work().await;
    assert_eq!(world.last_refund().await, "failed", "it can't be given back any more");
}

#[tokio::test]
async fn the_statement_of_a_day_holds_its_payments_and_refunds() {
    let world = world().await;
    let attempt = world.alipay_paid().await;
    assert_eq!(world.give_back(attempt, 1200).await, "succeeded");
    let alipay = world.alipay();
    let day = world.clock.now().to_offset(alipay.statement_offset()).date();
    assert_eq!(alipay.statement(day).await, Ok(vec![]), "not before the day is over");
    world.pass(86_400).await;
    let lines = alipay.statement(day).await.unwrap();
    let known = world.attempt(attempt).await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.merchant_ref.as_deref() == Some(known.merchant_ref.as_str())));
    assert!(lines.iter().all(|line| Some(&line.transaction) == known.provider_txn_id.as_ref()));
    assert_eq!((&lines[0].kind, lines[0].amount.minor), (&StatementKind::Payment, AMOUNT));
    let StatementKind::Refund { merchant_refund_no: Some(number), .. } = &lines[1].kind else { panic!("{lines:?}") };
    assert_eq!((number.len(), lines[1].amount.minor), (26, 1200));
    assert_eq!(alipay.statement(day - Duration::DAY).await, Ok(vec![]), "a day without bookings");
}

#[tokio::test]
async fn keys_that_alipay_does_not_know_are_found_before_a_customer_pays() {
    let world = world().await;
    assert!(world.alipay().time().await.is_ok());
    let merchant = |app: &str, theirs: &str| Merchant {
        address: format!("{}/sandbox/alipay/gateway.do", world.base).parse().unwrap(),
        app_id: demo::APP_ID.into(),
        seller_id: demo::SELLER_ID.into(),
        private_key: PrivateKey::read(app).unwrap(),
        public_keys: vec![PublicKey::read(theirs).unwrap()],
        notify_url: String::new(),
    };
    let (app, theirs) = (
        include_str!("../../assets/demo-keys/alipay-app.pem"),
        include_str!("../../assets/demo-keys/alipay-gateway-public.pem"),
    );
    let (other, not_theirs) = (include_str!("../fixtures/rsa/pkcs1.pem"), include_str!("../fixtures/rsa/spki.pem"));
    for (known, app, theirs) in [(true, app, theirs), (false, other, theirs), (false, app, not_theirs)] {
        let http = Http::new(crate::support::PATIENCE).unwrap();
        let gateway = AlipayGateway::rehearsal(merchant(app, theirs), http, world.clock.clone());
        let told = gateway.time().await;
        assert_eq!(told.is_ok(), known, "{told:?}");
    }
}

#[tokio::test]
async fn the_clock_of_alipay_is_read_and_its_deliveries_keep_their_pattern() {
    let world = world().await;
    let theirs = world.alipay().time().await.unwrap();
    assert!((theirs - OffsetDateTime::now_utc()).abs() < Duration::seconds(5), "{theirs}");
    assert!(world.alipay().undelivered(theirs).await.unwrap().is_empty());
    let (_, page) = world.alipay_opened().await;
    world.press(&page, "pay").await;
    sqlx::query("update sandbox.notifications set url = url || '-nowhere'").execute(&world.db.pool).await.unwrap();
    for minutes in [4, 10, 10, 60, 120, 360, 900] {
        assert_eq!(world.sandbox.tick().await.unwrap(), 0);
        world.pass(minutes * 60 - 2).await;
        let before = world.tries().await;
        world.sandbox.tick().await.unwrap();
        assert_eq!(world.tries().await, before, "not before {minutes} minutes");
        world.pass(2).await;
    }
    world.sandbox.tick().await.unwrap();
    assert_eq!(world.tries().await, 8);
    world.pass(200_000).await;
    world.sandbox.tick().await.unwrap();
    assert_eq!(world.tries().await, 8, "and no ninth");
}

impl World {
    async fn tries(&self) -> i32 {
        sqlx::query_scalar("select tries from sandbox.notifications").fetch_one(&self.db.pool).await.unwrap()
    }
}

async fn bought_on(browser: Option<&str>, method: &str) {
    let portal = TestPortal::start().await;
    let (mut mei, line) = portal.mei_with("100").await;
    mei.browser.headers.extend(browser.map(|name| ("user-agent", name.to_owned())));
    let order = mei.place(line, "P30").await;
    let answer = mei.choose(order, "alipay").await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let signed = answer.location().to_owned();
    assert!(signed.contains(&format!("method={method}&")), "{signed}");
    let path = signed.strip_prefix(&portal.url).unwrap();
    let page = mei.browser.get(path).await;
    assert_eq!(page.status, 303, "{}", page.body);
    mei.press(page.location(), "pay").await;
    portal.until(order, "fulfilled").await;
    assert_eq!(mei.sees(order).await, ("paid".to_owned(), "active".to_owned()));
    portal.settle().await;
    portal.prove().await;
}

#[tokio::test]
async fn an_order_is_paid_on_a_desktop_and_ends_active() {
    bought_on(None, "alipay.trade.page.pay").await;
}

#[tokio::test]
async fn an_order_is_paid_on_a_phone_and_ends_active() {
    bought_on(Some(PHONE), "alipay.trade.wap.pay").await;
}
