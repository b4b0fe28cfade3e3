//! Heads and bodies, whole and cut at every byte.

use super::*;

#[test]
fn a_head_says_how_its_body_ends() {
    let sized = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nconnection: close\r\n\r\nbody";
    let head = Head::read(sized).unwrap().unwrap();
    assert_eq!(
        (head.bytes, head.length, head.closes),
        (sized.len() - 4, Length::Sized(12), true)
    );
    assert_eq!(word(sized, 1), "200");
    let chunked = b"POST /v1/x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
    let head = Head::read(chunked).unwrap().unwrap();
    assert_eq!((head.length, head.closes), (Length::Chunked, false));
    assert_eq!(word(chunked, 1), "/v1/x");
    assert!(Head::read(&chunked[..chunked.len() - 1]).unwrap().is_none());
}

#[test]
fn a_chunked_body_is_read_across_every_cut() {
    let raw = b"5;x=1\r\nhello\r\n10\r\n 0123456789abcde\r\n0\r\nx-y: z\r\n\r\n";
    for cut in 0..raw.len() {
        let mut body = Body::new(Length::Chunked);
        let mut text = Vec::new();
        let (head, tail) = raw.split_at(cut);
        assert!(
            !body
                .read(head, |data| text.extend_from_slice(data))
                .unwrap()
        );
        assert!(
            body.read(tail, |data| text.extend_from_slice(data))
                .unwrap()
        );
        assert_eq!(text, b"hello 0123456789abcde");
    }
}

#[test]
fn bytes_behind_a_body_are_an_error() {
    let mut sized = Body::new(Length::Sized(3));
    assert_eq!(sized.read(b"abcd", |_| ()), Err(Malformed));
    let mut chunked = Body::new(Length::Chunked);
    assert_eq!(chunked.read(b"0\r\n\r\nHTTP/1.1", |_| ()), Err(Malformed));
}
