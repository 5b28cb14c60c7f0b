//! Every form of the portal with fields that it does not have: nobody raises a role, a price or a state by naming it.

use axum::body::Body;

use crate::routes_support::{World, routes};
use crate::support::shopper::form;

/// What tables call what nobody may set.
const EXTRA: [(&str, &str); 22] = [
    ("role", "admin"),
    ("is_staff", "true"),
    ("account_id", "00000000-0000-0000-0000-000000000000"),
    ("id", "00000000-0000-0000-0000-000000000000"),
    ("status", "fulfilled"),
    ("state", "fulfilled"),
    ("applied", "true"),
    ("settled", "true"),
    ("taken", "true"),
    ("price_minor", "1"),
    ("amount_minor", "1"),
    ("minor", "1"),
    ("received_minor", "999999"),
    ("balance", "999999"),
    ("valid_until", "2099-01-01"),
    ("promised_until", "2099-01-01"),
    ("email_verified_at", "2026-01-01"),
    ("disabled_at", ""),
    ("created_at", "2026-01-01"),
    ("actor_role", "admin"),
    ("stage", "whole"),
    ("proven_at", "2099-01-01"),
];

/// What is true whichever form was sent.
const HOLDS: &str = "select concat_ws(' ',
    (select string_agg(role || count, ',' order by role) from (select role, count(*) from accounts where role <> 'customer' group by role) r),
    (select count(*) from orders where status = 'fulfilled'),
    (select count(*) from orders where amount_minor < 1000 and currency <> 'JPY'),
    (select count(*) from lines where valid_until > now() + interval '3 years'),
    (select count(*) from payment_attempts where applied),
    (select count(*) from accounts where email_verified_at < '2026-02-01'))";

#[tokio::test]
async fn fields_that_a_form_does_not_have_change_nothing() {
    let world = World::start().await;
    let before = world.portal.text(HOLDS).await;
    let mut wrong = vec![];
    for route in routes().iter().filter(|route| route.method == "POST" && route.cell("nobody") != "signed") {
        let Some(who) = route.role_that_may() else { continue };
        let own = world.fields(&route.path);
        let extra = EXTRA.iter().filter(|(name, _)| !own.iter().any(|(taken, _)| taken == name));
        let visitor = world.people[who].clone();
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let fields: Vec<_> = own.chain(extra.copied()).chain([("csrf", visitor.token.as_str())]).collect();
        let body = Body::from(form(&fields));
        let status = visitor.clone().send("POST", &world.address(route), body).await.status.as_u16();
        if ![200, 303, 410, 422].contains(&status) {
            wrong.push(format!("{}: {status}", route.path));
        }
        let after = world.portal.text(HOLDS).await;
        if after != before {
            wrong.push(format!("{}: {before:?} is now {after:?}", route.path));
        }
        world.forget_tries().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
