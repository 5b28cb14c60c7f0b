//! Every route of the portal as docs/authorisation.md has it, with real rows behind its addresses and a person of each role.

use std::collections::BTreeMap;

use renewal_portal::ids::{AccountId, OrderId};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::identity::keep_identity;
use crate::support::portal::TestPortal;
use crate::support::shopper::Shopper;
use crate::support::visitor::Visitor;

pub struct Route {
    pub path: String,
    pub method: String,
    /// What each role of [`ROLES`] is answered.
    pub cells: Vec<String>,
}

/// The columns of the table.
pub const ROLES: [&str; 8] =
    ["nobody", "half signed-in", "customer", "other customer", "viewer", "support", "finance", "admin"];

/// In the table's order, but signing out comes last: it ends what the others need.
pub fn routes() -> Vec<Route> {
    let text = include_str!("../../docs/authorisation.md");
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    let table: Vec<Vec<String>> = text.lines().filter(|line| line.starts_with("| ")).map(cells).collect();
    let heading = table.iter().find(|row| row[0] == "Route").expect("a heading");
    assert_eq!(heading[2..], ROLES, "docs/authorisation.md has other columns");
    let rows = table.iter().filter(|row| row[0].starts_with('/')).map(|row| row.as_slice());
    let mut routes: Vec<_> =
        rows.map(|row| Route { path: row[0].clone(), method: row[1].clone(), cells: row[2..].to_vec() }).collect();
    routes.sort_by_key(|route| route.path == "/logout");
    routes
}

impl Route {
    pub fn cell(&self, role: &str) -> &str {
        &self.cells[ROLES.iter().position(|name| *name == role).expect("a role")]
    }

    /// Whoever is answered here and owns what it is about.
    pub fn role_that_may(&self) -> Option<&'static str> {
        // Whoever is in already is led on, whatever was sent.
        if self.path.starts_with("/login/second-step") {
            return Some("half signed-in");
        }
        ["customer", "admin"].into_iter().find(|role| self.cell(role) == "yes")
    }

    /// The names between braces.
    pub fn names(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }
}

pub struct World {
    pub portal: TestPortal,
    pub people: BTreeMap<&'static str, Visitor>,
    ids: BTreeMap<&'static str, String>,
    orders: BTreeMap<&'static str, OrderId>,
}

impl World {
    pub async fn start() -> Self {
        Self::around(TestPortal::start().await).await
    }

    pub async fn around(portal: TestPortal) -> Self {
        let mut mei = portal.mei().await;
        let (first, second) = (portal.line(mei.account, "100").await, portal.line(mei.account, "100").await);
        let fulfilled = mei.buy(second, "P30", "pay").await;
        portal.until(fulfilled, "fulfilled").await;
        let open = mei.place(first, "P30").await;
        let mut world = Self {
            ids: BTreeMap::from([("account", mei.account.to_string()), ("line", first.to_string())]),
            orders: BTreeMap::from([("open", open), ("fulfilled", fulfilled)]),
            people: BTreeMap::new(),
            portal,
        };
        world.enter(mei).await;
        world.let_a_refund_fail().await;
        world.fill_in().await;
        world
    }

    async fn enter(&mut self, mei: Shopper) {
        let eve = self.portal.customer("eve@post.example").await.browser;
        let nobody = Visitor::at(&self.portal.url);
        let half = self.portal.customer("half@post.example").await;
        self.give_an_app(half.account).await;
        self.portal.customer("lost@post.example").await;
        self.portal.run("update sessions set stage = 'second_step' where account_id = (select id from accounts where email = 'half@post.example')").await;
        let mut people = vec![
            ("nobody", nobody),
            ("half signed-in", half.browser),
            ("customer", mei.browser),
            ("other customer", eve),
        ];
        for role in &ROLES[4..] {
            people.push((role, self.portal.staff_as(role).await.browser));
        }
        for (role, mut visitor) in people {
            visitor.get("/nowhere").await;
            self.people.insert(role, visitor);
        }
    }

