//! The accept loop. `axum::serve` sets no time limit on request headers, so a client that sends half a
//! header would keep its connection for ever; here every connection has to say something in time.
use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connections: usize,
    /// Until the first byte of a connection, and until the last byte of a request's headers.
    pub patience: Duration,
    /// What requests in flight get to finish once we are told to stop.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4000, patience: Duration::from_secs(10), farewell: Duration::from_secs(10) }
    }
}

/// The address at the other end of the connection; behind a proxy that is the proxy's.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Serves until `stop` resolves, then lets requests in flight finish.
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let (stopping, stopped) = watch::channel(false);
    tokio::pin!(stop);
    loop {
        let (stream, peer, slot) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let app = app.clone().layer(Extension(Peer(peer)));
        tokio::spawn(connection(stream, app, limits, graceful.watcher(), stopped.clone(), slot));
    }
    drop(listener);
    stopping.send_replace(true);
    if timeout(limits.farewell, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still running when the server stopped");
    }
}

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        // The slot comes first: what we cannot serve yet waits in the kernel's queue.
        let Ok(slot) = slots.clone().acquire_owned().await else { continue };
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, slot),
            Err(error) => lost(&error).await,
        }
    }
}

async fn lost(error: &io::Error) {
    let of_one_client = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    );
    if !of_one_client {
        tracing::warn!(%error, "a connection could not be accepted");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn connection(
    stream: TcpStream,
    app: Router,
    limits: Limits,
    watcher: Watcher,
    mut stopped: watch::Receiver<bool>,
    _slot: OwnedSemaphorePermit,
) {
    let _ = stream.set_nodelay(true);
    // hyper's own timer starts with the first byte.
    let mut byte = [0];
    let speaks = tokio::select! {
        first = timeout(limits.patience, stream.peek(&mut byte)) => matches!(first, Ok(Ok(1))),
        _ = stopped.wait_for(|stopped| *stopped) => false,
    };
    if !speaks {
        return;
    }
    // A client that asks and does not read holds its connection no longer than one that asks slowly.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.patience));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.patience)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(app));
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, "a connection ended early");
    }
}
