//! What a caller of this format keeps for providers of others.
//!
//! `thoughtSignature` holds bytes, which SDKs decode and write again in either alphabet of
//! base64. What other formats' providers want back goes there as a small JSON object.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use tollgate_wire::json::{Kind, Reader};

use super::OWN;
use crate::exchange::{Seal, Thought};
use crate::format::DecodeError;
use crate::read;
use crate::write;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const OF_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// The `thoughtSignature` of reasoning, for a caller.
pub(super) fn write(thought: &Thought) -> Option<Cow<'_, str>> {
    let seals = [
        ("signature", &thought.signature),
        ("encrypted", &thought.encrypted),
        ("id", &thought.id),
    ];
    if let (Some(seal), None, None) = (&thought.signature, &thought.encrypted, &thought.id)
        && let Some(own) = seal.known_to(OWN)
    {
        return Some(Cow::Borrowed(own));
    }
    if seals.iter().all(|(_name, seal)| seal.is_none()) {
        return None;
    }
    let object = write::object(|o| {
        for (name, seal) in seals {
            o.optional(name, seal.as_ref().map(|seal| seal.kept_by(OWN)).as_deref());
        }
    });
    Some(Cow::Owned(general_purpose::STANDARD.encode(object)))
}

/// As [`write`], of a signature that stands alone.
pub(super) fn write_seal(seal: &Seal) -> Option<String> {
    let thought = Thought {
        signature: Some(seal.clone()),
        ..Thought::default()
    };
    write(&thought).map(Cow::into_owned)
}

/// Reads a `thoughtSignature` of a caller: ours, or its provider's own.
pub(super) fn read(written: String) -> Thought {
    foreign(&written).unwrap_or_else(|| own(written))
}

/// A `thoughtSignature` of a provider of this format.
pub(super) fn own(written: String) -> Thought {
    Thought {
        signature: Some(Seal::new(OWN, written)),
        ..Thought::default()
    }
}

fn foreign(written: &str) -> Option<Thought> {
    let bytes = PLAIN
        .decode(written)
        .or_else(|_other_alphabet| OF_URLS.decode(written))
        .ok()?;
    let mut reader = Reader::new(&bytes).ok()?;
    if reader.kind().ok()? != Kind::Object {
        return None;
    }
    let mut thought = Thought::default();
    let mut is_ours = true;
    let read = reader.object::<DecodeError>(|r, key| {
        let seal = read::string(r)?.map(|text| Seal::read(OWN, text));
        is_ours &= seal.as_ref().is_some_and(|seal| seal.maker() != OWN);
        match key.as_str() {
            "signature" => thought.signature = seal,
            "encrypted" => thought.encrypted = seal,
            "id" => thought.id = seal,
            _ => is_ours = false,
        }
        Ok(())
    });
    read.ok()?;
    reader.finish().ok()?;
    let has_some = thought.is_bound() || thought.id.is_some();
    (is_ours && has_some).then_some(thought)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FormatId;

    #[test]
    fn what_other_providers_want_back_survives_both_alphabets() {
        let seal = |text: &str| Some(Seal::new(FormatId::AnthropicMessages, text.to_owned()));
        let thought = Thought {
            signature: seal("s??>>~~=="),
            encrypted: seal("e"),
            ..Thought::default()
        };
        let written = write(&thought).unwrap().into_owned();
        let other = written.replace('+', "-").replace('/', "_");
        for written in [
            written.clone(),
            other,
            written.trim_end_matches('=').to_owned(),
        ] {
            assert_eq!(read(written), thought);
        }
    }

    #[test]
    fn a_providers_own_signature_is_left_as_it_is() {
        for text in ["CpcHAVSoXO4h==", "e30=", "eyJhIjoxfQ==", "no base64!", ""] {
            let thought = read(text.to_owned());
            assert_eq!(thought, own(text.to_owned()));
            assert_eq!(write(&thought).as_deref(), Some(text));
        }
    }
}
