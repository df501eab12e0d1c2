//! Frames: the nonce of the process, the length in eight bytes, the bytes.
//!
//! The nonce lets a reader skip what is not a frame: what a program prints before it is a model
//! process, or on a system where standard output can't be taken from models.

use std::io::{self, BufRead as _, BufReader, Read, Write};

/// The bytes of a length.
const LENGTH: usize = 8;

/// No frame is longer: longer lengths are invalid.
const MAX_LENGTH: u64 = 1 << 40;

/// Most frames are not longer: no more memory is reserved before the bytes have come.
const USUAL_LENGTH: u64 = 32 << 20;

/// Bodies that are not longer are copied, and leave in one write with what is in front of them.
pub(super) const SMALL: usize = 64 << 10;

/// The error of a frame with an impossible length.
fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "sent an invalid frame")
}

/// The error of a frame inside which another one begins: nothing of it is left to wait for.
fn torn() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "sent half a frame")
}

/// Whether a nonce is in bytes of a frame, of which the first ones were searched before.
fn has_nonce(bytes: &[u8], searched: usize, nonce: &[u8]) -> bool {
    let from = searched.saturating_sub(nonce.len().saturating_sub(1));
    memchr::memmem::find(&bytes[from..], nonce).is_some()
}

/// Appends a frame whose bytes `write` appends.
pub(super) fn append_frame(out: &mut Vec<u8>, nonce: &str, write: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(nonce.as_bytes());
    let start = out.len();
    out.extend_from_slice(&[0; LENGTH]);
    write(out);
    let length = (out.len() - start - LENGTH) as u64;
    out[start..start + LENGTH].copy_from_slice(&length.to_le_bytes());
}

/// Writes a frame of `head`, then `body`.
pub(super) fn write_frame(
    out: &mut impl Write,
    nonce: &str,
    head: &[u8],
    body: &[u8],
) -> io::Result<()> {
    out.write_all(&frame_front(nonce, head, body))?;
    out.write_all(if body.len() <= SMALL { &[] } else { body })
}

/// A frame of `head`, then `body`, without a body that is not small.
pub(super) fn frame_front(nonce: &str, head: &[u8], body: &[u8]) -> Vec<u8> {
    let small = if body.len() <= SMALL { body } else { &[] };
    let mut front = Vec::with_capacity(nonce.len() + LENGTH + head.len() + small.len());
    front.extend_from_slice(nonce.as_bytes());
    front.extend_from_slice(&((head.len() + body.len()) as u64).to_le_bytes());
    front.extend_from_slice(head);
    front.extend_from_slice(small);
    front
}

/// Reads frames from a pipe, blocking.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    pipe: BufReader<R>,
    nonce: Vec<u8>,
}

impl<R: Read> FrameReader<R> {
    pub(super) fn new(pipe: R, nonce: &str) -> Self {
        Self { pipe: BufReader::with_capacity(64 << 10, pipe), nonce: nonce.as_bytes().to_vec() }
    }

    /// Whether some of what comes next has been read from the pipe already.
    pub(super) fn has_buffered(&self) -> bool {
        !self.pipe.buffer().is_empty()
    }

    /// Reads the next frame into `frame`. Returns `false` at the end of the pipe, even if it ends
    /// inside a frame.
    ///
    /// # Errors
    ///
    /// The pipe fails, the frame has an impossible length, or another one begins inside it.
    pub(crate) fn read(&mut self, frame: &mut Vec<u8>) -> io::Result<bool> {
        if !self.skip_to_nonce()? {
            return Ok(false);
        }
        let mut length = [0; LENGTH];
        if !is_filled(self.pipe.read_exact(&mut length))? {
            return Ok(false);
        }
        let length = u64::from_le_bytes(length);
        if length > MAX_LENGTH {
            return Err(invalid());
        }
        frame.clear();
        if let Some(whole) =
            usize::try_from(length).ok().and_then(|length| self.pipe.buffer().get(..length))
        {
            frame.extend_from_slice(whole);
            self.pipe.consume(frame.len());
            return if has_nonce(frame, 0, &self.nonce) { Err(torn()) } else { Ok(true) };
        }
        frame.reserve(usize::try_from(length.min(USUAL_LENGTH)).unwrap_or(0));
        while (frame.len() as u64) < length {
            let bytes = self.pipe.fill_buf()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let left = usize::try_from(length - frame.len() as u64).unwrap_or(usize::MAX);
            let (count, searched) = (bytes.len().min(left), frame.len());
            frame.extend_from_slice(&bytes[..count]);
            self.pipe.consume(count);
            if has_nonce(frame, searched, &self.nonce) {
                return Err(torn());
            }
        }
        Ok(true)
    }

    /// Reads to the end of the next nonce.
    fn skip_to_nonce(&mut self) -> io::Result<bool> {
        if self.pipe.buffer().starts_with(&self.nonce) {
            self.pipe.consume(self.nonce.len());
            return Ok(true);
        }
        let mut window = vec![0; self.nonce.len()];
        if !is_filled(self.pipe.read_exact(&mut window))? {
            return Ok(false);
        }
        while window != self.nonce {
            let bytes = self.pipe.fill_buf()?;
            let Some(&first) = bytes.first() else { return Ok(false) };
            self.pipe.consume(1);
            window.rotate_left(1);
            if let Some(last) = window.last_mut() {
                *last = first;
            }
        }
        Ok(true)
    }
}

