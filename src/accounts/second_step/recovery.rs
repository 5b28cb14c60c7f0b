//! Ten codes on paper for the day the phone is gone: each works once. The first characters find a code, the others prove it
//! and are hashed like a password.
use crate::{
    accounts::{
        error::Refusal,
        extract::Proven,
        guard::Accounts,
        mails::Changed,
        password::{self, Verdict},
        queries,
    },
    ids::{self, AccountId},
};

use super::changed;

const CODES: usize = 10;
const SELECTOR: usize = 4;
const LENGTH: usize = 16;

/// As they are shown, and as they are stored.
pub(in crate::accounts) async fn made() -> Result<(Vec<String>, Vec<(String, String)>), Refusal> {
    let (mut shown, mut stored) = (vec![], Vec::<(String, String)>::new());
    while stored.len() < CODES {
        let code = ids::readable(LENGTH);
        let (selector, rest) = code.split_at(SELECTOR);
        if stored.iter().any(|(taken, _)| taken == selector) {
            continue;
        }
        stored.push((selector.to_owned(), password::hash(rest).await?));
        shown.push(format!("{selector}-{}-{}-{}", &rest[..4], &rest[4..8], &rest[8..]));
    }
    Ok((shown, stored))
}

/// All new ones; those on the paper before are worth nothing.
pub async fn renew(accounts: &Accounts, who: &Proven) -> Result<Vec<String>, Refusal> {
    let person = &who.person;
    let (codes, stored) = made().await?;
    let mut tx = who.begin(&accounts.pool).await?;
    queries::replace_recovery_codes(&mut tx, person.id, &stored, accounts.clock.now()).await?;
    changed(&mut tx, accounts, person, "account.recovery_codes_renewed", Changed::RecoveryCodes).await?;
    tx.commit().await?;
    Ok(codes)
}

pub async fn check(accounts: &Accounts, account: AccountId, typed: &str) -> Result<bool, Refusal> {
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let (selector, rest) = code.split_at_checked(SELECTOR).unwrap_or(("", ""));
    let stored = queries::recovery_code(&accounts.pool, account, selector).await?;
    if password::verify(rest, stored).await? == Verdict::Wrong {
        return Ok(false);
    }
    let mut conn = accounts.pool.acquire().await?;
    Ok(queries::use_recovery_code(&mut conn, account, selector, accounts.clock.now()).await?)
}
