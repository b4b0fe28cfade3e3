//! Providers in clouds: paths, signatures, tokens, and what happens without one.

use crate::ask::Ask;
use crate::bench::{Bench, PROVIDER_KEY, Parts, until};
use crate::reload::status;
use crate::speech::{Anthropic, OpenAi};
use crate::stub::Stub;

const SERVICES: &str = "services: [{name: shop, keys: [{id: $ID, hash: \"$HASH\"}]}]\n";
const CHAT: &str = "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}";
const MESSAGE: &str = "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}";
const TOKEN: &str = "{\"access_token\":\"ya29.t0ken\",\"expires_in\":3599}";

/// A gateway with these providers; `$STUB` answers with `answer`.
async fn bench(providers: &str, answer: &str, more: &[(&str, String)]) -> (Bench, Stub) {
    let stub = Stub::answering("application/json", answer).await;
    let mut names = vec![("$STUB", stub.url())];
    names.extend_from_slice(more);
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let config = format!("providers: [{providers}]\n{SERVICES}");
    (Bench::with(&config, parts).await, stub)
}

fn first_line(stub: &Stub) -> String {
    stub.last().head.lines().next().unwrap().to_owned()
}

/// A key file of a user whose tokens come from a server.
fn key_file(tokens: &Stub) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let url = tokens.url();
    let key = format!(
        "{{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s3cret\",\"refresh_token\":\"r3fresh\",\"token_uri\":\"{url}\"}}"
    );
    std::fs::write(file.path(), key).unwrap();
    file
}

#[tokio::test]
async fn requests_to_bedrock_are_signed() {
    let aws =
        "aws: {access_key_id_ref: {env: PROVIDER_KEY}, secret_access_key_ref: {env: PROVIDER_KEY}}";
    let provider = format!("{{name: bedrock, base_url: $STUB, region: eu-central-1, {aws}}}");
    let (bench, stub) = bench(&provider, CHAT, &[]).await;
    let ask = OpenAi.ask("openai.gpt-oss-20b-1:0", "Hi", false);
    let (told, record) = bench.ask(ask.key(&bench.key)).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(record["attempts"][0]["provider"], "bedrock");
    assert_eq!(
        first_line(&stub),
        "POST /openai/v1/chat/completions HTTP/1.1"
    );
    let seen = stub.last();
    let signed = seen.header("authorization").unwrap();
    let begin = format!("AWS4-HMAC-SHA256 Credential={PROVIDER_KEY}/");
    assert!(signed.starts_with(&begin), "{signed}");
    assert!(
        signed.contains("/eu-central-1/bedrock/aws4_request,"),
        "{signed}"
    );
    assert!(
        signed.contains("SignedHeaders=content-type;host;x-amz-date,"),
        "{signed}"
    );
    assert!(!seen.head.contains(&*bench.key), "{}", seen.head);
}

#[tokio::test]
async fn models_of_other_makers_on_vertex_are_asked_as_openai() {
    let provider =
        "{name: vertex, base_url: $STUB, project: p, secret_key_ref: {env: PROVIDER_KEY}}";
    let (bench, stub) = bench(provider, CHAT, &[]).await;
    let offered = OpenAi.ask("vertex/google/gemini-3-flash", "Hi", false);
    let (told, _) = bench.ask(offered.key(&bench.key)).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let line = "POST /v1/projects/p/locations/global/endpoints/openapi/chat/completions HTTP/1.1";
    assert_eq!(first_line(&stub), line);
    assert_eq!(stub.last().header("x-goog-api-key"), Some(PROVIDER_KEY));
}

#[tokio::test]
async fn azure_is_asked_by_deployment_where_a_version_is_configured() {
    let common = "name: azure_openai, base_url: $STUB, secret_key_ref: {env: PROVIDER_KEY}";
    for (version, line) in [
        ("", "POST /openai/v1/chat/completions HTTP/1.1"),
        (
            ", api_version: '2024-10-21'",
            "POST /openai/deployments/my-gpt/chat/completions?api-version=2024-10-21 HTTP/1.1",
        ),
        (
            ", api_version: preview",
            "POST /openai/v1/chat/completions?api-version=preview HTTP/1.1",
        ),
    ] {
        let (bench, stub) = bench(&format!("{{{common}{version}}}"), CHAT, &[]).await;
        let ask = OpenAi.ask("my-gpt", "Hi", false).key(&bench.key);
        let (told, _) = bench.ask(ask).await;
        assert_eq!(told.status, 200, "{}", told.text());
        assert_eq!(first_line(&stub), line);
        assert_eq!(stub.last().header("api-key"), Some(PROVIDER_KEY));
        assert_eq!(stub.last().header("authorization"), None);
    }
}

