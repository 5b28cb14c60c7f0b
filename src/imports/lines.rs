//! Lines, known by carrier and ICCID for as long as somebody holds them. Those without a customer go into stock (`stock`).
//!
//! A line that was renewed here knows more than the file it came from, so its plan, validity and
//! allowances are left alone; that is also why the same file can be imported again at any time.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

use super::columns::{self, Column};
use super::line_row::{References, read};
use super::progress::Progress;
use super::report::{Problem, Report, Weight};
use super::row::{Read, read_all};
use super::sheet::Sheet;
use super::{BATCH, queries, stock};
use crate::accounts::email;
use crate::ids::{AccountId, LineId};
use crate::numbering::{self, Ranges};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct LineRow {
    /// `None`: nobody holds it yet, so it goes into stock.
    pub account_id: Option<AccountId>,
    pub kind: String,
    pub carrier: String,
    pub iccid: String,
    pub msisdn: Option<String>,
    /// Where the carrier has an id of its own for the line.
    pub carrier_line_id: Option<String>,
    pub eid: Option<String>,
    pub activation_code: Option<String>,
    /// Given apart from the activation code, where that one says that it is needed.
    pub confirmation_code: Option<String>,
    pub label: String,
    pub plan: String,
    pub status: String,
    pub time_zone: String,
    #[serde(serialize_with = "iso")]
    pub valid_from: Date,
    #[serde(serialize_with = "iso")]
    pub valid_until: Date,
    pub anchor_day: i16,
    pub data_unlimited: bool,
    pub data_total_bytes: Option<i64>,
    pub data_left_bytes: Option<i64>,
    pub minutes_left: Option<i32>,
    pub sms_left: Option<i32>,
    pub carrier_balance_minor: Option<i64>,
    pub carrier_balance_currency: Option<String>,
}

fn iso<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

#[derive(sqlx::FromRow)]
pub(super) struct KnownLine {
    pub id: LineId,
    pub renewed: bool,
    pub ordered: bool,
    #[sqlx(flatten)]
    pub row: LineRow,
}

#[derive(Serialize)]
pub struct Identified {
    pub id: LineId,
    #[serde(flatten)]
    pub row: LineRow,
}

