//! What a body is, by `content-type` and `accept`.

use athena_protocol::Format;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::problem::Problem;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Json,
    Protobuf,
    /// JSON, a line each.
    Lines,
    /// A CloudEvent that has the message in it.
    Event,
}

/// Every name, the first of a kind is the one we write.
const NAMES: [(&str, Content); 7] = [
    ("application/json", Content::Json),
    ("application/x-protobuf", Content::Protobuf),
    ("application/protobuf", Content::Protobuf),
    ("application/x-ndjson", Content::Lines),
    ("application/jsonl", Content::Lines),
    ("application/x-jsonlines", Content::Lines),
    ("application/cloudevents+json", Content::Event),
];

impl Content {
    /// What a request says that its body is.
    ///
    /// # Errors
    ///
    /// Status 415. A body of no type at all is refused too: a page of another site can send that,
    /// and forms, without asking, but not one of these types.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let given = headers.get(CONTENT_TYPE).map(HeaderValue::to_str);
        let unsupported = |given: &str| {
            let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            let detail = format!("{given}: a message comes as {}", known.join(", "));
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content", detail)
                .header(header::ACCEPT, HeaderValue::from_static("application/json"))
        };
        match given {
            Some(Ok(given)) => {
                named(given).ok_or_else(|| unsupported(&format!("content-type is {given}")))
            }
            _ => Err(unsupported("there is no content-type")),
        }
    }

    /// What is to be answered: the best of what the client accepts, or what it sent.
    ///
    /// # Errors
    ///
    /// 406.
    pub(super) fn wanted(headers: &HeaderMap, given: Self) -> Result<Self, Problem> {
        let mut best: Option<(f32, Self)> = None;
        let mut asked = false;
        for value in headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()) {
            for part in value.split(',').filter(|part| !part.trim().is_empty()) {
                asked = true;
                let (name, quality) = weighed(part);
                let found = match name {
                    "*/*" | "application/*" => Some(given),
                    name => named(name).filter(|&wanted| wanted.answers(given)),
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
            None if !asked => Ok(given),
            None => {
                let detail = format!("the answer to {} can't be had as asked for", given.name());
                Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "content", detail))
            }
        }
    }

    /// The name in a header.
    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, content)| *content == self).map_or("", |(name, _)| *name)
    }

    /// How a message in it is written.
    pub(super) fn format(self) -> Format {
        if self == Self::Protobuf { Format::Protobuf } else { Format::Json }
    }

    /// Events are answered by events and streams by streams; a message as the client likes.
    fn answers(self, given: Self) -> bool {
        match given {
            Self::Json | Self::Protobuf => self != Self::Event,
            Self::Lines | Self::Event => self == given,
        }
    }
}

fn named(text: &str) -> Option<Content> {
    let name = text.split(';').next().unwrap_or_default().trim();
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, content)| *content)
}

fn weighed(part: &str) -> (&str, f32) {
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
        Content::wanted(&headers, given).ok()
    }

    #[test]
    fn the_best_of_what_is_accepted_is_answered() {
        let json = Content::Json;
        assert_eq!(wanted("*/*", Content::Protobuf), Some(Content::Protobuf));
        assert_eq!(wanted("text/html, application/protobuf;q=0.2", json), Some(Content::Protobuf));
        assert_eq!(wanted("application/jsonl;q=0.2, application/json", json), Some(json));
        assert_eq!(wanted("application/json;q=0", json), None);
        assert_eq!(wanted("text/html", json), None);
        assert_eq!(wanted("application/json", Content::Lines), None);
        assert_eq!(wanted("", json), Some(json));
    }
}
