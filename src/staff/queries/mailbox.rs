use crate::ids::MessageId;
use sqlx::PgPool;
use time::OffsetDateTime;

#[derive(sqlx::FromRow, Debug)]
pub struct Listed {
    pub id: MessageId,
    pub channel: String,
    pub recipient: String,
    pub subject: String,
    pub created_at: OffsetDateTime,
    pub has_attachment: bool,
}

#[derive(sqlx::FromRow, Debug)]
pub struct Message {
    pub channel: String,
    pub recipient: String,
    pub subject: String,
    pub body_text: String,
    pub body_html: Option<String>,
    pub attachment_name: Option<String>,
    pub created_at: OffsetDateTime,
    pub sent_at: Option<OffsetDateTime>,
}

pub async fn newest(pool: &PgPool) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as(
        "select id, channel, recipient, subject, created_at, attachment is not null as has_attachment
         from messages order by created_at desc, id desc limit 100",
    )
    .fetch_all(pool)
    .await
}

pub async fn message(pool: &PgPool, message: MessageId) -> sqlx::Result<Option<Message>> {
    sqlx::query_as(
        "select channel, recipient, subject, body_text, body_html, attachment_name, created_at, sent_at from messages where id = $1",
    )
    .bind(message)
    .fetch_optional(pool)
    .await
}

pub async fn attachment(pool: &PgPool, message: MessageId) -> sqlx::Result<Option<(String, Vec<u8>)>> {
    sqlx::query_as("select attachment_name, attachment from messages where id = $1 and attachment is not null and attachment_name is not null")
        .bind(message)
        .fetch_optional(pool)
        .await
}
