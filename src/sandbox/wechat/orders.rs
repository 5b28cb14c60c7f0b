use super::super::Sandbox;
use super::super::api::NewPayment;
use super::super::ledger::{self, Payment};
use super::super::protocol::Protocol;
use super::Admitted;
use super::account::{APPID, MCHID, Refusal, answer};
use super::notify::moment;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::IpAddr;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

#[derive(Deserialize)]
struct NewOrder {
    appid: String,
    mchid: String,
    description: String,
    out_trade_no: String,
    time_expire: String,
    notify_url: String,
    amount: Amount,
    #[serde(default)]
    scene_info: Option<Scene>,
}

#[derive(Deserialize)]
struct Amount {
    total: i64,
    currency: String,
}

#[derive(Deserialize)]
struct Scene {
    payer_client_ip: IpAddr,
    h5_info: H5Info,
}

#[derive(Deserialize)]
struct H5Info {
    #[serde(rename = "type")]
    kind: String,
}

type Answer = Result<Response, Refusal>;

pub async fn native(State(sandbox): State<Sandbox>, Admitted(body): Admitted) -> Answer {
    let payment = sandbox.order(&body, false).await?;
    let code = json!({ "code_url": sandbox.link(&payment) });
    Ok(answer(StatusCode::OK, Some(code), sandbox.clock.now()))
}

pub async fn h5(State(sandbox): State<Sandbox>, Admitted(body): Admitted) -> Answer {
    let payment = sandbox.order(&body, true).await?;
    let link = json!({ "h5_url": sandbox.link(&payment) });
    Ok(answer(StatusCode::OK, Some(link), sandbox.clock.now()))
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    mchid: String,
}

pub async fn show(
    State(sandbox): State<Sandbox>,
    Path(no): Path<String>,
    Query(asked): Query<Asked>,
    Admitted(_): Admitted,
) -> Answer {
    if asked.mchid != MCHID {
        return Err(sandbox.refusal(StatusCode::BAD_REQUEST, "PARAM_ERROR"));
    }
    sandbox.ripen().await.map_err(|error| sandbox.broken(&error))?;
    let found = ledger::by_ref(&sandbox.pool, &no).await.map_err(|error| sandbox.broken(&error))?;
    let payment = found.and_then(Payment::of_wechat).ok_or_else(|| not_there(&sandbox))?;
    sandbox.hang_if_silent(&payment).await?;
    let state = match payment.status.as_str() {
        "paid" => "SUCCESS",
        "failed" => "PAYERROR",
        "closed" => "CLOSED",
        _ => "NOTPAY",
    };
    Ok(answer(StatusCode::OK, Some(transaction(&payment, state)), sandbox.clock.now()))
}

pub async fn close(State(sandbox): State<Sandbox>, Path(no): Path<String>, Admitted(body): Admitted) -> Answer {
    let asked: Asked =
        serde_json::from_slice(&body).map_err(|_| sandbox.refusal(StatusCode::BAD_REQUEST, "PARAM_ERROR"))?;
    if asked.mchid != MCHID {
        return Err(sandbox.refusal(StatusCode::BAD_REQUEST, "APPID_MCHID_NOT_MATCH"));
    }
    sandbox.ripen().await.map_err(|error| sandbox.broken(&error))?;
    let before = sandbox.close_order(&no).await.map_err(|error| sandbox.broken(&error))?;
    let payment = before.ok_or_else(|| not_there(&sandbox))?;
    sandbox.hang_if_silent(&payment).await?;
    match payment.status.as_str() {
        "paid" => Err(sandbox.refusal(StatusCode::BAD_REQUEST, "ORDERPAID")),
        "open" | "failed" => Ok(answer(StatusCode::NO_CONTENT, None, sandbox.clock.now())),
        _ => Err(sandbox.refusal(StatusCode::BAD_REQUEST, "ORDER_CLOSED")),
    }
}

fn not_there(sandbox: &Sandbox) -> Refusal {
    sandbox.refusal(StatusCode::NOT_FOUND, "ORDER_NOT_EXIST")
}

