use super::client::{Client, Field};
use super::settings::Settings;
use super::wire::{Refund, Session};
use super::{amount, failure, notice, search, signature, statement};
use crate::config;
use crate::money::Currency;
use crate::payments::gateway::*;
use async_trait::async_trait;
use axum::http::StatusCode;
use time::{Date, Duration, OffsetDateTime};

/// Stripe's 30 minutes, and one for the request to get there and for clocks that differ.
const SHORTEST_LIFE: Duration = Duration::minutes(31);

pub struct StripeGateway {
    settings: Settings,
    client: Client,
    real: bool,
}

impl StripeGateway {
    pub fn new(settings: Settings) -> reqwest::Result<Self> {
        Ok(Self { client: Client::new(&settings)?, settings, real: true })
    }

    /// Against a stand-in of ours, which production refuses.
    pub fn rehearsal(settings: Settings) -> reqwest::Result<Self> {
        Ok(Self { real: false, ..Self::new(settings)? })
    }

    /// The session of a payment; `None`: there is none.
    async fn session(&self, payment: &Payment) -> Result<Option<Session>, GatewayError> {
        let found = match &payment.provider_ref {
            Some(id) => Some(self.session_with(id).await?),
            None => match search::session(&self.client, payment).await? {
                Some(found) => Some(self.session_with(&found.id).await?),
                None => None,
            },
        };
        found.map(|session| self.ours(session, payment)).transpose()
    }

    async fn session_with(&self, id: &str) -> Result<Session, GatewayError> {
        let fields = [("expand[]", "payment_intent.latest_charge".to_owned())];
        self.client.get(&format!("/v1/checkout/sessions/{id}"), &fields).await
    }

    /// Another payment's session, or one of the other mode, says nothing about this payment.
    fn ours(&self, session: Session, payment: &Payment) -> Result<Session, GatewayError> {
        let named = session.client_reference_id.as_deref() == Some(&payment.merchant_ref);
        match named && session.livemode == self.settings.live() {
            true => Ok(session),
            false => Err(GatewayError::Unknown(format!("{} is not this payment's", session.id))),
        }
    }

    async fn expire(&self, id: &str) -> Result<Session, GatewayError> {
        // A key of its own each time: an error that is stored under a key would come back for a day.
        let key = format!("expire-{}", uuid::Uuid::new_v4());
        self.client.post(&format!("/v1/checkout/sessions/{id}/expire"), &[], &key).await
    }

    async fn try_close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError> {
        let Some(session) = self.session(payment).await? else { return Ok(CloseAnswer::NotYetCreated) };
        match session.standing().ok_or_else(contradicts)? {
            Standing::Open => match self.expire(&session.id).await {
                Ok(_) => Ok(CloseAnswer::Closed),
                // It ended in between, one way or the other.
                Err(GatewayError::Rejected(_)) => ended(&self.session_with(&session.id).await?),
                Err(error) => Err(error),
            },
            _ => ended(&session),
        }
    }
}

fn ended(session: &Session) -> Result<CloseAnswer, GatewayError> {
    match session.standing().ok_or_else(contradicts)? {
        Standing::Paid(_) => Ok(CloseAnswer::AlreadyPaid),
        Standing::Closed | Standing::Declined(_) => Ok(CloseAnswer::Closed),
        Standing::Open | Standing::Processing | Standing::NotYetCreated => {
            Err(GatewayError::Unknown("the bank is still at it".to_owned()))
        }
    }
}

fn contradicts() -> GatewayError {
    GatewayError::Unknown("the answer contradicts itself".to_owned())
}

fn created(session: Session) -> Result<Created, GatewayError> {
    let url = session.url.ok_or_else(|| GatewayError::Unknown(format!("{} can't be paid any more", session.id)))?;
    Ok(Created { provider_ref: Some(session.id), presentation: Presentation::Redirect(url) })
}

fn new_session(payment: &Payment, amount: i64) -> Vec<Field> {
    let chinese = payment.language.starts_with("zh");
    let merchant = if chinese { &config::brand().name_zh } else { &config::brand().name_en };
    vec![
        ("mode", "payment".to_owned()),
        ("success_url", payment.return_url.clone()),
        ("cancel_url", payment.return_url.clone()),
        ("client_reference_id", payment.merchant_ref.clone()),
        ("locale", if chinese { "zh" } else { "en" }.to_owned()),
        ("expires_at", payment.expires_at.unix_timestamp().to_string()),
        ("metadata[merchant_ref]", payment.merchant_ref.clone()),
        ("payment_intent_data[metadata][merchant_ref]", payment.merchant_ref.clone()),
        ("line_items[0][quantity]", "1".to_owned()),
        ("line_items[0][price_data][currency]", payment.amount.currency.code().to_lowercase()),
        ("line_items[0][price_data][unit_amount]", amount.to_string()),
        ("line_items[0][price_data][product_data][name]", format!("{merchant} {}", payment.order_number)),
    ]
}

