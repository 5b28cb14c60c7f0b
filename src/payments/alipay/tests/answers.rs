use super::{ANSWER, QUERY, answered, merchant};
use crate::money::{Currency, Money};
use crate::payments::alipay::{answer, bill, failure};
use crate::payments::gateway::*;
use time::macros::datetime;

fn read(method: &str, body: &str) -> Result<serde_json::Value, GatewayError> {
    answer::read(method, &answered(body), &merchant().public_keys)
}

#[test]
fn an_answer_is_verified_over_its_bytes_as_they_came() {
    assert_eq!(read(QUERY, ANSWER).unwrap()["total_amount"], "30.00");
    let spaced = ANSWER.replacen(":{", " : {", 1).replace(",\"sign\"", " , \"sign\"");
    assert_eq!(read(QUERY, &spaced).unwrap()["buyer_logon_id"], "a/b***@x.example");
}

#[test]
fn an_answer_that_is_not_alipays_is_neither_yes_nor_no() {
    let unsigned = ANSWER.split(",\"sign\"").next().unwrap().to_owned() + "}";
    let refusal = r#"{"alipay_trade_query_response":{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}}"#;
    for body in [
        &ANSWER.replace("30.00", "30.01"),
        &ANSWER.replace("\\/", "/"),
        &ANSWER.replace("trade_query", "trade_close"),
        &unsigned,
        refusal,
        &ANSWER[..ANSWER.len() - 1],
        &ANSWER[..200],
        "<html>",
        "",
    ] {
        assert!(matches!(read(QUERY, body), Err(GatewayError::Unknown(_))), "{body}");
    }
}

#[test]
fn refusals_are_told_apart_by_what_they_say_of_us_and_of_the_trade() {
    let of = |code, sub_code| failure::of(code, sub_code, "");
    assert_eq!(of("40004", "ACQ.TRADE_HAS_FINISHED"), GatewayError::Rejected("ACQ.TRADE_HAS_FINISHED".into()));
    assert!(matches!(of("40004", "ACQ.SYSTEM_ERROR"), GatewayError::Unknown(_)));
    assert!(matches!(of("20000", "isp.unknow-error"), GatewayError::Unknown(_)));
    assert!(matches!(of("40002", "isv.invalid-signature"), GatewayError::Misconfigured(_)));
    assert!(matches!(of("40006", "isv.insufficient-isv-permissions"), GatewayError::Misconfigured(_)));
    assert_eq!(of("40004", "isv.app-call-limited"), GatewayError::RateLimited);
    assert!(matches!(of("99999", ""), GatewayError::Unknown(_)));
}

fn packed(rows: &str, foot: &str) -> Vec<u8> {
    use std::io::Write;
    let text = format!(
        "#支付宝业务明细查询\r\n#账号：[20880000000000010156]\r\n支付宝交易号,商户订单号,业务类型,商品名称,完成时间,订单金额（元）,退款批次号/请求号,备注\r\n{rows}{foot}"
    );
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("sum.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&encoding_rs::GB18030.encode("#支付宝业务汇总查询\r\n门店编号\r\n").0).unwrap();
    archive.start_file("all.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&encoding_rs::GB18030.encode(&text).0).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_statement_is_read_whole_or_not_at_all() {
    const FOOT: &str = "#-----业务明细列表结束-----\r\n#合计：2笔\r\n";
    const ROWS: &str = "2026112222001\t,RAAA\t,交易\t,续费 㐀,2026-11-21 23:59:59,30.00,\t,\r\n2026112222001\t,RAAA\t,退款\t,续费,2026-11-21 23:59:59,-12.50,FBBB\t,\r\n";
    let lines = bill::lines(&packed(ROWS, FOOT)).unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0].amount, &lines[0].kind), (Money::new(3000, Currency::Cny), &StatementKind::Payment));
    assert_eq!((lines[0].merchant_ref.as_deref(), lines[0].transaction.as_str()), (Some("RAAA"), "2026112222001"));
    assert_eq!(lines[0].at, datetime!(2026-11-21 15:59:59 UTC));
    assert_eq!(lines[1].amount, Money::new(1250, Currency::Cny));
    let refund = StatementKind::Refund { merchant_refund_no: Some("FBBB".into()), provider_refund_id: None };
    assert_eq!(lines[1].kind, refund);
    assert_eq!(bill::lines(&packed("", FOOT)).unwrap(), vec![]);
    assert!(bill::lines(&packed(ROWS, "")).is_none(), "cut off before its totals");
    assert!(bill::lines(&packed(&ROWS.replace("退款", "转账"), FOOT)).is_none());
    assert!(bill::lines(&packed(&ROWS.replace("30.00", "30.0x"), FOOT)).is_none());
    assert!(bill::lines(b"PK not a zip").is_none());
}