/// Whether all was read: the end of a pipe is not an error.
fn is_filled(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

/// Splits bytes into frames as they come, for code that must not block.
#[cfg(any(test, feature = "tokio"))]
#[derive(Debug)]
pub(crate) struct FrameDecoder {
    nonce: Vec<u8>,
    bytes: Vec<u8>,
    /// How many of the bytes are done with.
    start: usize,
    /// How many bytes of the frame that is not complete were searched for another one.
    searched: usize,
}

#[cfg(any(test, feature = "tokio"))]
impl FrameDecoder {
    pub(super) fn new(nonce: &str) -> Self {
        Self { nonce: nonce.as_bytes().to_vec(), bytes: Vec::new(), start: 0, searched: 0 }
    }

    /// Adds bytes behind those that came before.
    pub(super) fn fill(&mut self, more: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(more);
    }

    /// The next whole frame.
    ///
    /// # Errors
    ///
    /// The frame has an impossible length, or another one begins inside it.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let rest = &self.bytes[self.start..];
        let nonce = self.nonce.len();
        if !rest.starts_with(&self.nonce) {
            let found = rest.windows(nonce.max(1)).position(|part| part == self.nonce);
            // What may be the beginning of a nonce is kept.
            self.start += found.unwrap_or_else(|| (rest.len() + 1).saturating_sub(nonce));
            if found.is_none() {
                return Ok(None);
            }
        }
        let rest = &self.bytes[self.start + nonce..];
        let Some((length, rest)) = rest.split_first_chunk::<LENGTH>() else { return Ok(None) };
        let length = u64::from_le_bytes(*length);
        if length > MAX_LENGTH {
            return Err(invalid());
        }
        let length = usize::try_from(length).map_err(|_| invalid())?;
        let come = rest.len().min(length);
        if has_nonce(&rest[..come], self.searched, &self.nonce) {
            return Err(torn());
        }
        self.searched = come;
        let Some(frame) = rest.get(..length) else { return Ok(None) };
        self.searched = 0;
        self.start += nonce + LENGTH + length;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: &str = "0123456789abcdef";

    /// The frames of a pipe as blocking code reads them, and whether it ended well.
    fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, bool) {
        let mut reader = FrameReader::new(bytes, NONCE);
        let mut frames = Vec::new();
        let mut frame = Vec::new();
        loop {
            match reader.read(&mut frame) {
                Ok(true) => frames.push(frame.clone()),
                Ok(false) => return (frames, true),
                Err(_) => return (frames, false),
            }
        }
    }

    /// The same as asynchronous code reads them, `step` bytes at a time.
    fn decode(bytes: &[u8], step: usize) -> (Vec<Vec<u8>>, bool) {
        let mut decoder = FrameDecoder::new(NONCE);
        let mut frames = Vec::new();
        for part in bytes.chunks(step) {
            decoder.fill(part);
            loop {
                match decoder.next() {
                    Ok(Some(frame)) => frames.push(frame.to_vec()),
                    Ok(None) => break,
                    Err(_) => return (frames, false),
                }
            }
        }
        (frames, true)
    }

    proptest! {
        #[test]
        fn frames_are_read_back_whatever_is_printed_between_them(
            frames in proptest::collection::vec((any::<Vec<u8>>(), "[ -~]{0,40}"), 0..8),
            step in 1_usize..60,
        ) {
            let mut bytes = Vec::new();
            for (at, (frame, printed)) in frames.iter().enumerate() {
                bytes.extend_from_slice(printed.as_bytes());
                if at % 2 == 0 {
                    append_frame(&mut bytes, NONCE, |out| out.extend_from_slice(frame));
                } else {
                    let (head, body) = frame.split_at(frame.len() / 2);
                    write_frame(&mut bytes, NONCE, head, body).unwrap();
                }
            }
            let frames: Vec<Vec<u8>> = frames.into_iter().map(|(frame, _)| frame).collect();
            prop_assert_eq!(read(&bytes), (frames.clone(), true));
            prop_assert_eq!(decode(&bytes, step), (frames, true));
        }

        #[test]
        fn torn_and_damaged_frames_are_never_more_than_missing(
            frames in proptest::collection::vec(any::<Vec<u8>>(), 1..5),
            cut: prop::sample::Index, damaged: Option<(prop::sample::Index, u8)>, step in 1_usize..60,
        ) {
            let mut bytes = Vec::new();
            for frame in &frames {
                append_frame(&mut bytes, NONCE, |out| out.extend_from_slice(frame));
            }
            bytes.truncate(cut.index(bytes.len()) + 1);
            if let Some((at, byte)) = damaged {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let found = read(&bytes);
            if damaged.is_none() {
                prop_assert!(frames.starts_with(&found.0));
            }
            prop_assert_eq!(decode(&bytes, step), found);
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>, step in 1_usize..60) {
            let mut bytes = bytes;
            prop_assert_eq!(decode(&bytes, step), read(&bytes));
            bytes.splice(0..0, NONCE.bytes());
            prop_assert_eq!(decode(&bytes, step), read(&bytes));
        }
    }

    #[test]
    fn large_bodies_are_read_back() {
        let body = vec![7; 3 * SMALL];
        let mut bytes = Vec::new();
        write_frame(&mut bytes, NONCE, b"head", &body).unwrap();
        let frame = [b"head", &body[..]].concat();
        assert_eq!(read(&bytes), (vec![frame.clone()], true));
        assert_eq!(decode(&bytes, 1000), (vec![frame], true));
    }

    #[test]
    fn an_impossible_length_is_an_error_and_reserves_no_memory() {
        let bytes = [NONCE.as_bytes(), &[0xff; 20]].concat();
        assert_eq!(read(&bytes), (vec![], false));
        assert_eq!(decode(&bytes, 7), (vec![], false));
        let bytes = [NONCE.as_bytes(), &MAX_LENGTH.to_le_bytes()].concat();
        assert_eq!(read(&bytes), (vec![], true));
        assert_eq!(decode(&bytes, 7), (vec![], true));
    }
}
