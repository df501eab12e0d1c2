//! Reads a file block by block: it may be larger than memory should be.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

/// How many bytes of a file are read at once.
const BLOCK: usize = 64 << 10;

/// How many bytes are read at once of a file with this length. Most are small.
pub(super) fn block_of(length: u64) -> usize {
    usize::try_from(length.saturating_add(1)).unwrap_or(BLOCK).min(BLOCK)
}

pub(super) fn buffered(path: &Path) -> io::Result<BufReader<File>> {
    let file = File::open(path)?;
    let block = block_of(file.metadata()?.len());
    Ok(BufReader::with_capacity(block, file))
}

/// Calls `take` with the next `count` bytes, or with all that are left, block by block. Returns their number.
pub(super) fn each_block(
    reader: &mut BufReader<File>,
    count: u64,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut left = count;
    while left > 0 {
        let block = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            block => block?,
        };
        let length = block.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if length == 0 {
            break;
        }
        take(&block[..length])?;
        reader.consume(length);
        left -= length as u64;
    }
    Ok(count - left)
}
