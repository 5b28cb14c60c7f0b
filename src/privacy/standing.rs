//! What has to be settled before an account can be closed.

use super::queries;
use crate::ids::AccountId;
use crate::ledger;
use crate::money::Money;
use crate::web::Role;
use sqlx::PgConnection;

#[derive(Debug, Default)]
pub struct Standing {
    /// Numbers of orders that are open.
    pub orders: Vec<String>,
    /// Numbers of orders whose money is on its way back.
    pub refunds: Vec<String>,
    /// Numbers of orders that support is looking into.
    pub cases: Vec<String>,
    /// Lines that a new eSIM profile is on its way to.
    pub profiles: i64,
    pub balances: Vec<Money>,
    pub is_staff: bool,
}

impl Standing {
    pub async fn of(conn: &mut PgConnection, account: AccountId, role: Role) -> sqlx::Result<Self> {
        let balances = ledger::balances(&mut *conn, account).await?;
        let amounts = balances.iter().flat_map(|balance| [balance.available, balance.held]);
        Ok(Self {
            orders: queries::open_orders(conn, account).await?,
            refunds: queries::unfinished_refunds(conn, account).await?,
            cases: queries::open_cases(conn, account).await?,
            profiles: queries::profiles_under_way(conn, account).await?,
            balances: amounts.filter(|amount| amount.minor != 0).collect(),
            is_staff: role.is_staff(),
        })
    }

    pub fn is_settled(&self) -> bool {
        let Self { orders, refunds, cases, profiles, balances, is_staff } = self;
        orders.is_empty()
            && refunds.is_empty()
            && cases.is_empty()
            && *profiles == 0
            && balances.is_empty()
            && !is_staff
    }
}
