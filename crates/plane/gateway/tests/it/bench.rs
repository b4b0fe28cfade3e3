//! A gateway between two simulated providers, as its users have it: configuration text in,
//! requests over sockets, one settled record per request out.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};
use tollgate_config::{Sources, load};
use tollgate_gateway::{Gateway, Snapshot, Surroundings};
use tollgate_net::{Drain, FixedLimits, Listener, ServerOptions, TaskTracker, serve};
use tollgate_simulator::{Faults, Handle, Options, Record, Simulator, parse_script};
use tollgate_telemetry::{AccessLog, BoxError, Delivery, Sampler, Settler, SpanTransport};

use crate::ask::{Ask, Open, Told};
use crate::speech::Speech;

/// Long enough for anything that will happen, short enough for a test that waits in vain.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// What `env: PROVIDER_KEY` resolves to.
pub(crate) const PROVIDER_KEY: &str = "sk-the-providers-own-key";

/// A gateway and its two simulators.
pub(crate) struct Bench {
    pub(crate) a: Handle,
    pub(crate) b: Handle,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) address: SocketAddr,
    pub(crate) settler: Settler,
    /// A valid gateway key; `$ID` and `$HASH` stand for its parts in the configuration.
    pub(crate) key: String,
    names: Vec<(String, String)>,
    folder: TempDir,
    tasks: TaskTracker,
    read: AtomicUsize,
    _dead: TcpSocket,
    exported: Exported,
}

/// What a bench is made of beyond its configuration.
#[derive(Default)]
pub(crate) struct Parts<'a> {
    pub(crate) a: Options,
    pub(crate) b: Options,
    /// Spans are recorded and kept, see [`Bench::exported`].
    pub(crate) is_traced: bool,
    /// How long a caller may take nothing of its answer.
    pub(crate) send_timeout: Option<Duration>,
    /// Texts that stand for others in the configuration, for example `$STUB`.
    pub(crate) names: &'a [(&'a str, String)],
}

impl Bench {
    /// Starts with a configuration in which `$A` and `$B` are the simulators' addresses
    /// (with `http://`), `$DEAD` one where nothing listens, `$ID` and `$HASH` a key's.
    pub(crate) async fn start(config: &str) -> Self {
        Self::with(config, Parts::default()).await
    }

