//! What goes through the pipes of a model process. All numbers are little-endian.

/// Work for a model process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The parent's number, which comes back in each response.
    pub id: u64,
    /// The index of the model in the settings.
    pub model: u16,
    /// What the role needs beside the body.
    pub meta: &'a [u8],
    /// Messages, or what leads to them.
    pub body: &'a [u8],
}

/// What a model process sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response<'a> {
    /// The settings have been read.
    Ready,
    /// The settings can't be used: an exit code and a message. The process ends.
    Failed { exit: u8, message: &'a str },
    /// All of a request was run, or a part of it.
    Done { id: u64, nanos: u64, status: u8, body: &'a [u8] },
    /// The process is at work.
    Alive,
    /// Within a request, the message at this index takes longer than it may. The process ends.
    TimedOut { id: u64, index: u64 },
    /// The process takes this many bytes of memory, more than it may, and ends. `running` is the request
    /// that runs, if it is the only one, and the index of its message.
    OutOfMemory { running: Option<(u64, u64)>, bytes: u64 },
}

impl<'a> Request<'a> {
    /// All but the body.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(14 + self.meta.len());
        self.append_head(&mut bytes);
        bytes
    }

    /// Appends all of it.
    pub(super) fn append(&self, out: &mut Vec<u8>) {
        self.append_head(out);
        out.extend_from_slice(self.body);
    }

    fn append_head(&self, out: &mut Vec<u8>) {
        let length = u32::try_from(self.meta.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&self.id.to_le_bytes());
        out.extend_from_slice(&self.model.to_le_bytes());
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(self.meta);
    }

    /// `None` if the bytes are not a request.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (model, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (meta, body) = rest.split_at_checked(length)?;
        let (id, model) = (u64::from_le_bytes(*id), u16::from_le_bytes(*model));
        Some(Self { id, model, meta, body })
    }
}

impl<'a> Response<'a> {
    /// Appends all but the body of [`Response::Done`].
    pub(super) fn append_head(&self, out: &mut Vec<u8>) {
        let mut append = |kind: u8, numbers: &[u64]| {
            out.push(kind);
            out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        };
        match self {
            Self::Ready => append(b'R', &[]),
            Self::Failed { exit, message } => {
                append(b'F', &[]);
                out.push(*exit);
                out.extend_from_slice(message.as_bytes());
            }
            Self::Done { id, nanos, status, body: _ } => {
                append(b'D', &[*id, *nanos]);
                out.push(*status);
            }
            Self::Alive => append(b'A', &[]),
            Self::TimedOut { id, index } => append(b'T', &[*id, *index]),
            Self::OutOfMemory { running, bytes } => match running {
                Some((id, index)) => append(b'M', &[*bytes, *id, *index]),
                None => append(b'M', &[*bytes]),
            },
        }
    }

    /// `None` if the bytes are not a response.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (kind, mut rest) = bytes.split_first()?;
        let response = match kind {
            b'R' => Self::Ready,
            b'F' => {
                let (exit, message) = rest.split_first()?;
                let message = std::str::from_utf8(message).ok()?;
                return Some(Self::Failed { exit: *exit, message });
            }
            b'D' => {
                let (id, nanos) = (number(&mut rest)?, number(&mut rest)?);
                let (status, body) = rest.split_first()?;
                return Some(Self::Done { id, nanos, status: *status, body });
            }
            b'A' => Self::Alive,
            b'T' => Self::TimedOut { id: number(&mut rest)?, index: number(&mut rest)? },
            b'M' => {
                let bytes = number(&mut rest)?;
                let running = match rest {
                    [] => None,
                    _ => Some((number(&mut rest)?, number(&mut rest)?)),
                };
                Self::OutOfMemory { running, bytes }
            }
            _ => return None,
        };
        rest.is_empty().then_some(response)
    }
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn requests_are_read_back(id: u64, model: u16, meta: Vec<u8>, body: Vec<u8>) {
            let request = Request { id, model, meta: &meta, body: &body };
            let mut bytes = Vec::new();
            request.append(&mut bytes);
            prop_assert_eq!(Request::read(&bytes), Some(request));
            prop_assert_eq!([request.head(), body.clone()].concat(), bytes);
        }

        #[test]
        fn responses_are_read_back(
            id: u64, number: u64, byte: u8, running: Option<(u64, u64)>, text: String, body: Vec<u8>,
        ) {
            for response in [
                Response::Ready,
                Response::Failed { exit: byte, message: &text },
                Response::Done { id, nanos: number, status: byte, body: &body },
                Response::Alive,
                Response::TimedOut { id, index: number },
                Response::OutOfMemory { running, bytes: number },
            ] {
                let mut bytes = Vec::new();
                response.append_head(&mut bytes);
                if let Response::Done { body, .. } = response {
                    bytes.extend_from_slice(body);
                }
                prop_assert_eq!(Response::read(&bytes), Some(response));
            }
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>) {
            let _ = (Request::read(&bytes), Response::read(&bytes));
        }
    }
}
