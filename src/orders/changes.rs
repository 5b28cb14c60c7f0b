//! News of orders for pages that listen: one database listener a process, however many pages are open.

use crate::ids::OrderId;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::broadcast;

/// Everyone who listens hears of every order; most of it is not theirs and costs nothing.
#[derive(Clone)]
pub struct Changes(broadcast::Sender<Option<OrderId>>);

pub struct Watched(broadcast::Receiver<Option<OrderId>>);

impl Changes {
    pub fn start(pool: PgPool) -> Self {
        let (tell, _) = broadcast::channel(256);
        tokio::spawn(listen(pool, tell.clone()));
        Self(tell)
    }

    pub fn watch(&self) -> Watched {
        Watched(self.0.subscribe())
    }
}

impl Watched {
    /// Returns when the order may have changed: it was named, or news was missed.
    pub async fn next_of(&mut self, order: OrderId) {
        loop {
            match self.0.recv().await {
                Ok(Some(changed)) if changed != order => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

async fn listen(pool: PgPool, tell: broadcast::Sender<Option<OrderId>>) {
    while let Err(error) = relay(&pool, &tell).await {
        if pool.is_closed() {
            return;
        }
        tracing::warn!(%error, "listening for changes of orders ended, starting again");
        tokio::time::sleep(Duration::from_secs(1)).await;
        // What happened meanwhile was missed: every page looks once.
        let _ = tell.send(None);
    }
}

async fn relay(pool: &PgPool, tell: &broadcast::Sender<Option<OrderId>>) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("orders").await?;
    loop {
        let news = listener.recv().await?;
        let _ = tell.send(news.payload().parse().ok());
    }
}
