//! A draft: what the carrier offers, and what it becomes before customers see it.

use super::catalogue::{effects, named_carrier, suggested};
use super::plans::margin;
use super::shown::named;
use super::wrong::Wrong;
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::catalogue::{self, Draft, KnownOffer, PublishError};
use crate::money::{Currency, Money};
use crate::orders::pages::plan_card;
use crate::paths;
use crate::plans::NewPlan;
use crate::plans::effect::Effect;
use crate::plans::model::Plan;
use crate::plans::term::Term;
use crate::staff::queries::catalogue as queries;
use crate::units::{self, Data};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, noted, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Template)]
#[template(path = "staff/offer.html")]
struct OfferPage {
    ctx: Ctx,
    title: String,
    product: String,
    carrier: String,
    cost: Option<String>,
    data: Option<String>,
    typed: Typed,
    effects: Vec<(&'static str, String)>,
    currencies: Vec<&'static str>,
    wrong: Wrong,
    /// What customers will see, once it can be published as it is.
    seen: Option<Seen>,
    action: String,
    dismiss: String,
}

#[derive(Deserialize, Default)]
pub struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name_zh: String,
    #[serde(default)]
    name_en: String,
    #[serde(default)]
    fm_card: Option<String>,
    #[serde(default)]
    esim: Option<String>,
    #[serde(default)]
    term: String,
    #[serde(default)]
    effect: String,
    #[serde(default)]
    coverage: String,
    #[serde(default)]
    price: String,
    #[serde(default)]
    currency: String,
    /// The confirmation was read.
    #[serde(default)]
    sure: Option<String>,
}

/// A plan as customers will see it.
struct Seen {
    names: [String; 2],
    kinds: String,
    contents: String,
    term: String,
    effect: String,
    price: String,
    /// What stays of the price, where the cost is known.
    left: Option<String>,
    /// Why one should think again.
    warning: Option<&'static str>,
}

