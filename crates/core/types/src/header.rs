//! Which headers hold credentials: one list for everybody who reads, strips or refuses them.

/// Whether a header, named in lower case, holds a credential or stands for one: where
/// SDKs send keys, gateways and clouds their tokens, browsers and proxies a session.
#[must_use]
pub fn is_credential_header(name: &str) -> bool {
    matches!(
        name,
        // Standards.
        "authorization" | "proxy-authorization" | "cookie" | "cookie2"
            // Providers and their SDKs.
            | "x-api-key" | "x-goog-api-key" | "api-key" | "anthropic-api-key" | "openai-api-key"
            // Clouds and API management.
            | "ocp-apim-subscription-key" | "x-amz-security-token" | "x-functions-key"
            | "x-goog-iap-jwt-assertion" | "x-goog-iam-authorization-token"
            // Other gateways.
            | "cf-aig-authorization" | "helicone-auth" | "x-litellm-api-key" | "x-portkey-api-key"
            // What proxies add for the user in front of them, and services among themselves.
            | "cf-access-client-id" | "cf-access-client-secret" | "cf-access-jwt-assertion"
            | "cf-access-token" | "x-access-token" | "x-amzn-oidc-accesstoken"
            | "x-amzn-oidc-data" | "x-auth-request-access-token" | "x-auth-token"
            | "x-client-cert" | "x-forwarded-access-token" | "x-forwarded-client-cert"
            | "x-vault-token"
    )
}

#[cfg(test)]
mod tests {
    use super::is_credential_header;

    #[test]
    fn a_credential_is_told_from_what_is_none() {
        for name in ["authorization", "x-auth-token", "ocp-apim-subscription-key"] {
            assert!(is_credential_header(name), "{name}");
        }
        for name in [
            "idempotency-key",
            "anthropic-version",
            "openai-organization",
        ] {
            assert!(!is_credential_header(name), "{name}");
        }
    }
}
