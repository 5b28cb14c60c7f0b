use super::show::{BalancePage, Refused};
use crate::accounts::SignedIn;
use crate::app::App;
use crate::money::{Currency, Money};
use crate::orders::limits;
use crate::orders::top_up::{self, Limits, TopUpError, Wish};
use crate::paths;
use crate::web::{Ctx, Form, PageError, see_other, unprocessable};
use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

#[derive(serde::Deserialize)]
pub struct Wanted {
    currency: String,
    attempt: Uuid,
    #[serde(default)]
    choice: String,
    #[serde(default)]
    other: String,
}

/// `POST /balance/top-ups`: to where it is paid, or back here with what is wrong with the amount.
pub async fn top_up(
    SignedIn { person }: SignedIn,
    State(app): State<App>,
    ctx: Ctx,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    let currency = Currency::parse(&wanted.currency).map_err(|_| PageError::BadRequest)?;
    if app.gateways.methods_for(currency).is_empty() {
        return Err(PageError::BadRequest);
    }
    let Limits { least, most, suggested } = top_up::limits(currency);
    let error = match read(&wanted, currency) {
        None => ctx.t1("balance-amount-unreadable", "example", suggested[1].amount()),
        Some(amount) => {
            limits::may_pay(&app.pool, person.id).await?;
            let time_zone = person.time_zone.clone();
            let wish = Wish { account: person.id, amount, attempt_key: wanted.attempt, time_zone };
            match top_up::place(&app.pool, &app.clock, wish).await {
                Ok(order) => return Ok(see_other(&paths::pay(order))),
                Err(TopUpError::Database(error)) => return Err(error.into()),
                Err(TopUpError::OutsideLimits) => {
                    ctx.t2("balance-amount-outside", "least", least.to_string(), "most", most.to_string())
                }
            }
        }
    };
    // The page is the balance's, whichever address the form went to.
    let ctx = Ctx { here: paths::BALANCE.to_owned(), ..ctx };
    let refused = Refused { currency, choice: wanted.choice, other: wanted.other, error };
    Ok(unprocessable(BalancePage::read(&app, &person, ctx, 1, Some(refused)).await?))
}

/// The amount typed, else the one ticked. Commas people write between thousands are let pass.
fn read(wanted: &Wanted, currency: Currency) -> Option<Money> {
    let typed = wanted.other.trim();
    let text = if typed.is_empty() { wanted.choice.trim() } else { typed };
    Money::parse(&text.replace([',', '，'], ""), currency).ok()
}