/// An order as it is answered and notified.
pub fn transaction(payment: &Payment, state: &str) -> Value {
    let mut body = json!({
        "appid": APPID, "mchid": MCHID, "out_trade_no": payment.merchant_ref, "trade_state": state,
        "trade_state_desc": state, "attach": "",
        "amount": { "total": payment.received_minor.unwrap_or(payment.amount_minor), "currency": payment.currency },
    });
    if let (Some(number), Some(at)) = (&payment.transaction_id, payment.paid_at) {
        body["transaction_id"] = number.as_str().into();
        body["success_time"] = moment(at).into();
        body["trade_type"] = payment.details["trade_type"].clone();
        body["bank_type"] = "OTHERS".into();
        body["payer"] = json!({ "openid": "oDemoPayer" });
        body["amount"]["payer_total"] = payment.received_minor.into();
        body["amount"]["payer_currency"] = payment.currency.as_str().into();
    }
    body
}

impl Sandbox {
    /// The same parameters bring the same order, and a fresh link to it.
    async fn order(&self, body: &[u8], h5: bool) -> Result<Payment, Refusal> {
        let refused = |code| self.refusal(StatusCode::BAD_REQUEST, code);
        let now = self.clock.now();
        let new: NewOrder = serde_json::from_slice(body).map_err(|_| refused("PARAM_ERROR"))?;
        let expires_at = OffsetDateTime::parse(&new.time_expire, &Rfc3339).map_err(|_| refused("PARAM_ERROR"))?;
        if new.appid != APPID || new.mchid != MCHID {
            return Err(refused("APPID_MCHID_NOT_MATCH"));
        }
        if !new.is_whole(h5) || expires_at <= now {
            return Err(refused("PARAM_ERROR"));
        }
        let total = new.amount.total;
        let payment = self.keep(new, h5, expires_at).await.map_err(|error| self.broken(&error))?;
        match payment.status.as_str() {
            "paid" => Err(refused("ORDERPAID")),
            "closed" => Err(refused("ORDER_CLOSED")),
            _ if payment.amount_minor != total => Err(refused("INVALID_REQUEST")),
            _ => Ok(payment),
        }
    }

    async fn keep(&self, new: NewOrder, h5: bool, expires_at: OffsetDateTime) -> sqlx::Result<Payment> {
        let kind = if h5 { "MWEB" } else { "NATIVE" };
        let (merchant, number) = new.description.split_once(' ').unwrap_or((&new.description, ""));
        let payment = NewPayment {
            merchant_ref: new.out_trade_no,
            amount_minor: new.amount.total,
            currency: new.amount.currency,
            merchant: merchant.to_owned(),
            order_number: number.to_owned(),
            lang: "zh-CN".to_owned(),
            return_url: String::new(),
            notify_url: new.notify_url,
            expires_at: expires_at.unix_timestamp(),
        };
        let id = format!("wx_{}", Uuid::new_v4().simple());
        let details = (Protocol::Wechat, json!({ "trade_type": kind }));
        let mut conn = self.pool.acquire().await?;
        ledger::insert(&mut conn, &id, &payment, details, expires_at, self.clock.now()).await?;
        ledger::by_ref(&mut *conn, &payment.merchant_ref).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Each has a number of its own, as the real ones do.
    fn link(&self, payment: &Payment) -> String {
        format!("{}/pay/{}?code={}", self.settings.public_url, payment.id, crate::ids::readable(8))
    }

    /// The order as it was before.
    async fn close_order(&self, no: &str) -> sqlx::Result<Option<Payment>> {
        let mut tx = crate::db::begin(&self.pool).await?;
        let found = ledger::lock_by_ref(&mut tx, no).await?.and_then(Payment::of_wechat);
        let closes = found.as_ref().filter(|payment| !payment.is_silent(self.clock.now()) && payment.status == "open");
        if let Some(payment) = closes {
            ledger::set_status(&mut tx, &payment.id, "closed").await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    async fn hang_if_silent(&self, payment: &Payment) -> Result<(), Refusal> {
        if !payment.is_silent(self.clock.now()) {
            return Ok(());
        }
        tokio::time::sleep(self.settings.hang).await;
        Err(self.refusal(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR"))
    }
}

impl NewOrder {
    fn is_whole(&self, h5: bool) -> bool {
        let number = self.out_trade_no.as_bytes();
        let scene = self.scene_info.as_ref().map(|scene| (scene.payer_client_ip, scene.h5_info.kind.as_str()));
        (6..=32).contains(&number.len())
            && number.iter().all(|b| b.is_ascii_alphanumeric() || b"_-|*".contains(b))
            && (1..=127).contains(&self.description.chars().count())
            && !self.notify_url.contains(['?', '#'])
            && self.amount.total > 0
            && self.amount.currency == "CNY"
            && (!h5 || scene.is_some_and(|(_, kind)| ["Wap", "iOS", "Android"].contains(&kind)))
    }
}
