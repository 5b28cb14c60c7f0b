use anyhow::anyhow;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};

use super::letter::{self, News};
use super::model::{Purpose, Situation, State};
use super::queries::{self, ProfileOrder, Step};
use crate::audit::{self, Act, Actor};
use crate::carriers::{
    CancelOrder, CarrierError, Carriers, ConfirmOrder, DownloadOrder, ProfileRefusal, ProfileTerms, Profiles, Wanted,
};
use crate::clock::Clock;
use crate::ids::ProfileOrderId;
use crate::jobs::{Claimed, Done, JobError};
use crate::lines::model::Line;
use crate::lines::{self, NewProfile};
use crate::numbers::ActivationCode;
use crate::paths::BaseUrl;
use crate::provisioning;

/// Takes an order for a profile one call on: `{profile_order_id}`.
pub const ORDER_PROFILE: &str = "order-profile";

/// After this a person has to look.
const PATIENCE: Duration = Duration::DAY;
const SHORTEST_PAUSE: Duration = Duration::seconds(5);
const LONGEST_PAUSE: Duration = Duration::minutes(10);
/// While a renewal is on its way to the ICCID the line has.
const RENEWAL_PAUSE: Duration = Duration::seconds(30);

/// What came of a call.
enum Heard {
    /// With the ICCID and the activation code, where the call gives them.
    Success(Option<String>, Option<String>),
    Refused(ProfileRefusal),
    Error(CarrierError),
}

/// Where an order is written down, when, and where its holder is led to.
struct Portal<'a> {
    pool: &'a PgPool,
    now: OffsetDateTime,
    base_url: &'a BaseUrl,
}

/// One call, noted before it goes out, and what it came to.
pub async fn run(
    pool: &PgPool,
    clock: &Clock,
    carriers: &Carriers,
    base_url: &BaseUrl,
    job: &Claimed,
) -> Result<Done, JobError> {
    let id: ProfileOrderId = job.field("profile_order_id")?;
    let missing = || JobError::fail(anyhow!("no profile order {id}"));
    let order = queries::by_id(pool, id).await?.ok_or_else(missing)?;
    let portal = || Portal { pool, now: clock.now(), base_url };
    if order.state.has_ended() {
        return come_back(pool, job, None).await;
    }
    let Some(server) = carriers.profiles(&order.carrier) else {
        let error = CarrierError::misconfigured("no profiles are ordered from this carrier any more");
        return put_off(&portal(), job, &order, &error).await;
    };
    if order.state == State::Confirmed && is_waiting_for_a_renewal(pool, &order).await? {
        return come_back(pool, job, Some(clock.now() + RENEWAL_PAUSE)).await;
    }
    if !queries::mark_sent(pool, &order, clock.now()).await? {
        return Err(JobError::retry(anyhow!("it has moved on meanwhile")));
    }
    match call(server.as_ref(), &order).await {
        Heard::Error(error) => put_off(&portal(), job, &order, &error).await,
        heard => record(&portal(), job, &order, server.terms(), heard).await,
    }
}

/// A line must not change its ICCID under a renewal.
async fn is_waiting_for_a_renewal(pool: &PgPool, order: &ProfileOrder) -> sqlx::Result<bool> {
    let keeps_iccid = order.iccid.as_ref() == Some(&order.old_iccid);
    Ok(!keeps_iccid && provisioning::under_way(&mut *pool.acquire().await?, order.line_id).await?)
}

