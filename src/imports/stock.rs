//! Lines that nobody holds yet: they wait in stock until a customer claims them or a later file names one.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::columns::Column;
use super::lines::{Identified, KnownLine, LineRow, said};
use super::report::Report;
use super::row::Read;
use super::sheet::Sheet;
use super::{BATCH, queries};
use crate::ids::LineId;

#[derive(sqlx::FromRow)]
pub(super) struct KnownStock {
    pub id: LineId,
    #[sqlx(flatten)]
    pub row: LineRow,
}

/// What becomes of the stock.
#[derive(Default)]
pub(super) struct Changes {
    pub fresh: Vec<Identified>,
    pub changed: Vec<Identified>,
}

pub(super) enum Outcome {
    Create(LineRow),
    Update(LineId, LineRow),
    Unchanged,
    Refuse(Column, &'static str),
}

impl Changes {
    /// Gives what is wrong, where the row was refused.
    pub fn take(&mut self, outcome: Outcome, report: &mut Report) -> Option<(Column, &'static str)> {
        match outcome {
            Outcome::Create(row) => self.fresh.push(Identified { id: LineId::new(), row }),
            Outcome::Update(id, row) => self.changed.push(Identified { id, row }),
            Outcome::Unchanged => report.unchanged += 1,
            Outcome::Refuse(column, reason) => {
                report.refused += 1;
                return Some((column, reason));
            }
        }
        None
    }
}

/// Those of the rows that are in stock, by carrier and ICCID.
pub(super) async fn known(
    db: &mut PgConnection,
    rows: &[Read<LineRow>],
) -> sqlx::Result<HashMap<(String, String), KnownStock>> {
    let mut known = HashMap::new();
    for batch in rows.chunks(BATCH) {
        let carriers: Vec<&str> = batch.iter().map(|row| row.value.carrier.as_str()).collect();
        let iccids: Vec<&str> = batch.iter().map(|row| row.value.iccid.as_str()).collect();
        for line in queries::stock(db, &carriers, &iccids).await? {
            known.insert((line.row.carrier.clone(), line.row.iccid.clone()), line);
        }
    }
    Ok(known)
}

/// A used-again ICCID may be in stock while its former line is held: the carrier's ids tell the two apart.
pub(super) fn judge(row: LineRow, held: Option<&KnownLine>, stock: Option<&KnownStock>, sheet: &Sheet) -> Outcome {
    if held.is_some_and(|held| !is_another(&row, &held.row)) {
        return Outcome::Refuse(
            Column::CustomerEmail,
            "is empty, and a customer holds this ICCID; name them, or end the line first. An ICCID that is used again needs the carrier's id of its new line",
        );
    }
    let Some(stock) = stock else { return Outcome::Create(row) };
    let said = said(row, sheet, &stock.row);
    if said == stock.row { Outcome::Unchanged } else { Outcome::Update(stock.id, said) }
}

fn is_another(row: &LineRow, held: &LineRow) -> bool {
    row.carrier_line_id.is_some() && held.carrier_line_id.is_some() && row.carrier_line_id != held.carrier_line_id
}
