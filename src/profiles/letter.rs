//! What the holder of a line is written about its profile. Whoever gets a line's code gets its calls and its texts, so
//! nothing happens here that its holder isn't told; a code itself is never mailed.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::accounts;
use crate::lines::model::Line;
use crate::lines::words;
use crate::paths::{self, BaseUrl};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    Requested,
    Ready,
    NotReady,
}

pub async fn write(
    conn: &mut PgConnection,
    base_url: &BaseUrl,
    line: &Line,
    news: News,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let template = match news {
        News::Requested => "profile-requested",
        News::Ready => "profile-ready",
        News::NotReady => "profile-not-ready",
    };
    let number = words::number(line.msisdn.as_deref(), &line.iccid);
    let link = base_url.to(&paths::line(line.id));
    accounts::write_to(conn, line.account_id, template, &[("number", number.into())], link, now).await
}
