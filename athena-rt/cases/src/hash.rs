//! A hash that is the same on every machine and in every version: 64-bit FNV-1a.

const START: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of some bytes.
pub fn fnv(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(START, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The hash of several texts, for a file's name. A byte that UTF-8 never uses ends each text.
pub fn texts(parts: &[&str]) -> String {
    format!("{:016x}", fnv(parts.iter().flat_map(|part| part.bytes().chain([0xff]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_never_changes() {
        assert_eq!(texts(&["{}", "{\"test\":1}"]), "1e02a262bcae69c2");
        assert_ne!(texts(&["ab", "c"]), texts(&["a", "bc"]));
    }
}
