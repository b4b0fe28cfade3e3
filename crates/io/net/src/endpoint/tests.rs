//! URLs as configurations write them, and what is refused.

use super::*;

#[test]
fn a_base_url_gives_host_port_and_path() {
    let endpoint = Endpoint::parse("https://api.openai.com/v1/").unwrap();
    assert_eq!(endpoint.scheme(), Scheme::Https);
    assert_eq!((endpoint.host(), endpoint.port()), ("api.openai.com", 443));
    assert_eq!(endpoint.base_path(), "/v1");
    assert_eq!(endpoint.authority().as_str(), "api.openai.com");
}

#[test]
fn an_address_of_version_six_loses_its_brackets_but_not_in_the_host_header() {
    let endpoint = Endpoint::parse("http://[::1]:8080").unwrap();
    assert_eq!(
        (endpoint.host(), endpoint.port(), endpoint.base_path()),
        ("::1", 8080, "")
    );
    assert_eq!(endpoint.host_header(), "[::1]:8080");
}

#[test]
fn what_is_not_a_base_url_is_refused_by_name() {
    for (url, error) in [
        ("api.openai.com/v1", EndpointError::Malformed),
        ("api.openai.com", EndpointError::Scheme),
        ("ftp://example.com", EndpointError::Scheme),
        ("https://user:word@example.com", EndpointError::UserInfo),
        ("https://example.com/v1?key=1", EndpointError::Query),
        ("https://example.com:99999", EndpointError::Malformed),
        ("http://", EndpointError::Malformed),
    ] {
        assert_eq!(Endpoint::parse(url), Err(error), "{url}");
    }
}
