//! Ways to pay and what they take; each day's statement against our books.

use super::shown::{Mark, day_and_time, gateway_name, named};
use crate::accounts::SignedInStaff;
use crate::app::App;
use crate::audit::{self, Act};
use crate::calendar::Zone;
use crate::money::{Currency, Money};
use crate::paths;
use crate::payments::{Gateways, reconcile};
use crate::staff::queries::gateways::{self, Item, Known, Run};
use crate::web::{Ctx, Form, Page, PageError, Path, Role, noted, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Template)]
#[template(path = "staff/gateways.html")]
struct GatewaysPage {
    ctx: Ctx,
    methods: Vec<MethodRow>,
    /// Currencies plans are sold in and nothing takes.
    unpayable: Vec<String>,
    runs: Vec<RunRow>,
}

struct MethodRow {
    name: String,
    gateway: String,
    takes: String,
    takes_not: Option<String>,
    mark: Mark,
    last: Option<String>,
    unmatched: i64,
    open: i64,
}

struct RunRow {
    path: String,
    gateway: String,
    /// What the person said who signed it.
    note: Option<String>,
    day: String,
    theirs: i32,
    ours: i32,
    mark: Mark,
}

/// `GET /staff/gateways`
pub async fn index(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    State(gateways): State<Gateways>,
) -> Result<impl IntoResponse, PageError> {
    let zone = staff.person.zone();
    let known = gateways::known(&pool).await?;
    let sold = gateways::currencies_sold(&pool).await?;
    let unpayable = |code: &&String| Currency::parse(code).is_ok_and(|one| gateways.methods_for(one).is_empty());
    let runs = gateways::runs(&pool).await?;
    Ok(Page(GatewaysPage {
        methods: methods(&ctx, &zone, &gateways, &known),
        unpayable: sold.iter().filter(unpayable).cloned().collect(),
        runs: runs.iter().map(|run| run_row(&ctx, run)).collect(),
        ctx,
    }))
}

fn methods(ctx: &Ctx, zone: &Zone, gateways: &Gateways, known: &[Known]) -> Vec<MethodRow> {
    let mut rows = vec![];
    for gateway in gateways.all() {
        let (takes, not): (Vec<&str>, Vec<&str>) = {
            let (takes, not): (Vec<Currency>, Vec<Currency>) =
                Currency::ALL.into_iter().partition(|currency| gateway.accepts(*currency));
            (takes.iter().map(|one| one.code()).collect(), not.iter().map(|one| one.code()).collect())
        };
        let facts = known.iter().find(|known| known.gateway == gateway.name());
        let mark = match gateway.moves_real_money() {
            true => Mark::new("is-good", ctx.t("staff-method-real")),
            false => Mark::new("is-soon", ctx.t("staff-method-rehearsal")),
        };
        let names: Vec<String> =
            gateway.methods().iter().map(|name| named(ctx, &format!("pay-method-{name}"), name)).collect();
        rows.push(MethodRow {
            name: names.join(", "),
            gateway: gateway_name(ctx, gateway.name()),
            takes: takes.join(" "),
            takes_not: (!not.is_empty()).then(|| not.join(" ")),
            mark,
            last: facts.and_then(|facts| facts.last_notice).map(|at| day_and_time(at, zone)),
            unmatched: facts.map_or(0, |facts| facts.unmatched),
            open: facts.map_or(0, |facts| facts.open),
        });
    }
    let gone = known.iter().filter(|known| gateways.named(&known.gateway).is_none());
    rows.extend(gone.map(|known| MethodRow {
        name: named(ctx, &format!("pay-method-{}", known.gateway), &known.gateway),
        gateway: gateway_name(ctx, &known.gateway),
        takes: String::new(),
        takes_not: None,
        mark: Mark::new("is-lapsed", ctx.t("staff-method-gone")),
        last: known.last_notice.map(|at| day_and_time(at, zone)),
        unmatched: known.unmatched,
        open: known.open,
    }));
    rows
}

fn run_row(ctx: &Ctx, run: &Run) -> RunRow {
    RunRow {
        path: paths::staff_reconciliation(run.id),
        gateway: gateway_name(ctx, &run.gateway),
        note: run.note.clone().filter(|note| !note.is_empty()),
        day: run.day.to_string(),
        theirs: run.theirs,
        ours: run.ours,
        mark: mark(ctx, run),
    }
}

fn mark(ctx: &Ctx, run: &Run) -> Mark {
    let left = run.differ - run.repaired;
    match (&run.failure, left, run.signed_at) {
        (Some(_), ..) => Mark::new("is-lapsed", ctx.t("staff-run-failed")),
        (None, _, Some(_)) => Mark::new("is-good", ctx.t("staff-run-signed")),
        (None, 0, None) => Mark::new("is-good", ctx.t("staff-run-agrees")),
        (None, left, None) => Mark::new("is-lapsed", ctx.t1("staff-run-differs", "n", left)),
    }
}

