//! Proof that a row does what it says, before anything is measured.

use super::gateway::Gateway;
use super::{Mock, Plan, ask};
use crate::Failure;

const SSN: &str = "536-90-4399";

/// Starts the gateway once and looks at what reaches the mock.
pub(super) async fn verify(plan: &Plan<'_>, mock: &Mock, gateway: Gateway) -> Result<(), Failure> {
    if !gateway.is_ours() {
        return gateway.start(plan, mock).await?.stop().await.map(|_| ());
    }
    let before = ask::books(mock.port, "keep=1").await?;
    let running = gateway.start(plan, mock).await?;
    let body = format!(
        r#"{{"model":"gpt-4o-mini","messages":[{{"role":"user","content":"my number is {SSN}."}}]}}"#
    );
    let request = |key: &str| {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n{key}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let key = running.key.as_deref().unwrap_or_default();
    let (without, _) = ask::ask(running.port, request("").as_bytes()).await?;
    let with = request(&format!("authorization: Bearer {key}\r\n"));
    let (status, text) = ask::ask(running.port, with.as_bytes()).await?;
    let log_lines = running.stop().await?;
    let after = ask::books(mock.port, "keep=0").await?;
    let redacts = !after.last_body.contains(SSN);
    for (holds, what) in [
        (without == 401, "a caller without a key is refused"),
        (status == 200, "a caller with a key is served"),
        (
            redacts == (gateway == Gateway::TollgatePii),
            "a number is redacted, or not",
        ),
        (log_lines >= 2, "the access log is written"),
        (after.spans > before.spans, "spans are exported"),
    ] {
        if !holds {
            let name = gateway.name();
            return Err(format!("{name}: expected that {what}; last answer: {text}").into());
        }
    }
    Ok(())
}
