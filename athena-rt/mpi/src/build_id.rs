//! The build of the program: the outcomes of two builds may differ, and are mixed only on request.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::OnceLock;

use xxhash_rust::xxh3::Xxh3;

/// A hash of the parts of the program that are loaded to run it; 0 if its file can't be read.
pub(super) fn build_id() -> u64 {
    static BUILD: OnceLock<u64> = OnceLock::new();
    *BUILD.get_or_init(|| hash().unwrap_or(0))
}

fn hash() -> std::io::Result<u64> {
    let file = File::open(std::env::current_exe()?)?;
    let all = vec![(0, file.metadata()?.len())];
    // Most of a debug build is debug information, which takes long to hash.
    let segments = loaded_segments(&file).filter(|segments| !segments.is_empty()).unwrap_or(all);
    let mut hasher = Xxh3::new();
    let mut bytes = vec![0; 1 << 20];
    for (mut offset, mut left) in segments {
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            let read = file.read_at(&mut bytes[..most], offset)?;
            if read == 0 {
                break;
            }
            hasher.update(&bytes[..read]);
            offset += read as u64;
            left -= read as u64;
        }
    }
    Ok(hasher.digest())
}

/// The offset and length of each loaded segment of a 64-bit ELF file. `None` for other files.
fn loaded_segments(file: &File) -> Option<Vec<(u64, u64)>> {
    const LOAD: u32 = 1;
    let mut head = [0; 64];
    file.read_exact_at(&mut head, 0).ok()?;
    let is_little_endian = head.starts_with(b"\x7fELF\x02\x01");
    let number =
        |bytes: &[u8], at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let (table, size, count) = (number(&head, 32)?, short(54), short(56));
    let mut segments = Vec::new();
    for at in 0..u64::from(count) {
        let mut entry = [0; 56];
        file.read_exact_at(&mut entry, table.checked_add(at * u64::from(size))?).ok()?;
        if u32::from_le_bytes(*entry.first_chunk()?) == LOAD {
            segments.push((number(&entry, 8)?, number(&entry, 32)?));
        }
    }
    is_little_endian.then_some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn loaded_segments_are_a_part_of_the_file() {
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        let all = file.metadata().unwrap().len();
        let segments = loaded_segments(&file).unwrap();
        assert!(segments.iter().all(|(offset, length)| offset + length <= all), "{segments:?}");
        let length: u64 = segments.iter().map(|(_, length)| length).sum();
        assert!((100_000..all).contains(&length), "{length} of {all}");
        assert!(build_id() != 0);
    }

    #[test]
    fn other_files_than_elf_have_no_loaded_segments() {
        use std::io::Write as _;
        let mut file = tempfile::tempfile().unwrap();
        assert_eq!(loaded_segments(&file), None);
        file.write_all(&[b'x'; 100]).unwrap();
        assert_eq!(loaded_segments(&file), None);
    }
}
