//! What a line's page tells: facts, orders, changes, profiles and what the carrier said, each in a row of words.

use super::shown::{Mark, day_and_time, named};
use crate::calendar::Zone;
use crate::carriers::{Change, names};
use crate::countries;
use crate::lines::words;
use crate::numbering;
use crate::numbers::Iccid;
use crate::paths;
use crate::profiles::{ProfileOrder, Purpose};
use crate::staff::queries::line::{Changed, Kept, Placed, Told};
use crate::web::Ctx;

pub struct OrderRow {
    pub path: String,
    pub number: String,
    pub plan: String,
    pub mark: Mark,
    pub time: String,
}

pub struct Row {
    pub time: String,
    pub what: String,
    pub more: String,
}

pub fn facts(ctx: &Ctx, kept: &Kept, zone: &Zone, now: time::OffsetDateTime) -> Vec<(&'static str, String)> {
    let line = &kept.line;
    let at = |at: Option<time::OffsetDateTime>| {
        at.map_or_else(|| ctx.t("common-none").to_owned(), |at| day_and_time(at, zone))
    };
    let carrier = if ctx.language.is_chinese() { &kept.carrier_zh } else { &kept.carrier_en };
    let plan = if ctx.language.is_chinese() { &kept.plan_zh } else { &kept.plan_en };
    let mut facts = vec![
        (ctx.t("line-plan"), format!("{plan} ({})", line.plan)),
        (ctx.t("detail-kind"), words::kind(line, ctx.language).to_owned()),
        (ctx.t("detail-carrier"), carrier.clone()),
        (ctx.t("detail-iccid"), words::iccid(&line.iccid)),
        (ctx.t("staff-line-state"), named(ctx, &format!("staff-line-state-{}", line.status), &line.status)),
        (ctx.t("line-valid-until"), line.valid_until.to_string()),
        (ctx.t("staff-line-left"), words::meter(line, now, ctx.language).words),
        (ctx.t("staff-line-as-of"), day_and_time(line.usage_as_of, zone)),
        (ctx.t("staff-line-asked"), at(line.asked_at)),
        (ctx.t("staff-line-synced"), at(kept.synced_at)),
        (ctx.t("staff-line-next"), day_and_time(kept.next_sync_at, zone)),
    ];
    if let Some(issuer) = issued_by(ctx, &line.iccid) {
        facts.insert(4, (ctx.t("staff-line-issuer"), issuer));
    }
    if let Some(id) = &line.carrier_line_id {
        facts.insert(4, (ctx.t("staff-line-carrier-id"), id.clone()));
    }
    if !line.label.is_empty() {
        facts.insert(0, (ctx.t("staff-line-label"), line.label.clone()));
    }
    if kept.sync_failures > 0 {
        facts.push((ctx.t("staff-line-failures"), kept.sync_failures.to_string()));
    }
    facts
}

/// `China Mobile · Mainland China`: what the world knows by how the card's number begins.
fn issued_by(ctx: &Ctx, iccid: &str) -> Option<String> {
    let issuer = numbering::issuer(&Iccid::parse(iccid).ok()?);
    let country = issuer.country.map(|code| countries::name(code, ctx.language).unwrap_or(code).to_owned());
    let known = |name: &str| names::known().iter().find(|known| known.en == name);
    let issuer = issuer.issuer.map(|name| match known(name) {
        Some(known) if ctx.language.is_chinese() => known.zh.clone(),
        _ => name.to_owned(),
    });
    let parts: Vec<String> = issuer.into_iter().chain(country).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

pub fn button(ctx: &Ctx, change: Change) -> &'static str {
    match change {
        Change::Activate => ctx.t("change-activate"),
        Change::Suspend => ctx.t("change-suspend"),
        Change::Resume => ctx.t("change-resume"),
    }
}

pub fn order_row(ctx: &Ctx, order: &Placed, kept: &Kept, zone: &Zone) -> OrderRow {
    OrderRow {
        path: paths::staff_order(kept.holder, &order.number),
        number: order.number.clone(),
        plan: if ctx.language.is_chinese() { order.plan_zh.clone() } else { order.plan_en.clone() },
        mark: Mark::of_order(ctx, &order.status),
        time: day_and_time(order.created_at, zone),
    }
}

pub fn changed_row(ctx: &Ctx, changed: &Changed, zone: &Zone) -> Row {
    let what = Change::parse(&changed.change).map_or("", |change| button(ctx, change));
    let status = named(ctx, &format!("staff-line-status-{}", changed.status), &changed.status);
    let more = [changed.actor.clone(), changed.reason.clone(), changed.refusal.clone()];
    Row {
        time: day_and_time(changed.requested_at, zone),
        what: format!("{what}: {status}"),
        more: more.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

pub fn profile_row(ctx: &Ctx, order: &ProfileOrder, zone: &Zone) -> Row {
    let purpose = match Purpose::parse(&order.purpose) {
        Some(Purpose::Move) => ctx.t("profile-move"),
        _ => ctx.t("profile-reissue"),
    };
    let state = order.state.as_str();
    let status = named(ctx, &format!("staff-profile-{state}"), state);
    let iccid = order.iccid.as_deref().filter(|iccid| *iccid != order.old_iccid);
    let iccid = iccid.map(|iccid| format!("{} → {}", words::iccid(&order.old_iccid), words::iccid(iccid)));
    let role = match order.actor_role.as_str() {
        "customer" => ctx.t("staff-profile-by-customer").to_owned(),
        role => named(ctx, &format!("staff-role-{role}"), role),
    };
    let more = [Some(role), order.reason.clone(), order.refusal.clone(), iccid];
    Row {
        time: day_and_time(order.requested_at, zone),
        what: format!("{purpose}: {status}"),
        more: more.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

pub fn told_row(ctx: &Ctx, told: &Told, zone: &Zone) -> Row {
    Row {
        time: day_and_time(told.received_at, zone),
        what: named(ctx, &format!("staff-line-event-{}", told.kind), &told.kind),
        more: told.word.clone().unwrap_or_default(),
    }
}