#[tokio::test]
async fn what_azure_holds_is_asked_for_in_one_version() {
    let provider = "{name: azure_openai, base_url: $STUB, api_version: 2025-03-01-preview, \
        formats: [openai_chat, openai_responses], secret_key_ref: {env: PROVIDER_KEY}, \
        pass_through: {}}";
    let (bench, stub) = bench(provider, "{\"id\":\"resp_1\"}", &[]).await;
    let path = "/azure_openai/openai/responses/resp_1?api-version=2024-10-21&include=x";
    let (_, _) = bench.ask(Ask::get(path).key(&bench.key)).await;
    let line = "GET /openai/responses/resp_1?api-version=2025-03-01-preview&include=x HTTP/1.1";
    assert_eq!(first_line(&stub), line);
}

#[tokio::test]
async fn a_client_of_azure_names_its_deployment_in_the_path() {
    let provider =
        "{name: openai, base_url: $STUB, secret_key_ref: {env: PROVIDER_KEY}, pass_through: {}}";
    let (bench, stub) = bench(provider, CHAT, &[]).await;
    let path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
    for body in [
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
        "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
    ] {
        let ask = Ask::post(path, body).header("api-key", &bench.key);
        let (told, record) = bench.ask(ask).await;
        assert_eq!(told.status, 200, "{}", told.text());
        assert_eq!(record["model"], "gpt-4o");
        assert_eq!(first_line(&stub), "POST /chat/completions HTTP/1.1");
        let sent: serde_json::Value = serde_json::from_slice(&stub.last().body).unwrap();
        assert_eq!(sent["model"], "gpt-4o");
    }
}

#[tokio::test]
async fn a_server_gets_what_it_knows_and_the_caller_is_told_the_rest() {
    let provider = "{name: mistral, base_url: $STUB, secret_key_ref: {env: PROVIDER_KEY}}";
    let (bench, stub) = bench(provider, CHAT, &[]).await;
    let body = "{\"model\":\"m\", \"seed\":7,\"logprobs\":true,\"max_completion_tokens\":9,\"messages\":[{\"role\":\"developer\",\"content\":\"Hi\"}]}";
    let ask = Ask::post("/v1/chat/completions", body).key(&bench.key);
    let (told, record) = bench.ask(ask.header("x-tollgate-detail", "1")).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let sent = String::from_utf8(stub.last().body).unwrap();
    let expected = "{\"model\":\"m\", \"random_seed\":7,\"max_tokens\":9,\"messages\":[{\"role\":\"system\",\"content\":\"Hi\"}]}";
    assert_eq!(sent, expected);
    assert_eq!(record["losses"], serde_json::json!(["logprobs"]));
    let plain = "{\"model\":\"m\", \"messages\":[]}";
    bench
        .ask(Ask::post("/v1/chat/completions", plain).key(&bench.key))
        .await;
    assert_eq!(stub.last().body, plain.as_bytes());
}

#[tokio::test]
async fn mistrals_client_is_at_home_with_mistral_and_translated_elsewhere() {
    let body = "{\"model\":\"m\",\"random_seed\":7,\"safe_prompt\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    for (name, seed, losses) in [
        ("mistral", "random_seed", serde_json::json!(null)),
        ("openai", "seed", serde_json::json!(["unknown_field"])),
    ] {
        let provider =
            format!("{{name: {name}, base_url: $STUB, secret_key_ref: {{env: PROVIDER_KEY}}}}");
        let (bench, stub) = bench(&provider, CHAT, &[]).await;
        let ask = Ask::post("/v1/chat/completions", body).key(&bench.key);
        let (told, record) = bench
            .ask(ask.header("user-agent", "mistral-client-python/3.7.0"))
            .await;
        assert_eq!(told.status, 200, "{}", told.text());
        let sent: serde_json::Value = serde_json::from_slice(&stub.last().body).unwrap();
        assert_eq!(sent[seed], 7, "{sent}");
        assert_eq!(sent.get("safe_prompt").is_some(), name == "mistral");
        assert_eq!(record["losses"], losses);
        assert_eq!(told.text() == CHAT, name == "mistral");
    }
}

#[tokio::test]
async fn a_translated_request_is_made_for_the_same_server() {
    let provider = "{name: cerebras, base_url: $STUB, secret_key_ref: {env: PROVIDER_KEY}}";
    let (bench, stub) = bench(provider, CHAT, &[]).await;
    let ask = Anthropic.ask("m", "Hi", false).key(&bench.key);
    let (told, _) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert!(stub.last().body.starts_with(b"{"), "{:?}", stub.last().body);
}

#[tokio::test]
async fn gemini_on_vertex_is_asked_at_its_publishers_path() {
    let answer = "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"Hi\"}]},\"finishReason\":\"STOP\"}]}";
    let provider =
        "{name: vertex, base_url: $STUB, project: p, secret_key_ref: {env: PROVIDER_KEY}}";
    let (bench, stub) = bench(provider, answer, &[]).await;
    let ask = OpenAi.ask("gemini-3-flash", "Hi", false).key(&bench.key);
    let (told, _) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let line = "POST /v1/projects/p/locations/global/publishers/google/models/gemini-3-flash:generateContent HTTP/1.1";
    assert_eq!(first_line(&stub), line);
}

