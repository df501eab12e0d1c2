//! How much memory a process takes, and how much it may take.

use std::fs;

/// The bytes of memory that this process holds; `None` if the system does not say.
pub fn used() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * page_size())
}

/// The default limit of a process: four fifths of what the machine, or the container, has.
pub fn default_limit() -> Option<u64> {
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

/// A size as it is displayed: `64MB`.
pub fn megabytes(bytes: u64) -> String {
    format!("{}MB", bytes.div_ceil(1_000_000))
}

#[cfg(unix)]
fn page_size() -> u64 {
    rustix::param::page_size() as u64
}

#[cfg(not(unix))]
fn page_size() -> u64 {
    4096
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_uses_some_memory_and_less_than_its_limit() {
        let (used, limit) = (used().unwrap_or(0), default_limit().unwrap_or(0));
        assert!(used > 100_000 && used < limit, "{used} of {limit}");
    }
}
