//! The catalogue: one row per plan, known by its code.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::columns::{self, Column};
use super::progress::Progress;
use super::report::{Problem, Report, Weight};
use super::row::{Read, RowReader, read_all};
use super::sheet::Sheet;
use super::{cells, queries};
use crate::carriers::names;
use crate::lang::Lang;
use crate::money::{Currency, Money};
use crate::numbers::half_width;
use crate::plans::term::Term;
use crate::units::Data;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct PlanRow {
    pub code: String,
    pub carrier: String,
    pub kinds: Vec<String>,
    pub name_zh: String,
    pub name_en: String,
    pub term_unit: String,
    pub term_count: i32,
    pub data_unlimited: bool,
    pub data_bytes: Option<i64>,
    pub minutes: i32,
    pub sms: i32,
    pub coverage: Vec<String>,
    pub price_minor: i64,
    pub currency: String,
    pub effect: String,
    pub carrier_product: String,
}

pub(super) async fn import(
    db: &mut PgConnection,
    now: OffsetDateTime,
    sheet: &Sheet,
    report: &mut Report,
    progress: &mut Progress<'_>,
) -> sqlx::Result<()> {
    let key = (Column::Code, (|plan: &PlanRow| plan.code.clone()) as fn(&PlanRow) -> String);
    let rows = read_all(sheet, &columns::PLANS, report, key, |row| {
        progress.checked();
        read(row)
    });
    let codes: Vec<&str> = rows.iter().map(|row| row.value.code.as_str()).collect();
    let known: HashMap<String, PlanRow> =
        queries::plans(db, &codes).await?.into_iter().map(|plan| (plan.code.clone(), plan)).collect();
    let promised = queries::plans_with_open_orders(db, &codes).await?;
    let (mut fresh, mut changed) = (Vec::new(), Vec::new());
    for row in rows {
        match known.get(&row.value.code) {
            None => fresh.push(row.value),
            Some(plan) if *plan == row.value => report.unchanged += 1,
            Some(plan) if promised.contains(&plan.code) && !plan.promises_the_same(&row.value) => {
                report.refused += 1;
                report.problems.push(under_way(row));
            }
            Some(_) => changed.push(row.value),
        }
    }
    add_carriers(db, fresh.iter().chain(&changed)).await?;
    queries::insert_plans(db, &fresh, now).await?;
    queries::update_plans(db, &changed).await?;
    (report.created, report.updated) = (fresh.len(), changed.len());
    Ok(())
}

impl PlanRow {
    /// What was bought stays what it was: only name, price and coverage may change under open orders.
    fn promises_the_same(&self, other: &Self) -> bool {
        let promise = |plan: &Self| {
            (
                plan.effect.clone(),
                plan.term_unit.clone(),
                plan.term_count,
                plan.data_unlimited,
                plan.data_bytes,
                plan.minutes,
                plan.sms,
            )
        };
        self.carrier == other.carrier
            && self.carrier_product == other.carrier_product
            && promise(self) == promise(other)
    }
}

fn under_way(row: Read<PlanRow>) -> Problem {
    Problem {
        line: row.line,
        column: columns::PLANS.name(Column::Code),
        value: row.value.code,
        reason:
            "has open orders that were promised its term, allowance and effect; give the changed plan a code of its own"
                .into(),
        weight: Weight::Refused,
    }
}

/// A carrier nobody has named yet is shown by its code.
async fn add_carriers<'a>(db: &mut PgConnection, plans: impl Iterator<Item = &'a PlanRow>) -> sqlx::Result<()> {
    let codes: BTreeSet<&str> = plans.map(|plan| plan.carrier.as_str()).collect();
    for code in codes {
        let shown = code.to_uppercase();
        let name = |lang| names::name(code, lang).unwrap_or(&shown);
        queries::add_carrier(db, code, name(Lang::Zh), name(Lang::En)).await?;
    }
    Ok(())
}

fn read(row: &mut RowReader) -> Option<PlanRow> {
    let code = row.read(Column::Code, code);
    let carrier = row.read(Column::Carrier, carrier);
    let kinds = row.read(Column::Kinds, |text| list(text, |kind| cells::kind(kind).map(str::to_owned)));
    let name_zh = row.read(Column::NameZh, |text| cells::needed(text, 100));
    let name_en = row.read(Column::NameEn, |text| cells::needed(text, 100));
    let term = row.read(Column::Term, term);
    let data = row.read(Column::Data, data);
    let minutes = row.read(Column::Minutes, cells::count);
    let sms = row.read(Column::Sms, cells::count);
    let coverage = row.read(Column::Coverage, |text| list(text, country));
    let currency = row.read(Column::Currency, |text| Currency::parse(text).map_err(|e| e.to_string()));
    let price = row.read(Column::Price, |text| price(text, currency)).flatten();
    let effect = row.read(Column::Effect, effect);
    let carrier_product = row.read(Column::CarrierProduct, |text| cells::needed(text, 100));
    let (term_unit, term_count) = term?;
    let data = data?;
    if data == Data::Bytes(0) {
        row.refuse(Column::Data, "is nothing; leave it empty where a plan has no data");
    }
    Some(PlanRow {
        code: code?,
        carrier: carrier?,
        kinds: kinds?,
        name_zh: name_zh?,
        name_en: name_en?,
        term_unit,
        term_count,
        data_unlimited: data == Data::Unlimited,
        data_bytes: data.bytes(),
        minutes: minutes?.unwrap_or(0),
        sms: sms?.unwrap_or(0),
        coverage: coverage?,
        price_minor: price?.minor,
        currency: currency?.code().to_owned(),
        effect: effect?,
        carrier_product: carrier_product?,
    })
}

