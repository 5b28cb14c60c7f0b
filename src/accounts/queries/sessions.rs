use super::{role, trust_nobody, void_tokens};
use crate::accounts::browser::Browser;
use crate::accounts::session::{First, Found, Proof, Stage};
use crate::accounts::token::Purpose;
use crate::ids::{AccountId, SignInId};
use crate::lang::Lang;
use crate::web::Person;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

#[derive(sqlx::FromRow)]
pub struct SessionRow {
    id: AccountId,
    name: String,
    email: String,
    language: String,
    time_zone: String,
    role: String,
    closes_at: Option<OffsetDateTime>,
    password_is_old: bool,
    stage: Stage,
    first_factor: First,
    pub proven: bool,
    lacks_own_factor: bool,
    pub unseen_for_a_while: bool,
}

impl From<SessionRow> for Found {
    fn from(row: SessionRow) -> Self {
        let person = Person {
            id: row.id,
            name: row.name,
            email: row.email,
            language: Lang::parse(&row.language).unwrap_or_default(),
            time_zone: row.time_zone,
            role: role(&row.role),
            closes_at: row.closes_at,
            password_is_old: row.password_is_old,
        };
        let lacks_own_factor = row.lacks_own_factor;
        Self { person, stage: row.stage, first: row.first_factor, proven: row.proven, lacks_own_factor }
    }
}

pub async fn session(db: impl PgExecutor<'_>, id_hash: &[u8]) -> sqlx::Result<Option<SessionRow>> {
    sqlx::query_as(
        "select a.id, a.name, a.email, a.language, a.time_zone, a.role, a.closes_at, s.stage, s.first_factor,
                a.password_reminder and a.password_hash is not null
                  and coalesce(a.password_changed_at, a.created_at) < now() - interval '1 year' as password_is_old,
                coalesce(s.proven_at > now() - interval '10 minutes', false) as proven,
                a.role <> 'customer' and not exists (select from totp t where t.account_id = a.id)
                  and not exists (select from passkeys p where p.account_id = a.id) as lacks_own_factor,
                s.last_seen_at < now() - interval '5 minutes' as unseen_for_a_while
         from sessions s join accounts a on a.id = s.account_id
         where s.id_hash = $1 and s.revoked_at is null and s.expires_at > now()
           and s.last_seen_at > now() - interval '30 minutes'
           and a.disabled_at is null and (a.password_changed_at is null or a.password_changed_at <= s.created_at)",
    )
    .bind(id_hash)
    .fetch_optional(db)
    .await
}

pub async fn session_seen(db: impl PgExecutor<'_>, id_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query("update sessions set last_seen_at = now() where id_hash = $1 and revoked_at is null")
        .bind(id_hash)
        .execute(db)
        .await
        .map(drop)
}

/// A half signed-in one waits a quarter of an hour.
pub async fn insert_session(
    conn: &mut PgConnection,
    id_hash: &[u8],
    (account, browser): (AccountId, &Browser),
    (stage, first): (Stage, First),
    proof: Proof<'_>,
) -> sqlx::Result<()> {
    let (given, before) = match proof {
        Proof::Given => (true, None),
        Proof::Missing => (false, None),
        Proof::AsIn(session) => (false, Some(session.hash())),
    };
    sqlx::query(
        "insert into sessions (id_hash, account_id, user_agent, client, mark_hash, data, stage, first_factor, proven_at, expires_at)
         values ($1, $2, $3, $4, $9, '{}', $5, $6,
                 case when $7 then now() else (select proven_at from sessions where id_hash = $8 and account_id = $2) end,
                 now() + case $5 when 'whole' then interval '12 hours' else interval '15 minutes' end)",
    )
    .bind(id_hash)
    .bind(account)
    .bind(&browser.agent)
    .bind(&browser.client)
    .bind(stage)
    .bind(first)
    .bind(given)
    .bind(before)
    .bind(browser.mark_for(account))
    .execute(conn)
    .await
    .map(drop)
}

