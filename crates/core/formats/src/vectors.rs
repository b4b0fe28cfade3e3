//! Vectors of embeddings: numbers as they were written, or floats out of base64.
//!
//! A provider's decimals are kept as they are as long as decimals are wanted. Base64 is that
//! of 32-bit floats, the least significant byte first: from decimals the nearest float, from
//! floats the shortest decimals that are read as the same float.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read::{self, shape};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes of one float.
const FLOAT_BYTES: usize = 4;

/// A form in which vectors are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Form {
    /// Decimals.
    Float,
    /// Base64 of 32-bit floats.
    Base64,
    /// Whole numbers of 8 bits.
    Int8,
    /// Those without a sign.
    Uint8,
    /// A bit for each number, eight to a number with a sign.
    Binary,
    /// Eight to a number without one.
    Ubinary,
}

impl Form {
    const ALL: [Self; 6] = [
        Self::Float,
        Self::Base64,
        Self::Int8,
        Self::Uint8,
        Self::Binary,
        Self::Ubinary,
    ];

    /// The form of this name, as OpenAI and Cohere have them.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Base64 => "base64",
            Self::Int8 => "int8",
            Self::Uint8 => "uint8",
            Self::Binary => "binary",
            Self::Ubinary => "ubinary",
        }
    }

    /// True for a form that is the same numbers as any other of these.
    const fn is_exact(self) -> bool {
        matches!(self, Self::Float | Self::Base64)
    }
}

/// The forms that are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms(u8);

impl Forms {
    pub(crate) const fn add(&mut self, form: Form) {
        self.0 |= 1 << form as u8;
    }

    /// Whether a form is among them.
    #[must_use]
    pub const fn has(self, form: Form) -> bool {
        self.0 & (1 << form as u8) != 0
    }

    /// Whether none was named.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Form> {
        Form::ALL.into_iter().filter(move |form| self.has(*form))
    }

    /// Whether one is asked for that cannot be made of floats.
    pub(crate) fn has_inexact(self) -> bool {
        self.iter().any(|form| !form.is_exact())
    }
}

/// The vectors of an answer in one form, in the order of the inputs.
#[derive(Clone, Debug)]
pub struct Vectors {
    /// Their form.
    pub form: Form,
    /// One for each input.
    pub list: Vec<Vector>,
}

/// One vector.
#[derive(Clone, Debug)]
pub enum Vector {
    /// A JSON array of numbers, as written.
    Written(Box<RawValue>),
    /// Floats, all of them finite.
    Floats(Vec<f32>),
}

impl Vector {
    /// Reads an array of numbers, or base64 of floats.
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match r.kind()? {
            Kind::String => {
                let span = r.string()?;
                floats(&r.text(span)).map(Self::Floats)
            }
            _ => {
                let list = r.numbers()?;
                let (span, _count) =
                    list.ok_or_else(|| shape("embedding", "no list of numbers"))?;
                read::raw_at(r, span).map(Self::Written)
            }
        }
    }

    /// As a JSON array.
    pub(crate) fn numbers(&self) -> Cow<'_, str> {
        match self {
            Self::Written(json) => Cow::Borrowed(json.get()),
            Self::Floats(floats) => {
                let mut out = String::with_capacity(floats.len() * 12 + 2);
                for (index, float) in floats.iter().enumerate() {
                    out.push(if index == 0 { '[' } else { ',' });
                    // The shorter of the two; writing to a string cannot fail.
                    let _ = match float.abs() {
                        0.0 | 1e-4..1e7 => write!(out, "{float}"),
                        _ => write!(out, "{float:e}"),
                    };
                }
                out.push_str(if floats.is_empty() { "[]" } else { "]" });
                Cow::Owned(out)
            }
        }
    }

    /// As base64.
    pub(crate) fn base64(&self) -> String {
        match self {
            Self::Floats(floats) => encoded(floats),
            Self::Written(json) => encoded(&parsed(json.get())),
        }
    }
}

