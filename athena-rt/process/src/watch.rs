//! Ends a model process whose message takes too long, which takes too much memory, or whose parent
//! is gone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::config::ProcessConfig;
use super::core_wait::longest_wait;
use super::group::kill_own_group;
use super::memory;
use super::message::Response;
use super::responses::Responses;
use super::watchdog::Watchdog;

/// How often the memory is looked at: a model that only takes memory fills 50 MB between two looks.
const MEMORY_INTERVAL: Duration = Duration::from_millis(20);

/// How often a process that is at work says so.
const ALIVE_INTERVAL: Duration = Duration::from_secs(1);

/// Which time is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Wall,
    /// Without the time for which the process waits for a core.
    Running,
}

/// The watch over a process, of one thread of it.
#[must_use = "nobody watches until it runs"]
pub struct Watch {
    watchdog: Arc<Watchdog>,
    responses: Responses,
    timeout: Option<u64>,
    memory_limit: Option<u64>,
    /// Whether it has a limit, though it may not be known yet.
    is_limited: bool,
    tick: Duration,
    clock: Clock,
}

impl Watch {
    /// Looks at least once in a `tick`. Buffered responses leave with each.
    pub(super) fn new(
        config: &ProcessConfig,
        responses: Responses,
        mut tick: Duration,
        clock: Clock,
    ) -> Self {
        let &ProcessConfig { timeout_ms: timeout, memory_limit, threads, .. } = config;
        let is_limited = memory_limit.is_some() || config.is_limited_by_machine;
        if let Some(timeout) = timeout {
            tick = tick.min(Duration::from_millis(timeout) / 20).max(Duration::from_millis(5));
        }
        if is_limited {
            tick = tick.min(MEMORY_INTERVAL);
        }
        let watchdog = Arc::new(Watchdog::idle(threads));
        Self { watchdog, responses, timeout, memory_limit, is_limited, tick, clock }
    }

    /// Which messages run: the threads that run them say so here.
    pub fn watchdog(&self) -> Arc<Watchdog> {
        Arc::clone(&self.watchdog)
    }

    /// Watches on a thread of its own, as long as the process lives.
    pub(super) fn start(self) -> Arc<Watchdog> {
        let watchdog = self.watchdog();
        std::thread::spawn(move || self.run(|| false));
        watchdog
    }

    /// Watches on this thread until `is_over`, which is looked at whenever the thread is unparked.
    pub fn run(&self, is_over: impl Fn() -> bool) {
        let Self { watchdog, responses, timeout, is_limited, tick, clock, .. } = self;
        let mut memory_limit = self.memory_limit.map(Some);
        let (started, parent) = (Instant::now(), parent_id());
        let mut elapsed = Duration::ZERO;
        let (mut ticked, mut memory_seen, mut alive) = (started, started, started);
        let end = |response: Response<'_>| -> ! {
            responses.send(&response);
            std::process::exit(1)
        };
        while !is_over() {
            let left = tick.saturating_sub(ticked.elapsed());
            if !left.is_zero() {
                std::thread::park_timeout(left);
                continue;
            }
            ticked = Instant::now();
            if parent != parent_id() {
                // Nobody else ends what the models have started.
                kill_own_group();
                std::process::exit(1);
            }
            let waited = match clock {
                Clock::Wall => Duration::ZERO,
                Clock::Running => longest_wait(),
            };
            // The wait of a thread that has ended no longer counts: time never goes back.
            elapsed = started.elapsed().saturating_sub(waited).max(elapsed);
            let now = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX - 1) + 1;
            watchdog.tick(now);
            if let Some(timeout) = *timeout
                && let Some((id, index)) = watchdog.late(now, timeout)
            {
                end(Response::TimedOut { id, index });
            }
            if *is_limited && memory_seen.elapsed() + *tick / 2 >= MEMORY_INTERVAL {
                memory_seen = Instant::now();
                if let Some(limit) = *memory_limit.get_or_insert_with(memory::default_limit)
                    && watchdog.is_busy()
                    && let Some(bytes) = watchdog.too_much_memory(limit, memory::used)
                {
                    end(Response::OutOfMemory { running: watchdog.only_running(), bytes });
                }
            }
            // A process that has nothing to do, and is waited for, has lost a request: the parent is
            // to notice that.
            if watchdog.is_busy() && alive.elapsed() > ALIVE_INTERVAL {
                alive = Instant::now();
                responses.send(&Response::Alive);
            }
            responses.try_flush();
        }
    }
}

#[cfg(unix)]
fn parent_id() -> Option<u32> {
    let parent = rustix::process::getppid()?;
    u32::try_from(parent.as_raw_nonzero().get()).ok()
}

#[cfg(not(unix))]
fn parent_id() -> Option<u32> {
    None
}
