//! Random stories through the real database: what a gateway tells, how often and in whichever order, ends the same.

use crate::support::payments::{AMOUNT, World, world_with};
use crate::support::scripted::{Scripted, answer, say};
use renewal_portal::ids::AttemptId;
use renewal_portal::money::{Currency, Money};
use renewal_portal::payments::gateway::*;
use renewal_portal::payments::{RefundReason, queries, refund};
use std::sync::Arc;
use time::OffsetDateTime;

/// The same stories at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn story<T: Clone>(&mut self, of: &[T]) -> Vec<(usize, T)> {
        let mut story: Vec<(usize, T)> = vec![];
        for (at, one) in of.iter().enumerate() {
            for _ in 0..[0, 1, 1, 2][self.below(4)] {
                story.insert(self.below(story.len() + 1), (at, one.clone()));
            }
        }
        story
    }
}

fn paid(transaction: String) -> News {
    let at = OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
    News::Paid(MoneyIn { transaction, received: Money::new(AMOUNT, Currency::Cny), at })
}

async fn fresh(world: &World) -> (AttemptId, String) {
    sqlx::query("update orders set status = 'cancelled' where status = 'awaiting_payment'")
        .execute(&world.db.pool)
        .await
        .unwrap();
    let attempt = world.open_at("scripted", world.order().await).await;
    (attempt, world.attempt(attempt).await.merchant_ref)
}

#[tokio::test]
async fn every_story_ends_in_its_canonical_state() {
    let gateway = Arc::new(Scripted::default());
    let world = world_with(vec![gateway.clone()]).await;
    let mut dice = Dice(20_261_122);
    for n in 0..60 {
        let (attempt, name) = fresh(&world).await;
        let told = [
            paid(format!("tx_{n}")),
            paid(format!("tx_{n}_b")),
            News::Declined("no".into()),
            News::Closed,
            News::Nothing,
        ];
        let story = dice.story(&told);
        for (at, news) in &story {
            // One event delivered twice has one key; another event that states the same fact has its own.
            let key = format!("evt_{n}_{at}_{}", dice.below(2));
            assert_eq!(world.scripted(&key, Some(name.clone()), news.clone()).await, 200);
        }
        let has = |wanted: &[usize]| story.iter().any(|(at, _)| wanted.contains(at));
        let state = world.state(attempt).await;
        match (has(&[0, 1]), has(&[2, 3])) {
            (true, _) => assert_eq!(state, "succeeded", "{story:?}"),
            (false, true) => assert!(["failed", "closed"].contains(&state), "{state} {story:?}"),
            (false, false) => assert_eq!(state, "creating", "{story:?}"),
        }
        let key = attempt.to_string();
        let settled = "select count(*) from jobs where kind = 'payment-settled' and dedupe_key = $1";
        assert_eq!(world.count(settled, &key).await, i64::from(has(&[0, 1])), "{story:?}");
        let second = "select count(*) from cases where kind = 'second_transaction' and detail->>'attempt_id' = $1";
        assert_eq!(world.count(second, &key).await, i64::from(has(&[0]) && has(&[1])), "{story:?}");
        if state == "succeeded" {
            back(&world, &gateway, &mut dice, n, attempt).await;
        }
    }
}

/// The payment's refund, told of in a story of its own.
async fn back(world: &World, gateway: &Scripted, dice: &mut Dice, n: usize, attempt: AttemptId) {
    let mut tx = world.db.pool.begin().await.unwrap();
    let amount = Money::new(1000, Currency::Cny);
    let id = refund::request(&mut tx, attempt, amount, RefundReason::Operator, world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    say(&gateway.refund, Ok(answer(RefundState::Accepted)));
    world.work().await;
    let number = queries::refunds::refund(&world.db.pool, id).await.unwrap().unwrap().merchant_refund_no;
    let told = [RefundState::Accepted, RefundState::Succeeded, RefundState::Failed("closed".into())];
    let story = dice.story(&told);
    for (at, state) in &story {
        let key = format!("ref_{n}_{at}_{}", dice.below(2));
        let news = News::Refund { merchant_refund_no: number.clone(), answer: answer(state.clone()) };
        assert_eq!(world.scripted(&key, None, news).await, 200);
    }
    let has = |wanted: usize| story.iter().any(|(at, _)| *at == wanted);
    let end = match (has(1), has(2)) {
        (true, true) => "manual",
        (true, false) => "succeeded",
        (false, true) => "failed",
        (false, false) => "submitted",
    };
    assert_eq!(queries::refunds::refund(&world.db.pool, id).await.unwrap().unwrap().status.as_str(), end, "{story:?}");
}
