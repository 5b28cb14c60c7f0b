//! Requests that two readers could take for different ones: whatever the proxy in front makes of them, no second request is
//! hidden in the body of the first.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::portal::TestPortal;

const HIDDEN: &str = "GET /health/live HTTP/1.1\r\nhost: portal.example\r\n\r\n";

/// Everything that is answered until the portal hangs up.
async fn answers(portal: &TestPortal, request: String) -> String {
    let mut stream = TcpStream::connect(portal.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = vec![];
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn posted(headers: &str, body: &str) -> String {
    format!(
        "POST /language HTTP/1.1\r\nhost: portal.example\r\ncontent-type: application/x-www-form-urlencoded\r\n{headers}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn no_second_request_is_hidden_in_the_first() {
    let portal = TestPortal::start().await;
    let plain = answers(&portal, posted("content-length: 3", "a=b") + HIDDEN).await;
    assert_eq!(plain.matches("HTTP/1.1 ").count(), 2, "one after the other both are answered: {plain}");

    let hidden = HIDDEN.len();
    for (what, request) in [
        (
            "two lengths",
            posted(&format!("content-length: 3\r\ncontent-length: {}", hidden + 3), &format!("a=b{HIDDEN}")),
        ),
        ("a list of lengths", posted(&format!("content-length: 3, {}", hidden + 3), &format!("a=b{HIDDEN}"))),
        ("a length with a sign", posted("content-length: +3", &format!("a=b{HIDDEN}"))),
        ("chunks last but one", posted("transfer-encoding: chunked, identity", &format!("0\r\n\r\n{HIDDEN}"))),
        ("almost chunks", posted("transfer-encoding: xchunked", &format!("0\r\n\r\n{HIDDEN}"))),
        ("chunks with a tail", posted("transfer-encoding: chunked", &format!("0x0\r\n\r\n{HIDDEN}"))),
        ("a blank before the colon", posted("content-length : 3", &format!("a=b{HIDDEN}"))),
        ("a folded header", posted("x: y\r\n content-length: 3\r\ncontent-length: 0", HIDDEN)),
    ] {
        let answered = answers(&portal, request).await;
        let healthy = answered.contains("HTTP/1.1 200");
        assert!(!healthy && answered.matches("HTTP/1.1 ").count() <= 1, "{what}: {answered}");
    }
}

/// A length beside chunks is what the older reader of the two would go by: the chunks count and nothing is kept for later.
#[tokio::test]
async fn a_length_beside_chunks_ends_the_connection() {
    let portal = TestPortal::start().await;
    let both = posted("content-length: 3\r\ntransfer-encoding: chunked", &format!("3\r\na=b\r\n0\r\n\r\n{HIDDEN}"));
    let answered = answers(&portal, both).await;
    assert!(answered.matches("HTTP/1.1 ").count() <= 1, "{answered}");
}
