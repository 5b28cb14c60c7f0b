use super::client::Merchant;
use super::resource::Resource;
use super::wire::{NotifiedRefund, Transaction, refund_state};
use crate::payments::gateway::{News, NotVerified, Notice, RefundAnswer};
use crate::payments::model::is_refund_no;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Envelope {
    id: String,
    event_type: String,
    #[serde(default)]
    resource: Option<Resource>,
}

/// What a notification says whose signature was verified. What can't be read keeps a name of its own, so that it is
/// stored once.
pub fn read(merchant: &Merchant, body: &[u8]) -> Result<Notice, NotVerified> {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else {
        let event_key = format!("unreadable-{}", hex::encode(Sha256::digest(body)));
        return Ok(Notice { event_key, merchant_ref: None, news: News::Unreadable("no envelope".to_owned()) });
    };
    let (merchant_ref, news) = match envelope.event_type.as_str() {
        "TRANSACTION.SUCCESS" => transaction(merchant, &envelope)?,
        "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => refund(merchant, &envelope)?,
        _ => (None, News::Nothing),
    };
    Ok(Notice { event_key: envelope.id, merchant_ref, news })
}

type Said = (Option<String>, News);

fn transaction(merchant: &Merchant, envelope: &Envelope) -> Result<Said, NotVerified> {
    let Some(paid) = open::<Transaction>(merchant, envelope)? else { return Ok(unreadable(envelope)) };
    if paid.mchid != merchant.mchid || paid.appid != merchant.appid {
        return Err(NotVerified::NotForUs);
    }
    let news = match (paid.trade_state.as_str(), paid.money()) {
        ("SUCCESS" | "REFUND", Some(money)) => News::Paid(money),
        _ => unreadable(envelope).1,
    };
    Ok((Some(paid.out_trade_no), news))
}

fn refund(merchant: &Merchant, envelope: &Envelope) -> Result<Said, NotVerified> {
    let Some(refund) = open::<NotifiedRefund>(merchant, envelope)? else { return Ok(unreadable(envelope)) };
    if refund.mchid != merchant.mchid {
        return Err(NotVerified::NotForUs);
    }
    let news = match (refund_state(&refund.refund_status), refund.money()) {
        (Some(state), Some(_)) if is_refund_no(&refund.out_refund_no) => News::Refund {
            merchant_refund_no: refund.out_refund_no,
            answer: RefundAnswer { provider_refund_id: Some(refund.refund_id), state },
        },
        // A number that is none of ours: somebody refunded in the merchant console.
        (Some(state), Some(amount)) => News::RefundElsewhere {
            transaction: refund.transaction_id,
            provider_refund_id: refund.refund_id,
            amount,
            state,
        },
        _ => unreadable(envelope).1,
    };
    Ok((Some(refund.out_trade_no), news))
}

/// What was sealed with another key, or changed after it was sealed, is as good as not signed. `None`: opened, and not
/// of the shape it should have.
fn open<T: DeserializeOwned>(merchant: &Merchant, envelope: &Envelope) -> Result<Option<T>, NotVerified> {
    let Some(resource) = &envelope.resource else { return Ok(None) };
    let plain = resource.open(&merchant.api_v3_key).ok_or(NotVerified::NotOpened)?;
    Ok(serde_json::from_slice(&plain).ok())
}

fn unreadable(envelope: &Envelope) -> Said {
    (None, News::Unreadable(format!("a `{}` that lacks what it must say", envelope.event_type)))
}
