use super::client::{Client, Merchant};
use super::{moment, news};
use crate::clock::Clock;
use crate::http_client::Http;
use crate::money::Currency;
use crate::payments::gateway::*;
use async_trait::async_trait;
use axum::http::StatusCode;
use serde::de::IgnoredAny;
use serde_json::json;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

pub struct AlipayGateway {
    client: Client,
    real: bool,
}

impl AlipayGateway {
    pub fn new(merchant: Merchant, http: Http, clock: Clock) -> Self {
        Self { client: Client::new(merchant, http, clock), real: true }
    }

    /// For the demo: production refuses it.
    pub fn rehearsal(merchant: Merchant, http: Http, clock: Clock) -> Self {
        Self { real: false, ..Self::new(merchant, http, clock) }
    }
}

/// How far apart clocks may be before signatures are refused.
const WINDOW: Duration = Duration::minutes(5);

impl AlipayGateway {
    /// Whether either side takes the other for who it is: asked for a trade that does not exist, Alipay says so, signed.
    async fn recognised(&self) -> Result<(), GatewayError> {
        let asked = json!({ "out_trade_no": "CLOCK0" });
        match self.client.ask::<IgnoredAny>("alipay.trade.query", &asked).await {
            Ok(_) | Err(GatewayError::Rejected(_) | GatewayError::RateLimited) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Gateway for AlipayGateway {
    fn name(&self) -> &'static str {
        "alipay"
    }

    fn methods(&self) -> &'static [&'static str] {
        &["alipay"]
    }

    fn moves_real_money(&self) -> bool {
        self.real
    }

    /// A mainland account takes nothing else.
    fn accepts(&self, currency: Currency) -> bool {
        currency == Currency::Cny
    }

    fn shortest_life(&self) -> Duration {
        Duration::minutes(1)
    }

    /// Its pages lead a payer on from host to host; the second is where its own sandbox is.
    fn payer_origins(&self) -> &'static [&'static str] {
        &["https://*.alipay.com", "https://*.alipaydev.com"]
    }

    async fn create(&self, payment: &Payment) -> Result<Created, GatewayError> {
        self.client.create(payment)
    }

    async fn query(&self, payment: &Payment) -> Result<Standing, GatewayError> {
        self.client.query(payment).await
    }

    async fn close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError> {
        self.client.close(payment).await
    }

    async fn refund(&self, refund: &RefundOrder) -> Result<RefundAnswer, GatewayError> {
        self.client.refund(refund).await
    }

    async fn query_refund(&self, refund: &RefundOrder) -> Result<Option<RefundAnswer>, GatewayError> {
        self.client.query_refund(refund).await
    }

    async fn statement(&self, day: Date) -> Result<Vec<StatementLine>, GatewayError> {
        self.client.statement(day).await
    }

    fn statement_offset(&self) -> UtcOffset {
        moment::BEIJING
    }

    /// It repeats a notification for 25 hours and keeps no list of those that failed.
    async fn undelivered(&self, _: OffsetDateTime) -> Result<Vec<Vec<u8>>, GatewayError> {
        Ok(Vec::new())
    }

    async fn time(&self) -> Result<OffsetDateTime, GatewayError> {
        let date = self.client.knock().await?.date()?;
        // A clock this far off makes our signature wrong; it is what has to be put right first.
        if (date - self.client.clock.now()).abs() < WINDOW {
            self.recognised().await?;
        }
        Ok(date)
    }

    /// How old a notification may be is not asked: it is repeated for 25 hours, and taken twice it does nothing twice.
    fn verify(&self, notification: &RawNotification, _: OffsetDateTime) -> Result<(), NotVerified> {
        news::verify(&self.client.merchant, notification.body)
    }

    fn read(&self, body: &[u8]) -> Result<Notice, NotVerified> {
        news::read(&self.client.merchant, body)
    }

    /// Anything but this one word is heard as a failure, whatever the status.
    fn acknowledge(&self, receipt: Receipt) -> Acknowledgement {
        let (status, body) = match receipt {
            Receipt::Taken => (StatusCode::OK, "success"),
            Receipt::NotKnown => (StatusCode::NOT_FOUND, "failure: not known here"),
            Receipt::Refused => (StatusCode::BAD_REQUEST, "failure: not verified"),
            Receipt::Broken => (StatusCode::SERVICE_UNAVAILABLE, "failure: try again"),
        };
        Acknowledgement { status, content_type: "text/plain", body }
    }
}
