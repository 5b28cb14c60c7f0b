use super::ledger::{self, Due, Payment, Refund};
use super::protocol::{Happened, Message, Protocol};
use super::{Sandbox, alipay, api, signature, stripe};
use axum::http::StatusCode;
use futures_util::future::join_all;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::watch;
use uuid::Uuid;

impl Sandbox {
    /// Sends what is due until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.tick().await {
                tracing::warn!(%error, "the sandbox gateway could not work");
            }
            tokio::select! {
                _ = tokio::time::sleep(Duration::from_millis(250)) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Lets happen what is due and sends each due notification once. Returns how many were taken by their merchant.
    pub async fn tick(&self) -> sqlx::Result<usize> {
        self.ripen().await?;
        let mut due = Vec::new();
        let mut conn = self.pool.acquire().await?;
        for protocol in Protocol::ALL {
            due.extend(ledger::take_due(&mut conn, protocol, self.clock.now()).await?);
        }
        drop(conn);
        let taken: Vec<bool> =
            join_all(due.iter().map(|one| self.deliver(one))).await.into_iter().collect::<Result<_, _>>()?;
        Ok(taken.into_iter().filter(|taken| *taken).count())
    }

    async fn deliver(&self, due: &Due) -> sqlx::Result<bool> {
        let now = self.clock.now();
        let (answer, taken) = match self.send(due, now).await {
            Ok((status, body)) => (status.to_string(), due.protocol.is_thanks(status, &body)),
            Err(error) => (error.without_url().to_string(), false),
        };
        ledger::note_answer(&self.pool, due.id, &answer, taken.then_some(now)).await?;
        Ok(taken)
    }

    async fn send(&self, due: &Due, now: OffsetDateTime) -> reqwest::Result<(StatusCode, String)> {
        let request = match due.protocol {
            Protocol::Sandbox => self.signed(due, now.unix_timestamp()),
            Protocol::Stripe => self.signed_as_stripe(due, now.unix_timestamp()),
            Protocol::Alipay => alipay::send(&self.http, self.settings.alipay.as_ref(), due, now),
            Protocol::Wechat => self.wechat_notification(due, now),
        };
        let answer = request.send().await?;
        Ok((answer.status(), answer.text().await?))
    }

    fn signed(&self, due: &Due, seconds: i64) -> RequestBuilder {
        let signed = self.settings.keys.first().map(|key| signature::sign(key, seconds, &due.body)).unwrap_or_default();
        self.http
            .post(&due.url)
            .header("content-type", "application/json")
            .header("sandbox-timestamp", seconds)
            .header("sandbox-signature", signed)
            .body(due.body.clone())
    }

    fn signed_as_stripe(&self, due: &Due, seconds: i64) -> RequestBuilder {
        let account = self.settings.stripe.as_ref();
        let signed = account.map(|account| stripe::sign(account, seconds, &due.body)).unwrap_or_default();
        self.http
            .post(&due.url)
            .header("content-type", "application/json; charset=utf-8")
            .header("stripe-signature", signed)
            .body(due.body.clone())
    }
}

/// Has the merchant told of one event at each of the given times.
pub async fn tell(
    conn: &mut PgConnection,
    payment: &Payment,
    happened: Happened<'_>,
    dated: OffsetDateTime,
    at: &[OffsetDateTime],
) -> sqlx::Result<()> {
    // A payment of before these books: its merchant has to ask.
    if payment.notify_url.is_empty() {
        return Ok(());
    }
    let Some(message) = payment.protocol.message(payment, happened, dated) else { return Ok(()) };
    for due_at in at {
        ledger::insert_notification(conn, payment, &message, *due_at).await?;
    }
    Ok(())
}

pub async fn refund(conn: &mut PgConnection, refund: &Refund, now: OffsetDateTime) -> sqlx::Result<()> {
    let payment = ledger::by_id(&mut *conn, &refund.payment_id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let total = ledger::refunded(conn, &payment.id).await?;
    tell(conn, &payment, Happened::Refund { refund, total }, now, &[now]).await
}

/// In the sandbox's own words.
pub fn message(payment: &Payment, happened: Happened<'_>, at: OffsetDateTime) -> Message {
    let of = |status: &str| json!({ "payment": api::payment_body(payment, status) });
    let (kind, more) = match happened {
        Happened::Paid => ("payment.succeeded".to_owned(), of("paid")),
        Happened::Declined => ("payment.failed".to_owned(), of("failed")),
        Happened::Processing => ("payment.processing".to_owned(), of("processing")),
        Happened::Refund { refund, .. } => {
            (format!("refund.{}", refund.status), json!({ "refund": api::refund_body(refund) }))
        }
    };
    let (id, body) = event(&kind, payment, at, more);
    Message { id, body }
}

fn event(kind: &str, payment: &Payment, at: OffsetDateTime, more: Value) -> (String, String) {
    let id = format!("evt_{}", Uuid::new_v4().simple());
    let mut body = json!({
        "id": id, "type": kind, "created_at": at.unix_timestamp(), "merchant_ref": payment.merchant_ref,
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    (id, body.to_string())
}
