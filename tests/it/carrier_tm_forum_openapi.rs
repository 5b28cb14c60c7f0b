//! What we send and what the simulator answers, held against TM Forum's own files by a validating proxy between them.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use renewal_portal::carriers::tm_forum::{Apis, RenewBy, Settings, TmForum, TopUp, new_order, new_top_up};
use renewal_portal::carriers::{Carrier, Carriers, LineState, RenewalRequest, Submission};
use renewal_portal::provisioning::{Provisioning, State};
use renewal_portal::simulator::tm_forum;
use serde_json::{Value, json};

use crate::carrier_tm_forum::{PRODUCT, settings};
use crate::support::carrier::{Rig, quick};
use crate::support::prism::{Prism, between};

const CATALOGUE: (&str, &str) = ("TMF620-ProductCatalog-v4.1.0.swagger.json", "productCatalogManagement");
const ORDERS: (&str, &str) = ("TMF622-ProductOrder-v4.0.0.swagger.json", "productOrderingManagement");
const INVENTORY: (&str, &str) = ("TMF637-ProductInventory-v4.0.0.swagger.json", "productInventory");
const BALANCE: (&str, &str) = ("TMF654-PrepayBalance-v4.0.0.swagger.json", "prepayBalanceManagement");

/// Prism reads a file anew for the first question of each kind.
const PATIENCE: Duration = Duration::from_secs(30);

/// A carrier that is reached through the proxies only.
struct Watched {
    rig: Rig,
    proxies: Vec<Prism>,
}

async fn watched(renew_by: RenewBy, apis: &[(&str, &str)]) -> Watched {
    let mut rig = Rig::new(quick()).await;
    let base = format!("{}/cucc/tmf-api", rig.simulator.url());
    let starting = apis.iter().map(|(file, name)| {
        let upstream = format!("{base}/{name}/v4");
        async move { between(file, &upstream).await }
    });
    let proxies: Vec<Prism> = futures_util::future::join_all(starting).await;
    let at = |api: (&str, &str)| {
        let index = apis.iter().position(|watched| *watched == api);
        index.map(|index| proxies[index].url.clone())
    };
    let apis = Apis { catalogue: at(CATALOGUE), orders: at(ORDERS), inventory: at(INVENTORY), balance: at(BALANCE) };
    let settings = Settings { apis, ..settings("http://127.0.0.1:1", renew_by) };
    let adapter = TmForum::new(&settings, PATIENCE, rig.clock.clone()).unwrap();
    rig.carriers = Carriers::default().with("cucc", Arc::new(adapter), 4);
    Watched { rig, proxies }
}

impl Watched {
    fn carrier(&self) -> &dyn Carrier {
        self.rig.carriers.get("cucc").unwrap().carrier.as_ref()
    }

    /// Sends a request past the adapter.
    async fn post(&self, proxy: usize, list: &str, body: &Value) -> StatusCode {
        let url = format!("{}/{list}", self.proxies[proxy].url);
        let request = reqwest::Client::new().post(url).bearer_auth(tm_forum::TOKEN).json(body);
        request.send().await.unwrap().status()
    }

    /// By its name first, then by the number the carrier gave it.
    async fn is_found(&self, done: &Provisioning) {
        for reference in [None, done.carrier_reference.as_deref()] {
            let submission = Submission {
                request: &done.request,
                reference,
                baseline: &Value::Null,
                sent_at: done.submitted_at,
                now: self.rig.clock.now(),
            };
            assert!(matches!(self.carrier().find(&submission).await, Ok(Some(_))), "{reference:?}");
        }
    }
}

fn another(request: &RenewalRequest) -> RenewalRequest {
    RenewalRequest { request_id: "order:another:renew".to_owned(), ..request.clone() }
}

#[tokio::test]
async fn orders_and_their_answers_are_as_the_official_files_say() {
    let watched = watched(RenewBy::ProductOrder, &[ORDERS, CATALOGUE, INVENTORY]).await;
    let rig = &watched.rig;
    let paid = rig.place_known("+8613800000120").await;
    let line = rig.look(paid.order).await.request.line;
    assert_eq!(watched.carrier().offers(None).await.unwrap().len(), 1);
    let quote = watched.carrier().quote(&line, PRODUCT).await.unwrap();
    assert!(quote.eligible.is_ok() && quote.cost.is_some());
    assert!(watched.carrier().quote(&line, "cucc:gone").await.unwrap().eligible.is_err());
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    watched.is_found(&done).await;
    let usage = watched.carrier().usage(&line).await.unwrap();
    assert_eq!((usage.state, usage.valid_until), (Some(LineState::Active), Some(paid.promised_until)));

    let order = new_order(&another(&done.request), Some("account-1"));
    assert_eq!(watched.post(0, "productOrder", &order).await, StatusCode::CREATED);
    let mut renewing = order.clone();
    renewing["productOrderItem"][0]["action"] = json!("renew");
    let mut empty = order.clone();
    empty.as_object_mut().unwrap().remove("productOrderItem");
    for changed in [renewing, empty] {
        assert_eq!(watched.post(0, "productOrder", &changed).await, StatusCode::UNPROCESSABLE_ENTITY, "{changed}");
    }
    let refused = rig.place_known("+8613800000103").await;
    assert_eq!(rig.step(refused.order).await.refusal.as_deref(), Some("rejected"));
}

#[tokio::test]
async fn top_ups_and_their_answers_are_as_the_official_file_says() {
    let watched = watched(RenewBy::TopUp, &[BALANCE]).await;
    let rig = &watched.rig;
    let paid = rig.place_known("+8613800000120").await;
    let line = rig.look(paid.order).await.request.line;
    assert!(watched.carrier().quote(&line, PRODUCT).await.unwrap().eligible.is_ok());
    let done = rig.finish(paid.order).await;
    assert_eq!((done.state, done.carrier_until), (State::Succeeded, Some(paid.promised_until)));
    watched.is_found(&done).await;
    let usage = watched.carrier().usage(&line).await.unwrap();
    assert_eq!((usage.state, usage.valid_until), (Some(LineState::Active), Some(paid.promised_until)));

    let line_id: String =
        sqlx::query_scalar("select line_id from simulator.lines").fetch_one(&rig.db.pool).await.unwrap();
    let bucket = format!("bucket-{line_id}");
    let to = TopUp { bucket: &bucket, account: "account-cucc", number: &line.iccid };
    let top_up = new_top_up(&another(&done.request), &to).unwrap().unwrap();
    assert_eq!(watched.post(0, "topupBalance", &top_up).await, StatusCode::CREATED);
    for field in ["amount", "usageType", "bucket", "partyAccount"] {
        let mut without = top_up.clone();
        without.as_object_mut().unwrap().remove(field);
        assert_eq!(watched.post(0, "topupBalance", &without).await, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    let mut yearly = top_up.clone();
    yearly["recurringPeriod"] = json!("yearly");
    assert_eq!(watched.post(0, "topupBalance", &yearly).await, StatusCode::UNPROCESSABLE_ENTITY);
}
