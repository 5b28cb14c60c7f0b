use super::ribbon::RibbonView;
use crate::accounts::SignedIn;
use crate::ids::OrderId;
use crate::lang::Lang;
use crate::orders::queries::detail::{self, Detail};
use crate::orders::receipt::{self, Fact};
use crate::orders::ribbon::Change;
use crate::web::{Ctx, Page, PageError, Path};
use crate::{ids::AccountId, paths};
use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;

#[derive(Template)]
#[template(path = "orders/receipt.html")]
pub struct ReceiptPage {
    ctx: Ctx,
    other: Lang,
    facts: Vec<Fact>,
    amount: String,
    currency: &'static str,
    title: &'static str,
    note: &'static str,
    ribbon: Option<RibbonView>,
    number: String,
    order: String,
    pdf: String,
}

/// `GET /orders/{order}/receipt`: there from the moment the renewal is done.
pub async fn show(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    Path(order): Path<OrderId>,
    ctx: Ctx,
) -> Result<Page<ReceiptPage>, PageError> {
    let detail = kept(&pool, order, person.id).await?;
    let mut change = Change::promised(&detail.order);
    change.until = detail.order.fulfilled_until.unwrap_or(change.until);
    Ok(Page(ReceiptPage {
        other: ctx.language.other(),
        facts: receipt::facts(&detail),
        amount: detail.order.amount().to_string(),
        currency: detail.order.currency.code(),
        title: receipt::title(&detail).0,
        note: receipt::title(&detail).1,
        ribbon: (!detail.order.is_top_up()).then(|| RibbonView::among(&change, change.days_shown(), ctx.language)),
        number: detail.order.number.clone(),
        order: paths::order(order),
        pdf: paths::receipt_pdf(order),
        ctx,
    }))
}

/// `GET /orders/{order}/receipt.pdf`
pub async fn pdf(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    Path(order): Path<OrderId>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let detail = kept(&pool, order, person.id).await?;
    let number = detail.order.number.clone();
    let bytes =
        tokio::task::spawn_blocking(move || receipt::draw(&detail, ctx.language)).await.map_err(anyhow::Error::from)?;
    let bytes = bytes.map_err(anyhow::Error::from)?;
    let name = format!("attachment; filename=\"receipt-{number}.pdf\"");
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}

/// An order that was delivered, also if its money went back later.
async fn kept(pool: &PgPool, order: OrderId, account: AccountId) -> Result<Detail, PageError> {
    detail::of_account(pool, order, account)
        .await?
        .filter(|detail| detail.order.fulfilled_at.is_some())
        .ok_or(PageError::NotFound)
}
