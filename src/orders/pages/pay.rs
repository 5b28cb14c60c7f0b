use super::status::day;
use super::track::moment;
use crate::accounts::SignedIn;
use crate::clock::Clock;
use crate::ids::OrderId;
use crate::ledger;
use crate::lines::words;
use crate::money::Money;
use crate::orders::limits;
use crate::orders::pay::{self, PayError, Till, Way, Wish};
use crate::orders::queries::detail::{self, Detail};
use crate::orders::standing::Standing;
use crate::payments::balance::BALANCE;
use crate::payments::gateway::Payer;
use crate::payments::model::Device;
use crate::payments::{self, Gateways, Presentation};
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
    /// A part the balance can pay beside any of the methods.
    part: Option<Part>,
    /// What the button says while the balance is to pay all or that part.
    by_balance: Option<String>,
    /// A way to pay was tried for this order, and is offered first again.
    tried: bool,
    declined: bool,
    /// The way to pay that was begun before; another choice closes it first.
    begun: Option<String>,
    error: Option<String>,
    action: String,
    back: String,
    due: Money,
    is_top_up: bool,
}

struct Method {
    name: &'static str,
    label: String,
    hint: Option<String>,
    chosen: bool,
}

struct Part {
    minor: i64,
    label: String,
    hint: String,
    chosen: bool,
}

#[derive(serde::Deserialize)]
pub struct Chosen {
    #[serde(default)]
    method: String,
    /// What the page offered to take from the balance, if that was ticked.
    #[serde(default)]
    balance: i64,
}

/// What the customer can spend on this order, with what is held for a payment of it that was begun.
struct Purse {
    available: Money,
    /// The last payment that was tried was to take a part from it.
    wanted: bool,
}

impl Purse {
    async fn of(pool: &PgPool, detail: &Detail) -> sqlx::Result<Self> {
        let order = &detail.order;
        let free = ledger::available(pool, order.account_id, order.currency).await?;
        let held = payments::open_attempt(pool, order.id).await?.map_or(0, |open| open.balance.minor);
        Ok(Self { available: Money::new(free.minor + held, order.currency), wanted: detail.split().is_some() })
    }
}

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
    if !detail.facts.takes_payment(clock.now()) {
        return Ok(see_other(&paths::order(order)));
    }
    let declined = Standing::of(&detail.facts, clock.now()) == Standing::Declined;
    let purse = Purse::of(&pool, &detail).await?;
    let page = PayPage::new(ctx, &person, &detail, &gateways, clock.now()).with_balance(purse);
    Ok(([ORIGIN_AS_REFERRER], Page(PayPage { declined, ..page })).into_response())
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
    let payer = Payer { device: Device::of(browser), address: client.address() };
    let App { pool, clock, carriers, gateways, base_url, .. } = &app;
    limits::may_pay(pool, person.id).await?;
    let till = Till { pool, clock, carriers, gateways, base_url };
    let wish = Wish { method: &chosen.method, balance_minor: chosen.balance, language: ctx.language, payer };
    let method = |method: &str| super::track::method_name(&ctx, Some(method));
    let error = match pay::pay(&till, person.id, order, wish).await {
        Ok(Way::Paid) => return Ok(see_other(&paths::order(order))),
        Ok(Way::To(Presentation::Redirect(url))) => return Ok(([ORIGIN_AS_REFERRER], see_other(&url)).into_response()),
        Ok(Way::To(Presentation::Qr(_))) => return Ok(see_other(&paths::pay_code(order))),
        Err(PayError::NoSuchOrder) => return Err(PageError::NotFound),
        Err(PayError::NothingToPay | PayError::Expired | PayError::Ending) => {
            return Ok(see_other(&paths::order(order)));
        }
        Err(PayError::Internal(error)) => return Err(error.into()),
        Err(PayError::StillOpen { method: begun }) => ctx.t1("pay-still-open", "method", method(&begun)),
        Err(PayError::NoSuchMethod) => ctx.t("pay-method-missing").to_owned(),
        Err(PayError::NotEligible) => ctx.t("review-not-eligible").to_owned(),
        Err(PayError::IdentityNeeded) => return Ok(see_other(&paths::identity_then(&paths::pay(order)))),
        Err(PayError::Withheld) => ctx.t("review-withheld").to_owned(),
        Err(PayError::CarrierUnavailable) => ctx.t("review-carrier-down").to_owned(),
        Err(PayError::NotCovered) => ctx.t("pay-balance-changed").to_owned(),
        Err(PayError::GatewayUnavailable) => ctx.t("pay-unavailable").to_owned(),
    };
    let detail = detail::of_account(pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    let purse = Purse { wanted: chosen.balance > 0, ..Purse::of(pool, &detail).await? };
    let page = PayPage::new(ctx, &person, &detail, gateways, clock.now()).with_balance(purse).keeping(&chosen.method);
    Ok(unprocessable(PayPage { error: Some(error), ..page }))
}

