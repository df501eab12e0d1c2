//! `Vec<u8>` is base64 in JSON.

use std::fmt;

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine as _};
use serde::de::{self, Visitor};
use serde::{Deserializer, Serializer};

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, ANY_PADDING);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, ANY_PADDING);

pub(super) fn to_json<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(bytes))
}

/// Bytes as base64.
pub fn to_text(bytes: &[u8]) -> String {
    PLAIN.encode(bytes)
}

/// Bytes from base64, of either alphabet as ProtoJSON readers take it.
pub(super) fn from_text(text: &str) -> Result<Vec<u8>, String> {
    let engine = if text.contains(['-', '_']) { &FOR_URLS } else { &PLAIN };
    engine.decode(text).map_err(|error| wrong(&error))
}

fn wrong(error: &DecodeError) -> String {
    match error {
        DecodeError::InvalidByte(at, byte) => {
            format!("not base64: `{}` at position {}", byte.escape_ascii(), at + 1)
        }
        _ => "not base64: it is cut off, or has too much at its end".to_owned(),
    }
}

/// As [`from_text`], and whatever the bits are that the last letter has too many, as ProtoJSON has it.
pub(super) fn from_any_text(text: &str) -> Result<Vec<u8>, String> {
    const ANY: GeneralPurposeConfig = ANY_PADDING.with_decode_allow_trailing_bits(true);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let engine = GeneralPurpose::new(alphabet, ANY);
    engine.decode(text).map_err(|error| wrong(&error))
}

pub(super) fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    deserializer.deserialize_str(BytesVisitor)
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes as base64 text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        from_text(text).map_err(E::custom)
    }
}
