//! Adding to the balance: an order that buys nothing but money to spend later.

use super::queries::{self, TopUp};
use crate::clock::Clock;
use crate::ids::{AccountId, OrderId};
use crate::lang::Lang;
use crate::money::{Currency, Money};
use sqlx::PgPool;
use uuid::Uuid;

/// How much one top-up may be, and what is proposed.
pub struct Limits {
    pub least: Money,
    pub most: Money,
    pub suggested: [Money; 4],
}

/// Amounts people think in, per currency.
pub fn limits(currency: Currency) -> Limits {
    let (least, suggested, most) = match currency {
        Currency::Cny | Currency::Hkd => (10, [50, 100, 200, 500], 5_000),
        Currency::Usd | Currency::Eur | Currency::Gbp | Currency::Sgd => (5, [10, 20, 50, 100], 500),
        Currency::Jpy => (500, [1_000, 3_000, 5_000, 10_000], 50_000),
        Currency::Kwd => (1, [3, 5, 10, 20], 150),
    };
    let whole = |major: i64| Money::new(major * 10_i64.pow(currency.exponent()), currency);
    Limits { least: whole(least), most: whole(most), suggested: suggested.map(whole) }
}

/// What the customer said on the balance page.
pub struct Wish {
    pub account: AccountId,
    pub amount: Money,
    /// Made with the page: a double click and a reload carry the same one.
    pub attempt_key: Uuid,
    /// Whose days the order's dates are.
    pub time_zone: String,
}

#[derive(Debug, thiserror::Error)]
pub enum TopUpError {
    #[error("the amount is outside the limits")]
    OutsideLimits,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Places the order. The same intention twice is the same order.
pub async fn place(pool: &PgPool, clock: &Clock, wish: Wish) -> Result<OrderId, TopUpError> {
    let Limits { least, most, .. } = limits(wish.amount.currency);
    if !(least.minor..=most.minor).contains(&wish.amount.minor) {
        return Err(TopUpError::OutsideLimits);
    }
    let top_up = TopUp {
        account: wish.account,
        attempt_key: wish.attempt_key,
        amount: wish.amount,
        name_zh: Lang::Zh.t("top-up-name"),
        name_en: Lang::En.t("top-up-name"),
        time_zone: &wish.time_zone,
    };
    let mut tx = crate::db::begin(pool).await?;
    let order = queries::insert_top_up(&mut tx, &top_up, clock.now()).await?;
    tx.commit().await?;
    Ok(order)
}
