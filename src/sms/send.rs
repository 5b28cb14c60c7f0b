use super::Texter;
use super::provider::Unsent;
use crate::clock::Clock;
use crate::ids::MessageId;
use crate::jobs::{Claimed, Done, JobError};
use crate::numbers::Msisdn;
use sqlx::PgPool;
use time::OffsetDateTime;

/// The job that sends one text.
pub const SEND: &str = "send-text";

#[derive(sqlx::FromRow)]
struct Row {
    recipient: String,
    body_text: String,
    not_after: Option<OffsetDateTime>,
    done: bool,
}

/// Sends the text of `job`. A text that nobody can use any more, or that the provider refuses for its number, is noted as
/// such and needs nobody; a provider that does not know us needs a person.
pub async fn send(pool: &PgPool, clock: &Clock, texter: &Texter, job: &Claimed) -> Result<Done, JobError> {
    let id: MessageId = job.field("message_id")?;
    let row: Row = sqlx::query_as(
        "select recipient, body_text, not_after, sent_at is not null or failed_at is not null as done from messages where id = $1",
    )
    .bind(id)
    .fetch_one(pool)
    .await?;
    let outcome = deliver(texter, &row, clock.now()).await;
    let failure = match outcome {
        Ok(()) => None,
        Err(Unsent::Refused(why)) => Some(why),
        Err(error @ (Unsent::Later(_) | Unsent::NotUs(_))) => {
            let is_final = matches!(error, Unsent::NotUs(_));
            note(pool, id, &error.to_string(), is_final.then(|| clock.now())).await?;
            return Err(if is_final { JobError::fail(error) } else { JobError::retry(error) });
        }
    };
    let mut tx = crate::db::begin(pool).await?;
    if !row.done {
        finish(&mut tx, id, failure.as_deref(), clock.now()).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

async fn deliver(texter: &Texter, row: &Row, now: OffsetDateTime) -> Result<(), Unsent> {
    if row.done {
        return Ok(());
    }
    if row.not_after.is_some_and(|not_after| now > not_after) {
        return Err(Unsent::Refused("could not be sent in time".to_owned()));
    }
    if !Msisdn::parse(&row.recipient).is_ok_and(|number| texter.reaches(&number)) {
        return Err(Unsent::Refused("texts are not sent to such numbers (SMS_COUNTRIES)".to_owned()));
    }
    match texter {
        Texter::Provider(provider) => provider.send(&row.recipient, &row.body_text).await,
        Texter::Mailbox => Ok(()),
        Texter::Nobody => Err(Unsent::Refused("no provider is set up (SMS_URL)".to_owned())),
    }
}

async fn note(pool: &PgPool, id: MessageId, error: &str, failed_at: Option<OffsetDateTime>) -> sqlx::Result<()> {
    sqlx::query("update messages set last_error = left($2, 500), failed_at = $3 where id = $1")
        .bind(id)
        .bind(error)
        .bind(failed_at)
        .execute(pool)
        .await?;
    Ok(())
}

async fn finish(
    conn: &mut sqlx::PgConnection,
    id: MessageId,
    failure: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update messages set sent_at = case when $2::text is null then $3 end, failed_at = case when $2::text is not null then $3 end,
                last_error = case when $2::text is null then null else concat_ws('; ', left($2, 300), last_error) end
         where id = $1",
    )
    .bind(id)
    .bind(failure)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}
