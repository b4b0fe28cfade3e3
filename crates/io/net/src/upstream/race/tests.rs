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

#[tokio::test]
async fn a_dead_first_address_costs_no_more_than_its_head_start() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // Nothing answers there: TEST-NET-1, RFC 5737.
    let addresses = list(&["192.0.2.1:9", &format!("127.0.0.1:{port}")]);
    let started = tokio::time::Instant::now();
    connect(addresses).await.unwrap();
    assert!(started.elapsed() < HEAD_START * 4);
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
