//! docs/authorisation.md, cell by cell: who is answered what. What is another's can't be told from what is not there.

use axum::body::Body;

use crate::routes_support::{ROLES, Route, World, routes};
use crate::support::shopper::form;
use crate::support::visitor::{Answer, Visitor};

/// As a browser would, with the token of the page it saw last.
async fn ask(world: &World, visitor: &mut Visitor, route: &Route, path: &str) -> Answer {
    if route.method != "POST" {
        return visitor.send(&route.method, path, Body::empty()).await;
    }
    let fields = world.fields(&route.path);
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let token = visitor.token.clone();
    fields.push(("csrf", &token));
    visitor.send("POST", path, Body::from(form(&fields))).await
}

/// The word of the table for an answer.
fn word(route: &Route, answer: &Answer) -> String {
    let to = answer.location();
    match answer.status.as_u16() {
        400 if route.cells.iter().all(|cell| cell == "open") => "open".into(),
        400..=499 if route.cells.iter().all(|cell| cell == "signed") => "signed".into(),
        404 => "404".into(),
        403 => "403".into(),
        303 if to == "/login/second-step" => "half".into(),
        303 if ["/login", "/staff/login"].contains(&to) || to.contains("login?next=") => "door".into(),
        200 | 303 | 308 | 410 | 422 => "yes".into(),
        other => other.to_string(),
    }
}

#[tokio::test]
async fn every_role_is_answered_as_the_table_says() {
    let world = World::start().await;
    let mut wrong = vec![];
    for route in routes() {
        let path = world.address(&route);
        let before = world.state().await;
        let refused = |role: &&&str| route.cell(role) != "yes";
        for role in ROLES.iter().filter(refused) {
            wrong.extend(look(&world, &route, role, &path).await);
        }
        for (before, after) in before.iter().zip(&world.state().await).filter(|(before, after)| before != after) {
            wrong.push(format!(
                "{} {}: somebody who may not changed {} {}",
                route.method, route.path, before.0, after.1
            ));
        }
        for role in ROLES.iter().filter(|role| !refused(role)) {
            world.forget_tries().await;
            wrong.extend(look(&world, &route, role, &path).await);
        }
    }
    assert!(wrong.is_empty(), "{} wrong cells:\n{}", wrong.len(), wrong.join("\n"));
}

async fn look(world: &World, route: &Route, role: &'static str, path: &str) -> Option<String> {
    let mut visitor = world.people[role].clone();
    let answer = ask(world, &mut visitor, route, path).await;
    let (is, should) = (word(route, &answer), route.cell(role));
    (is != should).then(|| format!("{} {} {role}: {is} and not {should}", route.method, route.path))
}

#[tokio::test]
async fn what_is_anothers_looks_like_what_is_not_there() {
    let world = World::start().await;
    let (mut seen, mut wrong) = (0, vec![]);
    for route in routes().iter().filter(|route| !route.names().is_empty()) {
        for role in ROLES.iter().filter(|role| route.cell(role) == "404") {
            let there = told(&world, route, role, &world.address(route)).await;
            let not_there = told(&world, route, role, &world.address_of_nothing(route)).await;
            seen += 1;
            if there != not_there {
                wrong.push(format!("{} {} {role}:\n{there}\n{not_there}", route.method, route.path));
            }
        }
    }
    assert!(seen > 60, "only {seen} were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Status, headers and page, without what differs between any two answers and without its address.
async fn told(world: &World, route: &Route, role: &'static str, path: &str) -> String {
    let answer = ask(world, &mut world.people[role].clone(), route, path).await;
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "content-length", "set-cookie"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    format!("{}\n{}\n{}", answer.status, headers.join("\n"), answer.without_token().replace(path, "HERE"))
}

/// The look itself: to its owner a thing that is there is another answer than one that is not.
#[tokio::test]
async fn an_owner_sees_the_difference() {
    let (world, mut seen) = (World::start().await, 0);
    for route in routes().iter().filter(|route| route.method == "GET" && route.cell("other customer") == "404") {
        let Some(role) = route.role_that_may().filter(|_| !route.names().is_empty()) else { continue };
        let there = told(&world, route, role, &world.address(route)).await;
        let not_there = told(&world, route, role, &world.address_of_nothing(route)).await;
        assert_ne!(there, not_there, "{}", route.path);
        seen += 1;
    }
    assert!(seen > 10, "only {seen} were compared");
}
