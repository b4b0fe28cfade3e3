//! Deadlines of a connection, on a paused clock.

use super::*;
use crate::server::FixedLimits;

fn options() -> ServerOptions {
    ServerOptions {
        header_bytes_max: 64 * 1024,
        headers_max: 100,
        header_timeout: Duration::from_secs(10),
        idle_timeout: Duration::from_secs(60),
        connections_max: 16,
        fixed: FixedLimits {
            send_timeout: Duration::from_secs(30),
            ..FixedLimits::default()
        },
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_overdue_after_the_header_timeout() {
    let watch = Watch::new(&options());
    let now = Instant::now();
    assert_eq!(
        watch.judge(now),
        Verdict::LookAgain(now + Duration::from_secs(10))
    );
    assert_eq!(
        watch.judge(now + Duration::from_secs(10)),
        Verdict::SlowHead
    );
}

#[tokio::test(start_paused = true)]
async fn between_requests_the_idle_timeout_counts_until_the_first_byte() {
    let watch = Arc::new(Watch::new(&options()));
    drop(watch.serve());
    tokio::time::advance(Duration::from_secs(59)).await;
    assert!(matches!(watch.judge(Instant::now()), Verdict::LookAgain(_)));
    watch.read(1);
    tokio::time::advance(Duration::from_secs(9)).await;
    assert!(matches!(watch.judge(Instant::now()), Verdict::LookAgain(_)));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(watch.judge(Instant::now()), Verdict::SlowHead);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_takes_nothing_is_stuck_and_one_that_takes_a_little_is_not() {
    let watch = Arc::new(Watch::new(&options()));
    let _busy = watch.serve();
    watch.blocked();
    tokio::time::advance(Duration::from_secs(29)).await;
    watch.written();
    watch.blocked();
    tokio::time::advance(Duration::from_secs(29)).await;
    assert!(matches!(watch.judge(Instant::now()), Verdict::LookAgain(_)));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(watch.judge(Instant::now()), Verdict::Stuck);
}

#[tokio::test(start_paused = true)]
async fn a_request_may_take_as_long_as_it_likes() {
    let watch = Arc::new(Watch::new(&options()));
    let _busy = watch.serve();
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert!(matches!(watch.judge(Instant::now()), Verdict::LookAgain(_)));
}
