//! Encrypted reasoning: bytes, which the SDKs decode from base64 and encode again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bedrock_converse::OWN;
use crate::exchange::Seal;

/// Reads `redactedContent`. What another format's provider made is base64 once more, for the
/// SDKs could not keep it otherwise.
pub(in crate::bedrock_converse) fn read_redacted(written: String) -> Seal {
    let inner = STANDARD.decode(&written).ok();
    let inner = inner.and_then(|inner| String::from_utf8(inner).ok());
    let seal = inner.map(|inner| Seal::read(OWN, inner));
    match seal.filter(|seal| seal.maker() != OWN) {
        Some(theirs) => theirs,
        None => Seal::new(OWN, written),
    }
}

/// As it is written for a caller.
pub(in crate::bedrock_converse) fn write_redacted(seal: &Seal) -> String {
    let kept = seal.kept_by(OWN);
    if seal.maker() == OWN {
        kept.into_owned()
    } else {
        STANDARD.encode(kept.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FormatId;

    #[test]
    fn every_maker_gets_its_own_back() {
        for maker in [OWN, FormatId::AnthropicMessages] {
            let seal = Seal::new(maker, "c2VhbGVk".to_owned());
            let written = write_redacted(&seal);
            assert!(STANDARD.decode(&written).is_ok(), "{written}");
            assert_eq!(read_redacted(written), seal);
        }
    }
}
