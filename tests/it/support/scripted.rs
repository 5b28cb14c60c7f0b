//! A gateway that says what a test puts into its mouth, for what the sandbox can't be made to do.

use async_trait::async_trait;
use axum::http::StatusCode;
use renewal_portal::money::Currency;
use renewal_portal::payments::gateway::*;
use std::collections::VecDeque;
use std::sync::Mutex;
use time::{Date, Duration, OffsetDateTime};

type Said<T> = Mutex<VecDeque<Result<T, GatewayError>>>;

/// What was not said beforehand is not known.
#[derive(Default)]
pub struct Scripted {
    pub create: Said<Created>,
    pub query: Said<Standing>,
    pub close: Said<CloseAnswer>,
    pub refund: Said<RefundAnswer>,
    pub query_refund: Said<Option<RefundAnswer>>,
    pub statement: Said<Vec<StatementLine>>,
    pub undelivered: Said<Vec<Vec<u8>>>,
    pub ahead: Mutex<Duration>,
    /// The numbers of refunds it was asked for.
    pub refunded: Mutex<Vec<String>>,
    pub only: Option<Currency>,
}

pub fn say<T>(part: &Said<T>, answer: Result<T, GatewayError>) {
    part.lock().unwrap().push_back(answer);
}

fn next<T>(part: &Said<T>) -> Result<T, GatewayError> {
    part.lock().unwrap().pop_front().unwrap_or(Err(GatewayError::Unknown("nothing was said".into())))
}

pub fn answer(state: RefundState) -> RefundAnswer {
    RefundAnswer { provider_refund_id: Some("re_1".into()), state }
}

#[async_trait]
impl Gateway for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }
    fn methods(&self) -> &'static [&'static str] {
        &["card"]
    }
    fn moves_real_money(&self) -> bool {
        false
    }
    fn accepts(&self, currency: Currency) -> bool {
        self.only.is_none_or(|only| only == currency)
    }
    fn shortest_life(&self) -> Duration {
        Duration::ZERO
    }
    async fn create(&self, _: &Payment) -> Result<Created, GatewayError> {
        next(&self.create)
    }
    async fn query(&self, _: &Payment) -> Result<Standing, GatewayError> {
        next(&self.query)
    }
    async fn close(&self, _: &Payment) -> Result<CloseAnswer, GatewayError> {
        next(&self.close)
    }
    async fn refund(&self, refund: &RefundOrder) -> Result<RefundAnswer, GatewayError> {
        self.refunded.lock().unwrap().push(refund.merchant_refund_no.clone());
        next(&self.refund)
    }
    async fn query_refund(&self, _: &RefundOrder) -> Result<Option<RefundAnswer>, GatewayError> {
        next(&self.query_refund)
    }
    async fn statement(&self, _: Date) -> Result<Vec<StatementLine>, GatewayError> {
        next(&self.statement)
    }
    async fn undelivered(&self, _: OffsetDateTime) -> Result<Vec<Vec<u8>>, GatewayError> {
        next(&self.undelivered)
    }
    async fn time(&self) -> Result<OffsetDateTime, GatewayError> {
        Ok(OffsetDateTime::now_utc() + *self.ahead.lock().unwrap())
    }
    /// A notification is its notice, written down.
    fn verify(&self, _: &RawNotification, _: OffsetDateTime) -> Result<(), NotVerified> {
        Ok(())
    }
    fn read(&self, body: &[u8]) -> Result<Notice, NotVerified> {
        serde_json::from_slice(body).map_err(|_| NotVerified::NotOpened)
    }
    fn acknowledge(&self, receipt: Receipt) -> Acknowledgement {
        let status = match receipt {
            Receipt::Taken => StatusCode::OK,
            Receipt::NotKnown => StatusCode::NOT_FOUND,
            Receipt::Refused => StatusCode::BAD_REQUEST,
            Receipt::Broken => StatusCode::SERVICE_UNAVAILABLE,
        };
        Acknowledgement { status, content_type: "text/plain", body: "" }
    }
}