fn new_refund(refund: &RefundOrder, amount: i64) -> Vec<Field> {
    let reason = if refund.reason == "surplus" { "duplicate" } else { "requested_by_customer" };
    vec![
        ("payment_intent", refund.transaction.clone()),
        ("amount", amount.to_string()),
        ("reason", reason.to_owned()),
        ("metadata[merchant_ref]", refund.payment.merchant_ref.clone()),
        ("metadata[merchant_refund_no]", refund.merchant_refund_no.clone()),
    ]
}

#[async_trait]
impl Gateway for StripeGateway {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn methods(&self) -> &'static [&'static str] {
        &["card"]
    }

    fn moves_real_money(&self) -> bool {
        // In test mode it is still Stripe: an operator tries the account so before customers come.
        self.real
    }

    fn accepts(&self, _: Currency) -> bool {
        true
    }

    fn shortest_life(&self) -> Duration {
        SHORTEST_LIFE
    }

    fn payer_origins(&self) -> &'static [&'static str] {
        &["https://checkout.stripe.com"]
    }

    async fn create(&self, payment: &Payment) -> Result<Created, GatewayError> {
        let amount = amount::to_stripe(payment.amount).map_err(GatewayError::Rejected)?;
        let fields = new_session(payment, amount);
        match self.client.post::<Session>("/v1/checkout/sessions", &fields, &payment.merchant_ref).await {
            Ok(session) => created(self.ours(session, payment)?),
            // A server error would be repeated for a day under this key, though the session was made.
            Err(GatewayError::Unknown(why)) => match search::session(&self.client, payment).await? {
                Some(found) => created(self.ours(found, payment)?),
                None => Err(GatewayError::Unknown(why)),
            },
            Err(error) => Err(error),
        }
    }

    async fn query(&self, payment: &Payment) -> Result<Standing, GatewayError> {
        match self.session(payment).await? {
            Some(session) => session.standing().ok_or_else(contradicts),
            None => Ok(Standing::NotYetCreated),
        }
    }

    async fn close(&self, payment: &Payment) -> Result<CloseAnswer, GatewayError> {
        match self.try_close(payment).await? {
            CloseAnswer::NotYetCreated => {}
            certain => return Ok(certain),
        }
        // Our call to create it may still be on its way. Made now and expired, it finds nothing left to make.
        match self.create(payment).await {
            Ok(made) => self.try_close(&Payment { provider_ref: made.provider_ref, ..payment.clone() }).await,
            Err(GatewayError::Rejected(_)) => Ok(CloseAnswer::NotYetCreated),
            Err(error) => Err(error),
        }
    }

    async fn refund(&self, refund: &RefundOrder) -> Result<RefundAnswer, GatewayError> {
        let amount = amount::to_stripe(refund.amount).map_err(GatewayError::Rejected)?;
        let fields = new_refund(refund, amount);
        let made: Refund = self.client.post("/v1/refunds", &fields, &refund.merchant_refund_no).await?;
        made.answer().ok_or_else(contradicts)
    }

    async fn query_refund(&self, refund: &RefundOrder) -> Result<Option<RefundAnswer>, GatewayError> {
        let known = match &refund.provider_refund_id {
            Some(id) => match self.client.get::<Refund>(&format!("/v1/refunds/{id}"), &[]).await {
                Ok(found) => Some(found),
                Err(error) if error.is_rejected(&[failure::NOT_FOUND]) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let found = match known {
            Some(found) => Some(found),
            None => search::refund(&self.client, refund).await?,
        };
        found.map(|found| found.answer().ok_or_else(contradicts)).transpose()
    }

    async fn statement(&self, day: Date) -> Result<Vec<StatementLine>, GatewayError> {
        statement::of_day(&self.client, day).await
    }

    async fn undelivered(&self, since: OffsetDateTime) -> Result<Vec<Vec<u8>>, GatewayError> {
        notice::undelivered(&self.client, since).await
    }

    async fn time(&self) -> Result<OffsetDateTime, GatewayError> {
        let answer = self.client.fetch("/v1/balance", &[]).await?;
        match answer.status {
            StatusCode::UNAUTHORIZED => Err(GatewayError::Misconfigured("the key is not accepted".to_owned())),
            StatusCode::FORBIDDEN => {
                Err(GatewayError::Misconfigured("the restricted key may not read the balance".to_owned()))
            }
            status if status.is_success() => Ok(answer.date()?),
            status => {
                Err(GatewayError::Misconfigured(format!("STRIPE_API answers {status}: it is not Stripe's interface")))
            }
        }
    }

    fn verify(&self, notification: &RawNotification, now: OffsetDateTime) -> Result<(), NotVerified> {
        signature::verify(&self.settings.webhook_secrets, notification.headers, notification.body, now)
    }

    fn read(&self, body: &[u8]) -> Result<Notice, NotVerified> {
        Ok(notice::read(body, self.settings.live()))
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
