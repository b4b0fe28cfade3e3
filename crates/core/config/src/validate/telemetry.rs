//! Access log and traces.

use std::path::PathBuf;

use super::Check;
use super::url::base_url;
use crate::spec::TelemetrySpec;
use crate::valid::TelemetryConfig;

const STANDARD_OUTPUT: &str = "-";
const PPM_PER_PERCENT: f64 = 10_000.0;
const ALL_PPM: u32 = 1_000_000;

impl Check<'_> {
    pub(super) fn telemetry(&mut self, spec: &TelemetrySpec) -> TelemetryConfig {
        let service_name = spec.traces.service_name.as_deref();
        self.label("telemetry.traces.service_name", service_name);
        let endpoint = spec.traces.otlp_endpoint.as_deref();
        TelemetryConfig {
            access_log: self.access_log(spec),
            otlp_endpoint: endpoint.and_then(|url| self.endpoint(url)),
            sample_ppm: self.sample(spec.traces.sample_percent),
            service_name: spec.traces.service_name.clone(),
        }
    }

    fn access_log(&mut self, spec: &TelemetrySpec) -> Option<PathBuf> {
        if spec.access_log.enabled == Some(false) {
            return None;
        }
        match spec.access_log.path.as_deref() {
            None | Some(STANDARD_OUTPUT) => Some(PathBuf::from(STANDARD_OUTPUT)),
            Some(path) => Some(self.file("telemetry.access_log.path", path)),
        }
    }

    fn endpoint(&mut self, url: &str) -> Option<String> {
        let path = "telemetry.traces.otlp_endpoint";
        match base_url(url) {
            Ok(url) if url.ends_with("/v1/traces") => {
                let message = "`/v1/traces` is added to this address, which ends in it already";
                self.error(path, message, "remove the `/v1/traces`");
                None
            }
            Ok(url) => Some(url),
            Err(bad) => {
                self.error(path, bad.message, bad.help);
                None
            }
        }
    }

    fn sample(&mut self, percent: Option<f64>) -> u32 {
        let Some(percent) = percent else {
            return ALL_PPM;
        };
        if !(0.0..=100.0).contains(&percent) {
            let message = format!("{percent} is not a share in percent");
            self.error("telemetry.traces.sample_percent", message, "write 0 to 100");
            return ALL_PPM;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 100 percent are 0 to 1,000,000 millionths"
        )]
        let ppm = (percent * PPM_PER_PERCENT).round() as u32;
        ppm
    }
}
