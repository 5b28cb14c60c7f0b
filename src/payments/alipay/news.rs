//! Whether Alipay wrote a notification, and what it says. The same status may tell of a payment and of a refund.

use super::client::Merchant;
use super::moment;
use super::params::Params;
use crate::money::{Currency, Money};
use crate::payments::gateway::{MoneyIn, News, NotVerified, Notice, RefundAnswer, RefundState};
use crate::payments::model::is_refund_no;
use sha2::{Digest, Sha256};

/// That it is RSA2 is for us to decide and not for the message. Some of Alipay's senders leave out what is empty.
pub fn verify(merchant: &Merchant, form: &[u8]) -> Result<(), NotVerified> {
    let params = Params::read(form).ok_or(NotVerified::WrongSignature)?;
    let sign = params.text("sign").ok_or(NotVerified::Unsigned)?;
    let genuine = |with_empty| {
        let signed = params.signed(with_empty);
        merchant.public_keys.iter().any(|key| key.verifies(&signed, sign))
    };
    if genuine(true) || genuine(false) { Ok(()) } else { Err(NotVerified::WrongSignature) }
}

pub fn read(merchant: &Merchant, form: &[u8]) -> Result<Notice, NotVerified> {
    let params = Params::read(form).ok_or(NotVerified::WrongSignature)?;
    let ours = [("app_id", &merchant.app_id), ("seller_id", &merchant.seller_id)];
    if ours.iter().any(|(name, own)| params.text(name) != Some(own.as_str())) {
        return Err(NotVerified::NotForUs);
    }
    Ok(Notice {
        event_key: params.text("notify_id").map_or_else(|| unnamed(&params), str::to_owned),
        merchant_ref: params.text("out_trade_no").map(str::to_owned),
        news: news(&params),
    })
}

fn unnamed(params: &Params) -> String {
    format!("unnamed-{}", hex::encode(Sha256::digest(params.signed(true))))
}

fn news(params: &Params) -> News {
    match params.text("notify_type") {
        None | Some("trade_status_sync") => {}
        Some(_) => return News::Nothing,
    }
    let lacking = || News::Unreadable("a trade that lacks what it must say".to_owned());
    match params.text("trade_status") {
        Some("TRADE_SUCCESS" | "TRADE_FINISHED" | "TRADE_CLOSED") if tells_of_refund(params) => {
            refund(params).unwrap_or_else(lacking)
        }
        Some("TRADE_SUCCESS" | "TRADE_FINISHED") => paid(params).map_or_else(lacking, News::Paid),
        Some("TRADE_CLOSED") => News::Closed,
        Some("WAIT_BUYER_PAY") => News::Nothing,
        Some(other) => News::Unreadable(format!("a trade that is {other}")),
        None => lacking(),
    }
}

fn tells_of_refund(params: &Params) -> bool {
    params.text("gmt_refund").is_some() || params.text("refund_fee").is_some_and(|fee| yuan(fee) != Some(0))
}

fn paid(params: &Params) -> Option<MoneyIn> {
    let at = params.text("gmt_payment").or(params.text("notify_time"));
    Some(MoneyIn {
        transaction: params.text("trade_no")?.to_owned(),
        received: Money::new(yuan(params.text("total_amount")?)?, Currency::Cny),
        at: moment::read(at?)?,
    })
}

fn refund(params: &Params) -> Option<News> {
    let number = params.text("out_biz_no");
    if let Some(own) = number.filter(|number| is_refund_no(number)) {
        let answer = RefundAnswer { provider_refund_id: None, state: RefundState::Succeeded };
        return Some(News::Refund { merchant_refund_no: own.to_owned(), answer });
    }
    let transaction = params.text("trade_no")?.to_owned();
    Some(News::RefundElsewhere {
        provider_refund_id: number
            .map_or_else(|| format!("{transaction} {}", params.text("gmt_refund").unwrap_or_default()), str::to_owned),
        transaction,
        // All that went back of this payment so far; Alipay does not tell the parts.
        amount: Money::new(yuan(params.text("refund_fee")?)?, Currency::Cny),
        state: RefundState::Succeeded,
    })
}

fn yuan(text: &str) -> Option<i64> {
    crate::decimal::parse(text, Currency::Cny.exponent()).ok()
}
