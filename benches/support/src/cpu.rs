//! The processor time of a process.

use std::time::Duration;

/// Returns the processor time of a process and all its descendants; zero if the system doesn't report
/// it. Unlike elapsed time, it doesn't grow while other programs run.
pub fn cpu(process: u32) -> Duration {
    let mut waiting = vec![process];
    let mut nanos = 0;
    while let Some(id) = waiting.pop() {
        for task in std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let read = |name| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
            let ran = read("schedstat").split_whitespace().next().map(str::parse::<u64>);
            nanos += ran.and_then(Result::ok).unwrap_or(0);
            waiting.extend(
                read("children").split_whitespace().filter_map(|id| id.parse::<u32>().ok()),
            );
        }
    }
    Duration::from_nanos(nanos)
}
