//! TLS from certificate files, and HTTP/2 with and without it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use crate::caller::{Caller, FORMATS, Format, connect, post};
use crate::process::{Gateway, folder, text, tollgate, until};

const YAML: &str = "gateway:\n  anonymous: allow\n  tls:\n    cert_file: tls.crt\n    key_file: tls.key\nproviders:\n  - name: simulator\n";
const PLAIN: &str = "gateway:\n  anonymous: allow\nproviders:\n  - name: simulator\n";

/// Writes a new certificate with its key; gives what a caller must trust.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("tls.crt"), made.cert.pem()).unwrap();
    fs::write(folder.join("tls.key"), made.signing_key.serialize_pem()).unwrap();
    CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()
}

fn trusting(certificate: &CertificateDer<'static>, protocols: &[&[u8]]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

type Tls = StreamOwned<ClientConnection, std::net::TcpStream>;

/// A finished handshake, or none when the certificate is not the trusted one.
fn handshake(address: &str, config: &Arc<ClientConfig>) -> Option<Tls> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = StreamOwned::new(
        ClientConnection::new(Arc::clone(config), name).unwrap(),
        connect(address).unwrap(),
    );
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock).ok()?;
    }
    Some(tls)
}

fn asks(caller: &mut Caller) -> u16 {
    caller.send(
        "POST",
        Format::Chat.path(),
        &[],
        &Format::Chat.body("m", "hello", false),
    );
    caller.answer().unwrap().status
}

/// One chat and one stream over HTTP/2.
async fn asks_http2(wire: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let (mut sender, connection) = h2::client::handshake(wire).await.unwrap();
    let tasks = TaskTracker::new();
    tasks.spawn(connection);
    for (format, stream) in FORMATS.into_iter().zip([false, true]) {
        let uri = format!("http://gateway{}", format.path());
        let request = http::Request::post(uri).body(()).unwrap();
        sender = sender.ready().await.unwrap();
        let (answer, mut body) = sender.send_request(request, false).unwrap();
        body.send_data(Bytes::from(format.body("m", "hello", stream)), true)
            .unwrap();
        let mut answer = answer.await.unwrap().into_body();
        let mut text = String::new();
        while let Some(data) = answer.data().await {
            let data = data.unwrap();
            answer.flow_control().release_capacity(data.len()).unwrap();
            text += std::str::from_utf8(&data).unwrap();
        }
        assert!(text.contains("Hello"), "{text}");
        assert!(!stream || format.has_ended(&text), "{text}");
    }
}

#[test]
fn certificates_are_served_and_swapped_without_a_restart() {
    let folder = folder();
    let first = issue(&folder.path().join("..v1"));
    symlink("..v1", folder.path().join("..data")).unwrap();
    for name in ["tls.crt", "tls.key"] {
        symlink(format!("..data/{name}"), folder.path().join(name)).unwrap();
    }
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, YAML).unwrap();
    let gateway = Gateway::at(&folder, &config, &[], &[]);
    assert!(
        gateway.process.err.so_far().contains("https://"),
        "says that it speaks TLS"
    );
    let trusting_first = trusting(&first, &[b"h2", b"http/1.1"]);
    assert_eq!(
        handshake(&gateway.address, &trusting_first)
            .unwrap()
            .conn
            .alpn_protocol(),
        Some(&b"h2"[..])
    );
    let only_http1 = trusting(&first, &[b"http/1.1"]);
    let tls = handshake(&gateway.address, &only_http1).unwrap();
    assert_eq!(tls.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    let mut old = Caller::over(tls);
    assert_eq!(asks(&mut old), 200);
    assert_eq!(
        asks(&mut Caller::over(
            handshake(&gateway.address, &trusting(&first, &[])).unwrap()
        )),
        200,
        "without ALPN"
    );

    // A broken pair first: the old one stays.
    fs::create_dir(folder.path().join("..v2")).unwrap();
    for name in ["tls.crt", "tls.key"] {
        fs::write(folder.path().join("..v2").join(name), "nonsense").unwrap();
    }
    swap(folder.path(), "..v2");
    gateway
        .process
        .err
        .with("the new TLS certificate is refused, the old one stays");
    assert!(handshake(&gateway.address, &trusting_first).is_some());

    let second = issue(&folder.path().join("..v3"));
    swap(folder.path(), "..v3");
    let trusting_second = trusting(&second, &[b"http/1.1"]);
    until("the new certificate", || {
        handshake(&gateway.address, &trusting_second)
    });
    assert!(handshake(&gateway.address, &trusting_first).is_none());
    assert_eq!(asks(&mut old), 200, "a connection that is open stays");
}

