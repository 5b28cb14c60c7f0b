//! What the holder of a line calls it: whoever has several knows them by that.

use crate::accounts::{SignedIn, name};
use crate::ids::LineId;
use crate::lines::model::Line;
use crate::lines::{self, words};
use crate::paths;
use crate::web::{Ctx, Form, Page, PageError, Path, noted, unprocessable};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

const LONGEST: usize = 60;

#[derive(Template)]
#[template(path = "orders/label.html")]
struct LabelPage {
    ctx: Ctx,
    number: String,
    label: String,
    error: Option<&'static str>,
    back: String,
}

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    label: String,
}

/// `GET /lines/{line}/label`
pub async fn edit(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    Path(line): Path<LineId>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let held = lines::held_by(&pool, line, person.id).await?.ok_or(PageError::NotFound)?;
    Ok(Page(page(ctx, &held, held.label.clone(), None)).into_response())
}

/// `POST /lines/{line}/label`: an empty one takes it away.
pub async fn update(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    Path(line): Path<LineId>,
    ctx: Ctx,
    Form(Typed { label: typed }): Form<Typed>,
) -> Result<Response, PageError> {
    let label = match typed.trim() {
        "" => Ok(String::new()),
        typed => name::tidied(typed, LONGEST),
    };
    let Ok(label) = label else {
        let held = lines::held_by(&pool, line, person.id).await?.ok_or(PageError::NotFound)?;
        let error = ctx.t("label-wrong");
        return Ok(unprocessable(page(ctx, &held, typed, Some(error))));
    };
    match lines::set_label(&pool, line, person.id, &label).await? {
        true => Ok(noted(&paths::line(line), "label-saved")),
        false => Err(PageError::NotFound),
    }
}

fn page(ctx: Ctx, held: &Line, label: String, error: Option<&'static str>) -> LabelPage {
    let number = words::number(held.msisdn.as_deref(), &held.iccid).replace(' ', "\u{a0}");
    LabelPage { number, label, error, back: paths::line(held.id), ctx }
}
