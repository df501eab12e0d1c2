//! Values as they are typed.

use std::time::Duration;

use athena_protocol::Partition;

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("no case ends in no time".to_owned()),
        Ok(timeout) => Ok(timeout),
        Err(error) => Err(error.to_string()),
    }
}

/// As [`timeout`], and none at all.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| error.to_string())
}

/// How long a worker may be silent.
pub(super) fn lease(text: &str) -> Result<Duration, String> {
    match time(text)? {
        Duration::ZERO => Err("no sign of life comes in no time".to_owned()),
        lease => Ok(lease),
    }
}

pub(super) fn partition(text: &str) -> Result<Partition, String> {
    let read = || {
        let (kind, rest) = text.split_once(':')?;
        let (part, parts) = rest.split_once('/')?;
        let hash = match kind {
            "hash" => true,
            "slice" => false,
            _ => return None,
        };
        Some(Partition { hash, part: part.parse().ok()?, parts: parts.parse().ok()? })
    };
    match read() {
        Some(partition) if partition.part == 0 || partition.part > partition.parts => {
            Err(format!("parts are counted from 1 to {}", partition.parts))
        }
        Some(partition) => Ok(partition),
        None => Err("write it as hash:1/4 or slice:1/4".to_owned()),
    }
}

/// A size in bytes: a number and B, KB, MB, GB, KiB, MiB or GiB.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || "write it as 512MB or 2GB".to_owned();
    let end = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let number: u64 = text[..end].parse().map_err(|_| wrong())?;
    let unit: u64 = match &text[end..] {
        "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    number.checked_mul(unit).filter(|&bytes| bytes > 0).ok_or_else(wrong)
}

/// As [`bytes`], enough for a process.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let bytes = bytes(text)?;
    // One that has done nothing takes a few of them.
    if bytes < 16_000_000 { Err("a worker needs 16MB at least".to_owned()) } else { Ok(bytes) }
}

pub(super) fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_split_at_its_first_equals_sign() {
        assert_eq!(setting("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert!(setting("A").is_err());
        assert!(setting("=a").is_err());
    }

    #[test]
    fn parts_are_counted_from_one() {
        assert_eq!(partition("hash:1/4"), Ok(Partition { hash: true, part: 1, parts: 4 }));
        assert_eq!(partition("slice:4/4"), Ok(Partition { hash: false, part: 4, parts: 4 }));
        for wrong in ["hash:0/4", "hash:5/4", "hash:1/0", "hash:1", "count:1/2", "hash:a/b", ""] {
            assert!(partition(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_size_has_a_unit_and_room_for_a_worker() {
        assert_eq!(size("64MB"), Ok(64_000_000));
        assert_eq!(size("1GiB"), Ok(1 << 30));
        for wrong in
            ["64", "MB", "64 MB", "1KB", "99999999999999999999MB", "18446744073709GB", "-1MB"]
        {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
