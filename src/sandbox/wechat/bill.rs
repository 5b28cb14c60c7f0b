//! The trade bill: first announced with its digest, then fetched.

use super::super::Sandbox;
use super::super::ledger::{self, Booked};
use super::Admitted;
use super::account::{APPID, MCHID, Refusal, answer};
use crate::decimal;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::Deserialize;
use serde_json::json;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Date, Duration, OffsetDateTime};

const COLUMNS: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const TOTALS: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

#[derive(Deserialize)]
pub struct Asked {
    bill_date: String,
}

pub async fn announce(
    State(sandbox): State<Sandbox>,
    Query(asked): Query<Asked>,
    Admitted(_): Admitted,
) -> Result<Response, Refusal> {
    let file = sandbox.bill(&asked.bill_date).await?;
    let hash = hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, file.as_bytes()));
    let url = format!("{}/wechat/v3/billdownload/file?bill_date={}", sandbox.settings.public_url, asked.bill_date);
    let body = json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url });
    Ok(answer(StatusCode::OK, Some(body), sandbox.clock.now()))
}

/// Files are not signed; their digest was.
pub async fn download(
    State(sandbox): State<Sandbox>,
    Query(asked): Query<Asked>,
    Admitted(_): Admitted,
) -> Result<Response, Refusal> {
    Ok(sandbox.bill(&asked.bill_date).await?.into_response())
}

impl Sandbox {
    async fn bill(&self, day: &str) -> Result<String, Refusal> {
        let day = Date::parse(day, DAY).map_err(|_| self.refusal(StatusCode::BAD_REQUEST, "PARAM_ERROR"))?;
        let from = day.midnight().assume_offset(offset!(+8));
        let booked = ledger::booked_by_wechat(&self.pool, from, from + Duration::days(1)).await;
        let booked = booked.map_err(|error| self.broken(&error))?;
        if booked.is_empty() {
            return Err(self.refusal(StatusCode::BAD_REQUEST, "NO_STATEMENT_EXIST"));
        }
        Ok(write(&booked))
    }
}

fn write(booked: &[Booked]) -> String {
    let (paid, back): (Vec<&Booked>, Vec<&Booked>) = booked.iter().partition(|one| one.refund_id.is_none());
    let sum = |all: &[&Booked]| yuan(all.iter().map(|one| one.amount_minor).sum());
    let (paid, back) = (sum(&paid), sum(&back));
    let mut rows = vec![format!("\u{feff}{COLUMNS}")];
    rows.extend(booked.iter().map(row));
    rows.push(TOTALS.to_owned());
    rows.push(cells(&[&booked.len().to_string(), &paid, &back, "0.00", "0.00000", &paid, &back]));
    rows.push(String::new());
    rows.join("\r\n")
}

fn row(one: &Booked) -> String {
    let (at, amount) = (moment(one.at), yuan(one.amount_minor));
    let number = one.transaction_id.as_str();
    let head = [&at, APPID, MCHID, "0", "", number, &one.merchant_ref, "oDemoPayer", "NATIVE"];
    let tail: [&str; 18] = match (&one.refund_id, &one.merchant_refund_no) {
        (Some(id), Some(no)) => [
            "REFUND",
            "OTHERS",
            "CNY",
            "0.00",
            "0.00",
            id,
            no,
            &amount,
            "0.00",
            "ORIGINAL",
            refund_status(one),
            &one.merchant,
            "",
            "0.00000",
            "0.60%",
            "0.00",
            &amount,
            "",
        ],
        _ => [
            "SUCCESS",
            "OTHERS",
            "CNY",
            &amount,
            "0.00",
            "0",
            "0",
            "0.00",
            "0.00",
            "",
            "",
            &one.merchant,
            "",
            "0.00000",
            "0.60%",
            &amount,
            "0.00",
            "",
        ],
    };
    cells(&[&head[..], &tail[..]].concat())
}

fn refund_status(one: &Booked) -> &'static str {
    match one.refund_status.as_deref() {
        Some("failed") => "FAIL",
        Some("succeeded") => "SUCCESS",
        _ => "PROCESSING",
    }
}

fn cells(cells: &[&str]) -> String {
    cells.iter().map(|cell| format!("`{cell}")).collect::<Vec<_>>().join(",")
}

fn yuan(fen: i64) -> String {
    decimal::write(fen, 2)
}

fn moment(at: OffsetDateTime) -> String {
    at.to_offset(offset!(+8)).format(MOMENT).unwrap_or_default()
}
