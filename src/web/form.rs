use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::DeserializeOwned};

use super::{CsrfToken, PageError};

const LARGEST: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
const URL_ENCODED: &str = "application/x-www-form-urlencoded";

/// A posted form. Its content can't be had before the visitor's token was found in it.
pub struct Form<T>(pub T);

#[derive(Deserialize)]
struct Sealed {
    csrf: Option<String>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let token = request.extensions().get::<CsrfToken>().cloned();
        if !is_form(&request) {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let bytes = read(request.into_body()).await.map_err(IntoResponse::into_response)?;
        if super::nul::is_in(&bytes) {
            return Err(PageError::BadRequest.into_response());
        }
        let sealed: Sealed = parse(bytes.clone()).await?;
        let ours = token.zip(sealed.csrf).is_some_and(|(token, sent)| token.matches(&sent));
        if !ours {
            return Err(PageError::FormExpired.into_response());
        }
        Ok(Self(parse(bytes).await?))
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
