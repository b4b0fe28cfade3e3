//! The configurations of the rows.

use std::path::Path;

use super::{ACCESS_LOG, NewKey};

/// Ours, with everything on that it is used with.
pub(super) fn tollgate(port: u16, admin_port: u16, mock: u16, key: &NewKey) -> String {
    let NewKey { id, hash, .. } = key;
    format!(
        "gateway:
  host: 127.0.0.1
  port: {port}
  admin:
    port: {admin_port}
providers:
  - name: chat
    kind: openai_compatible
    base_url: http://127.0.0.1:{mock}/v1
    secret_key_ref:
      file: provider-key
  - name: messages
    kind: anthropic
    base_url: http://127.0.0.1:{mock}
    secret_key_ref:
      file: provider-key
  - name: gemini
    base_url: http://127.0.0.1:{mock}/v1beta
    secret_key_ref:
      file: provider-key
  - name: bedrock
    base_url: http://127.0.0.1:{mock}
    region: eu-central-1
    aws:
      access_key_id_ref:
        file: provider-key
      secret_access_key_ref:
        file: provider-key
models:
  - name: gpt-4o-mini
    targets:
      - provider: chat
  - name: claude-3-5-sonnet
    targets:
      - provider: messages
  - name: gemini-2.5-flash
    targets:
      - provider: gemini
  - name: nova-lite
    targets:
      - provider: bedrock
        format: bedrock_converse
services:
  - name: bench
    keys:
      - id: {id}
        hash: {hash}
telemetry:
  access_log:
    path: {ACCESS_LOG}
  traces:
    otlp_endpoint: http://127.0.0.1:{mock}
"
    )
}

/// What is added for the row with policies.
pub(super) const PII: &str = "policies:
  - name: default
    input:
      - type: pii_detection
        action: redact
        entities: [ssn, credit_card, email_address]
    output:
      - type: pii_detection
        action: redact
        entities: [ssn, credit_card, email_address]
";

/// nginx as a plain reverse proxy.
pub(super) fn nginx(folder: &Path, port: u16, mock: u16) -> String {
    let folder = folder.display();
    format!(
        "daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  tcp_nodelay on;
  client_max_body_size 32m;
  client_body_buffer_size 256k;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream mock {{
    server 127.0.0.1:{mock};
    keepalive 512;
    keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_buffering off;
    }}
  }}
}}
"
    )
}