    /// Starts with simulators that have options of their own, and further names.
    pub(crate) async fn with(config: &str, parts: Parts<'_>) -> Self {
        let (a, b) = (simulator(parts.a).await, simulator(parts.b).await);
        let key = tollgate_identity::generate("test").unwrap();
        let dead = dead();
        let mut names: Vec<_> = [
            ("$A", format!("http://{}", a.addr())),
            ("$B", format!("http://{}", b.addr())),
            ("$DEAD", format!("http://{}", dead.local_addr().unwrap())),
            ("$ID", key.id.clone()),
            ("$HASH", key.hash_hex.clone()),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .into();
        let more = parts.names.iter();
        names.extend(more.map(|(name, text)| ((*name).to_owned(), text.clone())));
        let folder = tempfile::tempdir().unwrap();
        let settler = Settler::start(tollgate_telemetry::Options {
            access_log: AccessLog::File(folder.path().join("access.log")),
            traces: parts.is_traced.then(|| Arc::from("gateway")),
            ..tollgate_telemetry::Options::default()
        });
        let settler = settler.unwrap();
        let exported = Exported::default();
        if let Some(exporter) = settler.take_exporter() {
            start(exporter.run(exported.clone()));
        }
        let sampler = if parts.is_traced {
            Sampler::ppm(1_000_000)
        } else {
            Sampler::OFF
        };
        let gateway = Arc::new(Gateway::new(settler.clone(), sampler));
        let tasks = TaskTracker::new();
        let address = listen(&gateway, &tasks, parts.send_timeout).await;
        let bench = Self {
            a,
            b,
            gateway,
            address,
            settler,
            key: key.key.expose().to_owned(),
            names,
            folder,
            tasks,
            read: AtomicUsize::new(0),
            _dead: dead,
            exported,
        };
        if !config.is_empty() {
            bench.reload(config);
        }
        bench
    }

    /// Compiles a configuration and swaps it in.
    pub(crate) fn reload(&self, config: &str) {
        let (gateway, tasks) = (&self.gateway, &self.tasks);
        let env = |name: &str| (name == "PROVIDER_KEY").then(|| PROVIDER_KEY.to_owned());
        let surroundings = Surroundings {
            env: &env,
            simulator: Some(self.a.addr()),
            tasks,
        };
        let sources = self.sources(config);
        let loaded = load(&sources).unwrap_or_else(|report| panic!("{}", report.render(false)));
        let plan = tollgate_plan::compile(&loaded.set, &tollgate_plan::Options::default());
        let plan = plan.unwrap_or_else(|problems| panic!("{problems:?}"));
        let previous = gateway.snapshot();
        let snapshot = Snapshot::build(plan, previous.as_deref(), &surroundings).unwrap();
        gateway.install(Arc::new(snapshot), "test".to_owned());
    }

    /// One text, or a base and overlays divided by lines `--- NAME`.
    fn sources(&self, config: &str) -> Sources {
        let mut text = config.to_owned();
        for (name, value) in &self.names {
            text = text.replace(name.as_str(), value);
        }
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let mut path = folder.join("base");
        for part in text.split("--- ") {
            let part = match part.split_once('\n') {
                Some((name, rest)) if path.exists() => {
                    path = folder.join("services").join(name.trim());
                    rest
                }
                _ => part,
            };
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join("config.yaml"), part).unwrap();
        }
        Sources::read(&folder)
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn call(&self, ask: Ask) -> Told {
        soon(async { ask.open(self.address).await.rest().await }).await
    }

    /// Sends a request and waits for the answer's head only.
    pub(crate) async fn open(&self, ask: Ask) -> Open {
        soon(ask.open(self.address)).await
    }

    /// The next settled record, as the access log has it.
    pub(crate) async fn settled(&self) -> Value {
        let place = self.read.fetch_add(1, Ordering::Relaxed);
        soon(async {
            loop {
                self.settler.flush();
                let log = std::fs::read_to_string(self.log()).unwrap();
                if let Some(line) = log.lines().nth(place) {
                    return serde_json::from_str(line).unwrap();
                }
                a_moment().await;
            }
        })
        .await
    }

    /// Records that were settled and not yet read.
    pub(crate) fn unread_records(&self) -> usize {
        self.settler.flush();
        let log = std::fs::read_to_string(self.log()).unwrap();
        log.lines().count() - self.read.load(Ordering::Relaxed)
    }

    /// Sends a request; gives the answer and its record.
    pub(crate) async fn ask(&self, ask: Ask) -> (Told, Value) {
        let told = self.call(ask).await;
        (told, self.settled().await)
    }

    /// Waits until spans were exported; the batch as it was posted.
    pub(crate) async fn exported(&self) -> Vec<u8> {
        until(|| {
            self.settler.flush();
            !self.exported.0.lock().unwrap().is_empty()
        })
        .await;
        self.exported.0.lock().unwrap().clone()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }
}

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Exported(Arc<Mutex<Vec<u8>>>);

impl SpanTransport for Exported {
    async fn post(&self, body: Bytes) -> Result<Delivery, BoxError> {
        self.0.lock().unwrap().extend_from_slice(&body);
        Ok(Delivery {
            status: 200,
            retry_after: None,
        })
    }
}

/// A configuration that lets anybody call; `more` follows the providers.
pub(crate) fn open_to(providers: &[String], more: &str) -> String {
    let providers = providers.join(", ");
    format!("gateway: {{anonymous: allow}}\nproviders: [{providers}]\n{more}")
}

/// Every caller's format with every provider's, and a gateway that is shared by those of
/// one provider.
pub(crate) async fn pairs_before(
    config: impl Fn(Speech) -> String,
) -> Vec<(Speech, Speech, Arc<Bench>)> {
    let mut all = Vec::new();
    for provider in Speech::all() {
        let bench = Arc::new(Bench::start(&config(provider)).await);
        all.extend(Speech::all().map(|caller| (caller, provider, Arc::clone(&bench))));
    }
    all
}

/// The same before one provider `one` of a simulator, open to anybody.
pub(crate) async fn open_pairs(more: &str) -> Vec<(Speech, Speech, Arc<Bench>)> {
    pairs_before(|provider| open_to(&[provider.provider("one", "$A")], more)).await
}

/// What a test says about a simulator.
pub(crate) trait Provider {
    /// What happens to the next requests: `503*2, ok`.
    fn script(&self, script: &str);
    /// The last request it read.
    fn served(&self) -> Record;
    /// How many requests it read.
    fn requests(&self) -> u64;
}

impl Provider for Handle {
    fn script(&self, script: &str) {
        let script = parse_script(script).unwrap();
        let rates = Vec::new();
        self.set_faults(Faults { rates, script }).unwrap();
    }

    fn served(&self) -> Record {
        self.books().last(1).pop().expect("it was never asked")
    }

    fn requests(&self) -> u64 {
        self.books().totals().requests
    }
}

async fn simulator(options: Options) -> Handle {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Simulator::start(listener, options).unwrap()
}

async fn listen(
    gateway: &Arc<Gateway>,
    tasks: &TaskTracker,
    send_timeout: Option<Duration>,
) -> SocketAddr {
    let listener = Listener::bind("127.0.0.1", 0).await.unwrap();
    let address = listener.address().unwrap();
    let gateway = Arc::clone(gateway);
    let service = move |request, _peer| Arc::clone(&gateway).handle(request);
    let mut fixed = FixedLimits::default();
    fixed.send_timeout = send_timeout.unwrap_or(fixed.send_timeout);
    let options = ServerOptions {
        header_bytes_max: 64 * 1024,
        headers_max: 100,
        header_timeout: PATIENCE,
        idle_timeout: PATIENCE,
        connections_max: 16 * 1024,
        fixed,
    };
    tasks.spawn(serve(vec![listener], None, options, service, Drain::new()));
    address
}

/// A port that is taken and refuses every connection: nobody listens on it.
fn dead() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket
}

/// Starts a task that ends with the runtime of the test.
pub(crate) fn start<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    TaskTracker::new().spawn(future)
}

/// Fails a test that waits in vain.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    let result = tokio::time::timeout(PATIENCE, future).await;
    result.expect("did not happen")
}

/// Waits for a state of the gateway or of a provider.
pub(crate) async fn until(mut state: impl FnMut() -> bool) {
    soon(async {
        while !state() {
            a_moment().await;
        }
    })
    .await;
}

/// Between two looks at a state that cannot wake anyone.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}