fn code(text: &str) -> Result<String, String> {
    let code = half_width(text).to_ascii_uppercase();
    let good = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if (2..=40).contains(&code.len()) && code.bytes().all(good) {
        Ok(code)
    } else {
        Err("is not a code of 2 to 40 letters, digits and hyphens".into())
    }
}

pub(super) fn carrier(text: &str) -> Result<String, String> {
    let code = half_width(text).to_ascii_lowercase();
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if (2..=20).contains(&code.len()) && code.bytes().all(good) {
        Ok(code)
    } else {
        Err("is not a carrier's code, such as cmhk".into())
    }
}

fn list(text: &str, item: impl Fn(&str) -> Result<String, String>) -> Result<Vec<String>, String> {
    let items = text.split([';', '；', '、', '|']).map(str::trim).filter(|part| !part.is_empty());
    let items: Vec<String> = items.map(item).collect::<Result<_, _>>()?;
    if items.is_empty() { Err("is empty".into()) } else { Ok(items) }
}

fn country(text: &str) -> Result<String, String> {
    let code = half_width(text).to_ascii_uppercase();
    if code == "*" || (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())) {
        Ok(code)
    } else {
        Err(format!("has {text:?} in it; countries are two letters, as CN;HK, and * is everywhere"))
    }
}

/// As the catalogue writes it; 个月, 天 and 年 are understood, and a year is twelve months.
fn term(text: &str) -> Result<(String, i32), String> {
    let text = half_width(text);
    let digits = text.trim_start().bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.trim().split_at_checked(digits).unwrap_or_default();
    let spelled = match (unit.trim().to_ascii_lowercase().as_str(), count.parse::<u32>()) {
        ("年" | "year" | "years", Ok(years @ 1..=99)) => format!("{} months", years * 12),
        ("个月" | "月", _) => format!("{count} months"),
        ("天" | "日", _) => format!("{count} days"),
        (unit, _) => format!("{count} {unit}"),
    };
    match Term::parse(&spelled) {
        Ok(Term::Days(days)) if days <= 3660 => Ok(("day".into(), days.cast_signed())),
        Ok(Term::Months(months)) => Ok(("month".into(), months.cast_signed())),
        Ok(Term::Days(_)) => Err("is longer than ten years".into()),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn data(text: &str) -> Result<Data, String> {
    match half_width(text).trim() {
        "不限量" | "无限" | "无限量" => Ok(Data::Unlimited),
        text => Data::parse(text).map_err(|error| error.to_string()),
    }
}

/// Says nothing where the currency was refused already.
fn price(text: &str, currency: Option<Currency>) -> Result<Option<Money>, String> {
    let Some(currency) = currency else {
        return Ok(None);
    };
    match Money::parse(&half_width(text), currency) {
        Ok(price) if price.is_positive() => Ok(Some(price)),
        Ok(_) => Err("must be more than nothing".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn effect(text: &str) -> Result<String, String> {
    let effect = half_width(text).trim().to_ascii_lowercase();
    match effect.as_str() {
        "stack" | "restart" | "roll" | "queue" | "replace" | "max" => Ok(effect),
        _ => Err("is none of stack, restart, roll, queue, replace, max".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_terms_in_both_languages() {
        for (text, unit, count) in [
            ("1 month", "month", 1),
            ("12 months", "month", 12),
            ("30 days", "day", 30),
            ("30天", "day", 30),
            ("3个月", "month", 3),
            ("1 年", "month", 12),
        ] {
            assert_eq!(term(text), Ok((unit.to_owned(), count)), "{text}");
        }
        for text in ["", "month", "0 days", "-1 month", "1 fortnight", "4000 days"] {
            assert!(term(text).is_err(), "{text}");
        }
    }

    #[test]
    fn prices_have_the_decimals_of_their_currency() {
        assert_eq!(price("4.500", Some(Currency::Kwd)), Ok(Some(Money::new(4_500, Currency::Kwd))));
        assert!(price("39.5", Some(Currency::Jpy)).is_err());
        assert!(price("0.00", Some(Currency::Cny)).is_err());
        assert!(price("-1", Some(Currency::Cny)).is_err());
    }
}