impl PayPage {
    fn new(ctx: Ctx, person: &Person, detail: &Detail, gateways: &Gateways, now: OffsetDateTime) -> Self {
        let order = &detail.order;
        let begun = detail.method.as_deref().filter(|_| detail.facts.awaits_gateway());
        let ends = match order.is_top_up() {
            true => ctx.t("pay-top-up").to_owned(),
            false => {
                let zone = words::zone(&order.zone(), ctx.language);
                ctx.t2("pay-ends", "date", day(detail, order.promised_until, ctx.language), "zone", zone)
            }
        };
        let methods = gateways.methods_for(order.currency);
        let offered = |method: &Option<String>| methods.iter().copied().find(|name| method.as_deref() == Some(*name));
        let tried = offered(&detail.method);
        let chosen = tried.or_else(|| offered(&detail.usual_method)).or(methods.first().copied());
        let methods = methods.iter().map(|name| Method::new(&ctx, name, chosen == Some(*name))).collect();
        Self {
            amount: order.amount().to_string(),
            plan: detail.plan_name(ctx.language).to_owned(),
            line: super::status::subject(order, ctx.language),
            number: order.number.clone(),
            line_path: super::status::subject_path(order),
            ends,
            until: moment(order.expires_at, person, now, ctx.language),
            methods,
            part: None,
            by_balance: None,
            tried: tried.is_some(),
            due: order.amount(),
            is_top_up: order.is_top_up(),
            declined: false,
            begun: begun.map(|method| ctx.t1("pay-begun", "method", super::track::method_name(&ctx, Some(method)))),
            error: None,
            action: paths::pay(order.id),
            back: paths::order(order.id),
            ctx,
        }
    }

    /// Nothing opens where the balance pays.
    fn lead(&self) -> &'static str {
        match self.methods.iter().any(|method| method.name == BALANCE) {
            true => "pay-lead-balance",
            false => "pay-lead",
        }
    }

    /// A balance that covers the amount is a way to pay; a smaller one is a part of it.
    fn with_balance(mut self, purse: Purse) -> Self {
        let Purse { available, wanted } = purse;
        if self.is_top_up {
            return self;
        }
        if available.minor >= self.due.minor {
            let chosen = !self.tried;
            self.methods.iter_mut().for_each(|method| method.chosen &= !chosen);
            self.methods.insert(0, Method::balance(&self.ctx, available, chosen));
            self.by_balance = Some(self.ctx.t1("pay-submit-balance", "amount", self.due.to_string()));
        } else if let (true, Ok(rest)) = (available.is_positive(), self.due.sub(available)) {
            let (part, rest) = (available.to_string(), rest.to_string());
            self.by_balance = Some(self.ctx.t2("pay-submit-part", "rest", rest.clone(), "balance", part.clone()));
            self.part = Some(Part {
                minor: available.minor,
                label: self.ctx.t1("pay-balance-part", "amount", part),
                hint: self.ctx.t1("pay-balance-rest", "amount", rest),
                chosen: wanted,
            });
        }
        self
    }

    /// With the method that was chosen a moment ago, if it can still be.
    fn keeping(mut self, method: &str) -> Self {
        if self.methods.iter().any(|one| one.name == method) {
            self.methods.iter_mut().for_each(|one| one.chosen = one.name == method);
        }
        self
    }
}

impl Method {
    fn new(ctx: &Ctx, name: &'static str, chosen: bool) -> Self {
        let hint = format!("pay-method-{name}-hint");
        let hint = ctx.language.texts().has(&hint).then(|| ctx.t(&hint).to_owned());
        Self { name, label: super::track::method_name(ctx, Some(name)).to_owned(), hint, chosen }
    }

    /// Its drawing among the icons.
    fn icon(&self) -> &'static str {
        match self.name {
            BALANCE => "purse",
            "alipay" => "alipay",
            "wechat" => "wechat",
            _ => "card",
        }
    }

    fn balance(ctx: &Ctx, available: Money, chosen: bool) -> Self {
        let hint = Some(ctx.t1("pay-balance-covers", "amount", available.to_string()));
        Self { hint, ..Self::new(ctx, BALANCE, chosen) }
    }
}