async fn call(server: &dyn Profiles, order: &ProfileOrder) -> Heard {
    let eid = order.eid.as_deref();
    let iccid = order.iccid.as_deref().unwrap_or(&order.old_iccid);
    let cancel = |iccid, matching_id, reusable| CancelOrder { iccid, matching_id, reusable };
    match order.state {
        State::Requested => {
            let wanted = server.terms().profile_type.as_deref();
            let wanted = wanted.map_or(Wanted::Iccid(&order.old_iccid), Wanted::Type);
            heard(server.download_order(&DownloadOrder { wanted, eid }).await, |iccid| (Some(iccid), None))
        }
        State::Freeing => heard(server.cancel_order(&cancel(iccid, None, true)).await, |()| (None, None)),
        State::Ordered => {
            let (matching_id, confirmation_code) = (order.matching_id.as_str(), order.confirmation_code.as_deref());
            let confirm = ConfirmOrder { iccid, matching_id, confirmation_code, eid };
            heard(server.confirm_order(&confirm).await, |confirmed| {
                let host = confirmed.smdp_address.as_deref().unwrap_or(&server.terms().smdp_address);
                (None, activation_code(host, &confirmed.matching_id, confirmation_code))
            })
        }
        State::Confirmed => heard(server.release_profile(iccid).await, |()| (None, None)),
        State::Withdrawing => heard(server.cancel_order(&cancel(iccid, None, true)).await, |()| (None, None)),
        State::Released => heard(server.cancel_order(&cancel(&order.old_iccid, None, false)).await, |()| (None, None)),
        State::Done | State::Refused | State::Failed => Heard::Success(None, None),
    }
}

fn heard<T>(
    answer: Result<Result<T, ProfileRefusal>, CarrierError>,
    gives: impl FnOnce(T) -> (Option<String>, Option<String>),
) -> Heard {
    match answer {
        Ok(Ok(given)) => {
            let (iccid, code) = gives(given);
            Heard::Success(iccid, code)
        }
        Ok(Err(refusal)) => Heard::Refused(refusal),
        Err(error) => Heard::Error(error),
    }
}

/// `None` where phones would not take it.
fn activation_code(host: &str, matching_id: &str, confirmation_code: Option<&str>) -> Option<String> {
    let flag = if confirmation_code.is_some() { "$$1" } else { "" };
    ActivationCode::parse(&format!("1${host}${matching_id}{flag}")).ok().map(|code| code.to_string())
}

/// The new state and all that follows from it, in one transaction.
async fn record(
    portal: &Portal<'_>,
    job: &Claimed,
    order: &ProfileOrder,
    terms: &ProfileTerms,
    heard: Heard,
) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(portal.pool).await?;
    let line = lines::lock(&mut tx, order.line_id).await?;
    let mut step = step(order, terms, heard);
    if let (Some(line), Some(iccid)) = (&line, &step.iccid)
        && lines::is_held(&mut *tx, line, iccid).await?
    {
        step = Step { state: State::Withdrawing, refusal: Some("iccid_held".to_owned()), ..step };
    }
    let done = finish(&mut tx, portal, job, order, (line, step)).await?;
    tx.commit().await?;
    Ok(done)
}

async fn finish(
    conn: &mut PgConnection,
    portal: &Portal<'_>,
    job: &Claimed,
    order: &ProfileOrder,
    (line, step): (Option<Line>, Step),
) -> Result<Done, JobError> {
    if !queries::record(conn, order, &step, portal.now).await? {
        return Err(JobError::retry(anyhow!("it has moved on meanwhile")));
    }
    let (from, to) = (order.state.as_str(), step.state.as_str());
    tracing::info!(line.id = %order.line_id, from, to, refusal = step.refusal, "an order for a profile moved on");
    if let Some(line) = line {
        tell(conn, portal, &line, order, &step).await?;
    }
    match step.state.has_ended() {
        true => job.complete(conn).await,
        false => job.again(conn, portal.now).await,
    }
}

fn step(order: &ProfileOrder, terms: &ProfileTerms, heard: Heard) -> Step {
    let by_type = match &order.iccid {
        Some(iccid) => *iccid != order.old_iccid,
        None => terms.profile_type.is_some(),
    };
    let situation = Situation { state: order.state, repeated: order.sent_at.is_some(), freed: order.freed, by_type };
    let (state, iccid, code, refusal) = match heard {
        Heard::Success(iccid, code) => (situation.after_success(), iccid, code, None),
        Heard::Refused(refusal) => (situation.after_refusal(&refusal), None, None, Some(refusal.code())),
        Heard::Error(_) => (order.state, None, None, None),
    };
    let ours = || activation_code(&terms.smdp_address, &order.matching_id, order.confirmation_code.as_deref());
    let step = Step {
        state,
        freed: order.freed || (order.state, state) == (State::Freeing, State::Requested),
        iccid: iccid.or_else(|| (state == State::Ordered).then(|| order.old_iccid.clone())),
        // Where the answer was lost, it is the one we asked for.
        activation_code: if state == State::Confirmed { code.or_else(ours) } else { None },
        refusal: refusal.filter(|_| matches!(state, State::Refused | State::Withdrawing)),
    };
    match state {
        // A code that no phone takes is no profile.
        State::Confirmed if step.activation_code.is_none() => {
            Step { state: State::Withdrawing, refusal: Some("activation_code".to_owned()), ..step }
        }
        _ => step,
    }
}

