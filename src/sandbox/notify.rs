use super::ledger::{self, Due, Payment, Refund};
use super::{Sandbox, api, signature};
use futures_util::future::join_all;
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
        let mut conn = self.pool.acquire().await?;
        let due = ledger::take_due(&mut conn, self.clock.now()).await?;
        drop(conn);
        let taken: Vec<bool> =
            join_all(due.iter().map(|one| self.deliver(one))).await.into_iter().collect::<Result<_, _>>()?;
        Ok(taken.into_iter().filter(|taken| *taken).count())
    }

    async fn deliver(&self, due: &Due) -> sqlx::Result<bool> {
        let now = self.clock.now();
        let (answer, taken) = match self.send(due, now.unix_timestamp()).await {
            Ok(answer) => (answer.status().to_string(), answer.status().is_success()),
            Err(error) => (error.without_url().to_string(), false),
        };
        ledger::note_answer(&self.pool, due.id, &answer, taken.then_some(now)).await?;
        Ok(taken)
    }

    async fn send(&self, due: &Due, seconds: i64) -> reqwest::Result<reqwest::Response> {
        let signed = self.settings.keys.first().map(|key| signature::sign(key, seconds, &due.body)).unwrap_or_default();
        self.http
            .post(&due.url)
            .header("content-type", "application/json")
            .header("sandbox-timestamp", seconds)
            .header("sandbox-signature", signed)
            .body(due.body.clone())
            .send()
            .await
    }
}

pub async fn succeeded(
    conn: &mut PgConnection,
    paid: &Payment,
    now: OffsetDateTime,
    at: &[OffsetDateTime],
) -> sqlx::Result<()> {
    let (id, body) = event("payment.succeeded", paid, now, json!({ "payment": api::payment_body(paid, "paid") }));
    for due_at in at {
        ledger::insert_notification(conn, &id, &paid.notify_url, &body, *due_at).await?;
    }
    Ok(())
}

pub async fn failed(conn: &mut PgConnection, payment: &Payment, now: OffsetDateTime) -> sqlx::Result<()> {
    let (id, body) = event("payment.failed", payment, now, json!({ "payment": api::payment_body(payment, "failed") }));
    ledger::insert_notification(conn, &id, &payment.notify_url, &body, now).await
}

pub async fn processing(
    conn: &mut PgConnection,
    payment: &Payment,
    dated: OffsetDateTime,
    due_at: OffsetDateTime,
) -> sqlx::Result<()> {
    let more = json!({ "payment": api::payment_body(payment, "processing") });
    let (id, body) = event("payment.processing", payment, dated, more);
    ledger::insert_notification(conn, &id, &payment.notify_url, &body, due_at).await
}

pub async fn refund(conn: &mut PgConnection, refund: &Refund, now: OffsetDateTime) -> sqlx::Result<()> {
    let payment = ledger::by_id(&mut *conn, &refund.payment_id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let kind = format!("refund.{}", refund.status);
    let (id, body) = event(&kind, &payment, now, json!({ "refund": api::refund_body(refund) }));
    ledger::insert_notification(conn, &id, &payment.notify_url, &body, now).await
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
