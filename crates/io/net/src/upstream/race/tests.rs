//! Addresses tried one after the other, a little apart.

use super::*;

fn list(addresses: &[&str]) -> VecDeque<SocketAddr> {
    addresses
        .iter()
        .map(|address| address.parse().unwrap())
        .collect()
}

#[test]
fn families_take_turns_beginning_with_the_first() {
    let given = list(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"]);
    assert_eq!(
        in_turn(given),
        list(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"])
    );
    let given = list(&["1.1.1.1:1", "[::1]:1"]);
    assert_eq!(in_turn(given.clone()), given);
}

/// An address that takes no connection and refuses none: its backlog is full.
async fn dead_address() -> (tokio::net::TcpListener, JoinSet<io::Result<TcpStream>>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = JoinSet::new();
    for _ in 0..8 {
        waiting.spawn(dial(address));
    }
    // Linux lets in one more than the backlog says; the rest wait.
    for _ in 0..2 {
        waiting.join_next().await.unwrap().unwrap().unwrap();
    }
    (listener, waiting)
}

#[tokio::test]
async fn a_dead_first_address_costs_no_more_than_its_head_start() {
    let (dead, _waiting) = dead_address().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let open = listener.local_addr().unwrap();
    let addresses = VecDeque::from([dead.local_addr().unwrap(), open]);
    let started = tokio::time::Instant::now();
    assert_eq!(connect(addresses).await.unwrap().peer_addr().unwrap(), open);
    assert!((HEAD_START..HEAD_START * 3).contains(&started.elapsed()));
}

#[tokio::test]
async fn a_refused_first_address_costs_no_head_start() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let open = listener.local_addr().unwrap();
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = gone.local_addr().unwrap();
    drop(gone);
    let connected = tokio::time::timeout(HEAD_START, connect(VecDeque::from([refused, open])));
    assert_eq!(connected.await.unwrap().unwrap().peer_addr().unwrap(), open);
}
