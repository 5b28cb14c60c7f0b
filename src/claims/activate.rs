//! A line is claimed by its activation code. Having the whole code is the proof; only stock can be claimed by one.

use sqlx::PgPool;

use super::take::{Taken, take};
use super::{limits, requests};
use crate::clock::Clock;
use crate::ids::{AccountId, LineId};
use crate::lines;
use crate::numbers::ActivationCode;
use crate::web::limits::Denied;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activated {
    Added(LineId),
    Yours(LineId),
    /// With another account; a person has been asked.
    Held,
    /// Not in stock, whatever it is otherwise.
    Unknown,
}

pub async fn activate(
    pool: &PgPool,
    clock: &Clock,
    account: AccountId,
    code: &ActivationCode,
) -> Result<Activated, Denied> {
    limits::may_activate(pool, account, code).await?;
    let now = clock.now();
    let mut tx = crate::db::begin(pool).await?;
    let taken = match lines::stock_by_code(&mut *tx, code).await?.as_slice() {
        [stock] => take(&mut tx, stock, account, "activation_code", now).await?,
        _ => Taken::Gone,
    };
    let activated = match taken {
        Taken::Added(line) => Activated::Added(line),
        Taken::Yours(line) => Activated::Yours(line),
        Taken::Held => {
            requests::open(&mut tx, account, ("held", &code.to_string(), None), now).await?;
            Activated::Held
        }
        // A second click, or a second visit.
        Taken::Gone => lines::own_by_code(&mut *tx, account, code).await?.map_or(Activated::Unknown, Activated::Yours),
    };
    tx.commit().await?;
    Ok(activated)
}