/// The list of an answer that has the numbers themselves.
pub(crate) fn exact(vectors: &[Vectors]) -> Option<&Vectors> {
    vectors.iter().find(|vectors| vectors.form.is_exact())
}

/// Whether an answer has more than the numbers themselves.
pub(crate) fn has_inexact(vectors: &[Vectors]) -> bool {
    vectors.iter().any(|vectors| !vectors.form.is_exact())
}

fn encoded(floats: &[f32]) -> String {
    let bytes: Vec<u8> = floats
        .iter()
        .flat_map(|float| float.to_le_bytes())
        .collect();
    BASE64.encode(bytes)
}

fn floats(base64: &str) -> Result<Vec<f32>, DecodeError> {
    let wrong = || shape("embedding", "no base64 of finite floats");
    let bytes = BASE64.decode(base64).map_err(|_code| wrong())?;
    let (chunks, rest) = bytes.as_chunks::<FLOAT_BYTES>();
    let floats: Vec<f32> = chunks
        .iter()
        .map(|chunk| f32::from_le_bytes(*chunk))
        .collect();
    let is_whole = rest.is_empty() && floats.iter().all(|float| float.is_finite());
    is_whole.then_some(floats).ok_or_else(wrong)
}

/// The floats nearest to the numbers of an array that was read before.
fn parsed(json: &str) -> Vec<f32> {
    let inner = json.trim_matches(['[', ']', ' ', '\n', '\r', '\t']);
    let numbers = inner
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let float = |text: &str| text.parse::<f32>().unwrap_or_default();
    numbers
        .map(|text| float(text).clamp(f32::MIN, f32::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;
    use tollgate_wire::json::Reader;

    use super::{Form, Forms, Vector, floats};

    fn written(json: &str) -> Vector {
        Vector::Written(RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn decimals_stay_as_they_were_written() {
        let text = "[0.10000000000000000001, -1E-3 ,2]";
        let vector = Vector::read(&mut Reader::new(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(vector.numbers(), text);
    }

    #[test]
    fn base64_is_that_of_little_endian_floats() {
        assert_eq!(written("[1, -2.5, 0]").base64(), "AACAPwAAIMAAAAAA");
        assert_eq!(written("[]").base64(), "");
        assert_eq!(
            Vector::Floats(floats("AACAPwAAIMA=").unwrap()).numbers(),
            "[1,-2.5]"
        );
    }

    #[test]
    fn what_is_no_base64_of_floats_is_refused() {
        // Three bytes; no base64; not a number.
        for text in ["AACA", "!!!!", "AADAfw=="] {
            assert!(floats(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_set_of_forms_has_what_was_added() {
        let mut forms = Forms::default();
        assert!(forms.is_empty() && !forms.has_inexact());
        forms.add(Form::Base64);
        assert!(forms.has(Form::Base64) && !forms.has(Form::Float) && !forms.has_inexact());
        forms.add(Form::named("ubinary").unwrap());
        assert!(forms.has_inexact());
    }

    #[test]
    fn no_float_is_written_long() {
        for float in [
            f32::MIN_POSITIVE,
            f32::from_bits(1),
            f32::MAX,
            f32::MIN,
            1e-5,
            123_456.79,
        ] {
            let text = Vector::Floats(vec![float]).numbers().into_owned();
            assert!(text.len() <= 17, "{text}");
            assert_eq!(
                written(&text).base64(),
                Vector::Floats(vec![float]).base64(),
                "{text}"
            );
        }
        assert_eq!(
            Vector::Floats(vec![0.0, 0.25, -1.0]).numbers(),
            "[0,0.25,-1]"
        );
    }

    proptest! {
        #[test]
        fn a_float_survives_decimals_and_base64(list in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL, 0..20)) {
            let code = Vector::Floats(list.clone()).base64();
            prop_assert_eq!(&floats(&code).unwrap(), &list);
            let decimals = written(&Vector::Floats(list).numbers());
            prop_assert_eq!(decimals.base64(), code);
        }
    }
}
