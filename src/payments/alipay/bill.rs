//! A day's bookings: a zip with a list in GB18030, which has a head, columns by name, totals below, and a second list
//! that only sums up.

use super::client::Client;
use super::moment;
use crate::decimal;
use crate::money::{Currency, Money};
use crate::payments::gateway::{GatewayError, StatementKind, StatementLine};
use encoding_rs::GB18030;
use serde::Deserialize;
use serde_json::json;
use std::io::{Cursor, Read};
use time::Date;

/// Bytes of an unpacked list: a small archive may be made to unfold without end.
const LARGEST: u64 = 256 * 1024 * 1024;

#[derive(Deserialize)]
struct Download {
    bill_download_url: String,
}

impl Client {
    pub async fn statement(&self, day: Date) -> Result<Vec<StatementLine>, GatewayError> {
        let asked = json!({ "bill_type": "trade", "bill_date": day.to_string() });
        let found = self.ask::<Download>("alipay.data.dataservice.bill.downloadurl.query", &asked).await;
        let file = match found {
            Ok(found) => self.download(&found.bill_download_url).await?,
            // A day on which nothing was booked has no statement.
            Err(GatewayError::Rejected(code)) if code.to_lowercase().contains("bill_not_exist") => {
                return Ok(Vec::new());
            }
            Err(failure) => return Err(failure),
        };
        lines(&file).ok_or_else(|| GatewayError::Unknown("the statement can't be read".to_owned()))
    }
}

/// `None` if anything in it is not as it should be: half a statement is worse than none.
pub(super) fn lines(archive: &[u8]) -> Option<Vec<StatementLine>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).ok()?;
    for at in 0..archive.len() {
        let mut bytes = Vec::new();
        archive.by_index(at).ok()?.take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > LARGEST {
            return None;
        }
        let text = GB18030.decode(&bytes).0;
        if let Some(columns) = text.lines().find(|line| line.starts_with("支付宝交易号")) {
            return bookings(columns, &text);
        }
    }
    None
}

fn bookings(columns: &str, text: &str) -> Option<Vec<StatementLine>> {
    let columns: Vec<&str> = columns.split(',').map(str::trim).collect();
    let (_, below) = text.split_once("\n支付宝交易号")?;
    let (_, rows) = below.split_once('\n')?;
    // The totals below prove that nothing is cut off.
    let (rows, _) = if rows.starts_with('#') { ("", rows) } else { rows.split_once("\n#")? };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(rows.as_bytes());
    reader.records().map(|row| booking(&columns, &row.ok()?)).collect()
}

fn booking(columns: &[&str], row: &csv::StringRecord) -> Option<StatementLine> {
    let cell = |name: &str| row.get(columns.iter().position(|column| column.starts_with(name))?);
    let filled = |name: &str| cell(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let kind = match cell("业务类型")? {
        "交易" => StatementKind::Payment,
        "退款" => {
            StatementKind::Refund { merchant_refund_no: filled("退款批次号/请求号"), provider_refund_id: None }
        }
        _ => return None,
    };
    let amount = cell("订单金额")?;
    Some(StatementLine {
        kind,
        merchant_ref: filled("商户订单号"),
        transaction: filled("支付宝交易号")?,
        amount: Money::new(decimal::parse(amount.trim_start_matches('-'), 2).ok()?, Currency::Cny),
        at: moment::read(cell("完成时间")?)?,
    })
}
