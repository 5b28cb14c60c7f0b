//! Clients that send any form of the portal and are gone before its answer, at fifty moments each: no transaction is left
//! open, nothing that was acknowledged is lost, and the books hold.

use std::time::Duration as StdDuration;

use renewal_portal::mail::Mailer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::routes_support::{Route, World, routes};
use crate::support::db::fresh_db;
use crate::support::portal::TestPortal;
use crate::support::shopper::form;
use crate::support::tcp_proxy::SlowLine;

/// A way to the database and back, so that requests are left at each of their statements.
const DELAY: StdDuration = StdDuration::from_millis(3);
const OFFSETS: u64 = 50;
const STEP: u64 = 4;
const PATIENCE: StdDuration = StdDuration::from_secs(60);

#[tokio::test]
async fn nothing_is_left_open_or_lost_wherever_a_client_hangs_up() {
    let db = fresh_db().await;
    let line = SlowLine::to(&db.url, DELAY, b"").await;
    let world = World::around(TestPortal::on(db, &line.url, Mailer::Mailbox).await).await;
    let (mut answered, mut left) = (0, 0);
    for route in routes().iter().filter(|route| route.method == "POST") {
        let mut clients = JoinSet::new();
        for offset in 0..OFFSETS {
            let (address, request) = (world.portal.url.clone(), request(&world, route));
            clients.spawn(hang_up(address, request, offset * STEP));
        }
        for answer in clients.join_all().await {
            match answer {
                Some(answer) => {
                    answered += 1;
                    acknowledged(&world, &answer).await;
                }
                None => left += 1,
            }
        }
        nothing_is_open(&world, route).await;
    }
    assert!(answered > 100 && left > 100, "{answered} were answered, {left} left before");
    world.portal.settle().await;
    world.portal.prove().await;
}

fn request(world: &World, route: &Route) -> String {
    let browser = &world.people[route.role_that_may().unwrap_or("customer")];
    let fields = world.fields(&route.path);
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("csrf", &browser.token));
    let body = form(&fields);
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!(
        "POST {} HTTP/1.1\r\nhost: portal.example\r\ncookie: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{body}",
        world.address(route),
        cookies.join("; "),
        body.len()
    )
}

/// The answer's head, if it came in time.
async fn hang_up(address: String, request: String, millis: u64) -> Option<String> {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = [0; 4096];
    let length = timeout(StdDuration::from_millis(millis), stream.read(&mut head)).await.ok()?.ok()?;
    Some(String::from_utf8_lossy(&head[..length]).into_owned())
}

/// Who is led on to an order finds it.
async fn acknowledged(world: &World, answer: &str) {
    let led = answer.lines().find_map(|line| line.strip_prefix("location: /orders/"));
    let Some(order) = led.and_then(|rest| rest.get(..36)) else { return };
    let there: bool = sqlx::query_scalar("select exists (select from orders where id::text = $1)")
        .bind(order)
        .fetch_one(&world.portal.db.pool)
        .await
        .unwrap();
    assert!(there, "order {order} was acknowledged and is not there");
}

/// Waits until all that was begun has ended. A transaction nobody goes on with would be ended by the server after five
/// seconds; three are enough to see it.
async fn nothing_is_open(world: &World, route: &Route) {
    let open = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                and backend_type = 'client backend' and (state like 'idle in transaction%' or state = 'active')";
    let forgotten = "select count(*) from pg_stat_activity where datname = current_database()
                     and state like 'idle in transaction%' and state_change < now() - interval '3 seconds'";
    let deadline = Instant::now() + PATIENCE;
    while world.portal.count(open).await > 0 {
        assert_eq!(world.portal.count(forgotten).await, 0, "{} left a transaction open", route.path);
        assert!(Instant::now() < deadline, "{} has no end", route.path);
        sleep(StdDuration::from_millis(20)).await;
    }
}
