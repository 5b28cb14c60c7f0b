//! A slow line to the database that tells when a given message passes.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio::time::sleep;

pub struct SlowLine {
    pub url: String,
    passed: Arc<Notify>,
}

impl SlowLine {
    /// Every message to the server and back takes `delay`; `watched` is looked for on the way there.
    pub async fn to(url: &str, delay: Duration, watched: &'static [u8]) -> Self {
        let target = PgConnectOptions::from_str(url).expect("a database address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        let database = target.get_database().expect("a database name");
        let url = format!("postgres://{}@127.0.0.1:{port}/{database}?sslmode=disable", target.get_username());
        let passed = Arc::new(Notify::new());
        tokio::spawn(serve(listener, target, Arc::clone(&passed), delay, watched));
        Self { url, passed }
    }

    /// Returns when the watched message is on its way, long before its answer.
    pub async fn watched_message(&self) {
        self.passed.notified().await;
    }
}

async fn serve(
    listener: TcpListener,
    target: PgConnectOptions,
    passed: Arc<Notify>,
    delay: Duration,
    watched: &'static [u8],
) {
    while let Ok((client, _)) = listener.accept().await {
        let (client_in, client_out) = client.into_split();
        let seen = {
            let passed = Arc::clone(&passed);
            move || passed.notify_one()
        };
        if let Some(folder) = target.get_socket() {
            let path = folder.join(format!(".s.PGSQL.{}", target.get_port()));
            let (server_in, server_out) = UnixStream::connect(path).await.expect("the server").into_split();
            tokio::spawn(carry(client_in, server_out, delay, watched, seen));
            tokio::spawn(carry(server_in, client_out, delay, b"", || ()));
        } else {
            let address = (target.get_host(), target.get_port());
            let (server_in, server_out) = TcpStream::connect(address).await.expect("the server").into_split();
            tokio::spawn(carry(client_in, server_out, delay, watched, seen));
            tokio::spawn(carry(server_in, client_out, delay, b"", || ()));
        }
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: Duration,
    watched: &[u8],
    seen: impl Fn(),
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let message = &buffer[..length];
        if !watched.is_empty() && message.windows(watched.len()).any(|part| part == watched) {
            seen();
        }
        sleep(delay).await;
        if to.write_all(message).await.is_err() {
            return;
        }
    }
}
