use super::PageError;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

/// A rendered template. What can't be rendered is an error page, not half a page.
pub struct Page<T>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => Html(html).into_response(),
            Err(error) => PageError::from(anyhow::Error::from(error)).into_response(),
        }
    }
}

/// The same page again with its errors: 422, values kept.
pub fn unprocessable<T: Template>(page: T) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
}

/// 303: the browser goes to `path` with a GET, and a reload there repeats nothing.
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The same, and the page there says at its top what was done.
pub fn noted(path: &str, note: &str) -> Response {
    see_other(&format!("{path}?note={note}"))
}
