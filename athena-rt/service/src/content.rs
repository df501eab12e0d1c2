//! Content negotiation: the type of a body, by `content-type` and `accept`.

use athena_protocol::Format;
use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::headers;
use super::problem::Problem;

/// The type of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Json,
    Protobuf,
    /// One JSON message per line.
    NdJson,
    /// A `CloudEvent` that contains the message.
    CloudEvent,
}

/// Every media type that is accepted.
const NAMES: [(&str, Content); 7] = [
    (Content::Json.name(), Content::Json),
    (Content::Protobuf.name(), Content::Protobuf),
    ("application/protobuf", Content::Protobuf),
    (Content::NdJson.name(), Content::NdJson),
    ("application/jsonl", Content::NdJson),
    ("application/x-jsonlines", Content::NdJson),
    (Content::CloudEvent.name(), Content::CloudEvent),
];

impl Content {
    /// The type of a request's body.
    ///
    /// # Errors
    ///
    /// 415, also without a type: a page of another site can send a body without a type, or a form,
    /// without a preflight request, but none of these types.
    pub(super) fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let given = headers.get(CONTENT_TYPE);
        // As nearly every request has it.
        let exact = |(name, _): &&(&str, Self)| given.is_some_and(|given| given == name);
        if let Some((_, content)) = NAMES.iter().find(exact) {
            return Ok(*content);
        }
        let given = given.map(HeaderValue::to_str);
        let unsupported = |given: &str| {
            let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            let detail = format!("{given}; use one of {}", known.join(", "));
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content", detail)
                .header(header::ACCEPT, HeaderValue::from_static("application/json"))
        };
        match given {
            Some(Ok(given)) => {
                find(given).ok_or_else(|| unsupported(&format!("unsupported content-type {given}")))
            }
            _ => Err(unsupported("content-type is missing")),
        }
    }

    /// Refuses a compressed body.
    ///
    /// # Errors
    ///
    /// 415, with the encodings that are accepted.
    pub(super) fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
        if !headers::has(headers, &CONTENT_ENCODING) {
            return Ok(());
        }
        let mut given = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
        match given.find(|given| !given.is_empty() && !given.eq_ignore_ascii_case("identity")) {
            None => Ok(()),
            Some(given) => {
                let detail =
                    format!("unsupported content-encoding {given}; send the body uncompressed");
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoding", detail)
                    .header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")))
            }
        }
    }

    /// The type of the response: the client's best choice, or the type that it sent.
    ///
    /// # Errors
    ///
    /// 406.
    pub(super) fn negotiate(headers: &HeaderMap, given: Self) -> Result<Self, Problem> {
        if !headers::has(headers, &ACCEPT) {
            return Ok(given);
        }
        let mut best: Option<(f32, Self)> = None;
        let mut has_accept = false;
        for value in headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()) {
            for part in value.split(',').filter(|part| !part.trim().is_empty()) {
                has_accept = true;
                let (name, quality) = parse_quality(part);
                let found = match name {
                    "*/*" | "application/*" => Some(given),
                    name => find(name).filter(|&wanted| wanted.can_answer(given)),
                };
                if let Some(found) = found
                    && quality > best.map_or(0.0, |(best, _)| best)
                {
                    best = Some((quality, found));
                }
            }
        }
        match best {
            Some((_, best)) => Ok(best),
            None if !has_accept => Ok(given),
            None => {
                let detail = format!("{} can't be answered with an accepted type", given.name());
                Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "content", detail))
            }
        }
    }

    /// The media type, as responses have it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/x-protobuf",
            Self::NdJson => "application/x-ndjson",
            Self::CloudEvent => "application/cloudevents+json",
        }
    }

    /// The media type as the value of a header, whose characters the compiler checks: otherwise each response would.
    pub(super) fn header_value(self) -> HeaderValue {
        match self {
            Self::Json => const { HeaderValue::from_static(Self::Json.name()) },
            Self::Protobuf => const { HeaderValue::from_static(Self::Protobuf.name()) },
            Self::NdJson => const { HeaderValue::from_static(Self::NdJson.name()) },
            Self::CloudEvent => const { HeaderValue::from_static(Self::CloudEvent.name()) },
        }
    }

    /// The format of its messages.
    pub(super) fn format(self) -> Format {
        if self == Self::Protobuf { Format::Protobuf } else { Format::Json }
    }

    /// Events are answered by events and streams by streams; a message by any other type.
    fn can_answer(self, given: Self) -> bool {
        match given {
            Self::Json | Self::Protobuf => self != Self::CloudEvent,
            Self::NdJson | Self::CloudEvent => self == given,
        }
    }
}

fn find(text: &str) -> Option<Content> {
    let name = text.split(';').next().unwrap_or_default().trim();
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, content)| *content)
}

fn parse_quality(part: &str) -> (&str, f32) {
    let mut pieces = part.split(';').map(str::trim);
    let name = pieces.next().unwrap_or_default();
    let quality = pieces.find_map(|piece| piece.strip_prefix("q=")?.parse().ok());
    (name, quality.unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &'static str, given: Content) -> Option<Content> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        Content::negotiate(&headers, given).ok()
    }

    #[test]
    fn the_best_accepted_type_is_the_answer() {
        let json = Content::Json;
        assert_eq!(wanted("*/*", Content::Protobuf), Some(Content::Protobuf));
        assert_eq!(wanted("text/html, application/protobuf;q=0.2", json), Some(Content::Protobuf));
        assert_eq!(wanted("application/jsonl;q=0.2, application/json", json), Some(json));
        assert_eq!(wanted("application/json;q=0", json), None);
        assert_eq!(wanted("text/html", json), None);
        assert_eq!(wanted("application/json", Content::NdJson), None);
        assert_eq!(wanted("", json), Some(json));
    }
}
