//! The whole portal on a database of its own, with one customer who holds lines of every condition.

use std::net::{Ipv4Addr, SocketAddr};

use renewal_portal::accounts::password;
use renewal_portal::carriers::names;
use renewal_portal::clock::Clock;
use renewal_portal::demo::parts::{Parts, Setup};
use renewal_portal::ids::{AccountId, LineId};
use renewal_portal::mail::Mailer;
use renewal_portal::simulator::Config;
use sqlx::PgPool;
use time::macros::datetime;
use time::{Date, OffsetDateTime};

use crate::support::db::{TestDb, fresh_db};
use crate::support::visitor::{Answer, Visitor};

pub const NOW: OffsetDateTime = datetime!(2026-11-22 06:00 UTC);
const PASSWORD: &str = "violet-kettle-93";

pub struct Portal {
    pub db: TestDb,
    pub parts: Parts,
}

/// A line as a test needs it; the rest is the same for all.
#[derive(Clone, Copy)]
pub struct Held {
    pub number: Option<&'static str>,
    pub kind: &'static str,
    pub plan: &'static str,
    pub status: &'static str,
    pub until: Date,
    pub unlimited: bool,
    pub code: Option<&'static str>,
}

impl Portal {
    pub async fn open() -> Self {
        Self::at_prices(Config::default()).await
    }

    pub async fn at_prices(simulator_config: Config) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let db = fresh_db().await;
        names::save(&mut db.pool.acquire().await.unwrap(), names::known()).await.unwrap();
        let setup = Setup {
            pool: db.pool.clone(),
            database_url: db.url.clone(),
            base_url: "http://127.0.0.1:9".into(),
            simulator: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            simulator_config,
            clock: Clock::starting_at(NOW),
            mailer: Mailer::Mailbox,
            patience: crate::support::PATIENCE,
        };
        let parts = Parts::start(setup).await.unwrap();
        Self { db, parts }
    }

    pub fn pool(&self) -> &PgPool {
        &self.db.pool
    }

    pub async fn customer(&self, email: &str, language: &str) -> AccountId {
        let id = AccountId::new();
        sqlx::query(
            "insert into accounts (id, email, email_key, email_verified_at, name, password_hash, role, language, time_zone, created_at)
             values ($1, $2, $2, $3, 'Li Wei', $4, 'customer', $5, 'Asia/Shanghai', $3)",
        )
        .bind(id)
        .bind(email)
        .bind(NOW)
        .bind(password::hash(PASSWORD).await.unwrap())
        .bind(language)
        .execute(self.pool())
        .await
        .unwrap();
        id
    }

    pub async fn signed_in(&self, email: &str) -> Visitor {
        let mut visitor = Visitor::new(&self.parts.router());
        visitor.get("/login").await;
        let answer = visitor.post("/login", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        visitor.get("/account").await;
        visitor
    }

    /// A plan of 10 GB and a month (or what `term` says), for every kind of line.
    pub async fn plan(&self, code: &str, effect: &str, term: (&str, i32), price_minor: i64) {
        sqlx::query(
            "insert into plans (code, carrier, kinds, name_zh, name_en, term_unit, term_count, data_bytes, minutes, sms, coverage,
               price_minor, currency, effect, carrier_product, created_at)
             values ($1, 'cmcc', '{esim,fm_card}', '套餐 ' || $1, 'Plan ' || $1, $3, $4, 10000000000, 200, 50, '{CN}',
               $5, 'CNY', $2, 'cmcc:' || $1, $6)",
        )
        .bind(code)
        .bind(effect)
        .bind(term.0)
        .bind(term.1)
        .bind(price_minor)
        .bind(NOW)
        .execute(self.pool())
        .await
        .unwrap();
    }

    pub async fn line(&self, account: AccountId, held: Held) -> LineId {
        let id = LineId::new();
        sqlx::query(
            "with line as (
               insert into lines (id, account_id, kind, carrier, iccid, msisdn, eid, activation_code, label, plan, status, time_zone,
                 valid_from, valid_until, anchor_day, data_unlimited, data_total_bytes, data_left_bytes, minutes_left, usage_as_of,
                 carrier_balance_minor, carrier_balance_currency, since, created_at)
               values ($1, $2, $3, 'cmcc', $4, $5, '89049032007108882600137544319616', $6, '主卡', $7, $8, 'Asia/Shanghai',
                 $9 - 30, $9, 1, $10, case when $10 then null else 10000000000 end, case when $10 then null else 1800000000 end, 142,
                 $11, 2028, 'CNY', $11, $11)
               returning id, valid_from, valid_until)
             insert into line_validities (line_id, entry, cause, valid_from, valid_until, anchor_day, recorded_at)
             select id, 0, 'opening', valid_from, valid_until, 1, $11 from line",
        )
        .bind(id)
        .bind(account)
        .bind(held.kind)
        .bind(format!("8986{:016}", id.0.as_u128() % 10_u128.pow(16)))
        .bind(held.number)
        .bind(held.code)
        .bind(held.plan)
        .bind(held.status)
        .bind(held.until)
        .bind(held.unlimited)
        .bind(NOW)
        .execute(self.pool())
        .await
        .unwrap();
        id
    }

    /// An order that is done and whose term begins on `from`.
    pub async fn renewed_from(&self, line: LineId, from: Date) {
        sqlx::query(
            "insert into orders (id, number, account_id, line_id, plan, attempt_key, amount_minor, currency, effect, status, time_zone,
               before_from, before_until, promised_from, promised_until, promised_anchor_day, fulfilled_until, expires_at, created_at,
               paid_at, fulfilled_at, plan_zh, plan_en, term_unit, term_count, data_unlimited, data_bytes, minutes, sms, iccid, msisdn)
             select gen_random_uuid(), left(gen_random_uuid()::text, 12), account_id, l.id, plan, gen_random_uuid(), 3900, 'CNY', 'queue',
               'fulfilled', time_zone, valid_from, $2::date - 1, $2, valid_until, 26, valid_until, $3, $3, $3, $3,
               p.name_zh, p.name_en, p.term_unit, p.term_count, p.data_unlimited, p.data_bytes, p.minutes, p.sms, l.iccid, l.msisdn
             from lines l join plans p on p.code = l.plan where l.id = $1",
        )
        .bind(line)
        .bind(from)
        .bind(NOW)
        .execute(self.pool())
        .await
        .unwrap();
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.unwrap()
    }
}

/// The value of a hidden field of a page.
pub fn hidden(answer: &Answer, name: &str) -> String {
    let rest = answer
        .body
        .split_once(&format!(r#"name="{name}" value=""#))
        .unwrap_or_else(|| panic!("{name}: {}", answer.body))
        .1;
    rest.split('"').next().unwrap().to_owned()
}
