//! What was sent is read before it is asked who sent it: a form held back half sent is not taken for somebody who was signed
//! out meanwhile.

use std::time::Duration;

use axum::{body::Body, extract::Request, http::StatusCode, middleware::Next, response::Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};

const LARGEST: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// Put on a request whose body did not come as it should: why. Pages answer with it once they know whom, in which language.
#[derive(Clone, Copy, Debug)]
pub struct Unread(pub StatusCode);

/// Middleware.
pub async fn read_first(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST).collect()).await {
        Ok(Ok(read)) => Body::from(read.to_bytes()),
        failed => {
            parts.extensions.insert(Unread(match failed {
                Err(_) => StatusCode::REQUEST_TIMEOUT,
                Ok(Err(error)) if error.is::<LengthLimitError>() => StatusCode::PAYLOAD_TOO_LARGE,
                Ok(_) => StatusCode::BAD_REQUEST,
            }));
            Body::empty()
        }
    };
    next.run(Request::from_parts(parts, body)).await
}
