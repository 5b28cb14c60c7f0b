use crate::accounts::{self, Preferences};
use crate::audit::{self, Act};
use crate::clock::Clock;
use crate::web::Person;
use serde_json::json;
use sqlx::PgPool;

/// Texts only go to a number that was proved.
pub async fn prefer(pool: &PgPool, clock: &Clock, person: &Person, new: Preferences) -> sqlx::Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    let has_phone = accounts::phone(&mut *tx, person.id).await?.is_some_and(|phone| phone.is_verified);
    let new = Preferences { reminders_by_text: new.reminders_by_text && has_phone, ..new };
    accounts::set_preferences(&mut tx, person.id, new).await?;
    let act = Act {
        at: clock.now(),
        actor: person.actor(),
        action: "account.contact_preferred",
        account: Some(person.id),
        subject: None,
        detail: json!({ "mail": new.reminders_by_mail, "text": new.reminders_by_text, "news": new.news }),
    };
    audit::record(&mut *tx, act).await?;
    tx.commit().await
}
