//! Which build of the program runs here: outcomes of two builds are not to be mixed unasked.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::OnceLock;

use xxhash_rust::xxh3::Xxh3;

/// A hash of what the program loads to run; 0 where its file can't be read.
pub(super) fn build() -> u64 {
    static BUILD: OnceLock<u64> = OnceLock::new();
    *BUILD.get_or_init(|| hash().unwrap_or(0))
}

fn hash() -> std::io::Result<u64> {
    let file = File::open(std::env::current_exe()?)?;
    let all = vec![(0, file.metadata()?.len())];
    // What debuggers read is most of a debug build, which hashes slowly.
    let stretches = loaded(&file).filter(|loaded| !loaded.is_empty()).unwrap_or(all);
    let mut hasher = Xxh3::new();
    let mut bytes = vec![0; 1 << 20];
    for (mut offset, mut left) in stretches {
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

/// Where what is loaded is in a file of 64-bit ELF, and how long; none for other files.
fn loaded(file: &File) -> Option<Vec<(u64, u64)>> {
    const LOAD: u32 = 1;
    let mut head = [0; 64];
    file.read_exact_at(&mut head, 0).ok()?;
    let is_little = head.starts_with(b"\x7fELF\x02\x01");
    let number =
        |bytes: &[u8], at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let (table, size, count) = (number(&head, 32)?, short(54), short(56));
    let mut loaded = Vec::new();
    for at in 0..u64::from(count) {
        let mut entry = [0; 56];
        file.read_exact_at(&mut entry, table.checked_add(at * u64::from(size))?).ok()?;
        if u32::from_le_bytes(*entry.first_chunk()?) == LOAD {
            loaded.push((number(&entry, 8)?, number(&entry, 32)?));
        }
    }
    is_little.then_some(loaded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_loaded_is_in_the_file_and_is_not_all_of_it() {
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        let all = file.metadata().unwrap().len();
        let stretches = loaded(&file).unwrap();
        assert!(stretches.iter().all(|(offset, length)| offset + length <= all), "{stretches:?}");
        let length: u64 = stretches.iter().map(|(_, length)| length).sum();
        assert!((100_000..all).contains(&length), "{length} of {all}");
        assert!(build() != 0);
    }

    #[test]
    fn what_is_no_elf_has_nothing_that_is_loaded() {
        use std::io::Write as _;
        let mut file = tempfile::tempfile().unwrap();
        assert_eq!(loaded(&file), None);
        file.write_all(&[b'x'; 100]).unwrap();
        assert_eq!(loaded(&file), None);
    }
}
