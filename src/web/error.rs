//! Error pages: sealed for the reader, open in the log. An incident id joins the two.

use super::limits::Denied;
use super::{Ctx, see_other};
use askama::Template;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

/// Why a page can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Not there, or not theirs: the two must look the same.
    #[error("not found")]
    NotFound,
    #[error("forbidden")]
    Forbidden,
    /// The form's token is missing or old.
    #[error("the form has expired")]
    FormExpired,
    #[error("bad request")]
    BadRequest,
    #[error("too many tries")]
    TooMany { retry_after_seconds: u64 },
    #[error("overloaded")]
    Busy { retry_after_seconds: u64 },
    #[error(transparent)]
    Internal(anyhow::Error),
}

impl From<anyhow::Error> for PageError {
    fn from(error: anyhow::Error) -> Self {
        error.downcast::<sqlx::Error>().map_or_else(Self::Internal, Self::from)
    }
}

impl From<sqlx::Error> for PageError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            // The pool is full: the visitor may try again in a moment, and nothing was done.
            sqlx::Error::PoolTimedOut => Self::Busy { retry_after_seconds: 2 },
            // Somebody else holds the row: the same, a little later.
            sqlx::Error::Database(error) if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => {
                Self::Busy { retry_after_seconds: 5 }
            }
            other => Self::Internal(other.into()),
        }
    }
}

/// SQLSTATE of a lock that was not had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// What the page around an error needs to know; travels from the handler to [`error_pages`] on the response.
#[derive(Clone, Debug, Default)]
struct Notice {
    incident: Option<String>,
    form_expired: bool,
    retry_after_seconds: Option<u64>,
}

impl From<Denied> for PageError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::TooOften(retry) => Self::TooMany { retry_after_seconds: retry.seconds.into() },
            Denied::Database(error) => error.into(),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut notice = Notice::default();
        let status = match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::FormExpired => {
                notice.form_expired = true;
                tracing::warn!("a form was refused: not from our own page, or without its token");
                StatusCode::FORBIDDEN
            }
            Self::TooMany { retry_after_seconds } => {
                notice.retry_after_seconds = Some(retry_after_seconds);
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Busy { retry_after_seconds } => {
                notice.retry_after_seconds = Some(retry_after_seconds);
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(error) => {
                let incident = crate::ids::readable(8);
                tracing::error!(incident = %incident, "a page failed: {error:#}");
                notice.incident = Some(incident);
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let mut response = status.into_response();
        if let Some(seconds) = notice.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(notice);
        response
    }
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage {
    ctx: Ctx,
    status: u16,
    title: &'static str,
    text: String,
    incident: Option<String>,
}

/// Middleware: gives every error answer that is not a page yet a page of its own, in the visitor's language.
pub async fn error_pages(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (ctx, above) = (Ctx::of(&parts), above(&parts));
    let response = next.run(Request::from_parts(parts, body)).await;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if response.status().as_u16() < 400 || is_page {
        return response;
    }
    if let Some(above) = above.filter(|_| response.status() == StatusCode::METHOD_NOT_ALLOWED) {
        return see_other(&above);
    }
    dress(ctx, response)
}

/// Where a browser goes that comes back to the address of a form: forms lie below the pages they are on.
fn above(parts: &Parts) -> Option<String> {
    let (above, _) = parts.uri.path().trim_end_matches('/').rsplit_once('/')?;
    let is_visit = parts.method == Method::GET && !parts.uri.path().starts_with("/static/");
    is_visit.then(|| if above.is_empty() { "/".to_owned() } else { above.to_owned() })
}

fn dress(ctx: Ctx, response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    let notice = parts.extensions.remove::<Notice>().unwrap_or_default();
    let key = match parts.status.as_u16() {
        403 if notice.form_expired => "form-expired",
        403 => "403",
        404 => "404",
        405 => "405",
        408 => "408",
        413 => "413",
        422 => "422",
        429 => "429",
        503 => "503",
        500.. => "500",
        _ => "400",
    };
    let minutes = i64::try_from(notice.retry_after_seconds.unwrap_or(60).div_ceil(60)).unwrap_or(1);
    let text_key = format!("error-{key}-text");
    let text = if key == "429" { ctx.t1(&text_key, "minutes", minutes) } else { ctx.t(&text_key).to_owned() };
    let title = ctx.t(&format!("error-{key}-title"));
    let page = ErrorPage { ctx, status: parts.status.as_u16(), title, text, incident: notice.incident };
    let html = page.render().unwrap_or_else(|_| title.to_owned());
    let mut dressed = (parts.status, Html(html)).into_response();
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            dressed.headers_mut().append(name, value.clone());
        }
    }
    dressed
}
