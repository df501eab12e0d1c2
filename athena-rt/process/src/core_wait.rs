//! How long this process has waited for a core.

use std::fs;
use std::time::Duration;

/// How long the thread of this process that has waited longest was ready to run and had no core, in all. Zero if the
/// system does not say.
pub(super) fn longest_wait() -> Duration {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let waits = threads.filter_map(|thread| {
        // Nanoseconds on a core, nanoseconds of waiting, number of time slices.
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    });
    Duration::from_nanos(waits.max().unwrap_or(0))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_shares_its_core_has_waited() {
        let before = longest_wait();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..=cores {
                scope.spawn(|| {
                    let end = std::time::Instant::now() + Duration::from_millis(60);
                    while std::time::Instant::now() < end {
                        std::hint::spin_loop();
                    }
                });
            }
            std::thread::sleep(Duration::from_millis(50));
            assert!(longest_wait() > before, "{before:?}");
        });
        assert!(longest_wait() < Duration::from_hours(1));
    }
}