/// `GET /staff/offers/{offer}`
pub async fn show(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, PageError> {
    staff.at_least(Role::Admin)?;
    let offer = catalogue::draft(&pool, id).await?.ok_or(PageError::NotFound)?;
    let price = suggested(&offer, &queries::rules(&pool).await?);
    Ok(Page(OfferPage::new(ctx, &pool, &offer, Typed::suggested(&offer, price)).await?))
}

impl Typed {
    fn suggested(offer: &KnownOffer, price: Option<Money>) -> Self {
        let code: String = offer.product.to_ascii_uppercase().chars().map(plain).take(40).collect();
        Self {
            code: code.trim_matches('-').to_owned(),
            name_en: offer.title.clone(),
            name_zh: String::new(),
            fm_card: None,
            esim: Some("on".to_owned()),
            term: offer.term().map(|term| term.to_string()).unwrap_or_default(),
            effect: offer.effect.clone().unwrap_or_default(),
            coverage: offer.coverage.join(" "),
            price: price.map(Money::amount).unwrap_or_default(),
            currency: price.map_or("CNY", |price| price.currency.code()).to_owned(),
            sure: None,
        }
    }

    /// The plan; where there is none, what is wrong at which field.
    fn read(&self, ctx: &Ctx, offer: &KnownOffer, wrong: &mut Wrong) -> Option<NewPlan> {
        let name = |text: &str| Some(text.trim().to_owned()).filter(|text| (1..=100).contains(&text.chars().count()));
        let code = wrong.unless(self.code(), "code", ctx.t("offer-code-wrong"));
        let name_zh = wrong.unless(name(&self.name_zh), "name_zh", ctx.t("offer-name-wrong"));
        let name_en = wrong.unless(name(&self.name_en), "name_en", ctx.t("offer-name-wrong"));
        let kinds = wrong.unless(self.kinds(), "kinds", ctx.t("offer-kinds-wrong"));
        let term = wrong.unless(Term::parse(&self.term).ok(), "term", ctx.t("offer-term-wrong"));
        let effect = wrong.unless(Effect::parse(&self.effect).ok(), "effect", ctx.t("offer-effect-wrong"));
        let coverage = wrong.unless(coverage(&self.coverage), "coverage", ctx.t("offer-coverage-wrong"));
        let price = wrong.unless(self.price(), "price", ctx.t("offer-price-wrong"));
        Some(NewPlan {
            code: code?,
            carrier: offer.carrier.clone(),
            kinds: kinds?,
            name_zh: name_zh?,
            name_en: name_en?,
            term: term?,
            allowance: offer.allowance(),
            coverage: coverage?,
            price: price?,
            effect: effect?,
            carrier_product: offer.product.clone(),
        })
    }

    fn code(&self) -> Option<String> {
        let code = self.code.trim().to_ascii_uppercase();
        let is_code = (2..=40).contains(&code.len()) && code.chars().all(|letter| plain(letter) == letter);
        is_code.then_some(code)
    }

    fn kinds(&self) -> Option<Vec<String>> {
        let kinds = [("fm_card", &self.fm_card), ("esim", &self.esim)];
        let ticked = kinds.iter().filter(|(_, ticked)| ticked.is_some());
        Some(ticked.map(|(kind, _)| (*kind).to_owned()).collect()).filter(|kinds: &Vec<String>| !kinds.is_empty())
    }

    fn price(&self) -> Option<Money> {
        let currency = Currency::parse(&self.currency).ok()?;
        Money::parse(self.price.trim(), currency).ok().filter(|price| price.is_positive())
    }
}

impl Seen {
    fn of(ctx: &Ctx, plan: NewPlan, left: Option<String>) -> Self {
        let plan = Plan::from(plan);
        let kinds: Vec<_> = plan.kinds.iter().map(|kind| named(ctx, &format!("kind-{kind}"), kind)).collect();
        Self {
            names: [plan.name_zh.clone(), plan.name_en.clone()],
            kinds: kinds.join(" · "),
            contents: plan_card::contents(&plan, ctx.language).join(" · "),
            term: plan_card::term(plan.term, ctx.language),
            effect: named(ctx, &format!("effect-name-{}", plan.effect.as_str()), plan.effect.as_str()),
            price: plan.price.to_string(),
            warning: match &left {
                None => Some(ctx.t("offer-no-margin")),
                Some(left) => left.starts_with('-').then(|| ctx.t("offer-below-cost")),
            },
            left,
        }
    }
}

/// What a plan's code may hold; everything else becomes a hyphen.
fn plain(letter: char) -> char {
    if letter.is_ascii_uppercase() || letter.is_ascii_digit() { letter } else { '-' }
}

fn coverage(text: &str) -> Option<Vec<String>> {
    let codes: Vec<String> =
        text.split([' ', ',', ';']).filter(|code| !code.is_empty()).map(str::to_uppercase).collect();
    let is_country =
        |code: &String| code == "*" || (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
    (!codes.is_empty() && codes.iter().all(is_country)).then_some(codes)
}

impl OfferPage {
    async fn new(ctx: Ctx, pool: &PgPool, offer: &KnownOffer, typed: Typed) -> sqlx::Result<Self> {
        let data = match offer.allowance().data {
            Data::Unlimited => Some(ctx.t("has-data-unlimited").to_owned()),
            Data::Bytes(bytes) => Some(units::format_bytes(bytes)),
            Data::None => None,
        };
        Ok(Self {
            title: offer.title.clone(),
            product: offer.product.clone(),
            carrier: named_carrier(&queries::carriers(pool).await?, &offer.carrier, ctx.language),
            cost: offer.cost().map(|cost| cost.to_string()),
            data,
            effects: effects(&ctx),
            currencies: Currency::ALL.iter().map(|currency| currency.code()).collect(),
            wrong: Wrong::default(),
            seen: None,
            action: paths::staff_offer(offer.id),
            dismiss: paths::staff_offer_dismiss(offer.id),
            typed,
            ctx,
        })
    }
}

/// `POST /staff/offers/{offer}`: what customers will see and pay, and once that is confirmed it is on sale.
pub async fn publish(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    let offer = catalogue::draft(&app.pool, id).await?.ok_or(PageError::NotFound)?;
    let (mut wrong, mut seen) = (Wrong::default(), None);
    if let Some(plan) = typed.read(&ctx, &offer, &mut wrong) {
        let draft = Draft { offer: id, plan };
        let done = match typed.sure {
            Some(_) => catalogue::publish(&app.pool, &app.clock, actor, &draft).await,
            None => catalogue::try_out(&app.pool, &app.clock, actor, &draft).await,
        };
        match done {
            Ok(()) if typed.sure.is_some() => {
                return Ok(noted(paths::STAFF_CATALOGUE, "published"));
            }
            Ok(()) => {
                let rules = queries::rules(&app.pool).await?;
                let left = offer.cost().and_then(|cost| margin(&rules, &offer.carrier, cost, draft.plan.price));
                seen = Some(Seen::of(&ctx, draft.plan, left));
            }
            Err(PublishError::Gone) => return Err(PageError::NotFound),
            Err(PublishError::CodeTaken) => wrong.add("code", ctx.t("offer-code-taken")),
            Err(PublishError::TooCheap { cost }) => {
                wrong.add("price", ctx.t1("offer-price-too-low", "cost", cost.to_string()));
            }
            Err(PublishError::Database(error)) => return Err(error.into()),
        }
    }
    let page = OfferPage::new(ctx, &app.pool, &offer, typed).await?;
    if seen.is_some() {
        return Ok(Page(OfferPage { seen, ..page }).into_response());
    }
    Ok(unprocessable(OfferPage { wrong, ..page }))
}

/// `POST /staff/offers/{offer}/dismiss`
pub async fn dismiss(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    catalogue::dismiss(&app.pool, &app.clock, actor, id).await?;
    Ok(noted(paths::STAFF_CATALOGUE, "dismissed"))
}

/// `POST /staff/offers/{offer}/restore`: it is a draft again.
pub async fn restore(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    if !catalogue::restore(&app.pool, &app.clock, actor, id).await? {
        return Err(PageError::NotFound);
    }
    Ok(noted(paths::STAFF_CATALOGUE, "restored"))
}
