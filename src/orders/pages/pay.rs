use super::status::day;
use super::track::moment;
use crate::accounts::SignedIn;
use crate::clock::Clock;
use crate::ids::OrderId;
use crate::lines::words;
use crate::orders::pay::{self, PayError, Till, Wish};
use crate::orders::queries::detail::{self, Detail};
use crate::orders::standing::Standing;
use crate::orders::{expire, model::OrderStatus};
use crate::payments::gateway::Payer;
use crate::payments::model::Device;
use crate::payments::{Gateways, Presentation};
use crate::web::client::Client;
use crate::web::headers::ORIGIN_AS_REFERRER;
use crate::web::{Ctx, Form, Page, PageError, Path, Person, see_other, unprocessable};
use crate::{app::App, paths};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header::USER_AGENT};
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "orders/pay.html")]
pub struct PayPage {
    ctx: Ctx,
    amount: String,
    plan: String,
    line: String,
    number: String,
    line_path: String,
    ends: String,
    until: String,
    methods: Vec<Method>,
    declined: bool,
    /// The way to pay that was begun before; another choice closes it first.
    begun: Option<String>,
    error: Option<String>,
    action: String,
    back: String,
}

struct Method {
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    chosen: bool,
}

#[derive(serde::Deserialize)]
pub struct Chosen {
    #[serde(default)]
    method: String,
}

/// A form that says nothing but its button.
#[derive(serde::Deserialize)]
pub struct Nothing {}

/// `GET /orders/{order}/pay`
pub async fn show(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(gateways): State<Gateways>,
    Path(order): Path<OrderId>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let detail = detail::of_account(&pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    if detail.order.status != OrderStatus::AwaitingPayment || detail.facts.money_undecided {
        return Ok(see_other(&paths::order(order)));
    }
    let declined = Standing::of(&detail.facts, clock.now()) == Standing::Declined;
    let page = PayPage::new(ctx, &person, &detail, &gateways, None, clock.now()).declined(declined);
    Ok(([ORIGIN_AS_REFERRER], Page(page)).into_response())
}

/// `POST /orders/{order}/pay`: to the gateway's page, or back here with what is in the way.
pub async fn create(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    Path(order): Path<OrderId>,
    client: Client,
    headers: HeaderMap,
    ctx: Ctx,
    Form(chosen): Form<Chosen>,
) -> Result<Response, PageError> {
    let browser = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let payer = Payer { device: Device::of(browser), address: client.to_string() };
    let App { pool, clock, carriers, gateways, base_url, .. } = &app;
    let till = Till { pool, clock, carriers, gateways, base_url };
    let wish = Wish { method: &chosen.method, language: ctx.language, payer };
    let method = |method: &str| super::track::method_name(&ctx, Some(method));
    let error = match pay::pay(&till, person.id, order, wish).await {
        Ok(Presentation::Redirect(url)) => return Ok(([ORIGIN_AS_REFERRER], see_other(&url)).into_response()),
        Ok(Presentation::Qr(_)) => return Ok(see_other(&paths::pay_code(order))),
        Err(PayError::NoSuchOrder) => return Err(PageError::NotFound),
        Err(PayError::NothingToPay) => return Ok(see_other(&paths::order(order))),
        Err(PayError::Internal(error)) => return Err(error.into()),
        Err(PayError::StillOpen { method: begun }) => ctx.t1("pay-still-open", "method", method(&begun)),
        Err(PayError::Expired) => ctx.t("pay-expired").to_owned(),
        Err(PayError::Ending) => ctx.t("pay-ending").to_owned(),
        Err(PayError::NoSuchMethod) => ctx.t("pay-method-missing").to_owned(),
        Err(PayError::NotEligible) => ctx.t("review-not-eligible").to_owned(),
        Err(PayError::CarrierUnavailable) => ctx.t("review-carrier-down").to_owned(),
        Err(PayError::GatewayUnavailable) => ctx.t("pay-unavailable").to_owned(),
    };
    let detail = detail::of_account(pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    Ok(unprocessable(PayPage::new(ctx, &person, &detail, gateways, Some(error), clock.now())))
}

/// `POST /orders/{order}/cancel`
pub async fn cancel(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Path(order): Path<OrderId>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    detail::of_account(&pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    expire::cancel(&pool, &clock, person.id, order).await?;
    Ok(see_other(&paths::order(order)))
}

impl PayPage {
    fn new(
        ctx: Ctx,
        person: &Person,
        detail: &Detail,
        gateways: &Gateways,
        error: Option<String>,
        now: OffsetDateTime,
    ) -> Self {
        let order = &detail.order;
        let is_over = now >= order.expires_at;
        let begun = detail.method.as_deref().filter(|_| detail.facts.awaits_gateway() && !is_over);
        let (ends, zone) = (day(detail, order.promised_until, ctx.language), words::zone(&order.zone(), ctx.language));
        let methods = if is_over { vec![] } else { gateways.methods_for(order.currency) };
        let chosen = begun.filter(|begun| methods.contains(begun)).or(methods.first().copied());
        let methods = methods.iter().map(|name| Method::new(&ctx, name, chosen == Some(*name))).collect();
        let over = is_over.then(|| ctx.t("pay-expired").to_owned());
        Self {
            amount: order.amount().to_string(),
            plan: detail.plan_name(ctx.language).to_owned(),
            line: words::number(detail.order.msisdn.as_deref(), &detail.order.iccid),
            number: order.number.clone(),
            line_path: paths::line(order.line_id),
            ends: ctx.t2("pay-ends", "date", ends, "zone", zone),
            until: moment(order.expires_at, person, now, ctx.language),
            methods,
            declined: false,
            begun: begun.map(|method| ctx.t1("pay-begun", "method", super::track::method_name(&ctx, Some(method)))),
            error: error.or(over),
            action: paths::pay(order.id),
            back: paths::order(order.id),
            ctx,
        }
    }

    fn declined(self, declined: bool) -> Self {
        Self { declined, ..self }
    }
}

impl Method {
    fn new(ctx: &Ctx, name: &'static str, chosen: bool) -> Self {
        let hint = format!("pay-method-{name}-hint");
        let hint = ctx.language.texts().has(&hint).then(|| ctx.t(&hint));
        Self { name, label: super::track::method_name(ctx, Some(name)), hint, chosen }
    }
}
