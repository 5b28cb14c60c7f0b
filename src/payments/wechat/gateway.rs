use super::client::{Client, Merchant};
use super::failure;
use super::{news, signature};
use crate::clock::Clock;
use crate::http_client::{Answer, Http};
use crate::money::Currency;
use crate::payments::gateway::*;
use async_trait::async_trait;
use axum::http::StatusCode;
use time::{Date, Duration, OffsetDateTime};

/// How long a link is shown before another is fetched: the app takes a code for two hours and a phone's link for five
/// minutes, and the payer needs a while.
const CODE_LIVES: Duration = Duration::minutes(110);
const LINK_LIVES: Duration = Duration::minutes(4);

/// Seconds our clock may be off before WeChat Pay refuses our signatures for that alone.
const WINDOW: Duration = Duration::seconds(300);

pub struct WechatGateway {
    client: Client,
    clock: Clock,
    real: bool,
}

impl WechatGateway {
    pub fn new(merchant: Merchant, http: Http, clock: Clock) -> Self {
        Self { client: Client::new(merchant, http, clock.clone()), clock, real: true }
    }

    /// For the demo: production refuses it.
    pub fn rehearsal(merchant: Merchant, http: Http, clock: Clock) -> Self {
        Self { real: false, ..Self::new(merchant, http, clock) }
    }
}

#[async_trait]
impl Gateway for WechatGateway {
    fn name(&self) -> &'static str {
        "wechat"
    }

    fn methods(&self) -> &'static [&'static str] {
        &["wechat"]
    }

    fn moves_real_money(&self) -> bool {
        self.real
    }

    fn accepts(&self, currency: Currency) -> bool {
        currency == Currency::Cny
    }

    fn shortest_life(&self) -> Duration {
        Duration::minutes(1)
    }

    fn payer_origins(&self) -> &'static [&'static str] {
        &["https://wx.tenpay.com"]
    }

    fn shown_for(&self, presentation: &Presentation) -> Option<Duration> {
        match presentation {
            Presentation::Qr(_) => Some(CODE_LIVES),
            Presentation::Redirect(_) => Some(LINK_LIVES),
        }
    }

    async fn create(&self, payment: &Payment) -> Result<Created, GatewayError> {
        self.client.create(payment).await
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

    fn statement_offset(&self) -> time::UtcOffset {
        time::macros::offset!(+8)
    }

    async fn statement(&self, day: Date) -> Result<Vec<StatementLine>, GatewayError> {
        self.client.statement(day).await
    }

    /// It repeats a notification for a day and keeps no list of those that failed.
    async fn undelivered(&self, _: OffsetDateTime) -> Result<Vec<Vec<u8>>, GatewayError> {
        Ok(Vec::new())
    }

    async fn time(&self) -> Result<OffsetDateTime, GatewayError> {
        let asked = format!("/v3/pay/transactions/out-trade-no/CLOCK0?mchid={}", self.client.merchant.mchid);
        let answer = self.client.send(reqwest::Method::GET, &asked, Vec::new()).await?;
        let date = answer.date()?;
        // A clock this far off makes every signature wrong, ours and theirs; it is what has to be put right first.
        if (date - self.clock.now()).abs() < WINDOW {
            self.recognised(&answer)?;
        }
        Ok(date)
    }

    fn verify(&self, notification: &RawNotification, now: OffsetDateTime) -> Result<(), NotVerified> {
        signature::verify(&self.client.merchant.keyring, notification.headers, notification.body, now)
    }

    fn read(&self, body: &[u8]) -> Result<Notice, NotVerified> {
        news::read(&self.client.merchant, body)
    }

    fn acknowledge(&self, receipt: Receipt) -> Acknowledgement {
        let (status, body) = match receipt {
            Receipt::Taken => (StatusCode::NO_CONTENT, ""),
            Receipt::NotKnown => (StatusCode::NOT_FOUND, r#"{"code":"FAIL","message":"not known here"}"#),
            Receipt::Refused => (StatusCode::BAD_REQUEST, r#"{"code":"FAIL","message":"not verified"}"#),
            Receipt::Broken => (StatusCode::SERVICE_UNAVAILABLE, r#"{"code":"FAIL","message":"try again"}"#),
        };
        Acknowledgement { status, content_type: "application/json", body }
    }
}

impl WechatGateway {
    /// Whether either side takes the other for who it is.
    fn recognised(&self, answer: &Answer) -> Result<(), GatewayError> {
        let keyring = &self.client.merchant.keyring;
        let verdict = signature::verify(keyring, &answer.headers, &answer.body, self.clock.now());
        match (failure::of(answer, verdict.is_ok()), verdict) {
            (GatewayError::Misconfigured(why), _) => Err(GatewayError::Misconfigured(why)),
            (_, Err(NotVerified::WrongSignature)) => {
                Err(GatewayError::Misconfigured("WECHAT_KEYRING lacks the key this answer is signed with".to_owned()))
            }
            _ => Ok(()),
        }
    }
}
