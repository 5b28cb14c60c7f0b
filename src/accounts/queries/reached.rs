use crate::accounts::reached::{Phone, PhoneOwner, Preferences};
use crate::ids::AccountId;
use crate::numbers::Msisdn;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

pub async fn preferences(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Preferences> {
    sqlx::query_as("select reminders_by_mail, reminders_by_text, news from accounts where id = $1")
        .bind(account)
        .fetch_one(db)
        .await
}

pub async fn set_preferences(conn: &mut PgConnection, account: AccountId, new: Preferences) -> sqlx::Result<()> {
    sqlx::query("update accounts set reminders_by_mail = $2, reminders_by_text = $3, news = $4 where id = $1")
        .bind(account)
        .bind(new.reminders_by_mail)
        .bind(new.reminders_by_text)
        .bind(new.news)
        .execute(conn)
        .await
        .map(drop)
}

pub async fn phone(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<Phone>> {
    sqlx::query_as(
        "select phone as number, phone_verified_at is not null as is_verified from accounts
         where id = $1 and phone is not null",
    )
    .bind(account)
    .fetch_optional(db)
    .await
}

pub async fn owner_of_phone(db: impl PgExecutor<'_>, number: &Msisdn) -> sqlx::Result<Option<PhoneOwner>> {
    sqlx::query_as(
        "select id, language from (
           select id, language, email_verified_at, disabled_at, closed_at from accounts
           where phone = $1 and phone_verified_at is not null order by phone_verified_at desc limit 1) last
         where email_verified_at is not null and disabled_at is null and closed_at is null",
    )
    .bind(number.as_str())
    .fetch_optional(db)
    .await
}

pub async fn set_phone(
    conn: &mut PgConnection,
    account: AccountId,
    phone: Option<&str>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query(
        "update accounts set phone = $2, phone_verified_at = case when $2::text is not null then $3::timestamptz end,
                reminders_by_text = reminders_by_text and $2::text is not null
         where id = $1",
    )
    .bind(account)
    .bind(phone)
    .bind(now)
    .execute(conn)
    .await
    .map(drop)
}
