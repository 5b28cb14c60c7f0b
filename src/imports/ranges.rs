//! How the operator's cards and numbers begin: one row per beginning.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::columns::{self, Column};
use super::plans::{PlanRow, carrier};
use super::progress::Progress;
use super::report::Report;
use super::row::{RowReader, read_all};
use super::sheet::Sheet;
use super::{BATCH, cells, queries};
use crate::numbering::{self, Kind, Prefix};
use crate::numbers::half_width;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RangeRow {
    pub kind: &'static str,
    pub prefix: String,
    pub carrier: String,
    pub line_kind: Option<&'static str>,
    pub plan: Option<String>,
    pub note: String,
}

type Key = (&'static str, String);

/// What rows refer to.
struct References {
    carriers: HashSet<String>,
    plans: HashMap<String, PlanRow>,
}

pub(super) async fn import(
    db: &mut PgConnection,
    now: OffsetDateTime,
    sheet: &Sheet,
    report: &mut Report,
    progress: &mut Progress<'_>,
) -> sqlx::Result<()> {
    let plans = queries::all_plans(db).await?.into_iter().map(|plan| (plan.code.clone(), plan)).collect();
    let references = References { carriers: queries::carriers(db).await?, plans };
    let key = (Column::Prefix, (|row: &RangeRow| (row.kind, row.prefix.clone())) as fn(&RangeRow) -> Key);
    let rows = read_all(sheet, &columns::RANGES, report, key, |row| {
        progress.checked();
        read(row, &references)
    });
    let known = known(db).await?;
    let mut said = Vec::with_capacity(rows.len());
    for row in rows {
        let before = known.get(&(row.value.kind, row.value.prefix.clone()));
        match before {
            None => report.created += 1,
            Some(before) if *before == row.value => report.unchanged += 1,
            Some(_) => report.updated += 1,
        }
        if before != Some(&row.value) {
            said.push(row.value);
        }
    }
    progress.will_write(said.len());
    for batch in said.chunks(BATCH) {
        numbering::save_all(db, batch, now).await?;
        progress.wrote(batch.len());
    }
    Ok(())
}

async fn known(db: &mut PgConnection) -> sqlx::Result<HashMap<Key, RangeRow>> {
    let known = numbering::every(&mut *db).await?.into_iter().filter_map(|range| {
        let kind = Kind::parse(&range.kind)?.as_str();
        let line_kind = range.line_kind.as_deref().and_then(|kind| cells::kind(kind).ok());
        let (carrier, plan, note) = (range.carrier, range.plan, range.note);
        let row = RangeRow { kind, prefix: range.prefix.clone(), carrier, line_kind, plan, note };
        Some(((kind, range.prefix), row))
    });
    Ok(known.collect())
}

fn read(row: &mut RowReader, references: &References) -> Option<RangeRow> {
    let kind = row.read(Column::Kind, range_kind);
    let prefix = row.read(Column::Prefix, |text| prefix(kind, text)).flatten();
    let carrier = row.read(Column::Carrier, |text| known_carrier(text, references));
    let line_kind = row.read_if_any(Column::LineKind, cells::kind);
    let plan = row.read_if_any(Column::Plan, |text| known_plan(text, references));
    let note = row.read(Column::Note, |text| cells::text(text, 200));
    let plan = plan?;
    if let Some(plan) = plan {
        fits(row, plan, carrier.as_deref(), line_kind?);
    }
    Some(RangeRow {
        kind: kind?.as_str(),
        prefix: prefix?.as_str().to_owned(),
        carrier: carrier?,
        line_kind: line_kind?,
        plan: plan.map(|plan| plan.code.clone()),
        note: note?,
    })
}

fn range_kind(text: &str) -> Result<Kind, String> {
    match half_width(text).trim().to_lowercase().as_str() {
        "iccid" | "卡号" => Ok(Kind::Iccid),
        "msisdn" | "号码" | "手机号码" => Ok(Kind::Msisdn),
        _ => Err("is neither iccid (卡号) nor msisdn (号码)".into()),
    }
}

/// Says nothing where the kind was refused already.
fn prefix(kind: Option<Kind>, text: &str) -> Result<Option<Prefix>, String> {
    kind.map(|kind| Prefix::parse(kind, text)).transpose().map_err(|error| error.to_string())
}

fn known_carrier(text: &str, references: &References) -> Result<String, String> {
    let code = carrier(text)?;
    match references.carriers.contains(&code) {
        true => Ok(code),
        false => Err("is not a carrier here; import its plans first".into()),
    }
}

fn known_plan<'a>(text: &str, references: &'a References) -> Result<&'a PlanRow, String> {
    let plan = references.plans.get(&half_width(text).to_ascii_uppercase());
    plan.ok_or_else(|| "is not a plan in the catalogue; import the plans first".into())
}

fn fits(row: &mut RowReader, plan: &PlanRow, carrier: Option<&str>, line_kind: Option<&str>) {
    if let Some(carrier) = carrier.filter(|carrier| plan.carrier != *carrier) {
        row.refuse(Column::Plan, format!("is a plan of {}, not of {carrier}", plan.carrier));
    } else if let Some(kind) = line_kind.filter(|kind| !plan.kinds.iter().any(|sold| sold == kind)) {
        row.refuse(Column::Plan, format!("is not sold for {kind}"));
    }
}
