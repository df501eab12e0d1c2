//! How much memory a worker takes, and how much it may.

use std::fs;

/// How many bytes of memory this process holds; none where the system does not say.
pub fn taken() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * page())
}

/// What a worker may take where nothing was said: four fifths of what the machine, or the
/// container, has.
pub fn most() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kilobytes << 10)
    });
    let container = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .find_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok());
    machine.into_iter().chain(container).min().map(|bytes: u64| bytes / 5 * 4)
}

/// A size as it is written: `64MB`.
pub fn megabytes(bytes: u64) -> String {
    format!("{}MB", bytes.div_ceil(1_000_000))
}

#[cfg(unix)]
fn page() -> u64 {
    rustix::param::page_size() as u64
}

#[cfg(not(unix))]
fn page() -> u64 {
    4096
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_takes_some_memory_and_less_than_it_may() {
        let (taken, most) = (taken().unwrap_or(0), most().unwrap_or(0));
        assert!(taken > 100_000 && taken < most, "{taken} of {most}");
    }
}
