use super::track::method_name;
use crate::accounts::SignedIn;
use crate::clock::Clock;
use crate::ids::OrderId;
use crate::orders::queries::detail::{self, Detail};
use crate::orders::{expire, limits};
use crate::paths;
use crate::web::{Ctx, Form, Page, PageError, Path, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;

/// Asks once more: money of the payment that was begun may be on its way.
#[derive(Template)]
#[template(path = "orders/cancel.html")]
pub struct CancelPage {
    ctx: Ctx,
    begun: String,
    number: String,
    line: String,
    line_path: String,
    plan: String,
    action: String,
    back: String,
}

#[derive(serde::Deserialize)]
pub struct Answer {
    /// Given by the page that asks.
    #[serde(default)]
    sure: String,
}

/// `GET /orders/{order}/cancel`
pub async fn show(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Path(order): Path<OrderId>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let detail = detail::of_account(&pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    match detail.facts.takes_payment(clock.now()) {
        true => Ok(Page(CancelPage::new(ctx, &detail)).into_response()),
        false => Ok(see_other(&paths::order(order))),
    }
}

/// `POST /orders/{order}/cancel`: at once, but where a payment was begun only who was asked and is sure.
pub async fn create(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Path(order): Path<OrderId>,
    Form(answer): Form<Answer>,
) -> Result<Response, PageError> {
    let detail = detail::of_account(&pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    if detail.facts.takes_payment(clock.now()) && detail.facts.awaits_gateway() && answer.sure.is_empty() {
        return Ok(see_other(&paths::cancel(order)));
    }
    limits::may_cancel(&pool, person.id).await?;
    expire::cancel(&pool, &clock, person.id, order).await?;
    Ok(see_other(&paths::order(order)))
}

impl CancelPage {
    fn new(ctx: Ctx, detail: &Detail) -> Self {
        let order = &detail.order;
        let begun = detail.method.as_deref().filter(|_| detail.facts.awaits_gateway());
        Self {
            begun: match begun {
                Some(method) => ctx.t1("cancel-begun", "method", method_name(&ctx, Some(method))),
                None => ctx.t("cancel-nothing-begun").to_owned(),
            },
            number: order.number.clone(),
            line: super::status::subject(order, ctx.language),
            line_path: super::status::subject_path(order),
            plan: detail.plan_name(ctx.language).to_owned(),
            action: paths::cancel(order.id),
            back: paths::order(order.id),
            ctx,
        }
    }
}
