//! A token endpoint on this machine, and what was asked of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, Method, Uri};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tollgate_identity::{CloudCredential, CloudEnvironment, CloudSettings, NoCredential, ToSign};
use tollgate_net::TaskTracker;

/// Long enough for anything that will happen, short enough for a test that waits in vain.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// What a server does that never answers.
pub(crate) const SILENCE: u16 = 0;

/// One question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A member of the form in the body.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        let pairs = self.body.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.into_iter().find(|(key, _)| *key == name)?;
        let decoded = percent_encoding::percent_decode_str(value).decode_utf8();
        Some(decoded.unwrap().into_owned())
    }
}

/// Answers with what a test says.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    count: watch::Receiver<usize>,
}

impl Server {
    /// `answer` gets the question and how many there were before it; it gives status and
    /// body.
    pub(crate) async fn start(
        answer: impl Fn(&Asked, usize) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (counted, count) = watch::channel(0);
        let noted = Arc::clone(&asked);
        let answer = Arc::new(answer);
        TaskTracker::new().spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let (noted, counted, answer) =
                    (Arc::clone(&noted), counted.clone(), Arc::clone(&answer));
                TaskTracker::new().spawn(async move {
                    let (mut tcp, question) = read(tcp).await;
                    let before = {
                        let mut noted = noted.lock().unwrap();
                        noted.push(question.clone());
                        noted.len() - 1
                    };
                    let (status, body) = answer(&question, before);
                    counted.send_replace(before + 1);
                    if status == SILENCE {
                        std::future::pending::<()>().await;
                    }
                    let text = format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    tcp.write_all(text.as_bytes()).await.unwrap();
                });
            }
        });
        Self {
            address,
            asked,
            count,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for so many questions, and gives them all.
    pub(crate) async fn asked(&self, count: usize) -> Vec<Asked> {
        let mut counted = self.count.clone();
        let reached = counted.wait_for(|now| *now >= count);
        let reached = tokio::time::timeout(PATIENCE, reached).await;
        reached.expect("was not asked").unwrap();
        self.asked.lock().unwrap().clone()
    }
}

async fn read(mut tcp: TcpStream) -> (TcpStream, Asked) {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = tcp.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert!(read > 0, "no whole question: {text}");
            continue;
        };
        let mut lines = head.lines();
        let line = lines.next().unwrap();
        let headers: BTreeMap<_, _> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers.get("content-length");
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        if body.len() >= length {
            let asked = Asked {
                line: line.trim_end_matches(" HTTP/1.1").to_owned(),
                body: body.to_owned(),
                headers,
            };
            return (tcp, asked);
        }
    }
}

/// The environment of a process.
pub(crate) fn env(pairs: &[(&str, &str)]) -> CloudEnvironment {
    let value = |name: &str| {
        let pair = pairs.iter().find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    };
    CloudEnvironment::read(&value)
}

/// Starts a credential and waits for the end of its first round.
pub(crate) async fn start(settings: CloudSettings, env: CloudEnvironment) -> CloudCredential {
    let credential = CloudCredential::start(settings, env, &TaskTracker::new());
    let first = tokio::time::timeout(PATIENCE, credential.first()).await;
    first.expect("the first round does not end");
    credential
}

/// The headers of a request at a time.
pub(crate) fn authorize(
    credential: &CloudCredential,
    now_unix_s: u64,
) -> Result<HeaderMap, NoCredential> {
    let uri = Uri::from_static("/model/m/converse");
    let request = ToSign {
        method: &Method::POST,
        host: "provider.test",
        uri: &uri,
        body: &[],
    };
    let mut headers = HeaderMap::new();
    credential.authorize(&request, now_unix_s, &mut headers)?;
    Ok(headers)
}

/// The `authorization` of a request now.
pub(crate) fn authorization(credential: &CloudCredential) -> String {
    let headers = authorize(credential, now_unix_s()).unwrap();
    headers["authorization"].to_str().unwrap().to_owned()
}

pub(crate) fn now_unix_s() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap().as_secs()
}
