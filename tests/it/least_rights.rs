//! A portal that does not own its tables does all its work, and its role can't undo what guards them.

use renewal_portal::db::tables;
use renewal_portal::mail::Mailer;
use sqlx::PgPool;

use crate::support::db::fresh_db;
use crate::support::portal::{PASSWORD, TestPortal};
use crate::support::visitor::Visitor;

const ROLE: &str = "portal app"; // Names with blanks are quoted.

/// The address of the same database for a role that owns nothing.
async fn address_for_the_role(pool: &PgPool, url: &str) -> String {
    // Roles belong to the server: another run may have made it.
    sqlx::raw_sql(
        "do $$ begin create role \"portal app\" login password 'app'; exception when duplicate_object or unique_violation then null; end $$",
    )
    .execute(pool)
    .await
    .unwrap();
    tables::grant(pool, ROLE).await.unwrap();
    let mut address = url::Url::parse(url).unwrap();
    address.set_username("portal%20app").unwrap();
    address.set_password(Some("app")).unwrap();
    address.into()
}

#[tokio::test]
async fn a_role_that_owns_nothing_runs_the_portal_and_undoes_no_guard() {
    let db = fresh_db().await;
    let (owner, url) = (db.pool.clone(), address_for_the_role(&db.pool, &db.url).await);
    let portal = TestPortal::on(db, &url, Mailer::Mailbox).await;
    let app = &portal.app.pool;
    tables::migrate(app).await.expect("nothing is to be done");
    let (mut mei, line) = portal.mei_with("100").await;
    let order = mei.buy(line, "P30", "pay").await;
    portal.until(order, "fulfilled").await;
    let refused = mei.buy(line, "P60", "decline").await;
    mei.cancel(refused).await;
    crate::balance_money::topped_up(&portal, &mut mei, "50").await;
    mei.browser.get("/account/profile").await;
    let profile = [("name", "Mei"), ("language", "en"), ("time_zone", "Europe/Berlin")];
    assert_eq!(mei.browser.post("/account/profile", &profile).await.status, 303);
    let mut again = Visitor::at(&portal.url);
    again.get("/login").await;
    assert_eq!(again.post("/login", &[("email", "mei@post.example"), ("password", PASSWORD)]).await.status, 303);
    let staff_page = format!("/staff/accounts/{}", mei.account);
    assert_eq!(portal.staff_as("finance").await.browser.get(&staff_page).await.status, 200);
    portal.settle().await;
    renewal_portal::audit::seal::seal(&mut app.acquire().await.unwrap())
        .await
        .expect("the trail is sealed by the role, too");
    portal.prove().await;
    for forbidden in [
        "alter table audit_log disable trigger all",
        "delete from audit_log",
        "truncate audit_log",
        "update ledger_entries set amount_minor = amount_minor",
        "delete from ledger_transactions",
        "drop table orders",
        "create table mine (x int)",
        "delete from _sqlx_migrations",
        "create or replace function keep_audit_log() returns trigger language plpgsql as 'begin return new; end'",
        "set session_replication_role = replica",
    ] {
        let error = sqlx::query(forbidden).execute(app).await.expect_err(forbidden);
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{forbidden}: {error}");
    }
    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&owner)
        .await
        .unwrap();
    let told = tables::migrate(app).await.expect_err("it may not").to_string();
    assert!(told.contains("as their owner"), "{told}");
}
