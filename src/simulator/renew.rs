use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::config::Config;
use super::magic::Magic;
use super::queries::{self, Line, Renewal};
use super::wire::RenewalBody;
use crate::calendar::{self, CalendarError, Zone};
use crate::plans::allowance::Allowance;
use crate::plans::effect::{EffectError, LineTerm, PlanTerm, preview};
use crate::plans::validity::Validity;

/// How the carrier behaves towards one request.
pub enum Reaction {
    Answer(Renewal),
    Duplicate(Renewal),
    /// The id was used for something else.
    Reused,
    Silence,
    Unavailable,
    ErrorPage,
}

/// Decides a request once; whoever asks again gets the first decision.
pub async fn renew(
    pool: &PgPool,
    now: OffsetDateTime,
    config: &Config,
    body: &RenewalBody,
) -> Result<Reaction, RenewError> {
    let magic = Magic::of(body.line.msisdn.as_deref());
    let mut tx = crate::db::begin(pool).await?;
    let line = queries::lock_line(&mut tx, &body.line).await?;
    if let Some(first) = queries::renewal(&mut tx, &body.request_id).await? {
        return Ok(again(magic, first, body));
    }
    let tries = queries::count_try(&mut tx, &body.request_id).await?;
    let reaction = match magic {
        Magic::SilentlyNot if tries <= config.faults => Reaction::Silence,
        Magic::ErrorPage if tries <= config.faults => Reaction::ErrorPage,
        Magic::Unavailable if tries <= config.unavailable => Reaction::Unavailable,
        _ => decide(&mut tx, now, config, body, line, magic).await?,
    };
    tx.commit().await?;
    Ok(reaction)
}

fn again(magic: Magic, first: Renewal, body: &RenewalBody) -> Reaction {
    if first.fingerprint != body.fingerprint() {
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
    body: &RenewalBody,
    line: Line,
    magic: Magic,
) -> Result<Reaction, RenewError> {
    let refused = (magic == Magic::Refuses).then(|| "not_renewable".to_owned());
    let before_until = line.valid_until;
    let mut line = line;
    if refused.is_none() {
        line = renewed(now, config, body, line, magic)?;
        queries::move_line(conn, &body.line, &line).await?;
    }
    let renewal = Renewal {
        request_id: body.request_id.clone(),
        fingerprint: body.fingerprint(),
        carrier: body.line.carrier.clone(),
        iccid: body.line.iccid.clone(),
        product: body.product.clone(),
        refused,
        before_until,
        valid_until: line.valid_until,
        received_at: now,
        due_at: now + delay(config, magic, &body.fingerprint()),
    };
    queries::insert_renewal(conn, &renewal).await?;
    Ok(match magic {
        Magic::SilentlyDone => Reaction::Silence,
        Magic::Duplicate => Reaction::Duplicate(renewal),
        _ => Reaction::Answer(renewal),
    })
}

fn renewed(
    now: OffsetDateTime,
    config: &Config,
    body: &RenewalBody,
    line: Line,
    magic: Magic,
) -> Result<Line, RenewError> {
    let today = calendar::today(now, &Zone::parse(&line.time_zone)?);
    let validity = Validity {
        from: line.valid_from,
        until: line.valid_until,
        anchor_day: u8::try_from(line.anchor_day).map_err(|_| CalendarError::AnchorDay)?,
    };
    let line_term = LineTerm { validity: Some(validity), left: Allowance::default() };
    let plan = PlanTerm { term: body.term, allowance: Allowance::default(), below_minimum: false };
    let after = preview(body.effect, today, &line_term, &plan)?;
    let missing = if magic == Magic::Short { config.short_days } else { 0 };
    Ok(Line {
        valid_from: after.from,
        valid_until: calendar::add_days(after.until, -missing)?.max(after.from),
        anchor_day: i16::from(after.anchor_day),
        time_zone: line.time_zone,
    })
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
