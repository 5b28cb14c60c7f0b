//! One connection for a page: its session was read over it, and the page is read over it too, so that it need not be
//! fetched and tested twice.

use super::PageError;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use std::sync::{Arc, Mutex};

/// Put on a request once its session is read. A handler that does not ask for it gives it back before it begins.
#[derive(Clone)]
pub struct Lent(Arc<Mutex<Option<PoolConnection<Postgres>>>>);

impl Lent {
    pub fn new(conn: PoolConnection<Postgres>) -> Self {
        Self(Arc::new(Mutex::new(Some(conn))))
    }

    fn take(self) -> Option<PoolConnection<Postgres>> {
        self.0.lock().ok()?.take()
    }
}

/// The connection that was lent to this request, or another one.
pub struct Conn(pub PoolConnection<Postgres>);

impl<S> FromRequestParts<S> for Conn
where
    S: Send + Sync,
    PgPool: FromRef<S>,
{
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        Self::of(parts.extensions.remove::<Lent>(), state).await
    }
}

impl Conn {
    pub(super) async fn of<S>(lent: Option<Lent>, state: &S) -> Result<Self, PageError>
    where
        PgPool: FromRef<S>,
    {
        match lent.and_then(Lent::take) {
            Some(conn) => Ok(Self(conn)),
            None => Ok(Self(PgPool::from_ref(state).acquire().await?)),
        }
    }
}