    /// The customer's and somebody's of whom staff read it.
    async fn keep_identities(&self) {
        for account in [self.ids["account"].clone(), self.ids["lost"].clone()] {
            keep_identity(&self.portal, account.parse().expect("an account")).await;
        }
    }

    async fn give_an_app(&self, account: AccountId) {
        let sealed = self.portal.app.keys.seal(&format!("totp:{account}"), &[7; 20]).expect("a key");
        sqlx::query("insert into totp (account_id, key_id, secret, created_at) values ($1, $2, $3, now())")
            .bind(account)
            .bind(sealed.key)
            .bind(sealed.bytes)
            .execute(&self.portal.db.pool)
            .await
            .unwrap();
    }

    async fn let_a_refund_fail(&mut self) {
        let attempt: Uuid = sqlx::query_scalar("select id from payment_attempts where order_id = $1")
            .bind(self.orders["fulfilled"])
            .fetch_one(&self.portal.db.pool)
            .await
            .unwrap();
        self.ids.insert("attempt", attempt.to_string());
        let path = format!("/staff/payments/{attempt}/refund/confirm");
        let fields = [("amount", "10.13"), ("reason", "goodwill"), ("left", "4200")];
        let answer = self.people.get_mut("finance").unwrap().post(&path, &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.portal.work().await;
    }

    async fn fill_in(&mut self) {
        self.portal
            .run(
                "insert into carrier_offers (carrier, product, title, data_unlimited, coverage, seen_at)
                 values ('cucc', 'asia', 'Asia', true, '{HK}', now())",
            )
            .await;
        self.portal
            .run(
                "insert into pricing_rules (carrier, cost_currency, currency, rate_millionths, markup_bp, step_minor, minimum_margin_bp)
                 values ('cucc', 'USD', 'HKD', 7800000, 3000, 100, 1000)",
            )
            .await;
        self.portal
            .run(
                "insert into carrier_offers (carrier, product, title, data_unlimited, coverage, seen_at, dismissed_at)
                 values ('cucc', 'turned-down', 'Turned down', true, '{HK}', now(), now())",
            )
            .await;
        self.portal
            .run("insert into number_ranges (kind, prefix, carrier, created_at) values ('iccid', '898601', 'cucc', now())")
            .await;
        self.portal
            .run("insert into reconciliation_runs (gateway, day, ran_at) values ('sandbox', '2026-01-01', now())")
            .await;
        self.portal
            .run(
                "insert into line_claims (id, account_id, kind, number, code_salt, created_at, expires_at)
                 select gen_random_uuid(), id, 'msisdn', '+8613900139000', 'salt', now(), now() + interval '1 hour'
                 from accounts where email = 'mei@post.example'",
            )
            .await;
        self.portal
            .run(
                "insert into line_requests (id, account_id, kind, named, opened_at)
                 select gen_random_uuid(), id, 'help', '+8613900139000', now() from accounts where email = 'mei@post.example'",
            )
            .await;
        self.portal
            .run(
                "insert into sessions (id_hash, account_id, data, expires_at)
                 select 'elsewhere', id, '{}', now() + interval '1 hour' from accounts where email = 'mei@post.example'",
            )
            .await;
        self.portal
            .run(
                "insert into data_exports (id, account_id, asked_at, made_at, expires_at, content)
                 select gen_random_uuid(), id, now(), now(), now() + interval '1 day', '{}' from accounts where email = 'mei@post.example'",
            )
            .await;
        self.portal
            .run(
                r#"insert into plans select (jsonb_populate_record(p, '{"code": "P90", "carrier_product": "P90"}')).*
                 from plans p where code = 'P60'"#,
            )
            .await;
        self.portal
            .run(
                "insert into passkeys (id, account_id, credential_id, name, credential, created_at)
                 select gen_random_uuid(), id, 'key', 'Phone', '{}', now() from accounts where email = 'mei@post.example'",
            )
            .await;
        self.portal
            .run(
                "insert into second_step_resets (id, account_id, client, asked_at, ready_at)
                 select gen_random_uuid(), id, 'unknown', now() - interval '73 hours', now() - interval '1 hour'
                 from accounts where email = 'lost@post.example'",
            )
            .await;
        for (name, sql) in [
            ("export", "select id::text from data_exports"),
            ("session", "select id::text from sessions where id_hash = 'elsewhere'"),
            ("lost", "select id::text from accounts where email = 'lost@post.example'"),
            ("passkey", "select id::text from passkeys"),
            ("claim", "select id::text from line_claims"),
            ("request", "select id::text from line_requests"),
            ("reset", "select id::text from second_step_resets"),
            ("refund", "select id::text from refunds limit 1"),
            ("case", "select id::text from cases limit 1"),
            ("offer", "select id::text from carrier_offers where product = 'asia'"),
            ("put aside", "select id::text from carrier_offers where product = 'turned-down'"),
            ("range", "select id::text from number_ranges"),
            ("run", "select id::text from reconciliation_runs where day = '2026-01-01'"),
            ("notice", "select id::text from gateway_events limit 1"),
            ("message", "select id::text from messages limit 1"),
        ] {
            let id: String = sqlx::query_scalar(sql).fetch_one(&self.portal.db.pool).await.expect(name);
            self.ids.insert(name, id);
        }
        self.keep_identities().await;
        let css = self.people["nobody"].clone().get("/login").await.body;
        let css = css.split("/static/").nth(1).and_then(|rest| rest.split('"').next()).expect("a style sheet");
        self.ids.extend([("*path", css.to_owned()), ("token", "x".repeat(43)), ("word", "x".repeat(40))]);
        self.ids.extend([
            ("purpose", "move".to_owned()),
            ("carrier", "cucc".to_owned()),
            ("gateway", "sandbox".to_owned()),
            ("plan", "P90".to_owned()),
            ("rule", "cucc.USD.HKD".to_owned()),
        ]);
    }

    /// What stands for `name` in `path`: something that is there and is the customer's.
    pub fn real(&self, path: &str, name: &str) -> String {
        let order = if path.contains("receipt") { "fulfilled" } else { "open" };
        match name {
            "offer" if path.ends_with("/restore") => self.ids["put aside"].clone(),
            "account" if path.ends_with("/sessions/end") || path.ends_with("/identity") => self.ids["lost"].clone(),
            "order" => self.orders[order].to_string(),
            name => self.ids.get(name).unwrap_or_else(|| panic!("say what stands for {{{name}}} in {path}")).clone(),
        }
    }

    pub fn address(&self, route: &Route) -> String {
        let filled = |path: String, name: &str| path.replace(&format!("{{{name}}}"), &self.real(&route.path, name));
        route.names().into_iter().fold(route.path.clone(), filled)
    }

    /// The same address with ids of nothing.
    pub fn address_of_nothing(&self, route: &Route) -> String {
        let filled = |path: String, name: &str| {
            let is_number = self.real(&route.path, name).parse::<i64>().is_ok();
            let id = if is_number { "900719925474".to_owned() } else { Uuid::now_v7().to_string() };
            path.replace(&format!("{{{name}}}"), &id)
        };
        route.names().into_iter().fold(route.path.clone(), filled)
    }

    /// A form that is filled in well enough to be acted on.
    pub fn fields(&self, path: &str) -> Vec<(&'static str, String)> {
        let fields: &[(&str, &str)] = match path {
            "/lines/{line}/label" => &[("label", "Tablet")],
            "/lines/{line}/changes" => &[("change", "suspend"), ("confirmed", "yes")],
            "/lines/{line}/profiles" => &[("purpose", "reissue")],
            "/staff/lines/{line}/profiles" => &[("purpose", "reissue"), ("reason", "lost")],
            "/staff/lines/{line}/changes" => &[("change", "suspend"), ("reason", "lost")],
            "/lines/add" | "/lines/add/help" => &[("named", "+8613900139001")],
            "/claims/{claim}" => &[("code", "000000")],
            "/staff/lines/{line}/end" => &[("end_reason", "returned")],
            "/staff/second-step-resets/{reset}" => &[("decision", "approve"), ("note", "called them")],
            "/staff/line-requests/{request}/close" => &[("note", "added")],
            "/lines/{line}/renewals" => &[("plan", "P60"), ("price", "8000")],
            "/orders/{order}/pay" => &[("method", "sandbox")],
            "/orders/{order}/cancel" => &[("sure", "yes")],
            "/balance/top-ups" => &[("currency", "CNY"), ("choice", "10000")],
            "/account/phone" => &[("phone", "+8613900139002")],
            "/account/phone/code" => &[("code", "000000")],
            "/account/identity" => {
                &[("name", "Mei Fang"), ("kind", "passport"), ("issued_by", "CN"), ("number", "E12345678")]
            }
            "/staff/accounts/{account}/identity" => &[("reason", "registering the line")],
            "/account/close" => &[("sure", "yes")],
            "/balance/refunds" => &[("to", "balance")],
            "/devices" => &[("number", "89049032007108882600137544319616")],
            "/language" => &[("language", "en")],
            "/login/code" => &[("email", "nobody@post.example")],
            "/login/second-step" | "/login/code/confirm" | "/login/prove" | "/account/security/app" => {
                &[("code", "000000")]
            }
            "/login" | "/staff/login" => &[("email", "nobody@post.example"), ("password", "wrong")],
            "/register" => &[("email", "new@post.example")],
            "/register/{token}" => &[("name", "New"), ("password", "amber-ladder-58-sky")],
            "/password/strength" => &[("password", "amber-ladder-58-sky")],
            "/password/forgot" => &[("email", "mei@post.example")],
            "/account/security/password-reminder" => &[("remind", "no")],
            "/account/security/password" => &[("current", "wrong"), ("password", "amber-ladder-58-sky")],
            "/account/security/email" => &[("email", "new@post.example")],
            "/account/profile" => &[("name", "Mei"), ("language", "en"), ("time_zone", "Europe/Berlin")],
            "/password/reset/{token}" => &[("password", "amber-ladder-58-sky")],
            "/staff/payments/{attempt}/refund/confirm" => {
                &[("amount", "1.00"), ("reason", "goodwill"), ("left", "3187")]
            }
            "/staff/refunds/{refund}/done" => &[("how", "slip 81")],
            "/staff/cases/{case}/close" => &[("note", "done")],
            "/staff/reconciliation/{run}" => &[("note", "seen")],
            "/staff/plans/{plan}/sale" => &[("sale", "off")],
            "/staff/offers/{offer}" => &[
                ("sure", "yes"),
                ("code", "ASIA"),
                ("name_zh", "亚洲"),
                ("name_en", "Asia"),
                ("esim", "on"),
                ("term", "7 days"),
                ("effect", "restart"),
                ("coverage", "HK"),
                ("price", "42.99"),
                ("currency", "CNY"),
            ],
            "/staff/catalogue/pricing" => &[
                ("carrier", "cucc"),
                ("cost_currency", "USD"),
                ("currency", "CNY"),
                ("rate", "7.2"),
                ("markup", "30"),
                ("step", "1"),
                ("less", "0.01"),
                ("margin", "10"),
            ],
            "/staff/numbering" => &[("kind", "iccid"), ("prefix", "898609"), ("carrier", "cucc")],
            "/staff/rehearsal" => &[("forward", "days"), ("days", "none")],
            _ => &[],
        };
        let mut fields: Vec<_> = fields.iter().map(|&(name, value)| (name, value.to_owned())).collect();
        fields.push(("attempt", Uuid::new_v4().to_string()));
        fields
    }

    /// Everything that is stored, but for the limits' counters.
    pub async fn state(&self) -> Vec<(String, String)> {
        let pool = &self.portal.db.pool;
        let tables: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', schemaname, tablename) from pg_tables
             where schemaname in ('public', 'sandbox', 'simulator') and tablename <> 'rate_limits' order by 1",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        let digest = |table: &String| {
            format!("select '{table}', md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t")
        };
        let sql = tables.iter().map(digest).collect::<Vec<_>>().join(" union all ") + " order by 1";
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap()
    }

    /// Nobody has tried anything yet.
    pub async fn forget_tries(&self) {
        self.portal.run("delete from rate_limits").await;
    }
}
