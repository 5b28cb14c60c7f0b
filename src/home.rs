//! The door: what this is, shown by an example, and the way in.

use crate::calendar;
use crate::clock::Clock;
use crate::orders::RibbonView;
use crate::orders::ribbon::Change;
use crate::paths;
use crate::plans::effect::Effect;
use crate::web::{Ctx, Page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use time::{Date, Duration};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    ctx: Ctx,
    example: RibbonView,
}

/// `GET /`
pub async fn show(State(clock): State<Clock>, ctx: Ctx) -> Response {
    if ctx.person.is_some() {
        return see_other(ctx.home());
    }
    let change = example(clock.now().date());
    let example = RibbonView::alone(&change, ctx.language).captioned(ctx.t("home-ribbon-caption"));
    Page(HomePage { example, ctx }).into_response()
}

/// Three days are left, and a quarter follows them.
fn example(today: Date) -> Change {
    let before_until = today + Duration::days(3);
    let until = calendar::add_months(before_until, 3, before_until.day()).unwrap_or(before_until);
    let starts = before_until + Duration::DAY;
    Change { effect: Effect::Queue, today, before_until, starts, until, lost_days: 0, is_ordered: false }
}
