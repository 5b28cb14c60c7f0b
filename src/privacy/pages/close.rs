use crate::accounts::{Proven, SignedIn};
use crate::calendar::{self, Zone};
use crate::clock::Clock;
use crate::lines::words;
use crate::paths::{self, BaseUrl};
use crate::privacy::close::{self, Asked, GRACE};
use crate::privacy::queries::{self, HeldLine};
use crate::privacy::standing::Standing;
use crate::web::{Ctx, Form, Nothing, Page, PageError, Person, noted, see_other, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "privacy/close.html")]
struct ClosePage {
    ctx: Ctx,
    /// The day on which it is closed, if that was asked for.
    closes: Option<String>,
    /// Why it can't be closed now, and what to do about it.
    reasons: Vec<String>,
    /// Lines that end with it, and how long they would have gone on.
    lines: Vec<(String, String)>,
    /// It was sent without the box being ticked.
    unsure: bool,
}

#[derive(serde::Deserialize)]
pub struct Sure {
    #[serde(default)]
    sure: String,
}

/// `GET /account/close`
pub async fn show(
    Proven { person, .. }: Proven,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    Ok(Page(ClosePage::read(&pool, ctx, &person, clock.now(), false).await?).into_response())
}

/// `POST /account/close`
pub async fn ask(
    who: Proven,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(base_url): State<BaseUrl>,
    ctx: Ctx,
    Form(Sure { sure }): Form<Sure>,
) -> Result<Response, PageError> {
    if sure != "yes" {
        return Ok(unprocessable(ClosePage::read(&pool, ctx, &who.person, clock.now(), true).await?));
    }
    match close::ask(&pool, &clock, &base_url, &who).await? {
        Asked::Closing => Ok(see_other(paths::CLOSE_ACCOUNT)),
        Asked::Refused => Ok(unprocessable(ClosePage::read(&pool, ctx, &who.person, clock.now(), false).await?)),
    }
}

/// `POST /account/keep`
pub async fn keep(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    State(base_url): State<BaseUrl>,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    close::keep(&pool, &clock, &base_url, &person).await?;
    Ok(noted(paths::ACCOUNT, "account-kept"))
}

impl ClosePage {
    async fn read(
        pool: &PgPool,
        ctx: Ctx,
        person: &Person,
        now: OffsetDateTime,
        unsure: bool,
    ) -> Result<Self, PageError> {
        let mut conn = pool.acquire().await?;
        let standing = Standing::of(&mut conn, person.id, person.role).await?;
        let lines = queries::lines_held(&mut conn, person.id).await?;
        let day = |at| calendar::long_date(calendar::today(at, &person.zone()), ctx.language);
        Ok(Self {
            closes: person.closes_at.map(day),
            reasons: reasons(&ctx, &standing),
            lines: lines.iter().map(|line| row(&ctx, line, now)).collect(),
            unsure,
            ctx,
        })
    }

    fn if_now(&self) -> String {
        self.ctx.t1("close-what-when", "days", GRACE.whole_days())
    }
}

fn row(ctx: &Ctx, line: &HeldLine, now: OffsetDateTime) -> (String, String) {
    let number = words::number(line.msisdn.as_deref(), &line.iccid);
    let today = calendar::today(now, &Zone::parse(&line.time_zone).unwrap_or_else(|_| Zone::utc()));
    let until = calendar::long_date(line.valid_until, ctx.language);
    let told = match line.valid_until >= today {
        true => ctx.t1("close-line-valid", "date", until),
        false => ctx.t1("close-line-over", "date", until),
    };
    (number, told)
}

fn reasons(ctx: &Ctx, standing: &Standing) -> Vec<String> {
    let support = crate::config::brand().support_email.as_str();
    let of = |key: &str, numbers: &[String]| {
        numbers.iter().map(|number| ctx.t2(key, "number", number.as_str(), "support", support)).collect::<Vec<_>>()
    };
    let mut reasons = of("close-not-order", &standing.orders);
    reasons.extend(of("close-not-refund", &standing.refunds));
    reasons.extend(of("close-not-case", &standing.cases));
    if standing.profiles > 0 {
        reasons.push(ctx.t("close-not-profile").to_owned());
    }
    let balance =
        |amount: &crate::money::Money| ctx.t2("close-not-balance", "amount", amount.to_string(), "support", support);
    reasons.extend(standing.balances.iter().map(balance));
    if standing.is_staff {
        reasons.push(ctx.t("close-not-staff").to_owned());
    }
    reasons
}
