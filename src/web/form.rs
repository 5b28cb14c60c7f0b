use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRef, FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::DeserializeOwned};
use sqlx::PgPool;

use super::{Conn, CsrfToken, Lent, PageError};

const LARGEST: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
const URL_ENCODED: &str = "application/x-www-form-urlencoded";

/// A posted form. Its content can't be had before the visitor's token was found in it.
pub struct Form<T>(pub T);

/// Of a form that says nothing but that it was sent.
#[derive(Deserialize)]
pub struct Nothing {}

#[derive(Deserialize)]
struct Sealed {
    csrf: Option<String>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        // Whatever was lent goes back with the request, before the body is waited for.
        Ok(Self(Sent::of(request).whole().await?))
    }
}

/// A posted form and the connection its session was read over, if it is here already: nobody who sends slowly keeps one.
pub struct FormOver<T>(pub T, pub Conn);

impl<S, T> FromRequest<S> for FormOver<T>
where
    S: Send + Sync,
    PgPool: FromRef<S>,
    T: DeserializeOwned + Send,
{
    type Rejection = Response;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Response> {
        let lent = request.extensions_mut().remove::<Lent>();
        let mut form = Box::pin(Sent::of(request).whole());
        let (form, lent) = match (&mut form).now_or_never() {
            Some(form) => (form?, lent),
            None => {
                drop(lent);
                (form.await?, None)
            }
        };
        Ok(Self(form, Conn::of(lent, state).await.map_err(IntoResponse::into_response)?))
    }
}

/// A form on its way.
struct Sent {
    token: Option<CsrfToken>,
    is_form: bool,
    body: Body,
}

impl Sent {
    fn of(request: Request) -> Self {
        let token = request.extensions().get::<CsrfToken>().cloned();
        Self { token, is_form: is_form(&request), body: request.into_body() }
    }

    async fn whole<T: DeserializeOwned>(self) -> Result<T, Response> {
        if !self.is_form {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let bytes = read(self.body).await.map_err(IntoResponse::into_response)?;
        if super::nul::is_in(&bytes) {
            return Err(PageError::BadRequest.into_response());
        }
        let sealed: Sealed = parse(bytes.clone()).await?;
        let ours = self.token.zip(sealed.csrf).is_some_and(|(token, sent)| token.matches(&sent));
        if !ours {
            return Err(PageError::FormExpired.into_response());
        }
        parse(bytes).await
    }
}

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(URL_ENCODED))
}

async fn read(body: Body) -> Result<Bytes, StatusCode> {
    let collected = tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST).collect()).await;
    match collected {
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        // A limit further out may have cut the body off first.
        Ok(Err(error)) if error.to_string().contains("length limit") => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
    }
}

async fn parse<T: DeserializeOwned>(bytes: Bytes) -> Result<T, Response> {
    let request = Request::post("/").header(header::CONTENT_TYPE, URL_ENCODED).body(Body::from(bytes));
    let request = request.map_err(|_| PageError::BadRequest.into_response())?;
    match axum::Form::<T>::from_request(request, &()).await {
        Ok(axum::Form(value)) => Ok(value),
        Err(_) => Err(PageError::BadRequest.into_response()),
    }
}
