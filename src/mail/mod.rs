//! Messages to people: written in the transaction of their cause, sent by a job afterwards. Owns `messages`, where
//! texts to telephones lie too (`sms`).
//! The same message sent twice carries the same Message-ID, so that a mail program shows it once.

mod send;

pub use send::{Mailer, SEND, send};

use crate::ids::{AccountId, MessageId, OrderId};
use crate::jobs::{self, NewJob};
use crate::lang::Lang;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub struct NewMessage {
    pub account: Option<AccountId>,
    pub order: Option<OrderId>,
    pub template: &'static str,
    pub language: Lang,
    pub recipient: String,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    pub attachment: Option<(String, Vec<u8>)>,
}

/// Writes a mail and the job that sends it.
pub async fn enqueue(conn: &mut PgConnection, message: NewMessage, now: OffsetDateTime) -> sqlx::Result<MessageId> {
    let id = MessageId::new();
    let (attachment_name, attachment) = message.attachment.unzip();
    sqlx::query(
        "insert into messages (id, account_id, order_id, channel, template, language, recipient, subject, body_text, body_html,
                               attachment_name, attachment, created_at)
         values ($1, $2, $3, 'mail', $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(id)
    .bind(message.account)
    .bind(message.order)
    .bind(message.template)
    .bind(message.language.code())
    .bind(message.recipient)
    .bind(message.subject)
    .bind(message.text)
    .bind(message.html)
    .bind(attachment_name)
    .bind(attachment)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    let job = NewJob {
        kind: SEND,
        dedupe_key: id.to_string(),
        payload: serde_json::json!({ "message_id": id }),
        run_at: now,
        max_attempts: 12,
    };
    jobs::enqueue(conn, job).await?;
    Ok(id)
}

/// What was written to an account and is out. Receipts stay as they were attached; of the rest that belongs to an order it
/// stays known that it was written. Gives how much still waits to be sent.
pub async fn forget(conn: &mut PgConnection, account: AccountId) -> sqlx::Result<i64> {
    sqlx::query("delete from messages where account_id = $1 and order_id is null and (sent_at is not null or failed_at is not null)")
        .bind(account)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "update messages set recipient = '', subject = '', body_text = '', body_html = null, last_error = null
         where account_id = $1 and (sent_at is not null or failed_at is not null)",
    )
    .bind(account)
    .execute(&mut *conn)
    .await?;
    sqlx::query_scalar("select count(*) from messages where account_id = $1 and sent_at is null and failed_at is null")
        .bind(account)
        .fetch_one(conn)
        .await
}
