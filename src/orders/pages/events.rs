use crate::accounts::SignedIn;
use crate::ids::OrderId;
use crate::orders::changes::Changes;
use crate::orders::queries;
use crate::web::{PageError, Path};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use sqlx::PgPool;
use std::convert::Infallible;
use std::time::Duration;

/// How long one stream lasts; the browser opens the next by itself, and a forgotten tab does not hold one for ever.
const LONGEST: Duration = Duration::from_secs(300);

/// `GET /orders/{order}/events`: says `changed` whenever something did; the page then fetches itself anew.
pub async fn stream(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(changes): State<Changes>,
    Path(order): Path<OrderId>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, PageError> {
    queries::of_account(&pool, order, person.id).await?.ok_or(PageError::NotFound)?;
    let watched = changes.watch(person.id).ok_or(PageError::TooMany { retry_after_seconds: 60 })?;
    let ends = tokio::time::Instant::now() + LONGEST;
    let events = futures_util::stream::unfold(watched, move |mut watched| async move {
        tokio::time::timeout_at(ends, watched.next_of(order)).await.ok()??;
        Some((Ok(Event::default().event("changed").data(order.to_string())), watched))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}
