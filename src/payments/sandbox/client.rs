use super::failure;
use super::signature::{self, Key};
use super::wire::{NewPayment, NewRefund, PaymentBody, RefundBody, StatementBody, notice};
use crate::clock::Clock;
use crate::http_client::{Answer, Http};
use crate::money::Currency;
use crate::payments::gateway::*;
use async_trait::async_trait;
use axum::http::StatusCode;
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use time::{Date, OffsetDateTime};

pub struct Settings {
    /// Where its interface is, such as `http://127.0.0.1:8080/sandbox`.
    pub address: Url,
    /// Our `POST /webhooks/sandbox`, as the gateway reaches it.
    pub notify_url: String,
    /// Shown to the payer.
    pub merchant: String,
    /// The first signs our requests; all are accepted on notifications.
    pub keys: Vec<Key>,
    pub timeout: Duration,
}

pub struct SandboxGateway {
    settings: Settings,
    http: Http,
    clock: Clock,
}

impl SandboxGateway {
    pub fn new(settings: Settings, clock: Clock) -> reqwest::Result<Self> {
        let http = Http::new(settings.timeout)?;
        Ok(Self { settings, http, clock })
    }

    async fn post<B: Serialize, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, GatewayError> {
        let body = serde_json::to_vec(body).map_err(|error| GatewayError::Rejected(error.to_string()))?;
        self.send(Method::POST, path, body).await
    }

    async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, GatewayError> {
        self.send(Method::GET, path, Vec::new()).await
    }

    async fn try_close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError> {
        let path = format!("/v1/payments/{}/close", payment.merchant_ref);
        match self.post::<_, PaymentBody>(&path, &serde_json::json!({})).await {
            Ok(_) => Ok(CloseAnswer::Closed),
            Err(error) if error.is_rejected(&[failure::NOT_FOUND]) => Ok(CloseAnswer::NotYetCreated),
            Err(error) if error.is_rejected(&["already_paid"]) => Ok(CloseAnswer::AlreadyPaid),
            Err(error) => Err(error),
        }
    }

    async fn send<A: DeserializeOwned>(&self, method: Method, path: &str, body: Vec<u8>) -> Result<A, GatewayError> {
        let Some(key) = self.settings.keys.first() else {
            return Err(GatewayError::Misconfigured("no key".to_owned()));
        };
        let url = format!("{}{path}", self.settings.address.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| GatewayError::Misconfigured(error.to_string()))?;
        let seconds = self.clock.now().unix_timestamp();
        let signed = signature::sign_request(key, method.as_str(), url.path(), seconds, &body);
        let request = self
            .http
            .request(method, url)
            .header(signature::KEY, &key.id)
            .header(signature::TIMESTAMP, seconds)
            .header(signature::SIGNATURE, signed)
            .header("content-type", "application/json")
            .body(body);
        read(&self.http.send(request).await?)
    }
}

fn read<A: DeserializeOwned>(answer: &Answer) -> Result<A, GatewayError> {
    match answer.status.is_success() {
        true => {
            serde_json::from_slice(&answer.body).map_err(|error| GatewayError::Unknown(format!("unreadable: {error}")))
        }
        false => Err(failure::of(answer)),
    }
}

fn contradicts() -> GatewayError {
    GatewayError::Unknown("the answer contradicts itself".to_owned())
}

#[async_trait]
impl Gateway for SandboxGateway {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn methods(&self) -> &'static [&'static str] {
        &["sandbox"]
    }

    fn moves_real_money(&self) -> bool {
        false
    }

    fn accepts(&self, _: Currency) -> bool {
        true
    }

    fn shortest_life(&self) -> time::Duration {
        time::Duration::ZERO
    }

    async fn create(&self, payment: &Payment) -> Result<Created, GatewayError> {
        let body = NewPayment {
            merchant_ref: &payment.merchant_ref,
            amount_minor: payment.amount.minor,
            currency: payment.amount.currency.code(),
            merchant: &self.settings.merchant,
            order_number: &payment.order_number,
            lang: &payment.language,
            return_url: &payment.return_url,
            notify_url: &self.settings.notify_url,
            expires_at: payment.expires_at.unix_timestamp(),
        };
        let made: PaymentBody = self.post("/v1/payments", &body).await?;
        let url = made.url.ok_or_else(contradicts)?;
        Ok(Created { provider_ref: Some(made.id), presentation: Presentation::Redirect(url) })
    }

    async fn query(&self, payment: &Payment) -> Result<Standing, GatewayError> {
        match self.get::<PaymentBody>(&format!("/v1/payments/{}", payment.merchant_ref)).await {
            Ok(found) => found.standing().ok_or_else(contradicts),
            Err(error) if error.is_rejected(&[failure::NOT_FOUND]) => Ok(Standing::NotYetCreated),
            Err(error) => Err(error),
        }
    }

    async fn close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError> {
        match self.try_close(payment).await? {
            CloseAnswer::NotYetCreated => {}
            certain => return Ok(certain),
        }
        // Our call to create it may still be on its way. Made now and closed, it finds nothing left to make.
        match self.create(payment).await {
            Ok(_) => self.try_close(payment).await,
            Err(GatewayError::Rejected(_)) => Ok(CloseAnswer::NotYetCreated),
            Err(error) => Err(error),
        }
    }

    async fn refund(&self, refund: &RefundOrder) -> Result<RefundAnswer, GatewayError> {
        let body = NewRefund {
            merchant_ref: &refund.payment.merchant_ref,
            merchant_refund_no: &refund.merchant_refund_no,
            amount_minor: refund.amount.minor,
            currency: refund.amount.currency.code(),
            reason: refund.reason,
        };
        self.post::<_, RefundBody>("/v1/refunds", &body).await?.answer().ok_or_else(contradicts)
    }

    async fn query_refund(&self, refund: &RefundOrder) -> Result<Option<RefundAnswer>, GatewayError> {
        match self.get::<RefundBody>(&format!("/v1/refunds/{}", refund.merchant_refund_no)).await {
            Ok(found) => found.answer().map(Some).ok_or_else(contradicts),
            Err(error) if error.is_rejected(&[failure::NOT_FOUND]) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn statement(&self, day: Date) -> Result<Vec<StatementLine>, GatewayError> {
        let told: StatementBody = self.get(&format!("/v1/statements/{day}")).await?;
        told.lines.into_iter().map(|line| line.read().ok_or_else(contradicts)).collect()
    }

    async fn undelivered(&self, _: OffsetDateTime) -> Result<Vec<Vec<u8>>, GatewayError> {
        Ok(Vec::new())
    }

    async fn time(&self) -> Result<OffsetDateTime, GatewayError> {
        Ok(self.clock.now())
    }

    fn verify(&self, notification: &RawNotification, now: OffsetDateTime) -> Result<(), NotVerified> {
        signature::verify_notification(&self.settings.keys, notification.headers, notification.body, now)
    }

    fn read(&self, body: &[u8]) -> Result<Notice, NotVerified> {
        Ok(notice(body))
    }

    fn acknowledge(&self, receipt: Receipt) -> Acknowledgement {
        let (status, body) = match receipt {
            Receipt::Taken => (StatusCode::OK, "ok"),
            Receipt::NotKnown => (StatusCode::NOT_FOUND, "unknown"),
            Receipt::Refused => (StatusCode::BAD_REQUEST, "refused"),
            Receipt::Broken => (StatusCode::SERVICE_UNAVAILABLE, "again"),
        };
        Acknowledgement { status, content_type: "text/plain", body }
    }
}
