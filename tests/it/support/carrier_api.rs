//! A carrier's machine that answers as a test wants it to, and notes what it was asked.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub struct Machine {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Machine {
    /// Each answer may depend on how many questions to the same path came before.
    pub async fn start<R: IntoResponse>(answer: impl Fn(&Asked, usize) -> R + Send + Sync + 'static) -> Machine {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let noted = asked.clone();
        let answer = Arc::new(answer);
        let app = Router::new().fallback(async move |request: Request| -> Response {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let path = parts.uri.to_string();
            let question = Asked { path, headers: parts.headers, body };
            let before = {
                let mut noted = noted.lock().unwrap();
                let before = noted.iter().filter(|one| one.path == question.path).count();
                noted.push(question.clone());
                before
            };
            answer(&question, before).into_response()
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Machine { url, asked }
    }

    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|one| one.path.split('?').next() == Some(path)).cloned().collect()
    }
}
