//! How long a frame may stand, on a paused clock.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::pin;

use hyper::rt::Executor as _;

use super::*;

const LIMIT: Duration = Duration::from_secs(60);

/// As many frames as are asked for.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = Bytes::from_static(&[0; FRAME_BYTES_MAX + 1]);
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }
}

/// Hands a frame over; its size.
async fn hand_over(pace: &mut Pace) -> usize {
    let mut body = pin!(Endless);
    let frame = poll_fn(|cx| pace.poll_frame(body.as_mut(), cx)).await;
    frame.unwrap().unwrap().into_data().unwrap().len()
}

/// How long a stream lasts.
async fn lasts(stream: impl Future<Output = ()> + Send + 'static) -> Duration {
    let tasks = TaskTracker::new();
    let begun = Instant::now();
    Streams::new(tasks.clone(), LIMIT).execute(stream);
    tasks.close();
    tasks.wait().await;
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_a_frame_stands_for_too_long() {
    let stands = lasts(async {
        let mut pace = Pace::default();
        hand_over(&mut pace).await;
        pending::<()>().await;
    });
    let lasted = stands.await;
    assert!(lasted >= LIMIT && lasted < LIMIT * 2, "{lasted:?}");
}

#[tokio::test(start_paused = true)]
async fn each_frame_has_the_whole_time() {
    let takes_its_time = lasts(async {
        let mut pace = Pace::default();
        for size in [FRAME_BYTES_MAX, 1, FRAME_BYTES_MAX, 1] {
            assert_eq!(hand_over(&mut pace).await, size);
            tokio::time::sleep(LIMIT * 9 / 10).await;
        }
    });
    assert!(takes_its_time.await >= LIMIT * 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_waited_for_here_has_no_limit() {
    let waits = lasts(async {
        let mut pace = Pace::default();
        hand_over(&mut pace).await;
        note(HandedOver::Taken);
        tokio::time::sleep(LIMIT * 10).await;
    });
    assert!(waits.await >= LIMIT * 10);
}
