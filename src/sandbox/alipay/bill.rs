//! The statement of a day: two lists in GB18030, zipped, at an address that only a signed call gives.

use super::request::Request;
use super::{Contract, INVALID, Problem, Told, moment, yuan};
use crate::sandbox::Sandbox;
use crate::sandbox::ledger::{self, Booking};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use encoding_rs::GB18030;
use serde::Deserialize;
use serde_json::json;
use std::io::{Cursor, Write};
use time::macros::{format_description, offset};
use time::{Date, Duration, OffsetDateTime};
use zip::write::{SimpleFileOptions, ZipWriter};

const NONE: Problem = Problem::Said("40004", "isp.bill_not_exist");

const COLUMNS: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

#[derive(Deserialize)]
pub struct Ticket {
    #[serde(default)]
    ticket: String,
}

pub async fn address(sandbox: &Sandbox, request: &Request) -> Told {
    let day = request.said("bill_date").and_then(|text| read(&text)).ok_or(INVALID)?;
    let contract = sandbox.settings.alipay.as_ref().ok_or(INVALID)?;
    let over = day < sandbox.clock.now().to_offset(offset!(+8)).date();
    if request.said("bill_type").as_deref() != Some("trade") || !over || bookings(sandbox, day).await?.is_empty() {
        return Err(NONE);
    }
    let address = format!("{}/alipay/bill/{day}?ticket={}", sandbox.settings.public_url, ticket(contract, day));
    Ok(json!({ "bill_download_url": address }))
}

pub async fn download(
    State(sandbox): State<Sandbox>,
    Path(day): Path<String>,
    Query(Ticket { ticket: given }): Query<Ticket>,
) -> Response {
    let (Some(day), Some(contract)) = (read(&day), &sandbox.settings.alipay) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if given != ticket(contract, day) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let file = match bookings(&sandbox, day).await {
        Ok(bookings) => packed(contract, day, &bookings),
        Err(error) => return crate::sandbox::page::broken(&error),
    };
    match file {
        Ok(file) => ([(header::CONTENT_TYPE, "application/zip")], file).into_response(),
        Err(error) => crate::sandbox::page::broken(&error),
    }
}

async fn bookings(sandbox: &Sandbox, day: Date) -> sqlx::Result<Vec<Booking>> {
    let from: OffsetDateTime = day.midnight().assume_offset(offset!(+8));
    ledger::alipay_bookings(&sandbox.pool, from, from + Duration::DAY).await
}

fn packed(contract: &Contract, day: Date, bookings: &[Booking]) -> zip::result::ZipResult<Vec<u8>> {
    let name = format!("{}0156_{}", contract.seller_id, day.to_string().replace('-', ""));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (list, text) in [("业务明细(汇总)", summary(bookings)), ("业务明细", details(contract, day, bookings))]
    {
        archive.start_file(format!("{name}_{list}.csv"), SimpleFileOptions::default())?;
        archive.write_all(&GB18030.encode(&text).0)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn details(contract: &Contract, day: Date, bookings: &[Booking]) -> String {
    let rows: String = bookings.iter().map(row).collect();
    format!(
        "#支付宝业务明细查询\r\n#账号：[{}0156]\r\n#起始日期：[{day} 00:00:00]\r\n#-----业务明细列表-----\r\n{COLUMNS}\r\n{rows}#-----业务明细列表结束-----\r\n#合计：{}笔\r\n",
        contract.seller_id,
        bookings.len()
    )
}

fn row(booking: &Booking) -> String {
    let (kind, sign) = if booking.refund_no.is_some() { ("退款", "-") } else { ("交易", "") };
    let amount = format!("{sign}{}", yuan(booking.amount_minor));
    format!(
        "{}\t,{}\t,{kind}\t,{},{},{},\t,\t,\t,\t,pay***@demo.example\t,{amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{}\t,0.00,0.00,\r\n",
        booking.trade_no,
        booking.merchant_ref,
        booking.subject,
        moment(booking.created_at),
        moment(booking.at),
        booking.refund_no.as_deref().unwrap_or_default(),
    )
}

fn summary(bookings: &[Booking]) -> String {
    format!("#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数\r\n合计\t,\t,{}\r\n", bookings.len())
}

/// Good for one day's statement.
fn ticket(contract: &Contract, day: Date) -> String {
    hex::encode(contract.signer.sign(format!("statement of {day}").as_bytes()))
}

fn read(day: &str) -> Option<Date> {
    Date::parse(day, format_description!("[year]-[month]-[day]")).ok()
}
