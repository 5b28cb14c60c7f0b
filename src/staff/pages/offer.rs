//! A draft: what the carrier offers, and what it becomes before customers see it.

use super::catalogue::{effects, suggested};
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::catalogue::{self, Draft, KnownOffer, PublishError};
use crate::money::{Currency, Money};
use crate::paths;
use crate::plans::NewPlan;
use crate::plans::effect::Effect;
use crate::plans::term::Term;
use crate::staff::queries::catalogue::rules;
use crate::units::{self, Data};
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, Role, see_other, unprocessable};
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
    /// The field that is wrong and why.
    wrong: Option<(&'static str, String)>,
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
    let price = suggested(&offer, &rules(&pool).await?);
    Ok(Page(OfferPage::new(ctx, &offer, Typed::suggested(&offer, price))))
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
        }
    }

    /// The plan, or the field that is wrong and the text that says why.
    fn read(&self, offer: &KnownOffer) -> Result<NewPlan, (&'static str, &'static str)> {
        let text = |text: &str, field| {
            let text = text.trim().to_owned();
            if (1..=100).contains(&text.chars().count()) { Ok(text) } else { Err((field, "offer-name-wrong")) }
        };
        let code = self.code.trim().to_ascii_uppercase();
        if !(2..=40).contains(&code.len()) || !code.chars().all(|letter| plain(letter) == letter) {
            return Err(("code", "offer-code-wrong"));
        }
        let (name_zh, name_en) = (text(&self.name_zh, "name_zh")?, text(&self.name_en, "name_en")?);
        let kinds = [("fm_card", &self.fm_card), ("esim", &self.esim)];
        let kinds: Vec<String> =
            kinds.iter().filter(|(_, ticked)| ticked.is_some()).map(|(kind, _)| (*kind).to_owned()).collect();
        if kinds.is_empty() {
            return Err(("kinds", "offer-kinds-wrong"));
        }
        let currency = Currency::parse(&self.currency).map_err(|_| ("price", "offer-price-wrong"))?;
        let price = Money::parse(self.price.trim(), currency).ok().filter(|price| price.is_positive());
        Ok(NewPlan {
            code,
            carrier: offer.carrier.clone(),
            kinds,
            name_zh,
            name_en,
            term: Term::parse(&self.term).map_err(|_| ("term", "offer-term-wrong"))?,
            allowance: offer.allowance(),
            coverage: coverage(&self.coverage).ok_or(("coverage", "offer-coverage-wrong"))?,
            price: price.ok_or(("price", "offer-price-wrong"))?,
            effect: Effect::parse(&self.effect).map_err(|_| ("effect", "offer-effect-wrong"))?,
            carrier_product: offer.product.clone(),
        })
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
    fn new(ctx: Ctx, offer: &KnownOffer, typed: Typed) -> Self {
        let data = match offer.allowance().data {
            Data::Unlimited => Some(ctx.t("has-data-unlimited").to_owned()),
            Data::Bytes(bytes) => Some(units::format_bytes(bytes)),
            Data::None => None,
        };
        Self {
            title: offer.title.clone(),
            product: offer.product.clone(),
            carrier: offer.carrier.clone(),
            cost: offer.cost().map(|cost| cost.to_string()),
            data,
            effects: effects(&ctx),
            currencies: Currency::ALL.iter().map(|currency| currency.code()).collect(),
            wrong: None,
            action: paths::staff_offer(offer.id),
            dismiss: paths::staff_offer_dismiss(offer.id),
            typed,
            ctx,
        }
    }

    fn wrong_at(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(at, _)| *at == field).map(|(_, why)| why.as_str())
    }
}

/// `POST /staff/offers/{offer}`
pub async fn publish(
    ctx: Ctx,
    staff: SignedInStaff,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let actor = staff.at_least(Role::Admin)?.actor();
    let offer = catalogue::draft(&app.pool, id).await?.ok_or(PageError::NotFound)?;
    let wrong = match typed.read(&offer) {
        Err((field, key)) => (field, ctx.t(key).to_owned()),
        Ok(plan) => match catalogue::publish(&app.pool, &app.clock, actor, Draft { offer: id, plan }).await {
            Ok(()) => return Ok(see_other(&format!("{}?note=published", paths::STAFF_CATALOGUE))),
            Err(PublishError::Gone) => return Err(PageError::NotFound),
            Err(PublishError::CodeTaken) => ("code", ctx.t("offer-code-taken").to_owned()),
            Err(PublishError::TooCheap { cost }) => ("price", ctx.t1("offer-price-too-low", "cost", cost.to_string())),
            Err(PublishError::Database(error)) => return Err(error.into()),
        },
    };
    let page = OfferPage::new(ctx, &offer, typed);
    Ok(unprocessable(OfferPage { wrong: Some(wrong), ..page }))
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
    Ok(see_other(&format!("{}?note=dismissed", paths::STAFF_CATALOGUE)))
}