#[tokio::test]
async fn claude_on_vertex_is_asked_with_a_token_at_its_own_path() {
    let tokens = Stub::answering("application/json", TOKEN).await;
    let file = key_file(&tokens);
    let names = [("$KEY", file.path().display().to_string())];
    let provider = "{name: vertex, base_url: $STUB, project: p, region: europe-west4, google: {key_ref: {file: $KEY}}}";
    let (bench, stub) = bench(provider, MESSAGE, &names).await;
    let ask = Anthropic.ask("claude-x@1", "Hi", false).key(&bench.key);
    let (told, _) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let line = "POST /v1/projects/p/locations/europe-west4/publishers/anthropic/models/claude-x@1:rawPredict HTTP/1.1";
    assert_eq!(first_line(&stub), line);
    assert_eq!(
        stub.last().header("authorization"),
        Some("Bearer ya29.t0ken")
    );
}

#[tokio::test]
async fn a_client_of_vertex_asks_claude_behind_the_providers_name() {
    let provider = "{name: vertex, base_url: $STUB, project: p, secret_key_ref: {env: PROVIDER_KEY}, pass_through: {}}";
    let (bench, stub) = bench(provider, MESSAGE, &[]).await;
    let path =
        "/v1/projects/q/locations/us-east5/publishers/anthropic/models/claude-x@1:rawPredict";
    let body = "{\"anthropic_version\":\"vertex-2023-10-16\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    let ask = Ask::post(format!("/vertex{path}"), body).key(&bench.key);
    let (told, record) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(record["model"], "vertex/claude-x@1", "{record}");
    // The project is the configuration's.
    let line = "POST /v1/projects/p/locations/global/publishers/anthropic/models/claude-x@1:rawPredict HTTP/1.1";
    assert_eq!(first_line(&stub), line);
    assert_eq!(String::from_utf8(stub.last().body).unwrap(), body);
}

#[tokio::test]
async fn without_a_credential_another_target_answers_and_nobody_reads_a_secret() {
    let refusal = "{\"error\":\"invalid_grant\",\"error_description\":\"r3fresh is bad\"}";
    let length = refusal.len();
    let tokens = Stub::raw(format!(
        "HTTP/1.1 400 Bad\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{refusal}"
    ))
    .await;
    let file = key_file(&tokens);
    let names = [("$KEY", file.path().display().to_string())];
    let vertex = "{name: vertex, base_url: $STUB, project: p, google: {key_ref: {file: $KEY}}}";
    let both = format!("{vertex}, {{name: b, kind: simulator, base_url: $B}}");
    let models =
        "models: [{name: m, targets: [{provider: vertex, model: google/g}, {provider: b}]}]\n";
    let stub = Stub::answering("application/json", CHAT).await;
    let mut all = vec![("$STUB", stub.url())];
    all.extend(names);
    let parts = Parts {
        names: &all,
        ..Parts::default()
    };
    let bench = Bench::with(&format!("providers: [{both}]\n{models}{SERVICES}"), parts).await;
    let (told, record) = bench
        .ask(OpenAi.ask("m", "Hi", false).key(&bench.key))
        .await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(record["attempts"][0]["error_class"], "provider_credential");
    assert_eq!(record["attempts"][1]["provider"], "b");
    let ask = OpenAi.ask("vertex/google/g", "Hi", false).key(&bench.key);
    let (told, record) = bench.ask(ask).await;
    assert_eq!(told.status, 502, "{}", told.text());
    assert!(told.text().contains("credential"), "{}", told.text());
    let shown = format!("{}{record}{}", told.text(), status(&bench).await);
    assert!(
        shown.contains("invalid_grant"),
        "operators read why: {shown}"
    );
    for secret in ["s3cret", "r3fresh"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn a_token_that_a_provider_refuses_is_replaced_whatever_was_asked() {
    let tokens = Stub::answering("application/json", TOKEN).await;
    let file = key_file(&tokens);
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let stub = Stub::raw(format!(
            "HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno"
        ))
        .await;
        let names = [
            ("$STUB", stub.url()),
            ("$KEY", file.path().display().to_string()),
        ];
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let provider = "{name: vertex, base_url: $STUB, project: p, google: {key_ref: {file: $KEY}}, pass_through: {}}";
        let before = tokens.requests();
        let bench = Bench::with(&format!("providers: [{provider}]\n{SERVICES}"), parts).await;
        let ask = Ask::get("/vertex/v1/projects/p/locations").key(&bench.key);
        bench.ask(ask).await;
        assert_eq!(
            stub.last().header("authorization"),
            Some("Bearer ya29.t0ken")
        );
        until(|| tokens.requests() == before + 2).await;
    }
}
