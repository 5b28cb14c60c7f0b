//! A refund that a person ends: the money went another way, or on the customer's balance. Shown once more before it is so.

use super::refusal::{Refusal, refusal};
use super::shown::named;
use super::work::{back, hand, said, told};
use crate::accounts::{Proven, SignedInStaff, to_prove};
use crate::app::App;
use crate::ids::RefundId;
use crate::orders::give_back::{done_by_hand, put_to_balance};
use crate::paths;
use crate::payments::refund::ByHand;
use crate::staff::queries::money::{self, Back};
use crate::web::{Ctx, Form, Page, PageError, Path, Role};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Deserialize)]
pub struct Typed {
    /// For colleagues and the books.
    #[serde(default)]
    how: String,
    /// For the customer to read; may be empty.
    #[serde(default)]
    customer: String,
    /// `balance`: the customer agreed to have it there.
    #[serde(default)]
    to: String,
}

impl Typed {
    fn is_for_balance(&self) -> bool {
        self.to == "balance"
    }

    /// The page that shows it once more.
    fn reviewed_at(&self, refund: RefundId) -> String {
        let typed = [("how", self.how.as_str()), ("customer", &self.customer), ("to", &self.to)];
        paths::with_typed(&paths::staff_refund_done(refund), &typed)
    }

    /// `None`: no note, or one that is too long.
    fn read(&self) -> Option<ByHand<'_>> {
        let to_customer = match self.customer.trim() {
            "" => None,
            text => Some(said(text)?),
        };
        Some(ByHand { note: said(&self.how)?, to_customer })
    }
}

#[derive(Template)]
#[template(path = "staff/refund_done.html")]
struct DonePage {
    ctx: Ctx,
    order: String,
    method: String,
    number: String,
    amount: String,
    refusal: Option<Refusal>,
    typed: Typed,
    action: String,
    back: String,
}

/// `GET /staff/refunds/{refund}/done`: nothing is done yet.
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    proven: Result<Proven, Response>,
    State(pool): State<PgPool>,
    Path(id): Path<RefundId>,
    Query(typed): Query<Typed>,
) -> Result<Response, PageError> {
    staff.at_least(Role::Finance)?;
    if let Err(elsewhere) = proven {
        return Ok(elsewhere);
    }
    let refund = money::refund(&pool, id).await?.ok_or(PageError::NotFound)?;
    match typed.read() {
        Some(_) => Ok(Page(page(ctx, &refund, typed)).into_response()),
        None => Ok(back((refund.account_id, refund.order_number), "say-how")),
    }
}

fn page(ctx: Ctx, refund: &Back, typed: Typed) -> DonePage {
    DonePage {
        order: refund.order_number.clone(),
        method: named(&ctx, &format!("pay-method-{}", refund.method), &refund.method),
        number: refund.number.clone(),
        amount: refund.amount().to_string(),
        refusal: refund.failure.as_deref().map(|code| refusal(&ctx, code)),
        action: paths::staff_refund_done(refund.id),
        back: paths::staff_order_money(refund.account_id, &refund.order_number),
        typed,
        ctx,
    }
}

/// `POST /staff/refunds/{refund}/done`
pub async fn confirm(
    staff: SignedInStaff,
    proven: Result<Proven, Response>,
    State(app): State<App>,
    Path(refund): Path<RefundId>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let hand = hand(&staff, &app)?;
    let place = money::place_of_refund(&app.pool, refund).await?.ok_or(PageError::NotFound)?;
    let Ok(proof) = proven else { return Ok(to_prove(&typed.reviewed_at(refund))) };
    let Some(by_hand) = typed.read() else { return Ok(back(place, "say-how")) };
    match typed.is_for_balance() {
        true => told(place, put_to_balance(&hand, &proof, refund, by_hand).await, "refund-on-balance"),
        false => told(place, done_by_hand(&hand, &proof, refund, by_hand).await, "refund-done"),
    }
}
