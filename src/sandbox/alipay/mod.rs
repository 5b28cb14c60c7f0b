//! Speaks like Alipay: `gateway.do` for pages and calls, signed answers, notifications as forms. The payer counts as
//! signed in once their page opens, which is when the trade begins to exist.
//!
//! Refunds end at once. `13` is refused for lack of money, `14` moves nothing and then can't be done, `15` is done but
//! answered with a server error.

mod bill;
mod message;
mod refunds;
mod request;
mod trades;

pub use message::{message, send, waits};

use super::rsa::{Checker, Signer};
use super::{Sandbox, ledger};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use request::Request;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::{format_description, offset};

/// A merchant with an app here, and the key Alipay speaks to it with.
pub struct Contract {
    pub app_id: String,
    pub seller_id: String,
    /// Shown to the payer.
    pub name: String,
    app: Checker,
    signer: Signer,
}

impl Contract {
    /// `app`: the public key the merchant gave us, PKCS#1; `own`: our private key, PKCS#1.
    pub fn new(app_id: &str, seller_id: &str, name: &str, app: &str, own: &str) -> anyhow::Result<Self> {
        let (app, signer) = (Checker::read(app)?, Signer::read(own)?);
        Ok(Self { app_id: app_id.into(), seller_id: seller_id.into(), name: name.into(), app, signer })
    }
}

/// Why a call brought no result, in Alipay's codes.
pub enum Problem {
    Said(&'static str, &'static str),
    /// A server error that says nothing.
    NoAnswer,
    Broken(sqlx::Error),
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::Broken(error)
    }
}

const INVALID: Problem = Problem::Said("40002", "isv.invalid-parameter");
const NOT_EXIST: Problem = Problem::Said("40004", "ACQ.TRADE_NOT_EXIST");

type Told = Result<Value, Problem>;

pub fn router() -> Router<Sandbox> {
    Router::new().route("/gateway.do", get(gateway).post(gateway)).route("/bill/{day}", get(bill::download))
}

async fn gateway(State(sandbox): State<Sandbox>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let Some(contract) = &sandbox.settings.alipay else { return StatusCode::NOT_FOUND.into_response() };
    let request = Request::read(uri.query().unwrap_or_default(), &body);
    let admitted = request.admit(contract);
    if request.is_page() {
        return match admitted {
            Ok(()) => trades::page(&sandbox, contract, &request, &headers).await,
            Err(problem) => refused(problem),
        };
    }
    let told = match admitted {
        Ok(()) => call(&sandbox, &request).await,
        Err(problem) => Err(problem),
    };
    answer(contract, request.method(), told)
}

async fn call(sandbox: &Sandbox, request: &Request) -> Told {
    sandbox.ripen().await?;
    match request.method() {
        "alipay.trade.query" => trades::query(sandbox, request).await,
        "alipay.trade.close" => trades::close(sandbox, request).await,
        "alipay.trade.refund" => refunds::refund(sandbox, request).await,
        "alipay.trade.fastpay.refund.query" => refunds::query(sandbox, request).await,
        "alipay.data.dataservice.bill.downloadurl.query" => bill::address(sandbox, request).await,
        _ => Err(Problem::Said("40002", "isv.invalid-method")),
    }
}

/// Signed over the inner object's bytes as they are sent, with the slashes escaped as Alipay's are.
fn answer(contract: &Contract, method: &str, told: Told) -> Response {
    let inner = match told {
        Ok(mut value) => {
            value["code"] = "10000".into();
            value["msg"] = "Success".into();
            value
        }
        Err(Problem::Said(code, sub_code)) => {
            json!({ "code": code, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "演练/rehearsal" })
        }
        Err(Problem::NoAnswer) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(Problem::Broken(error)) => return super::page::broken(&error),
    };
    let inner = inner.to_string().replace('/', "\\/");
    let name = format!("{}_response", method.replace('.', "_"));
    let sign = contract.signer.sign(inner.as_bytes());
    let body = format!("{{\"{name}\":{inner},\"sign\":\"{sign}\"}}");
    ([(header::CONTENT_TYPE, "application/json;charset=utf-8")], body).into_response()
}

fn refused(problem: Problem) -> Response {
    match problem {
        Problem::Said(_, sub_code) => (StatusCode::BAD_REQUEST, sub_code).into_response(),
        Problem::NoAnswer => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Problem::Broken(error) => super::page::broken(&error),
    }
}

/// In Beijing time, as everything here.
fn moment(at: OffsetDateTime) -> String {
    let text = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    at.to_offset(offset!(+8)).format(text).unwrap_or_default()
}

fn yuan(minor: i64) -> String {
    crate::decimal::write(minor, 2)
}

async fn find(sandbox: &Sandbox, request: &Request) -> Result<ledger::Payment, Problem> {
    let reference = request.said("out_trade_no").ok_or(INVALID)?;
    ledger::by_ref(&sandbox.pool, &reference).await?.ok_or(NOT_EXIST)
}
