//! Messages between a worker and its model processes, in addition to what all model processes have
//! in common.

use athena_core::environment::Variables;
use athena_process::Request;
use athena_protocol::Format;
use serde::{Deserialize, Serialize};

use crate::envelope::PayloadKind;

/// The settings of a model process.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ProcessSettings {
    /// Each model's id, and its variables as they were set when the worker began.
    pub(super) models: Vec<(String, Variables)>,
    pub(super) overridable: bool,
}

/// A message on its way to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MessageRequest<'a> {
    pub(super) number: u64,
    /// The index of its model in the settings.
    pub(super) model: u16,
    pub(super) format: Format,
    /// `traceparent`.
    pub(super) trace: &'a str,
    pub(super) message: &'a [u8],
}

/// The result of a message in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Outcome(PayloadKind),
    /// The message can't be read, so retrying is useless.
    Unreadable,
    /// The model panicked, or its outcome can't be written.
    Failed,
}

const STATUSES: [Status; 5] = [
    Status::Outcome(PayloadKind::Output),
    Status::Outcome(PayloadKind::Outputs),
    Status::Outcome(PayloadKind::Error),
    Status::Unreadable,
    Status::Failed,
];

impl<'a> MessageRequest<'a> {
    /// The format and the trace, which precede the message.
    pub(super) fn meta(&self) -> Vec<u8> {
        let format = u8::from(self.format == Format::Protobuf);
        [&[format], self.trace.as_bytes()].concat()
    }

    pub(super) fn to_request<'b>(self, meta: &'b [u8]) -> Request<'b>
    where
        'a: 'b,
    {
        Request { id: self.number, model: self.model, meta, body: self.message }
    }

    /// `None` if the bytes are not such a request.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let Request { id: number, model, meta, body: message } = Request::read(bytes)?;
        let (format, trace) = meta.split_first()?;
        let format = if *format == 0 { Format::Json } else { Format::Protobuf };
        Some(Self { number, model, format, trace: std::str::from_utf8(trace).ok()?, message })
    }
}

impl Status {
    pub(super) fn code(self) -> u8 {
        let at = STATUSES.iter().position(|known| *known == self).unwrap_or_default();
        u8::try_from(at).unwrap_or_default()
    }

    /// `None` if it is not the code of a status.
    pub(super) fn from_code(code: u8) -> Option<Self> {
        STATUSES.get(usize::from(code)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_back() {
        assert!(STATUSES.iter().all(|status| Status::from_code(status.code()) == Some(*status)));
        assert_eq!(Status::from_code(99), None);
    }

    #[test]
    fn invalid_requests_are_refused() {
        assert_eq!(MessageRequest::read(b"short"), None);
        assert_eq!(MessageRequest::read(&[0; 14]), None);
    }
}
