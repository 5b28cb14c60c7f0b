use axum::{
    body::{Body, Bytes},
    extract::{FromRef, FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use serde::{Deserialize, de::DeserializeOwned};
use sqlx::PgPool;

use super::{Conn, CsrfToken, Lent, PageError, body::Unread};

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
        opened(request).await.map(Self)
    }
}

/// A posted form and the connection its session was read over.
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
        let form = opened(request).await?;
        Ok(Self(form, Conn::of(lent, state).await.map_err(IntoResponse::into_response)?))
    }
}

async fn opened<T: DeserializeOwned>(request: Request) -> Result<T, Response> {
    if let Some(Unread(why)) = request.extensions().get() {
        return Err(why.into_response());
    }
    if !is_form(&request) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    let token = request.extensions().get::<CsrfToken>().cloned();
    let read = request.into_body().collect().await.map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let bytes = read.to_bytes();
    if super::nul::is_in(&bytes) {
        return Err(PageError::BadRequest.into_response());
    }
    let sealed: Sealed = parse(bytes.clone()).await?;
    let ours = token.zip(sealed.csrf).is_some_and(|(token, sent)| token.matches(&sent));
    if !ours {
        return Err(PageError::FormExpired.into_response());
    }
    parse(bytes).await
}

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(URL_ENCODED))
}

async fn parse<T: DeserializeOwned>(bytes: Bytes) -> Result<T, Response> {
    let request = Request::post("/").header(header::CONTENT_TYPE, URL_ENCODED).body(Body::from(bytes));
    let request = request.map_err(|_| PageError::BadRequest.into_response())?;
    match axum::Form::<T>::from_request(request, &()).await {
        Ok(axum::Form(value)) => Ok(value),
        Err(_) => Err(PageError::BadRequest.into_response()),
    }
}
