//! Every form of the portal, sent as other sites and made-up programs would send it: refused, and nothing is changed.

use axum::body::Body;

use crate::routes_support::{Route, World, routes};
use crate::support::shopper::form;
use crate::support::visitor::Visitor;

type Headers = &'static [(&'static str, &'static str)];

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Own,
    None,
    Wrong,
    OfAnother,
}

const ATTACKS: [(&str, Headers, Token); 7] = [
    ("cross-site", &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], Token::Own),
    ("same-site", &[("sec-fetch-site", "same-site"), ("origin", "http://sub.portal.example")], Token::Own),
    ("origin null", &[("origin", "null")], Token::Own),
    ("foreign origin", &[("origin", "https://evil.example")], Token::Own),
    ("no headers", &[], Token::None),
    ("wrong token", &[("sec-fetch-site", "same-origin")], Token::Wrong),
    ("another's token", &[("sec-fetch-site", "same-origin")], Token::OfAnother),
];

/// A link in a mail works in browsers that hide where they come from; whoever knows its secret address and the token of its
/// form needs no origin.
fn is_mailed(route: &Route) -> bool {
    route.path.ends_with("{token}")
}

async fn send(world: &World, route: &Route, who: &Visitor, (headers, token): (Headers, Token)) -> u16 {
    let mut visitor = who.clone();
    visitor.headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let token = match token {
        Token::Own => visitor.token.clone(),
        Token::None => String::new(),
        Token::Wrong => "x".repeat(43),
        Token::OfAnother => world.people["other customer"].token.clone(),
    };
    let body = filled_in(world, route, &token);
    visitor.send("POST", &world.address(route), Body::from(body)).await.status.as_u16()
}

fn filled_in(world: &World, route: &Route, token: &str) -> String {
    let fields = world.fields(&route.path);
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if !token.is_empty() {
        fields.push(("csrf", token));
    }
    form(&fields)
}

/// The form's fields in an address, which a picture on any page can fetch.
async fn as_an_address(world: &World, route: &Route, who: &Visitor) -> u16 {
    let path = format!("{}?{}", world.address(route), filled_in(world, route, &who.token));
    who.clone().send("GET", &path, Body::empty()).await.status.as_u16()
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused_and_change_nothing() {
    let world = World::start().await;
    let (forms, mut wrong) = (forms(), vec![]);
    assert!(forms.len() > 25, "only {} forms were found", forms.len());
    for route in &forms {
        let who = &world.people[route.role_that_may().unwrap_or("customer")];
        let before = world.state().await;
        for (name, headers, token) in ATTACKS {
            let token = if is_mailed(route) && token == Token::Own { Token::Wrong } else { token };
            let status = send(&world, route, who, (headers, token)).await;
            if ![403, 405].contains(&status) {
                wrong.push(format!("{} {name}: {status}", route.path));
            }
        }
        let status = as_an_address(&world, route, who).await;
        let has_a_page = routes().iter().any(|other| other.path == route.path && other.method == "GET");
        // A browser that opens a form's address is led to the page above it.
        if ![303, 405].contains(&status) && !has_a_page {
            wrong.push(format!("{} GET: {status}", route.path));
        }
        let changed: Vec<_> =
            before.iter().zip(&world.state().await).filter(|(a, b)| a != b).map(|(a, _)| a.0.clone()).collect();
        if !changed.is_empty() {
            wrong.push(format!("{} changed {changed:?}", route.path));
        }
        world.forget_tries().await;
        // The form itself is good: from our own page it is taken.
        let own = send(&world, route, who, (&[("sec-fetch-site", "same-origin")], Token::Own)).await;
        if ![200, 303, 410, 422].contains(&own) {
            wrong.push(format!("{} from our own page: {own}", route.path));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn forms() -> Vec<Route> {
    let is_form = |route: &Route| route.method == "POST" && !["signed", "open"].contains(&route.cell("nobody"));
    routes().into_iter().filter(is_form).collect()
}
