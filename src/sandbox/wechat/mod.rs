//! WeChat Pay's interface for merchants, API v3, as far as the portal speaks it: the same addresses, signatures and
//! words, over the sandbox's own ledger. Unlike the real one it takes notify addresses without https and payers on
//! this very machine.

pub mod account;
mod bill;
mod notify;
mod orders;
mod refunds;
mod seal;

pub use notify::message;

use super::Sandbox;
use super::ledger::Payment;
use super::protocol::Protocol;
use account::Refusal;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::routing::{get, post};

/// To be nested at `/wechat`.
pub fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/v3/pay/transactions/native", post(orders::native))
        .route("/v3/pay/transactions/h5", post(orders::h5))
        .route("/v3/pay/transactions/out-trade-no/{no}", get(orders::show))
        .route("/v3/pay/transactions/out-trade-no/{no}/close", post(orders::close))
        .route("/v3/refund/domestic/refunds", post(refunds::create))
        .route("/v3/refund/domestic/refunds/{no}", get(refunds::show))
        .route("/v3/bill/tradebill", get(bill::announce))
        .route("/v3/billdownload/file", get(bill::download))
}

/// A request whose signature is the merchant's, and its body.
pub struct Admitted(pub Bytes);

impl FromRequest<Sandbox> for Admitted {
    type Rejection = Refusal;

    async fn from_request(request: Request, sandbox: &Sandbox) -> Result<Self, Refusal> {
        // Nested routers shorten the address; the merchant signed the whole one.
        let uri = request.extensions().get::<axum::extract::OriginalUri>().map(|uri| uri.0.clone());
        let uri = uri.unwrap_or_else(|| request.uri().clone());
        let target = uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 64 * 1024).await.map_err(|_| Refusal::unsigned("PARAM_ERROR"))?;
        account::admit(parts.method.as_str(), &target, &parts.headers, &body, sandbox.clock.now())?;
        Ok(Self(body))
    }
}

impl Payment {
    fn of_wechat(self) -> Option<Self> {
        (self.protocol == Protocol::Wechat).then_some(self)
    }
}

impl Sandbox {
    fn refusal(&self, status: StatusCode, code: &'static str) -> Refusal {
        Refusal::signed(status, code, self.clock.now())
    }

    fn broken(&self, error: &sqlx::Error) -> Refusal {
        tracing::error!(%error, "the sandbox's WeChat Pay failed");
        self.refusal(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR")
    }
}
