//! The SSE reader agrees with a naive one on every cut.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::sse_reference::check;

const PARTS: &[&str] = &[
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\r\n\r\n",
    "data",
    "data:",
    "data: ",
    "event: ",
    "event",
    "id: 1",
    "retry",
    ":",
    " ",
    "x",
    "{\"a\": \"b\"}",
    "\u{feff}",
    "\u{e9}",
    "data: long enough a line\n\n",
];

fn stream() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(select(PARTS), 0..24).prop_map(|parts| parts.concat().into_bytes()),
        vec(any::<u8>(), 0..32),
        vec(select(b"\r\n: d\xef\xbb\xbf".as_slice()), 0..24),
    ]
}

proptest! {
    #[test]
    fn any_stream_reads_as_the_standard_says_in_any_frames(
        stream in stream(),
        frames in vec(1_usize..40, 1..6),
    ) {
        check(&stream, &frames);
    }

    #[test]
    fn a_cut_at_any_byte_changes_nothing(stream in stream()) {
        for cut in 1..stream.len() {
            check(&stream, &[cut, stream.len()]);
        }
        check(&stream, &[1]);
    }
}
