//! Fills an empty database with a believable operator: the same people, plans and lines every time,
//! with dates counted from today. What is there already is left alone.

use anyhow::Result;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::chance::Chance;
use super::history::{History, Past};
use super::lines::{self, Holder, Made};
use super::{catalogue, people, queries, stock};
use crate::accounts::password;
use crate::calendar::{self, Zone};
use crate::clock::Clock;
use crate::ids::AccountId;
use crate::imports::bulk::{self, CustomerRow, PlanRow};
use crate::{carriers, numbering, payments, sandbox, simulator};

const PASSWORD: &str = "renew-demo-2026";
const CUSTOMERS: usize = 2_000;
/// Among the made-up lines, every so many has an order behind it.
const ONE_IN: usize = 40;

pub async fn unless_seeded(pool: &PgPool, say: impl Fn(&str)) -> Result<()> {
    let mut tx = crate::db::begin(pool).await?;
    queries::take_turns(&mut tx).await?;
    if queries::is_empty(&mut tx).await? {
        say("Making up the demo's customers, lines and orders ...");
        let password = password::hash(PASSWORD).await?;
        seed(&mut tx, Clock::real().now(), &password).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn seed(db: &mut PgConnection, now: OffsetDateTime, password: &str) -> Result<()> {
    let mut chance = Chance::new(20_261_122);
    let plans = catalogue::plans();
    carriers::names::save(db, carriers::names::known()).await?;
    bulk::insert_plans(db, &plans, now).await?;
    numbering::save_all(db, &lines::ranges(), now).await?;
    let mut people = people::fixed().to_vec();
    people.extend(people::many(&mut chance, CUSTOMERS));
    let holders = holders(&people, now)?;
    let accounts: Vec<bulk::IdentifiedCustomer> =
        people.iter().zip(&holders).map(|(row, holder)| bulk::IdentifiedCustomer { id: holder.id, row }).collect();
    bulk::insert_customers(db, &accounts, now).await?;
    queries::let_sign_in(db, &[people::LI_WEI, people::ANA, people::STAFF], password, now).await?;
    queries::make_admin(db, people::STAFF).await?;
    let made = make_lines(&mut chance, &holders, &plans);
    let rows: Vec<bulk::IdentifiedLine> =
        made.iter().map(|made| bulk::IdentifiedLine { id: made.id, row: made.row.clone() }).collect();
    for batch in rows.chunks(1_000) {
        bulk::insert_lines(db, batch, now).await?;
    }
    if let Some(holder) = holders.first() {
        bulk::insert_stock(db, &stock::lines(holder, &plans), now).await?;
    }
    tell_the_past(db, &made, &plans, now).await
}

fn holders(people: &[CustomerRow], now: OffsetDateTime) -> Result<Vec<Holder>> {
    let holder = |person: &CustomerRow| -> Result<Holder> {
        let today = calendar::today(now, &Zone::parse(&person.time_zone)?);
        Ok(Holder { id: AccountId::new(), time_zone: person.time_zone.clone(), today })
    };
    people.iter().map(holder).collect()
}

/// One line for most, a few for some; about three for every two customers.
fn make_lines(chance: &mut Chance, holders: &[Holder], plans: &[PlanRow]) -> Vec<Made> {
    let [li_wei, ana, _, others @ ..] = holders else { return Vec::new() };
    let mut made: Vec<Made> = Vec::with_capacity(3_000);
    for (holder, wishes) in [(li_wei, &lines::OF_LI_WEI[..]), (ana, &lines::OF_ANA[..])] {
        made.extend(wishes.iter().filter_map(|wish| lines::wished(chance, holder, plans, wish)));
    }
    for holder in others {
        let count = match chance.below(20) {
            0..=12 => 1,
            13..=17 => 2,
            _ => 3,
        };
        for _ in 0..count {
            let number = made.len();
            let past = number.is_multiple_of(ONE_IN).then(|| Past::ALL[number / ONE_IN % Past::ALL.len()]);
            made.push(lines::any(chance, holder, plans, past));
        }
    }
    for line in &mut made {
        let plan = plans.iter().find(|plan| plan.code == line.row.plan);
        lines::start_before_the_past(line, plan);
    }
    made
}

async fn tell_the_past(db: &mut PgConnection, made: &[Made], plans: &[PlanRow], now: OffsetDateTime) -> Result<()> {
    let mut history = History::default();
    for line in made.iter().filter(|line| line.past.is_some()) {
        let plan = plans.iter().find(|plan| plan.code == line.row.plan);
        let told = plan.and_then(|plan| history.tell(line, plan, now));
        anyhow::ensure!(told.is_some(), "the past of line {} is out of range", line.row.iccid);
    }
    queries::add_history(db, &history).await?;
    payments::books::write_up(db).await?;
    simulator::stock::take(db).await?;
    sandbox::write_up_the_past(db).await?;
    simulator::stock::bring_news(db).await?;
    simulator::ledger::write_up_the_past(db).await?;
    Ok(())
}
