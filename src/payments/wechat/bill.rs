//! The trade bill of a day: CSV in Chinese, amounts in yuan, every cell after a back-tick, totals below the bookings.

use super::client::Client;
use crate::money::{Currency, Money};
use crate::payments::gateway::{GatewayError, StatementKind, StatementLine};
use reqwest::Url;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::Deserialize;
use std::collections::HashMap;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{Date, PrimitiveDateTime};

const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

#[derive(Deserialize)]
struct Bill {
    hash_value: String,
    download_url: String,
}

impl Client {
    pub async fn statement(&self, day: Date) -> Result<Vec<StatementLine>, GatewayError> {
        let path = format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL");
        let bill: Bill = match self.get(&path).await {
            Ok(bill) => bill,
            Err(failure) if failure.is_rejected(&["NO_STATEMENT_EXIST"]) => return Ok(Vec::new()),
            Err(failure) => return Err(failure),
        };
        let file = self.download(&self.path_of(&bill.download_url)?).await?;
        let found = hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &file));
        if !found.eq_ignore_ascii_case(&bill.hash_value) {
            return Err(GatewayError::Unknown("the statement is not the one that was announced".to_owned()));
        }
        lines(&file).ok_or_else(|| GatewayError::Unknown("the statement can't be read".to_owned()))
    }

    /// The path alone is taken: our signature goes to no other house than the one we have a contract with.
    fn path_of(&self, download_url: &str) -> Result<String, GatewayError> {
        let unclear = || GatewayError::Unknown("an address for the statement that is none".to_owned());
        let url = Url::parse(download_url).map_err(|_| unclear())?;
        let prefix = self.merchant.address.path().trim_end_matches('/');
        let path = url.path().strip_prefix(prefix).ok_or_else(unclear)?;
        Ok(format!("{path}?{}", url.query().unwrap_or_default()))
    }
}

/// `None` if anything in it is not as it should be: half a statement is worse than none.
fn lines(file: &[u8]) -> Option<Vec<StatementLine>> {
    let text = std::str::from_utf8(file).ok()?.trim_start_matches('\u{feff}');
    let mut rows = text.lines();
    let columns: Vec<&str> = rows.next()?.split(',').map(str::trim).collect();
    let bookings = rows.take_while(|row| row.starts_with('`'));
    let all: Vec<Vec<StatementLine>> =
        bookings.map(|row| Row::read(&columns, row).and_then(|row| row.lines())).collect::<Option<_>>()?;
    Some(all.into_iter().flatten().collect())
}

struct Row<'a>(HashMap<&'a str, &'a str>);

impl<'a> Row<'a> {
    /// A name may hold a comma, so that a cell ends where the next back-tick begins.
    fn read(columns: &[&'a str], row: &'a str) -> Option<Self> {
        let cells: Vec<&str> = row.strip_prefix('`')?.split(",`").collect();
        (cells.len() == columns.len()).then(|| Self(columns.iter().copied().zip(cells).collect()))
    }

    fn cell(&self, column: &str) -> Option<&'a str> {
        self.0.get(column).map(|cell| cell.trim())
    }

    fn filled(&self, column: &str) -> Option<String> {
        self.cell(column).filter(|cell| !cell.is_empty() && *cell != "0").map(str::to_owned)
    }

    fn lines(&self) -> Option<Vec<StatementLine>> {
        let (kind, amount) = match self.cell("交易状态")? {
            "SUCCESS" => (StatementKind::Payment, "订单金额"),
            "REFUND" if self.cell("退款状态") == Some("FAIL") => return Some(Vec::new()),
            "REFUND" => (self.refund(), "申请退款金额"),
            // A revoked payment moved no money that stayed.
            "REVOKED" => return Some(Vec::new()),
            _ => return None,
        };
        let currency = Currency::parse(self.cell("货币种类")?).ok()?;
        let at = PrimitiveDateTime::parse(self.cell("交易时间")?, MOMENT).ok()?;
        Some(vec![StatementLine {
            kind,
            merchant_ref: self.filled("商户订单号"),
            transaction: self.filled("微信订单号")?,
            amount: Money::parse(self.cell(amount)?, currency).ok()?,
            at: at.assume_offset(offset!(+8)),
        }])
    }

    fn refund(&self) -> StatementKind {
        StatementKind::Refund {
            merchant_refund_no: self.filled("商户退款单号"),
            provider_refund_id: self.filled("微信退款单号"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
    const PAID: &str = "`2026-11-21 09:30:00,`wx01,`1900000001,`0,`,`4200001,`RAAA,`o1,`NATIVE,`SUCCESS,`OTHERS,`CNY,`28.00,`2.00,`0,`0,`0.00,`0.00,`,`,`续费, 30 天,`,`0.18000,`0.60%,`30.00,`0.00,`";
    const BACK: &str = "`2026-11-21 10:30:00,`wx01,`1900000001,`0,`,`4200001,`RAAA,`o1,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5030001,`FBBB,`12.50,`0.00,`ORIGINAL,`SUCCESS,`续费,`,`-0.08000,`0.60%,`0.00,`12.50,`";
    const FOOT: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n`2,`28.00,`12.50,`0.00,`0.10000,`30.00,`12.50";

    fn bill(rows: &[&str]) -> Vec<u8> {
        [&[HEAD], rows, &[FOOT]].concat().join("\r\n").into_bytes()
    }

    #[test]
    fn payments_are_what_was_asked_and_refunds_name_both_numbers() {
        let lines = lines(&bill(&[PAID, BACK])).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].amount, Money::new(3000, Currency::Cny));
        assert_eq!((lines[0].merchant_ref.as_deref(), lines[0].transaction.as_str()), (Some("RAAA"), "4200001"));
        assert_eq!(lines[0].at, time::macros::datetime!(2026-11-21 01:30 UTC));
        assert_eq!(lines[1].amount, Money::new(1250, Currency::Cny));
        assert_eq!(
            lines[1].kind,
            StatementKind::Refund {
                merchant_refund_no: Some("FBBB".into()),
                provider_refund_id: Some("5030001".into())
            }
        );
    }

    #[test]
    fn a_statement_that_cannot_be_read_whole_is_not_read_at_all() {
        assert!(lines(&bill(&[PAID, "`2026-11-21 09:30:00,`wx01"])).is_none());
        assert!(lines(&bill(&[&PAID.replace("SUCCESS", "WHATEVER")])).is_none());
        assert!(lines(&bill(&[&PAID.replace("30.00", "30.0.0")])).is_none());
        assert_eq!(lines(&bill(&[])).unwrap(), vec![]);
    }

    #[test]
    fn a_refund_that_failed_moved_nothing() {
        assert_eq!(lines(&bill(&[&BACK.replace("SUCCESS", "FAIL")])).unwrap(), vec![]);
    }
}
