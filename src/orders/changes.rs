//! News of orders for pages that listen: one database listener a process, however many pages are open.

use crate::ids::{AccountId, OrderId};
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Pages one account may have listening at a time; each holds a connection.
const PER_ACCOUNT: usize = 10;

/// Everyone who listens hears of every order; most of it is not theirs and costs nothing.
#[derive(Clone)]
pub struct Changes {
    tell: broadcast::Sender<Option<OrderId>>,
    listening: Arc<Mutex<HashMap<AccountId, usize>>>,
    ended: watch::Sender<bool>,
}

/// A page that listens; dropped, it makes room for another.
pub struct Watched {
    news: broadcast::Receiver<Option<OrderId>>,
    ended: watch::Receiver<bool>,
    changes: Changes,
    account: AccountId,
}

impl Changes {
    pub fn start(pool: PgPool) -> Self {
        let (tell, _) = broadcast::channel(256);
        tokio::spawn(listen(pool, tell.clone()));
        Self { tell, listening: Arc::default(), ended: watch::Sender::new(false) }
    }

    /// `None`: this account has too many pages listening already.
    pub fn watch(&self, account: AccountId) -> Option<Watched> {
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        let count = listening.entry(account).or_default();
        if *count >= PER_ACCOUNT {
            return None;
        }
        *count += 1;
        Some(Watched { news: self.tell.subscribe(), ended: self.ended.subscribe(), changes: self.clone(), account })
    }

    /// Sends everyone who listens away: the process is about to stop.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut listening = self.changes.listening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = listening.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                listening.remove(&self.account);
            }
        }
    }
}

impl Watched {
    /// Returns when the order may have changed: it was named, or news was missed. `None`: there will be no more news.
    pub async fn next_of(&mut self, order: OrderId) -> Option<()> {
        loop {
            let news = tokio::select! {
                news = self.news.recv() => news,
                _ = self.ended.wait_for(|ended| *ended) => return None,
            };
            match news {
                Ok(Some(changed)) if changed != order => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return Some(()),
                Err(broadcast::error::RecvError::Closed) => return None,
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
