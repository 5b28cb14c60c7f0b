use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::config::Config;
use super::magic::Magic;
use super::queries::{self, Line, Product, Queued, Renewal};
use crate::calendar::{self, CalendarError, Zone};
use crate::plans::allowance::Allowance;
use crate::plans::effect::{Effect, EffectError, LineTerm, PlanTerm, preview};
use crate::plans::term::Term;
use crate::plans::validity::Validity;
use crate::units::Data;

/// What the portal asks for, whichever protocol it came by.
pub struct Ask {
    pub request_id: String,
    pub carrier: String,
    pub iccid: String,
    pub product: String,
    /// Where the request itself says so; otherwise the carrier's own product does.
    pub told: Option<(Effect, Term)>,
}

impl Ask {
    /// What is bought for which line.
    fn fingerprint(&self) -> Vec<u8> {
        let Ask { carrier, iccid, product, told, .. } = self;
        Sha256::digest(format!("{carrier}\n{iccid}\n{product}\n{told:?}")).to_vec()
    }
}

/// How the carrier behaves towards one request.
pub enum Reaction {
    Answer(Renewal),
    Duplicate(Renewal),
    /// The id was used for something else.
    Reused,
    NoSuchLine,
    NoSuchProduct,
    NoCredit,
    Silence,
    Unavailable,
    ErrorPage,
    /// 500, before or after the effect.
    Broken,
}

/// Decides a request once; whoever asks again gets the first decision.
pub async fn renew(pool: &PgPool, now: OffsetDateTime, config: &Config, ask: &Ask) -> Result<Reaction, RenewError> {
    let mut tx = crate::db::begin(pool).await?;
    queries::turn_over(&mut *tx, &ask.carrier, now).await?;
    let Some(line) = queries::lock_line(&mut tx, &ask.carrier, &ask.iccid).await? else {
        return Ok(Reaction::NoSuchLine);
    };
    let magic = Magic::of(Some(line.msisdn.as_deref().unwrap_or(&ask.iccid)));
    if let Some(first) = queries::renewal(&mut tx, &ask.request_id).await? {
        return Ok(again(magic, first, ask));
    }
    let tries = queries::count_try(&mut tx, &ask.request_id).await?;
    let reaction = match magic {
        Magic::SilentlyNot if tries <= config.faults => Reaction::Silence,
        Magic::ErrorPage if tries <= config.faults => Reaction::ErrorPage,
        Magic::Unavailable if tries <= config.unavailable => Reaction::Unavailable,
        _ if config.breaks_before(&ask.request_id, tries) => Reaction::Broken,
        _ => decide(&mut tx, now, config, ask, line, magic).await?,
    };
    tx.commit().await?;
    let answered = matches!(reaction, Reaction::Answer(_));
    Ok(if answered && config.breaks_after(&ask.request_id, tries) { Reaction::Broken } else { reaction })
}

fn again(magic: Magic, first: Renewal, ask: &Ask) -> Reaction {
    if first.fingerprint != ask.fingerprint() {
        Reaction::Reused
    } else if magic == Magic::Duplicate {
        Reaction::Duplicate(first)
    } else {
        Reaction::Answer(first)
    }
}

