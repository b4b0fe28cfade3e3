//! What is seen from outside: access log and traces.

use schemars::JsonSchema;
use serde::Deserialize;

/// Access log, traces and metrics.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TelemetrySpec {
    /// One JSON line per request.
    pub(crate) access_log: AccessLogSpec,
    /// OpenTelemetry traces.
    pub(crate) traces: TracesSpec,
}

/// The access log: one JSON line per request. Never prompts, answers or keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AccessLogSpec {
    /// Default: true.
    pub(crate) enabled: Option<bool>,
    /// A file that is appended to; `-` is standard output. Default: `-`.
    pub(crate) path: Option<String>,
}

/// OpenTelemetry traces over OTLP (HTTP, protobuf).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TracesSpec {
    /// The collector, for example `http://localhost:4318`; `/v1/traces` is added.
    /// Default: `OTEL_EXPORTER_OTLP_ENDPOINT`; without either nothing is exported.
    pub(crate) otlp_endpoint: Option<String>,
    /// Share of new traces that are recorded, in percent; a caller's own decision
    /// in `traceparent` is followed. Default: 100.
    pub(crate) sample_percent: Option<f64>,
    /// `service.name` of the gateway. Default: `OTEL_SERVICE_NAME`, else `tollgate`.
    pub(crate) service_name: Option<String>,
}
