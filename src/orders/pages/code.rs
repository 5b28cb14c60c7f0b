use super::track::moment;
use crate::accounts::SignedIn;
use crate::app::App;
use crate::ids::OrderId;
use crate::money::Money;
use crate::orders::queries::detail::{self, Detail};
use crate::payments::model::Device;
use crate::payments::{self, Presentation, StartError};
use crate::web::{Ctx, Page, PageError, Path, Person, see_other};
use crate::{paths, qr};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header::USER_AGENT};
use axum::response::{IntoResponse, Response};
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "orders/code.html")]
pub struct CodePage {
    ctx: Ctx,
    amount: String,
    line: String,
    line_path: String,
    plan: String,
    number: String,
    left: String,
    /// `None`: the gateway gave none just now.
    code: Option<Code>,
    on_phone: bool,
    live: String,
    paid: String,
    other: String,
}

struct Code {
    picture: String,
    /// Where it leads, in a rehearsal.
    payer: Option<String>,
}

/// `GET /orders/{order}/pay/code`: the open payment's code. Leads away from here as soon as there is nothing to scan.
pub async fn show(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    Path(order): Path<OrderId>,
    headers: HeaderMap,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let detail = detail::of_account(&app.pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    if !detail.facts.takes_payment(app.clock.now()) {
        return Ok(see_other(&paths::order(order)));
    }
    let code = match payments::open_now(&app.pool, &app.clock, &app.gateways, order).await {
        Ok(Some(Presentation::Qr(text))) => Some(text),
        Ok(_) => return Ok(see_other(&paths::pay(order))),
        Err(StartError::Over(_) | StartError::NotFound) => return Ok(see_other(&paths::order(order))),
        Err(StartError::Database(error)) => return Err(error.into()),
        Err(StartError::Rejected(_)) => return Ok(see_other(&paths::pay(order))),
        Err(StartError::Unknown(_) | StartError::Busy) => None,
    };
    let browser = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let device = Device::of(browser);
    let held = payments::open_attempt(&app.pool, order).await?.map_or(0, |open| open.balance.minor);
    let due = Money::new(detail.order.amount_minor - held, detail.order.currency);
    Ok(Page(CodePage::new(ctx, &person, &detail, due, code, device, app.clock.now())?).into_response())
}

impl CodePage {
    fn new(
        ctx: Ctx,
        person: &Person,
        detail: &Detail,
        due: Money,
        code: Option<String>,
        device: Device,
        now: OffsetDateTime,
    ) -> Result<Self, PageError> {
        let order = &detail.order;
        let amount = due.to_string();
        let code = code.map(|text| Code::of(text, &ctx, &amount)).transpose()?;
        let until = moment(order.expires_at, person, now, ctx.language);
        Ok(Self {
            amount,
            line: super::status::subject(order, ctx.language),
            line_path: super::status::subject_path(order),
            plan: detail.plan_name(ctx.language).to_owned(),
            number: order.number.clone(),
            left: ctx.t2("code-left", "minutes", minutes(order.expires_at - now), "time", until),
            code,
            on_phone: device == Device::Phone,
            live: paths::order_events(order.id),
            paid: paths::paid(order.id),
            other: paths::pay(order.id),
            ctx,
        })
    }
}

impl Code {
    fn of(text: String, ctx: &Ctx, amount: &str) -> Result<Self, PageError> {
        let picture = qr::svg(&text, &ctx.t1("code-picture", "amount", amount)).map_err(anyhow::Error::from)?;
        Ok(Self { picture, payer: Some(text).filter(|text| ctx.in_demo && text.starts_with("http")) })
    }
}

/// Begun minutes, so that it never says that none is left while there is time.
fn minutes(left: time::Duration) -> i64 {
    left.whole_seconds().max(1).saturating_add(59) / 60
}