async fn decide(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    config: &Config,
    ask: &Ask,
    line: Line,
    magic: Magic,
) -> Result<Reaction, RenewError> {
    let before_until = line.valid_until;
    let product = queries::product(&mut *conn, &ask.carrier, &ask.product).await?;
    let Some((effect, term)) = what(ask, product.as_ref())? else { return Ok(Reaction::NoSuchProduct) };
    let refused = (magic == Magic::Refuses).then(|| "not_renewable".to_owned());
    let mut line = line;
    if refused.is_none() {
        if let Some(product) = &product
            && !queries::pay(conn, &ask.carrier, product).await?
        {
            return Ok(Reaction::NoCredit);
        }
        let waits;
        (line, waits) = renewed(now, config, (effect, term), product.as_ref(), line, magic)?;
        queries::move_line(conn, &line).await?;
        if let Some(queued) = waits {
            queries::queue(conn, &line, &queued).await?;
        }
    }
    let mut renewal = Renewal {
        request_id: ask.request_id.clone(),
        number: 0,
        fingerprint: ask.fingerprint(),
        carrier: ask.carrier.clone(),
        iccid: ask.iccid.clone(),
        product: ask.product.clone(),
        refused,
        before_until,
        valid_until: line.valid_until,
        received_at: now,
        due_at: now + delay(config, magic, &ask.fingerprint()),
    };
    renewal.number = queries::insert_renewal(conn, &renewal).await?;
    Ok(match magic {
        Magic::SilentlyDone => Reaction::Silence,
        Magic::Duplicate => Reaction::Duplicate(renewal),
        _ => Reaction::Answer(renewal),
    })
}

fn what(ask: &Ask, product: Option<&Product>) -> sqlx::Result<Option<(Effect, Term)>> {
    match (ask.told, product) {
        (Some(told), _) => Ok(Some(told)),
        (None, Some(product)) => Ok(Some((product.effect, product.term()?))),
        (None, None) => Ok(None),
    }
}

fn renewed(
    now: OffsetDateTime,
    config: &Config,
    (effect, term): (Effect, Term),
    product: Option<&Product>,
    line: Line,
    magic: Magic,
) -> Result<(Line, Option<Queued>), RenewError> {
    let today = calendar::today(now, &Zone::parse(&line.time_zone)?);
    let validity = Validity {
        from: line.valid_from,
        until: line.valid_until,
        anchor_day: u8::try_from(line.anchor_day).map_err(|_| CalendarError::AnchorDay)?,
    };
    let data = |bytes| Allowance { data: Data::Bytes(bytes), ..Allowance::default() };
    let given = product.and_then(|product| product.data_bytes).unwrap_or(0);
    let unlimited = Allowance { data: Data::Unlimited, ..Allowance::default() };
    let left = if line.data_unlimited { unlimited } else { data(line.data_left_bytes) };
    let gives_all = product.is_some_and(|product| product.data_unlimited);
    let line_term = LineTerm { validity: Some(validity), left };
    let allowance = if gives_all { unlimited } else { data(given) };
    let plan = PlanTerm { term, allowance, below_minimum: false };
    let after = preview(effect, today, &line_term, &plan)?;
    let missing = if magic == Magic::Short { config.short_days } else { 0 };
    let left = after.allowance_after.data.bytes().unwrap_or(0);
    let starts_on = calendar::add_days(line.valid_until, 1)?;
    let queued = after.allowance_queued.map(|_| Queued { starts_on, data_bytes: given, data_unlimited: gives_all });
    let total = if queued.is_some() { line.data_total_bytes } else { left.max(given) };
    let line = Line {
        valid_from: after.from,
        valid_until: calendar::add_days(after.until, -missing)?.max(after.from),
        anchor_day: i16::from(after.anchor_day),
        state: "active".to_owned(),
        data_total_bytes: total,
        data_left_bytes: left,
        data_given_bytes: line.data_given_bytes + given,
        data_unlimited: after.allowance_after.data.is_unlimited(),
        ..line
    };
    Ok((line, queued))
}

/// Ordinary times are spread by what was asked, so that a rehearsal repeats.
fn delay(config: &Config, magic: Magic, fingerprint: &[u8]) -> Duration {
    let (shortest, longest) = config.usual;
    match magic {
        Magic::Slow => config.slow,
        Magic::Usual => {
            let part = fingerprint.first().copied().unwrap_or_default();
            shortest + longest.saturating_sub(shortest) * u32::from(part) / 255
        }
        _ => Duration::ZERO,
    }
}

#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Effect(#[from] EffectError),
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}