/// What a row means for the line it names.
enum Outcome {
    Create(LineRow),
    Update(LineId, LineRow),
    Unchanged,
    Kept(&'static str),
    Refuse(Column, &'static str),
}

pub(super) async fn import(
    db: &mut PgConnection,
    now: OffsetDateTime,
    sheet: &Sheet,
    report: &mut Report,
    progress: &mut Progress<'_>,
) -> sqlx::Result<()> {
    let references = look_up(db, now, sheet).await?;
    let key =
        (Column::Iccid, (|row: &LineRow| (row.carrier.clone(), row.iccid.clone())) as fn(&LineRow) -> (String, String));
    let rows = read_all(sheet, &columns::LINES, report, key, |row| {
        progress.checked();
        read(row, &references)
    });
    let stock = stock::known(db, &rows).await?;
    let known = held_lines(db, &rows).await?;
    let mut owners = owners(db, &rows).await?;
    let (mut fresh, mut changed) = (Vec::new(), Vec::new());
    let mut into_stock = stock::Changes::default();
    for Read { line, value } in rows {
        let iccid = value.iccid.clone();
        if let Some(id) = another_lines_id(&mut owners, &value) {
            report.refused += 1;
            let reason = "is the carrier's id of another line";
            report.problems.push(problem(line, Column::CarrierLineId, id, reason, Weight::Refused));
            continue;
        }
        let key = (value.carrier.clone(), iccid.clone());
        let held = known.get(&key);
        if value.account_id.is_none() {
            let outcome = stock::judge(value, held, stock.get(&key), sheet);
            if let Some((column, reason)) = into_stock.take(outcome, report) {
                report.problems.push(problem(line, column, iccid, reason, Weight::Refused));
            }
            continue;
        }
        match judge(value, held, sheet) {
            Outcome::Create(row) => fresh.push(Identified { id: LineId::new(), row }),
            Outcome::Update(id, row) => changed.push(Identified { id, row }),
            Outcome::Unchanged => report.unchanged += 1,
            Outcome::Kept(reason) => {
                report.unchanged += 1;
                report.problems.push(problem(line, Column::Iccid, iccid, reason, Weight::Warning));
            }
            Outcome::Refuse(column, reason) => {
                report.refused += 1;
                report.problems.push(problem(line, column, iccid, reason, Weight::Refused));
            }
        }
    }
    report.created = fresh.len() + into_stock.fresh.len();
    report.updated = changed.len() + into_stock.changed.len();
    report.stock = into_stock.fresh.len() + into_stock.changed.len();
    write(db, now, (&fresh, &changed), &into_stock, progress).await
}

/// Whose the carriers' ids named in these rows are, by carrier and id.
type Owners = HashMap<(String, String), String>;

async fn owners(db: &mut PgConnection, rows: &[Read<LineRow>]) -> sqlx::Result<Owners> {
    let named = rows.iter().filter_map(|row| Some((row.value.carrier.as_str(), row.value.carrier_line_id.as_deref()?)));
    let (carriers, ids): (Vec<&str>, Vec<&str>) = named.unzip();
    let known = queries::by_carrier_line_id(db, &carriers, &ids).await?;
    Ok(known.into_iter().map(|(carrier, id, iccid)| ((carrier, id), iccid)).collect())
}

/// The id, if it is another line's: here already, or earlier in the same file.
fn another_lines_id(owners: &mut Owners, row: &LineRow) -> Option<String> {
    let id = row.carrier_line_id.clone()?;
    let owner = owners.entry((row.carrier.clone(), id.clone())).or_insert_with(|| row.iccid.clone());
    (*owner != row.iccid).then_some(id)
}

async fn write(
    db: &mut PgConnection,
    now: OffsetDateTime,
    (fresh, changed): (&[Identified], &[Identified]),
    into_stock: &stock::Changes,
    progress: &mut Progress<'_>,
) -> sqlx::Result<()> {
    progress.will_write(fresh.len() + changed.len() + into_stock.fresh.len() + into_stock.changed.len());
    for batch in fresh.chunks(BATCH) {
        queries::take_out_of_stock(db, batch).await?;
        queries::insert_lines(db, batch, now).await?;
        progress.wrote(batch.len());
    }
    for batch in changed.chunks(BATCH) {
        queries::record_moved_validities(db, batch, now).await?;
        queries::update_lines(db, batch, now).await?;
        progress.wrote(batch.len());
    }
    for batch in into_stock.fresh.chunks(BATCH) {
        queries::insert_stock(db, batch, now).await?;
        progress.wrote(batch.len());
    }
    for batch in into_stock.changed.chunks(BATCH) {
        queries::update_stock(db, batch, now).await?;
        progress.wrote(batch.len());
    }
    Ok(())
}

async fn look_up(db: &mut PgConnection, now: OffsetDateTime, sheet: &Sheet) -> sqlx::Result<References> {
    let mut keys: Vec<String> = sheet.rows().map(|row| email::key(sheet.cell(row, Column::CustomerEmail))).collect();
    keys.sort_unstable();
    keys.dedup();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let customers = queries::customers(db, &keys).await?;
    let plans = queries::all_plans(db).await?;
    let ranges = Ranges::of(numbering::every(&mut *db).await?);
    Ok(References::new(now, plans, customers, ranges))
}

async fn held_lines(
    db: &mut PgConnection,
    rows: &[Read<LineRow>],
) -> sqlx::Result<HashMap<(String, String), KnownLine>> {
    let mut held = HashMap::new();
    for batch in rows.chunks(BATCH) {
        let carriers: Vec<&str> = batch.iter().map(|row| row.value.carrier.as_str()).collect();
        let iccids: Vec<&str> = batch.iter().map(|row| row.value.iccid.as_str()).collect();
        for line in queries::held_lines(db, &carriers, &iccids).await? {
            held.insert((line.row.carrier.clone(), line.row.iccid.clone()), line);
        }
    }
    Ok(held)
}

fn judge(row: LineRow, held: Option<&KnownLine>, sheet: &Sheet) -> Outcome {
    let Some(held) = held else {
        return Outcome::Create(row);
    };
    if held.row.account_id != row.account_id {
        return Outcome::Refuse(
            Column::CustomerEmail,
            "is not who holds this ICCID; end the line of its present holder first",
        );
    }
    let said = said(row, sheet, &held.row);
    if said == held.row {
        Outcome::Unchanged
    } else if held.renewed {
        Outcome::Kept("was renewed here since; the line was left as it is")
    } else if held.ordered {
        Outcome::Refuse(Column::Iccid, "has a renewal under way; import the row again once it is finished")
    } else {
        Outcome::Update(held.id, said)
    }
}

/// What the file says; what it has no column for stays as it is.
pub(super) fn said(mut said: LineRow, sheet: &Sheet, kept: &LineRow) -> LineRow {
    let kept = kept.clone();
    said.time_zone = kept.time_zone;
    if (said.valid_from, said.valid_until) == (kept.valid_from, kept.valid_until) {
        said.anchor_day = kept.anchor_day;
    }
    macro_rules! keep {
        ($($column:ident: $($field:ident)+;)+) => {
            $(if !sheet.has(Column::$column) {
                $(said.$field = kept.$field;)+
            })+
        };
    }
    keep! {
        Msisdn: msisdn;
        CarrierLineId: carrier_line_id;
        Eid: eid;
        ActivationCode: activation_code;
        ConfirmationCode: confirmation_code;
        Label: label;
        Status: status;
        DataTotal: data_unlimited data_total_bytes;
        DataLeft: data_left_bytes;
        MinutesLeft: minutes_left;
        SmsLeft: sms_left;
        CarrierBalance: carrier_balance_minor carrier_balance_currency;
    }
    said
}

fn problem(line: u64, column: Column, value: String, reason: &str, weight: Weight) -> Problem {
    Problem { line, column: columns::LINES.name(column), value, reason: reason.to_owned(), weight }
}
