use crate::accounts::Proven;
use crate::calendar;
use crate::clock::Clock;
use crate::ids::ExportId;
use crate::paths;
use crate::privacy::{export, queries};
use crate::web::limits::Denied;
use crate::web::{Ctx, Form, Nothing, Page, PageError, Path, see_other};
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;

#[derive(Template)]
#[template(path = "privacy/data.html")]
struct DataPage {
    ctx: Ctx,
    state: Standing,
    error: Option<String>,
}

/// How the file stands.
enum Standing {
    None,
    UnderWay,
    Ready { path: String, about: String },
}

impl DataPage {
    fn may_ask(&self) -> bool {
        !matches!(self.state, Standing::UnderWay)
    }
}

/// `GET /account/data`
pub async fn show(
    Proven { person, .. }: Proven,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    ctx: Ctx,
) -> Result<Response, PageError> {
    let state = match queries::export_of(&pool, person.id, clock.now()).await? {
        None => Standing::None,
        Some(found) => match found.expires_at {
            None => Standing::UnderWay,
            Some(until) => {
                let local = calendar::local(until, &person.zone());
                let until =
                    format!("{} {}", calendar::long_date(local.date(), ctx.language), calendar::clock_time(local));
                let size = found.bytes.unwrap_or(0) / 1024 + 1;
                Standing::Ready {
                    path: paths::my_data_file(found.id),
                    about: ctx.t2("data-ready-text", "size", size, "until", until),
                }
            }
        },
    };
    Ok(Page(DataPage { ctx, state, error: None }).into_response())
}

/// `POST /account/data`
pub async fn create(
    who: Proven,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    ctx: Ctx,
    _sealed: Form<Nothing>,
) -> Result<Response, PageError> {
    match export::ask(&pool, &clock, &who).await {
        Ok(()) => Ok(see_other(paths::MY_DATA)),
        Err(Denied::TooOften(retry)) => {
            let error = Some(ctx.t1("data-too-often", "hours", retry.hours()));
            let after = [(header::RETRY_AFTER, retry.seconds.to_string())];
            let page = Page(DataPage { ctx, state: Standing::None, error });
            Ok((StatusCode::TOO_MANY_REQUESTS, after, page).into_response())
        }
        Err(Denied::Database(error)) => Err(error.into()),
    }
}

/// `GET /account/data/{export}`
pub async fn download(
    Proven { person, .. }: Proven,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Path(id): Path<ExportId>,
) -> Result<Response, PageError> {
    let text = export::fetch(&pool, &clock, &person, id).await?.ok_or(PageError::NotFound)?;
    let name = format!("attachment; filename=\"my-data-{}.json\"", calendar::today(clock.now(), &person.zone()));
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}