#[derive(Template)]
#[template(path = "staff/reconciliation.html")]
struct RunPage {
    ctx: Ctx,
    title: String,
    mark: Mark,
    ran: String,
    counts: String,
    failure: Option<String>,
    lists: Vec<ListPart>,
    signed: Option<String>,
    note: Option<String>,
    /// Something differs: it is not signed without a word.
    must_say: bool,
    sign: Option<String>,
}

struct ListPart {
    title: &'static str,
    about: &'static str,
    rows: Vec<ItemRow>,
}

struct ItemRow {
    reference: String,
    order: Option<(String, String)>,
    theirs: String,
    ours: String,
    repair: Option<String>,
}

const LISTS: [(reconcile::List, &str, &str); 4] = [
    (reconcile::List::TheirsNotOurs, "staff-list-theirs", "staff-list-theirs-about"),
    (reconcile::List::OursNotTheirs, "staff-list-ours", "staff-list-ours-about"),
    (reconcile::List::AmountDiffers, "staff-list-amount", "staff-list-amount-about"),
    (reconcile::List::RefundDiffers, "staff-list-refund", "staff-list-refund-about"),
];

/// `GET /staff/reconciliation/{run}`
pub async fn run(
    ctx: Ctx,
    staff: SignedInStaff,
    State(pool): State<PgPool>,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, PageError> {
    let run = gateways::run(&pool, id).await?.ok_or(PageError::NotFound)?;
    let items = gateways::items(&pool, id).await?;
    let zone = staff.person.zone();
    let lists = LISTS.iter().map(|&(list, title, about)| ListPart {
        title: ctx.t(title),
        about: ctx.t(about),
        rows: items.iter().filter(|item| item.list == list).map(|item| item_row(&ctx, item)).collect(),
    });
    let may_sign = run.signed_at.is_none() && run.failure.is_none() && staff.may(Role::Finance);
    let signed = run.signed_by.clone().zip(run.signed_at);
    Ok(Page(RunPage {
        title: format!("{} {}", gateway_name(&ctx, &run.gateway), run.day),
        mark: mark(&ctx, &run),
        ran: day_and_time(run.ran_at, &zone),
        counts: ctx.t2("staff-run-counts", "theirs", i64::from(run.theirs), "ours", i64::from(run.ours)),
        lists: lists.filter(|list| !list.rows.is_empty()).collect(),
        signed: signed.map(|(who, at)| ctx.t2("staff-run-signed-by", "who", who, "time", day_and_time(at, &zone))),
        must_say: run.differ > run.repaired,
        note: run.note.filter(|note| !note.is_empty()),
        failure: run.failure,
        sign: may_sign.then(|| paths::staff_reconciliation(id)),
        ctx,
    }))
}

fn item_row(ctx: &Ctx, item: &Item) -> ItemRow {
    let none = ctx.t("common-none");
    let shown = |money: Option<Money>| money.map_or_else(|| none.to_owned(), |money| money.to_string());
    let order = item.account_id.zip(item.order_number.as_deref());
    ItemRow {
        reference: item.reference.clone().or(item.transaction.clone()).unwrap_or_else(|| none.to_owned()),
        order: order.map(|(account, number)| (paths::staff_order(account, number), number.to_owned())),
        theirs: shown(item.theirs()),
        ours: shown(item.ours()),
        repair: item.repair.as_deref().map(|outcome| named(ctx, &format!("staff-outcome-{outcome}"), outcome)),
    }
}

#[derive(Deserialize)]
pub struct Signed {
    #[serde(default)]
    note: String,
}

/// `POST /staff/reconciliation/{run}`
pub async fn sign(
    staff: SignedInStaff,
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(signed): Form<Signed>,
) -> Result<Response, PageError> {
    let person = staff.at_least(Role::Finance)?;
    let now = app.clock.now();
    let note: String = signed.note.trim().chars().take(500).collect();
    let run = gateways::run(&app.pool, id).await?.ok_or(PageError::NotFound)?;
    if note.is_empty() && run.differ > run.repaired {
        return Ok(noted(&paths::staff_reconciliation(id), "say-what-differed"));
    }
    let mut tx = crate::db::begin(&app.pool).await?;
    if reconcile::sign_off(&mut tx, id, person.id, &note, now).await? {
        let detail = serde_json::json!({ "note": note });
        let subject = Some(("reconciliation", id.to_string()));
        let act =
            Act { at: now, actor: person.actor(), action: "reconciliation.signed", account: None, subject, detail };
        audit::record(&mut *tx, act).await?;
    }
    tx.commit().await?;
    Ok(see_other(&paths::staff_reconciliation(id)))
}
