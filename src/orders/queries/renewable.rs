//! What placing an order must know, with the line locked.

use crate::ids::{AccountId, LineId, OrderId};
use crate::lines::model::Line;
use crate::lines::{self, line_columns};
use crate::plans::model::{Plan, PlanRow};
use crate::plans::plan_columns;
use sqlx::PgConnection;

/// The line's order in the hands of a person whose renewal the carrier may still do. Another one beside it would be paid twice
/// for one intention, and whichever is answered last would set the line's days.
macro_rules! in_doubt {
    ($line:literal) => {
        concat!(
            "(select o.id from orders o join provisionings v on v.order_id = o.id
              where o.line_id = ",
            $line,
            " and o.status = 'needs_attention' and v.status in ('queued', 'submitted', 'unknown') limit 1)"
        )
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    line: Line,
    #[sqlx(flatten)]
    plan: PlanRow,
    in_doubt: Option<OrderId>,
}

/// A line its holder may renew and the plan they chose for it.
pub struct Renewable {
    pub line: Line,
    pub plan: Plan,
    pub in_doubt: Option<OrderId>,
}

/// Locks the line. `None`: it is not this account's, or its carrier has no such plan.
pub async fn lock(
    conn: &mut PgConnection,
    line: LineId,
    account: AccountId,
    plan: &str,
) -> anyhow::Result<Option<Renewable>> {
    lines::lock(conn, line).await?;
    let row: Option<Row> = sqlx::query_as(concat!(
        "select ",
        line_columns!(),
        ", ",
        plan_columns!(),
        ", ",
        in_doubt!("l.id"),
        " as in_doubt from lines l join plans p on p.code = $3 and p.carrier = l.carrier
          where l.id = $1 and l.account_id = $2 and l.ended_at is null"
    ))
    .bind(line)
    .bind(account)
    .bind(plan)
    .fetch_optional(conn)
    .await?;
    let Some(Row { line, plan, in_doubt }) = row else { return Ok(None) };
    Ok(Some(Renewable { line, plan: plan.try_into()?, in_doubt }))
}

pub async fn in_doubt(conn: &mut PgConnection, line: LineId) -> sqlx::Result<Option<OrderId>> {
    sqlx::query_scalar(concat!("select ", in_doubt!("$1"))).bind(line).fetch_one(conn).await
}
