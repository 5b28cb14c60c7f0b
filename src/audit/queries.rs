use super::Act;
use super::chain::{Hash, Link};
use futures_util::stream::BoxStream;
use sqlx::{PgConnection, PgExecutor};

pub async fn insert(executor: impl PgExecutor<'_>, act: Act<'_>) -> sqlx::Result<()> {
    let (subject_type, subject_id) = act.subject.unzip();
    sqlx::query(
        "insert into audit_log (at, actor_id, actor_role, action, account_id, subject_type, subject_id, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(act.at)
    .bind(act.actor.id)
    .bind(act.actor.role)
    .bind(act.action)
    .bind(act.account)
    .bind(subject_type)
    .bind(subject_id)
    .bind(act.detail)
    .execute(executor)
    .await
    .map(drop)
}

/// Where the chain ends; whoever seals holds it until they are done.
pub async fn lock_head(conn: &mut PgConnection) -> sqlx::Result<Link> {
    let (position, hash) = sqlx::query_as("select position, hash from audit_head for update").fetch_one(conn).await?;
    Ok(Link { position, hash })
}

pub async fn head(conn: &mut PgConnection) -> sqlx::Result<Link> {
    let (position, hash) = sqlx::query_as("select position, hash from audit_head").fetch_one(conn).await?;
    Ok(Link { position, hash })
}

pub async fn hash_at(conn: &mut PgConnection, position: i64) -> sqlx::Result<Option<Hash>> {
    sqlx::query_scalar("select hash from audit_log where position = $1").bind(position).fetch_optional(conn).await
}

/// Rows that have no place yet, oldest first, each with its content as one text.
pub async fn unsealed(conn: &mut PgConnection, most: i64) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query_as(
        "select id, jsonb_build_array(id, (extract(epoch from at) * 1000000)::bigint, actor_id, actor_role, action, account_id,
                                      subject_type, subject_id, detail)::text
         from audit_log where position is null order by id limit $1",
    )
    .bind(most)
    .fetch_all(conn)
    .await
}

pub async fn seal(conn: &mut PgConnection, ids: &[i64], links: &[Link]) -> sqlx::Result<u64> {
    let positions: Vec<i64> = links.iter().map(|link| link.position).collect();
    let hashes: Vec<Hash> = links.iter().map(|link| link.hash.clone()).collect();
    let sealed = sqlx::query(
        "update audit_log l set position = s.position, hash = s.hash
         from unnest($1::bigint[], $2::bigint[], $3::bytea[]) s (id, position, hash) where l.id = s.id",
    );
    Ok(sealed.bind(ids).bind(positions).bind(hashes).execute(conn).await?.rows_affected())
}

pub async fn move_head(conn: &mut PgConnection, to: &Link) -> sqlx::Result<()> {
    sqlx::query("update audit_head set position = $1, hash = $2")
        .bind(to.position)
        .bind(&to.hash)
        .execute(conn)
        .await
        .map(drop)
}

#[derive(sqlx::FromRow)]
pub struct Sealed {
    pub position: i64,
    pub hash: Hash,
    /// The row's content, as [`unsealed`] has it.
    pub entry: String,
}

/// The chain from `after` on.
pub fn sealed(conn: &mut PgConnection, after: i64) -> BoxStream<'_, sqlx::Result<Sealed>> {
    sqlx::query_as(
        "select position, hash, jsonb_build_array(id, (extract(epoch from at) * 1000000)::bigint, actor_id, actor_role, action,
                                                  account_id, subject_type, subject_id, detail)::text as entry
         from audit_log where position > $1 order by position",
    )
    .bind(after)
    .fetch(conn)
}

pub async fn waiting(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from audit_log where position is null").fetch_one(conn).await
}
