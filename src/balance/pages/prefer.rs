use crate::accounts::{self, RefundsTo, SignedIn};
use crate::clock::Clock;
use crate::paths;
use crate::web::{Form, PageError, noted};
use axum::extract::State;
use axum::response::Response;
use sqlx::PgPool;

#[derive(serde::Deserialize)]
pub struct Preference {
    to: RefundsTo,
}

/// `POST /balance/refunds`
pub async fn prefer(
    SignedIn { person }: SignedIn,
    State(pool): State<PgPool>,
    State(clock): State<Clock>,
    Form(Preference { to }): Form<Preference>,
) -> Result<Response, PageError> {
    accounts::prefer_refunds(&pool, &clock, &person, to).await?;
    Ok(noted(paths::BALANCE, "refunds-preferred"))
}
