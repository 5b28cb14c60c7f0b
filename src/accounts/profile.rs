use super::{guard::Accounts, queries};
use crate::{
    audit::{self, Act},
    calendar::Zone,
    lang::Lang,
    web::Person,
};

pub struct Profile<'a> {
    pub name: &'a str,
    pub language: Lang,
    pub zone: &'a Zone,
}

pub async fn save(accounts: &Accounts, person: &Person, new: Profile<'_>) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(&accounts.pool).await?;
    queries::save_profile(&mut tx, person.id, new.name, new.language, new.zone.name()).await?;
    let act = Act {
        at: accounts.clock.now(),
        actor: person.actor(),
        action: "account.profile_changed",
        account: Some(person.id),
        subject: None,
        detail: serde_json::json!({ "name_was": person.name, "language": new.language, "time_zone": new.zone.name() }),
    };
    audit::record(&mut *tx, act).await?;
    tx.commit().await
}
