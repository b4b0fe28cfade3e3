//! TLS: protocols, trust, and certificates that change.

use std::path::Path;

use tempfile::TempDir;
use tollgate_net::{
    EndpointOptions, Http2Use, SendError, ServerTlsFiles, TlsError, TlsReload, Upstream,
};

use crate::support::{Server, ask, defaults, send, upstream_with};

struct Pair {
    certificate: String,
    key: String,
}

fn pair() -> Pair {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Pair {
        certificate: made.cert.pem(),
        key: made.signing_key.serialize_pem(),
    }
}

fn write(folder: &Path, pair: &Pair) {
    std::fs::write(folder.join("tls.crt"), &pair.certificate).unwrap();
    std::fs::write(folder.join("tls.key"), &pair.key).unwrap();
}

fn files(folder: &Path) -> ServerTlsFiles {
    ServerTlsFiles {
        certificate: folder.join("tls.crt"),
        key: folder.join("tls.key"),
        client_roots: None,
    }
}

fn trusting(server: &Server, pair: &Pair, http2: Http2Use) -> Upstream {
    let extra_roots_pem = pair.certificate.clone().into_bytes();
    let options = EndpointOptions {
        http2,
        extra_roots_pem,
        ..EndpointOptions::default()
    };
    upstream_with(
        &format!("https://localhost:{}", server.address.port()),
        options,
    )
}

async fn trusts(server: &Server, pair: &Pair) -> bool {
    match send(&trusting(server, pair, Http2Use::Auto)).await {
        Ok(_) => true,
        Err(SendError::Tls { .. }) => false,
        Err(error) => panic!("{error:?}"),
    }
}

async fn served(folder: &Path) -> (Server, TlsReload) {
    let tls = TlsReload::load(files(folder)).unwrap();
    (Server::versions(defaults(), Some(tls.clone())).await, tls)
}

#[tokio::test]
async fn the_protocol_is_agreed_in_the_handshake() {
    let folder = TempDir::new().unwrap();
    let pair = pair();
    write(folder.path(), &pair);
    let (server, _) = served(folder.path()).await;
    assert_eq!(
        ask(&trusting(&server, &pair, Http2Use::Auto)).await,
        "HTTP/2.0"
    );
    let http1 = trusting(&server, &pair, Http2Use::Never);
    for _ in 0..3 {
        assert_eq!(ask(&http1).await, "HTTP/1.1");
    }
    assert_eq!(http1.open_connections(), 1);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &pair());
    let (server, _) = served(folder.path()).await;
    assert!(!trusts(&server, &pair()).await);
}

#[tokio::test]
async fn new_files_are_used_for_new_connections_and_old_connections_live_on() {
    let folder = TempDir::new().unwrap();
    let (old, new) = (pair(), pair());
    write(folder.path(), &old);
    let (server, tls) = served(folder.path()).await;
    let open = trusting(&server, &old, Http2Use::Never);
    ask(&open).await;
    assert!(!tls.reload().unwrap());

    write(folder.path(), &new);
    assert!(tls.reload().unwrap());
    assert!(trusts(&server, &new).await);
    assert!(!trusts(&server, &old).await);
    ask(&open).await;
    assert_eq!(tls.status().reloads, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn the_swap_of_a_symlink_above_the_files_is_seen() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (old, new) = (pair(), pair());
    for (name, pair) in [("..one", &old), ("..two", &new)] {
        std::fs::create_dir(at(name)).unwrap();
        write(&at(name), pair);
    }
    std::os::unix::fs::symlink("..one", at("..data")).unwrap();
    for name in ["tls.crt", "tls.key"] {
        std::os::unix::fs::symlink(Path::new("..data").join(name), at(name)).unwrap();
    }
    let (server, tls) = served(folder.path()).await;

    std::os::unix::fs::symlink("..two", at("..new")).unwrap();
    std::fs::rename(at("..new"), at("..data")).unwrap();
    assert!(tls.reload().unwrap());
    assert!(trusts(&server, &new).await);
}

#[tokio::test]
async fn a_broken_pair_is_refused_with_a_reason_and_the_old_one_stays() {
    let folder = TempDir::new().unwrap();
    let (old, other) = (pair(), pair());
    write(folder.path(), &old);
    let (server, tls) = served(folder.path()).await;

    let mixed = Pair {
        certificate: old.certificate.clone(),
        key: other.key,
    };
    write(folder.path(), &mixed);
    assert!(matches!(tls.reload(), Err(TlsError::Refused(_))));
    assert!(tls.status().rejected.is_some());
    std::fs::write(folder.path().join("tls.crt"), "not a certificate").unwrap();
    assert!(matches!(
        tls.reload(),
        Err(TlsError::Pem {
            expected: "certificate",
            ..
        })
    ));
    std::fs::remove_file(folder.path().join("tls.key")).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Read { .. })));
    assert!(trusts(&server, &old).await);

    write(folder.path(), &old);
    tls.reload().unwrap();
    assert_eq!(tls.status().rejected, None);
    assert!(trusts(&server, &old).await);
}

#[tokio::test]
async fn changed_files_are_noticed_without_being_told() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &pair());
    let tls = TlsReload::load(files(folder.path())).unwrap();
    write(folder.path(), &pair());
    let noticed = async {
        while tls.status().reloads == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = tls.watch(std::time::Duration::from_millis(5)) => {}
        () = crate::support::soon(noticed) => {}
    }
}
