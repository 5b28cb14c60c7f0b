use super::{
    error::Refusal,
    guard::Accounts,
    password::{self, Verdict},
    queries::{self, AccountRow},
    rates,
};
use crate::web::Person;

/// Whoever sits at a browser that was left open does not know the password. Wrong ones count for the account, wherever they come from.
pub async fn by_password(
    accounts: &Accounts,
    person: &Person,
    password: &str,
    client: &str,
) -> Result<AccountRow, Refusal> {
    rates::may_try_second_step(&accounts.pool, person.id, client).await?;
    let account = queries::account_by_id(&accounts.pool, person.id).await?.ok_or(Refusal::Wrong)?;
    if password::verify(password, account.password_hash.clone()).await? == Verdict::Wrong {
        return Err(Refusal::Wrong);
    }
    rates::passed_second_step(&accounts.pool, person.id, client).await?;
    Ok(account)
}