fn swap(folder: &Path, revision: &str) {
    symlink(revision, folder.join("..tmp")).unwrap();
    fs::rename(folder.join("..tmp"), folder.join("..data")).unwrap();
}

#[tokio::test]
async fn http2_is_spoken_over_tls_and_with_prior_knowledge() {
    let folder = folder();
    let certificate = issue(folder.path());
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, YAML).unwrap();
    let gateway = Gateway::at(&folder, &config, &[], &[]);
    let connector = tokio_rustls::TlsConnector::from(trusting(&certificate, &[b"h2"]));
    let tcp = TcpStream::connect(&gateway.address).await.unwrap();
    let tls = connector
        .connect(ServerName::try_from("localhost").unwrap(), tcp)
        .await
        .unwrap();
    asks_http2(tls).await;
    let gateway = Gateway::start(PLAIN);
    asks_http2(TcpStream::connect(&gateway.address).await.unwrap()).await;
}

#[test]
fn plain_text_on_a_tls_port_is_not_served_and_harms_nobody() {
    let folder = folder();
    let certificate = issue(folder.path());
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, YAML).unwrap();
    let gateway = Gateway::at(&folder, &config, &[], &[]);
    let mut caller = Caller::to(&gateway.address);
    caller.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(!caller.rest().contains("200 OK"));
    assert!(handshake(&gateway.address, &trusting(&certificate, &[])).is_some());
}

#[test]
fn a_certificate_that_cannot_be_used_stops_the_start_and_is_named() {
    let folder = folder();
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, YAML).unwrap();
    let start = || {
        tollgate(&[
            "run",
            "--config",
            text(&config),
            "--port",
            "0",
            "--admin-port",
            "0",
        ])
    };
    let ended = start();
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("tls.crt cannot be read"), "{ended:?}");
    issue(folder.path());
    fs::write(folder.path().join("tls.key"), "nonsense").unwrap();
    let ended = start();
    assert_eq!(ended.code, 1);
    assert!(
        ended.err.contains("tls.key holds no private key"),
        "{ended:?}"
    );
}

#[test]
fn a_reload_takes_a_new_certificate_at_once_and_status_shows_what_became_of_it() {
    let folder = folder();
    let first = issue(folder.path());
    let config = folder.path().join("policy-config.yaml");
    fs::write(&config, YAML).unwrap();
    let gateway = Gateway::at(&folder, &config, &[], &[]);
    let certificate = || gateway.status()["certificate"].clone();
    let before = certificate();
    let since = before["since_unix_s"].as_u64().unwrap();
    assert!(
        before["expires_unix_s"].as_u64().unwrap() > since,
        "{before}"
    );
    assert!(
        before["rejected"].is_null() && before["reloads"] == 0,
        "{before}"
    );

    fs::write(folder.path().join("tls.key"), "nonsense").unwrap();
    assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
    let refused = certificate();
    let reason = refused["rejected"].as_str().unwrap();
    assert!(reason.contains("tls.key holds no private key"), "{refused}");
    assert!(handshake(&gateway.address, &trusting(&first, &[])).is_some());

    let second = issue(folder.path());
    assert_eq!(post(&gateway.admin, "/reload", "").status, 200);
    assert!(handshake(&gateway.address, &trusting(&second, &[])).is_some());
    let taken = certificate();
    assert!(
        taken["rejected"].is_null() && taken["reloads"] == 1,
        "{taken}"
    );

    let plain = Gateway::start(PLAIN);
    assert!(plain.status()["certificate"].is_null());
}
