//! Every way the carrier answers, from a paid order to its end.

use renewal_portal::calendar::add_days;
use renewal_portal::provisioning::{PROVISIONED, PROVISIONING_REFUSED, PROVISIONING_STUCK, State};
use renewal_portal::simulator::Config;
use time::Duration;

use crate::support::carrier::{Rig, quick};

#[tokio::test]
async fn at_once() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000100").await;
    let done = rig.step(paid.order).await;
    assert_eq!(done.state, State::Succeeded);
    assert_eq!(done.carrier_until, Some(paid.promised_until));
    assert!(done.finished_at.is_some() && done.submitted_at.is_some());
    assert_eq!(rig.events(PROVISIONED).await, 1);
    assert_eq!((rig.renewals(paid.order).await, rig.books().await.broken()), (1, 0));
}

#[tokio::test]
async fn after_twenty_seconds_and_not_before() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000120").await;
    assert_eq!(rig.step(paid.order).await.state, State::Submitted);
    rig.clock.advance(Duration::seconds(12));
    assert_eq!(rig.step(paid.order).await.state, State::Submitted);
    assert_eq!(rig.events(PROVISIONED).await, 0);
    rig.clock.advance(Duration::seconds(12));
    let done = rig.step(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 1));
}

#[tokio::test]
async fn within_seconds() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000555").await;
    assert_eq!(rig.step(paid.order).await.state, State::Submitted);
    rig.clock.advance(Duration::seconds(4));
    let done = rig.step(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert_eq!(rig.renewals(paid.order).await, 1);
}

#[tokio::test]
async fn done_without_a_word_is_found_and_not_repeated() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000101").await;
    let lost = rig.step(paid.order).await;
    assert_eq!((lost.state, lost.carrier_until), (State::Unknown, None));
    assert_eq!(rig.renewals(paid.order).await, 1, "the carrier did it all the same");
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 1));
}

#[tokio::test]
async fn silently_not_done_is_sent_again_once_that_is_sure() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000102").await;
    assert_eq!(rig.step(paid.order).await.state, State::Unknown);
    assert_eq!(rig.renewals(paid.order).await, 0);
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 2));
}

#[tokio::test]
async fn a_refusal_is_final() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000103").await;
    let refused = rig.step(paid.order).await;
    assert_eq!((refused.state, refused.refusal.as_deref()), (State::FailedPermanent, Some("not_renewable")));
    assert_eq!((rig.events(PROVISIONING_REFUSED).await, rig.events(PROVISIONED).await), (1, 0));
    assert_eq!((rig.renewals(paid.order).await, rig.books().await.broken()), (0, 0));
}

#[tokio::test]
async fn turned_away_waits_longer_each_time_and_comes_back() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000104").await;
    let away = rig.step(paid.order).await;
    assert_eq!((away.state, away.submitted_at), (State::Queued, None));
    assert_eq!(rig.tries(paid.order).await, 1, "not again within the same second");
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert_eq!((rig.renewals(paid.order).await, rig.tries(paid.order).await), (1, 4));
}

#[tokio::test]
async fn called_a_duplicate_it_is_what_the_first_was() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000105").await;
    let done = rig.step(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert_eq!(rig.renewals(paid.order).await, 1);
}

#[tokio::test]
async fn fewer_days_than_promised_are_recorded_as_the_carrier_gave_them() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000106").await;
    let done = rig.step(paid.order).await;
    assert_eq!(done.state, State::Succeeded);
    assert_eq!(done.carrier_until, Some(add_days(paid.promised_until, -5).unwrap()));
    assert_eq!((rig.renewals(paid.order).await, rig.books().await.broken()), (1, 0));
}

#[tokio::test]
async fn an_error_page_says_nothing_even_with_status_200() {
    let rig = Rig::new(quick()).await;
    let paid = rig.place("+8613800000107").await;
    assert_eq!(rig.step(paid.order).await.state, State::Unknown);
    assert_eq!(rig.renewals(paid.order).await, 0);
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    assert_eq!(rig.renewals(paid.order).await, 1);
}

#[tokio::test]
async fn after_hours_without_an_end_a_person_is_told_once_and_the_carrier_asked_on() {
    let rig = Rig::new(Config { faults: 9, ..quick() }).await;
    let paid = rig.place("+8613800000107").await;
    rig.step(paid.order).await;
    rig.clock.advance(Duration::minutes(90));
    rig.step(paid.order).await;
    assert_eq!(rig.events(PROVISIONING_STUCK).await, 0);
    for tries in [3, 4, 5] {
        rig.clock.advance(Duration::hours(1));
        assert_eq!(rig.step(paid.order).await.state, State::Unknown);
        assert_eq!(rig.events(PROVISIONING_STUCK).await, 1);
        assert_eq!(rig.tries(paid.order).await, tries);
    }
    for _ in 0..6 {
        rig.clock.advance(Duration::hours(1));
        rig.step(paid.order).await;
    }
    assert_eq!(rig.look(paid.order).await.state, State::Succeeded);
    assert_eq!((rig.events(PROVISIONED).await, rig.renewals(paid.order).await), (1, 1));
}
