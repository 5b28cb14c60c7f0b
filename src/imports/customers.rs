//! Customers, known by their address. They come without a password and set one through the reset
//! mail; once they have, the account is theirs and a file no longer changes it.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::columns::{self, Column};
use super::progress::Progress;
use super::report::{Problem, Report, Weight};
use super::row::{Read, RowReader, read_all};
use super::sheet::Sheet;
use super::{BATCH, cells, queries};
use crate::calendar::Zone;
use crate::ids::AccountId;
use crate::numbers::Msisdn;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct CustomerRow {
    pub email_key: String,
    pub email: String,
    pub name: String,
    pub phone: Option<String>,
    pub language: String,
    pub time_zone: String,
}

#[derive(sqlx::FromRow)]
pub(super) struct KnownCustomer {
    pub id: AccountId,
    pub role: String,
    pub has_password: bool,
    #[sqlx(flatten)]
    pub row: CustomerRow,
}

#[derive(Serialize)]
pub struct Identified<'a> {
    pub id: AccountId,
    #[serde(flatten)]
    pub row: &'a CustomerRow,
}

pub(super) async fn import(
    db: &mut PgConnection,
    now: OffsetDateTime,
    sheet: &Sheet,
    report: &mut Report,
    progress: &mut Progress<'_>,
) -> sqlx::Result<()> {
    let key = (Column::Email, (|row: &CustomerRow| row.email_key.clone()) as fn(&CustomerRow) -> String);
    let rows = read_all(sheet, &columns::CUSTOMERS, report, key, |row| {
        progress.checked();
        read(row)
    });
    let keys: Vec<&str> = rows.iter().map(|row| row.value.email_key.as_str()).collect();
    let known = queries::customers(db, &keys).await?;
    let known: HashMap<&str, &KnownCustomer> =
        known.iter().map(|customer| (customer.row.email_key.as_str(), customer)).collect();
    let (mut fresh, mut changed) = (Vec::new(), Vec::new());
    for row in &rows {
        match known.get(row.value.email_key.as_str()) {
            None => fresh.push(Identified { id: AccountId::new(), row: &row.value }),
            Some(customer) if said(row, sheet, customer) == customer.row => report.unchanged += 1,
            Some(customer) if customer.role != "customer" => refuse_staff(row, report),
            Some(customer) if customer.has_password => leave_alone(row, report),
            Some(customer) => changed.push((customer.id, said(row, sheet, customer))),
        }
    }
    let changed: Vec<Identified> = changed.iter().map(|(id, row)| Identified { id: *id, row }).collect();
    (report.created, report.updated) = (fresh.len(), changed.len());
    progress.will_write(fresh.len() + changed.len());
    for batch in fresh.chunks(BATCH) {
        queries::insert_customers(db, batch, now).await?;
        progress.wrote(batch.len());
    }
    for batch in changed.chunks(BATCH) {
        queries::update_customers(db, batch).await?;
        progress.wrote(batch.len());
    }
    Ok(())
}

fn read(row: &mut RowReader) -> Option<CustomerRow> {
    let email = row.read(Column::Email, cells::email);
    let name = row.read(Column::Name, |text| cells::needed(text, 100));
    let phone = row.read_if_any(Column::Phone, Msisdn::parse);
    let language = row.read(Column::Language, cells::language);
    let time_zone = row.read_if_any(Column::TimeZone, Zone::parse);
    let email = email?;
    Some(CustomerRow {
        email_key: email.key,
        email: email.shown,
        name: name?,
        phone: phone?.map(|phone| phone.to_string()),
        language: language?.to_owned(),
        time_zone: time_zone?.map_or_else(|| "Asia/Shanghai".to_owned(), |zone| zone.name().to_owned()),
    })
}

/// What the file says; what it has no column for stays as it is.
fn said(row: &Read<CustomerRow>, sheet: &Sheet, known: &KnownCustomer) -> CustomerRow {
    let mut said = row.value.clone();
    let kept = &known.row;
    if !sheet.has(Column::Phone) {
        said.phone.clone_from(&kept.phone);
    }
    if !sheet.has(Column::Language) {
        said.language.clone_from(&kept.language);
    }
    if !sheet.has(Column::TimeZone) {
        said.time_zone.clone_from(&kept.time_zone);
    }
    said
}

fn refuse_staff(row: &Read<CustomerRow>, report: &mut Report) {
    report.refused += 1;
    report.problems.push(problem(row, Weight::Refused, "belongs to a member of staff; a file does not change staff"));
}

fn leave_alone(row: &Read<CustomerRow>, report: &mut Report) {
    report.unchanged += 1;
    let reason = "differs from the account, whose holder has signed in since; the account was left as it is";
    report.problems.push(problem(row, Weight::Warning, reason));
}

fn problem(row: &Read<CustomerRow>, weight: Weight, reason: &str) -> Problem {
    Problem {
        line: row.line,
        column: columns::CUSTOMERS.name(Column::Email),
        value: row.value.email.clone(),
        reason: reason.to_owned(),
        weight,
    }
}
