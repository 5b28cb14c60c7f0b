//! Mutual TLS with a server of profiles: each shows a certificate that the other's authority signed, or nothing is said.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::routing::post;
use axum::{Json, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use renewal_portal::carriers::es2plus::{Es2Plus, Settings};
use renewal_portal::carriers::{CarrierError, DownloadOrder, Profiles, Wanted};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::profiles_support::settings;

const ICCID: &str = "8985200111111111114";

/// Who signs certificates.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate and its key.
    fn signs(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

struct Server {
    url: String,
    calls: Arc<AtomicUsize>,
}

impl Server {
    /// Shows `own` and speaks to nobody who was not signed by `clients`.
    async fn start(own: &(String, String), clients: &Authority) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(clients.pem.as_bytes()).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
        let certificate = CertificateDer::from_pem_slice(own.0.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(own.1.as_bytes()).unwrap();
        let config = ServerConfig::builder().with_client_cert_verifier(verifier);
        let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()));
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let answer = async move || {
            counted.fetch_add(1, Ordering::SeqCst);
            let header = json!({ "functionExecutionStatus": { "status": "Executed-Success" } });
            Json(json!({ "header": header, "iccid": format!("{ICCID}F") }))
        };
        let app = Router::new().route("/gsma/rsp2/es2plus/downloadOrder", post(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, app) = (acceptor.clone(), app.clone());
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    let service = TowerToHyperService::new(app);
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(tls), service).await;
                });
            }
        });
        Self { url, calls }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

fn shows(url: &str, (certificate, key): &(String, String), trusts: &Authority) -> Settings {
    Settings {
        client_certificate: Some(certificate.as_str().into()),
        client_key: Some(key.as_str().into()),
        ca: Some(trusts.pem.as_str().into()),
        ..settings(url)
    }
}

async fn order(settings: &Settings) -> Result<String, CarrierError> {
    let server = Es2Plus::new(settings, Duration::from_secs(5))?;
    let order = DownloadOrder { wanted: Wanted::Iccid(ICCID), eid: None };
    Ok(server.download_order(&order).await?.unwrap_or_else(|refusal| panic!("{refusal:?}")))
}

#[tokio::test]
async fn each_side_shows_a_certificate_that_the_other_trusts() {
    let (theirs, ours, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let server = Server::start(&theirs.signs("127.0.0.1"), &ours).await;
    let right = shows(&server.url, &ours.signs("portal"), &theirs);
    assert_eq!(order(&right).await.as_deref(), Ok(ICCID));
    assert_eq!(server.calls(), 1);

    let signed_by_another = shows(&server.url, &strangers.signs("portal"), &theirs);
    assert!(order(&signed_by_another).await.is_err(), "it does not know who signed us");
    let unknown_server = shows(&server.url, &ours.signs("portal"), &strangers);
    let refused = order(&unknown_server).await;
    assert!(
        matches!(refused, Err(CarrierError::Unavailable(_))),
        "nothing is sent to whom we don't trust: {refused:?}"
    );
    let of_another_name = Server::start(&theirs.signs("smdp.example"), &ours).await;
    assert!(order(&shows(&of_another_name.url, &ours.signs("portal"), &theirs)).await.is_err());
    assert_eq!((server.calls(), of_another_name.calls()), (1, 0));
}

#[tokio::test]
async fn without_a_certificate_nobody_is_spoken_to() {
    let (theirs, ours) = (Authority::new(), Authority::new());
    let server = Server::start(&theirs.signs("127.0.0.1"), &ours).await;
    let bare =
        Settings { client_certificate: None, client_key: None, ..shows(&server.url, &ours.signs("portal"), &theirs) };
    assert!(matches!(order(&bare).await, Err(CarrierError::Misconfigured(_))), "the file of carriers is refused");
    // The server would refuse us as well.
    let roots = reqwest::Certificate::from_pem(theirs.pem.as_bytes()).unwrap();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([roots]).build().unwrap();
    let sent = http.post(format!("{}/gsma/rsp2/es2plus/downloadOrder", server.url)).json(&json!({})).send().await;
    assert!(sent.is_err());
    assert_eq!(server.calls(), 0);
}

#[test]
fn what_is_no_certificate_is_named() {
    let authority = Authority::new();
    let (certificate, key) = authority.signs("portal");
    let good = shows("https://smdp.example", &(certificate, key), &authority);
    let _ = rustls::crypto::ring::default_provider().install_default();
    assert!(Es2Plus::new(&good, Duration::from_secs(1)).is_ok());
    let said =
        |settings: Settings| Es2Plus::new(&settings, Duration::from_secs(1)).map(|_| ()).unwrap_err().to_string();
    assert!(said(Settings { client_key: Some("no key".into()), ..good.clone() }).contains("client_key"));
    assert!(said(Settings { ca: Some("no authority".into()), ..good.clone() }).contains("ca is not PEM"));
    assert!(said(Settings { client_key: None, ..good.clone() }).contains("client_key"));
    assert!(said(Settings { smdp_address: "https://smdp.example".into(), ..good.clone() }).contains("smdp_address"));
    assert!(said(Settings { progress_secret: Some("short".into()), ..good }).contains("progress_secret"));
}
