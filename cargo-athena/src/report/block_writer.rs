//! Writes a file block by block on a thread, while the next block is made.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};

/// The bytes of a block.
const BLOCK: usize = 96 << 10;

/// The blocks that may wait.
const WAITING: usize = 4;

/// Passes on blocks that are full.
pub(super) struct BlockWriter {
    block: Vec<u8>,
    full: SyncSender<Vec<u8>>,
}

/// Writes to `file` what `write` writes.
///
/// # Errors
///
/// The file can't be written, or `write` has failed.
pub(super) fn write_in_blocks(
    mut file: &File,
    write: impl FnOnce(&mut BlockWriter) -> io::Result<()>,
) -> io::Result<()> {
    let (full, blocks) = sync_channel::<Vec<u8>>(WAITING);
    let mut out = BlockWriter { block: Vec::with_capacity(BLOCK), full };
    let mut last = Vec::new();
    std::thread::scope(|scope| {
        let writing =
            scope.spawn(move || blocks.iter().try_for_each(|block| file.write_all(&block)));
        let made = write(&mut out);
        std::mem::swap(&mut last, &mut out.block);
        drop(out);
        let panicked = |_| Err(io::Error::other("a thread panicked"));
        // Why the file can't be written, rather than that blocks are not taken.
        writing.join().unwrap_or_else(panicked).and(made)
    })?;
    file.write_all(&last)
}

impl Write for BlockWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.block.len() + bytes.len() > BLOCK && !self.block.is_empty() {
            self.flush()?;
        }
        self.block.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
        self.full.send(block).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_all_blocks_in_order() {
        for size in [0, 1, BLOCK, BLOCK + 1, 20 * BLOCK + 7] {
            let file = tempfile::NamedTempFile::new().unwrap();
            let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            write_in_blocks(file.as_file(), |out| {
                bytes.chunks(1_000).try_for_each(|chunk| out.write_all(chunk))
            })
            .unwrap();
            assert!(std::fs::read(file.path()).unwrap() == bytes, "{size}");
        }
    }

    #[test]
    fn a_file_that_can_t_be_written_is_the_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let read_only = File::open(file.path()).unwrap();
        for size in [1, 20 * BLOCK] {
            let written = write_in_blocks(&read_only, |out| out.write_all(&vec![0; size]));
            assert_ne!(written.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        }
        let failed = write_in_blocks(file.as_file(), |_| Err(io::Error::other("no more")));
        assert_eq!(failed.unwrap_err().to_string(), "no more");
    }
}