/// A factor was given again.
pub async fn session_proven(db: impl PgExecutor<'_>, id_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query("update sessions set proven_at = now() where id_hash = $1 and stage = 'whole' and revoked_at is null")
        .bind(id_hash)
        .execute(db)
        .await
        .map(drop)
}

/// Everybody in the account but this one gives a factor once more.
pub async fn prove_again(conn: &mut PgConnection, account: AccountId, but: &[u8]) -> sqlx::Result<()> {
    sqlx::query("update sessions set proven_at = null where account_id = $1 and id_hash <> $2")
        .bind(account)
        .bind(but)
        .execute(conn)
        .await
        .map(drop)
}

/// False where it had ended before.
pub async fn end_session(db: impl PgExecutor<'_>, id_hash: &[u8]) -> sqlx::Result<bool> {
    let ended = sqlx::query("update sessions set revoked_at = now() where id_hash = $1 and revoked_at is null");
    Ok(ended.bind(id_hash).execute(db).await?.rows_affected() == 1)
}

/// And what was begun in them, and could open another: codes, what browsers are spared, an address that waits.
pub async fn end_sessions_of(conn: &mut PgConnection, account: AccountId, now: OffsetDateTime) -> sqlx::Result<u64> {
    trust_nobody(conn, account).await?;
    void_tokens(conn, account, Purpose::ChangeEmail, now).await?;
    sqlx::query("delete from mailed_codes where account_id = $1").bind(account).execute(&mut *conn).await?;
    let ended = sqlx::query("update sessions set revoked_at = now() where account_id = $1 and revoked_at is null");
    Ok(ended.bind(account).execute(conn).await?.rows_affected())
}

pub async fn delete_old_sessions(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let old =
        "delete from sessions where expires_at < now() - interval '7 days' or revoked_at < now() - interval '7 days'";
    Ok(sqlx::query(old).execute(db).await?.rows_affected())
}

/// Where an account is signed in.
#[derive(sqlx::FromRow)]
pub struct SignIn {
    pub id: SignInId,
    pub user_agent: Option<String>,
    pub client: Option<String>,
    pub created_at: OffsetDateTime,
    pub last_seen_at: OffsetDateTime,
    pub is_this: bool,
}

/// This one, then those used last.
pub async fn sign_ins(db: impl PgExecutor<'_>, account: AccountId, this: &[u8]) -> sqlx::Result<Vec<SignIn>> {
    sqlx::query_as(
        "select id, user_agent, client, created_at, last_seen_at, id_hash = $2 as is_this
         from sessions
         where account_id = $1 and stage = 'whole' and revoked_at is null and expires_at > now()
           and last_seen_at > now() - interval '30 minutes'
         order by is_this desc, last_seen_at desc, id limit 50",
    )
    .bind(account)
    .bind(this)
    .fetch_all(db)
    .await
}

/// And what its browser is spared. False where the account has no such session any more.
pub async fn end_one_of(conn: &mut PgConnection, account: AccountId, session: SignInId) -> sqlx::Result<bool> {
    let ended = sqlx::query(
        "with ended as (
           update sessions set revoked_at = now() where id = $2 and account_id = $1 and revoked_at is null returning mark_hash),
         untrusted as (
           update known_browsers b set trust_hash = null, trusted_until = null from ended
           where b.account_id = $1 and b.mark_hash = ended.mark_hash)
         select from ended",
    );
    Ok(ended.bind(account).bind(session).fetch_optional(conn).await?.is_some())
}

pub async fn end_others_of(conn: &mut PgConnection, account: AccountId, this: &[u8]) -> sqlx::Result<u64> {
    let ended = sqlx::query(
        "update sessions set revoked_at = now() where account_id = $1 and id_hash <> $2 and revoked_at is null",
    );
    Ok(ended.bind(account).bind(this).execute(conn).await?.rows_affected())
}
