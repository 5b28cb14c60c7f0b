//! Texts to telephones: written beside the mails in the transaction of their cause, sent by a job afterwards.
//! A text that may have arrived is sent again: it says the same, and none would be worse.

mod provider;
mod send;

pub use provider::{PATIENCE, Provider};
pub use send::{SEND, send};

use crate::ids::{AccountId, MessageId};
use crate::jobs::{self, NewJob};
use crate::lang::Lang;
use crate::numbers::Msisdn;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Where texts go: to a provider, nowhere but the demo's own mailbox page, or nowhere at all.
#[derive(Clone)]
pub enum Texter {
    Provider(Provider),
    Mailbox,
    Nobody,
}

impl Texter {
    /// Whether anything may be asked of people that needs a text.
    pub fn can_send(&self) -> bool {
        !matches!(self, Self::Nobody)
    }

    /// Whether the operator has texts sent to where such numbers are given out.
    pub fn reaches(&self, number: &Msisdn) -> bool {
        match self {
            Self::Provider(provider) => provider.reaches(number),
            Self::Mailbox | Self::Nobody => true,
        }
    }
}

pub struct NewText<'a> {
    pub account: AccountId,
    pub template: &'static str,
    pub language: Lang,
    pub to: &'a Msisdn,
    /// What it is called in lists; it is not sent.
    pub subject: String,
    pub text: String,
    /// Not sent any more after this.
    pub not_after: OffsetDateTime,
}

/// Writes a text and the job that sends it.
pub async fn enqueue(conn: &mut PgConnection, text: NewText<'_>, now: OffsetDateTime) -> sqlx::Result<MessageId> {
    let id = MessageId::new();
    sqlx::query(
        "insert into messages (id, account_id, channel, template, language, recipient, subject, body_text, created_at, not_after)
         values ($1, $2, 'sms', $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(text.account)
    .bind(text.template)
    .bind(text.language.code())
    .bind(text.to.as_str())
    .bind(text.subject)
    .bind(text.text)
    .bind(now)
    .bind(text.not_after)
    .execute(&mut *conn)
    .await?;
    let job = NewJob {
        kind: SEND,
        dedupe_key: id.to_string(),
        payload: serde_json::json!({ "message_id": id }),
        run_at: now,
        max_attempts: 20,
    };
    jobs::enqueue(conn, job).await?;
    Ok(id)
}