/// What follows for the line and its holder.
async fn tell(
    conn: &mut PgConnection,
    portal: &Portal<'_>,
    line: &Line,
    order: &ProfileOrder,
    step: &Step,
) -> sqlx::Result<()> {
    let is_ready = step.state.is_ready() && !order.state.is_ready();
    let (action, news) = match step.state {
        _ if is_ready => ("profile.released", News::Ready),
        State::Refused => ("profile.refused", News::NotReady),
        State::Failed => ("profile.failed", News::NotReady),
        _ => return Ok(()),
    };
    if is_ready {
        put_on_line(conn, line, order, portal.now).await?;
    }
    let refusal = step.refusal.as_ref().or(order.refusal.as_ref());
    let detail = json!({ "purpose": order.purpose, "iccid": order.iccid, "refusal": refusal });
    let subject = Some(("line", line.id.to_string()));
    let account = Some(line.account_id);
    audit::record(&mut *conn, Act { at: portal.now, actor: Actor::SYSTEM, action, account, subject, detail }).await?;
    letter::write(conn, portal.base_url, line, news, portal.now).await
}

async fn put_on_line(
    conn: &mut PgConnection,
    line: &Line,
    order: &ProfileOrder,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let Some(activation_code) = &order.activation_code else { return Ok(()) };
    let known = line.eid.as_deref().filter(|_| order.purpose == Purpose::Reissue.as_str());
    let new = NewProfile {
        iccid: order.iccid.as_deref().unwrap_or(&order.old_iccid),
        activation_code,
        confirmation_code: order.confirmation_code.as_deref(),
        eid: order.eid.as_deref().or(known),
    };
    lines::take_profile(conn, line, &new, now).await
}

/// No word. What may have been done stays noted; after a long time a person is told instead.
async fn put_off(
    portal: &Portal<'_>,
    job: &Claimed,
    order: &ProfileOrder,
    error: &CarrierError,
) -> Result<Done, JobError> {
    let waited = portal.now - order.requested_at;
    tracing::warn!(line.id = %order.line_id, state = order.state.as_str(), %error, "no word about a profile");
    let mut tx = crate::db::begin(portal.pool).await?;
    let line = lines::lock(&mut tx, order.line_id).await?;
    if waited > PATIENCE {
        tracing::error!(line.id = %order.line_id, %error, "an order for a profile is given up");
        let step = Step { state: order.state.given_up(), ..step_of(order) };
        let done = finish(&mut tx, portal, job, order, (line, step)).await?;
        tx.commit().await?;
        return Ok(done);
    }
    if order.sent_at.is_none() && !matches!(error, CarrierError::Unknown(_)) {
        queries::unmark_sent(&mut tx, order).await?;
    }
    let wanted = match error {
        CarrierError::Busy(rest) => Duration::try_from(*rest).unwrap_or(LONGEST_PAUSE),
        _ => Duration::ZERO,
    };
    let pause: Duration = waited / 2;
    let pause = pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE).max(wanted);
    let done = job.again(&mut tx, portal.now + pause).await?;
    tx.commit().await?;
    Ok(done)
}

fn step_of(order: &ProfileOrder) -> Step {
    Step { state: order.state, freed: order.freed, iccid: None, activation_code: None, refusal: None }
}

async fn come_back(pool: &PgPool, job: &Claimed, at: Option<OffsetDateTime>) -> Result<Done, JobError> {
    let mut tx = crate::db::begin(pool).await?;
    let done = match at {
        Some(at) => job.again(&mut tx, at).await?,
        None => job.complete(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(done)
}
