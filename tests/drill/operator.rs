//! What the drill needs in the database: customers with a password, lines of every temper, plans whose refunds go wrong.

use renewal_portal::accounts::password;
use renewal_portal::calendar::{Zone, add_days, today};
use renewal_portal::clock::Clock;
use renewal_portal::ids::{AccountId, LineId};
use renewal_portal::imports::bulk::{self, CustomerRow, IdentifiedCustomer, IdentifiedLine, LineRow, PlanRow};
use sqlx::PgPool;

use crate::customers::Errand;
use crate::mix::{Deal, Funds, PLANS};

pub const PASSWORD: &str = "drill-for-a-crash-2026";
pub struct Customer {
    pub email: String,
    pub errands: Vec<Errand>,
}

pub async fn prepare(pool: &PgPool, orders: usize, methods: &[&'static str]) -> Vec<Customer> {
    let now = Clock::real().now();
    let mut db = pool.acquire().await.expect("a connection");
    let plans: Vec<_> = PLANS.iter().map(plan).collect();
    bulk::insert_plans(&mut db, &plans, now).await.expect("plans");
    let hash = password::hash(PASSWORD).await.expect("a hash");
    let mut customers = vec![];
    let share = orders.div_ceil(12).clamp(1, 20);
    let mut made = 0..;
    for first in (0..orders).step_by(share) {
        let email = format!("drill{first}@post.example");
        let (id, row) = (AccountId::new(), customer(&email));
        bulk::insert_customers(&mut db, &[IdentifiedCustomer { id, row: &row }], now).await.expect("a customer");
        // One of three has a balance as well.
        let purse = (customers.len() % 3 == 0).then(|| Deal::of_purse(customers.len() / 3, methods));
        let deals = (first..orders.min(first + share)).map(|number| Deal::numbered(number, methods));
        let errands: Vec<_> = purse.into_iter().flatten().chain(deals).map(errand).collect();
        let renewals = errands.iter().filter_map(|errand| Some((errand.line?, errand.deal.temper)));
        let lines: Vec<_> = renewals.zip(made.by_ref()).map(|(one, number)| line(one, id, number, now)).collect();
        bulk::insert_lines(&mut db, &lines, now).await.expect("lines");
        customers.push(Customer { email, errands });
    }
    let sign_in = "update accounts set password_hash = $1, password_changed_at = $2, email_verified_at = $2 where email like 'drill%'";
    sqlx::query(sign_in).bind(hash).bind(now).execute(&mut *db).await.expect("passwords");
    customers
}

fn plan(&(code, price_minor, effect): &(&str, i64, &str)) -> PlanRow {
    PlanRow {
        code: code.into(),
        carrier: "cucc".into(),
        kinds: vec!["esim".into()],
        name_zh: "演练".into(),
        name_en: "Drill".into(),
        term_unit: "day".into(),
        term_count: 30,
        data_unlimited: false,
        data_bytes: Some(9_000_000_000),
        minutes: 0,
        sms: 0,
        coverage: vec!["CN".into()],
        price_minor,
        currency: "CNY".into(),
        effect: effect.into(),
        carrier_product: format!("cucc:{}", code.to_lowercase()),
    }
}

fn customer(email: &str) -> CustomerRow {
    CustomerRow {
        email_key: email.into(),
        email: email.into(),
        name: "Drill".into(),
        phone: None,
        language: "en".into(),
        time_zone: "Asia/Shanghai".into(),
    }
}

fn errand(deal: Deal) -> Errand {
    let line = (!matches!(deal.funds, Funds::TopUp(_))).then(LineId::new);
    Errand { line, deal }
}

fn line(
    (id, temper): (LineId, &str),
    account_id: AccountId,
    number: usize,
    now: time::OffsetDateTime,
) -> IdentifiedLine {
    let zone = Zone::parse("Asia/Shanghai").expect("a zone");
    let until = add_days(today(now, &zone), 9).expect("a day");
    let row = LineRow {
        account_id: Some(account_id),
        kind: "esim".into(),
        carrier: "cucc".into(),
        iccid: format!("898601777{number:010}"),
        msisdn: Some(format!("+86130{number:05}{temper}")),
        carrier_line_id: None,
        eid: None,
        activation_code: None,
        confirmation_code: None,
        label: String::new(),
        plan: PLANS[0].0.into(),
        status: "active".into(),
        time_zone: zone.name().into(),
        valid_from: add_days(until, -29).expect("a day"),
        valid_until: until,
        anchor_day: i16::from(add_days(until, 1).expect("a day").day()),
        data_unlimited: false,
        data_total_bytes: Some(9_000_000_000),
        data_left_bytes: Some(1_000_000_000),
        minutes_left: None,
        sms_left: None,
        carrier_balance_minor: None,
        carrier_balance_currency: None,
    };
    IdentifiedLine { id, row }
}
