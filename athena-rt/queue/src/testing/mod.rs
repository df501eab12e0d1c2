//! A conformance kit for brokers: every promise of the broker API, tested against a real one.
//!
//! ```ignore
//! // tests/conformance.rs, in Cargo.toml: [[test]] name = "conformance", harness = false
//! use athena_rt::queue::testing::conformance;
//!
//! fn main() -> std::process::ExitCode {
//!     conformance(|queue| format!("sqs://localhost:4566/{queue}")).main()
//! }
//! ```
//!
//! The broker is found by the scheme of its URLs, as `work` finds it. Each promise has queues of its own,
//! so that a server can be shared and all promises are tested at once.
//!
//! | file | promises |
//! |---|---|
//! | [`storing`] | envelopes come back whole and once |
//! | [`settling`] | acknowledgements, nacks, dead letters |
//! | [`leases`] | messages of consumers that are gone |
//! | [`faults`] | dropped requests, cut connections, a broker that is killed |

mod faults;
mod leases;
mod queue;
mod settling;
mod storing;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};

use self::queue::{Hooks, Promise, TestQueue};

/// The lease of the tests, unless they get another.
const LEASE: Duration = Duration::from_secs(1);

/// The version of [`Conformance`]'s promises: of the [broker API](crate::BROKER_API_VERSION).
pub const VERSION: u32 = crate::BROKER_API_VERSION;

/// The promises of a broker, as tests.
#[derive(Clone)]
pub struct Conformance {
    hooks: Arc<Hooks>,
    lease: Duration,
}

/// The tests of a broker. The function returns the URL of a queue by a name that was never used before;
/// names have lower-case letters, digits and `-`.
pub fn conformance(url: impl Fn(&str) -> String + Send + Sync + 'static) -> Conformance {
    let hooks = Hooks { url: Box::new(url), cut: None, restart: None };
    Conformance { hooks: Arc::new(hooks), lease: LEASE }
}

impl Conformance {
    /// Adds a function that cuts all connections to the broker, which accepts new ones.
    #[must_use]
    pub fn with_cut(self, cut: impl Fn() + Send + Sync + 'static) -> Self {
        self.with_hooks(|hooks| hooks.cut = Some(Box::new(cut)))
    }

    /// Adds a function that kills the broker (`kill -9`) and starts it again.
    #[must_use]
    pub fn with_restart(self, restart: impl Fn() + Send + Sync + 'static) -> Self {
        self.with_hooks(|hooks| hooks.restart = Some(Box::new(restart)))
    }

    /// Sets the lease, of one second otherwise. A slow broker needs a longer one.
    #[must_use]
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    fn with_hooks(self, change: impl FnOnce(&mut Hooks)) -> Self {
        let mut hooks = Arc::into_inner(self.hooks).unwrap_or_else(|| Hooks {
            url: Box::new(str::to_owned),
            cut: None,
            restart: None,
        });
        change(&mut hooks);
        Self { hooks: Arc::new(hooks), ..self }
    }

    /// The tests, for a test target with others. Those that need [`with_cut`](Self::with_cut) or
    /// [`with_restart`](Self::with_restart) are ignored without it.
    pub fn trials(&self) -> Vec<Trial> {
        let trial = |promise: Promise| {
            let queue = TestQueue::new(Arc::clone(&self.hooks), self.lease);
            let missing = promise.needs.filter(|&need| !self.hooks.has(need));
            Trial::test(promise.name, move || match missing {
                None => promise.test(&queue).map_err(Failed::from),
                Some(need) => Err(format!("it needs `{}`", need.name()).into()),
            })
            .with_ignored_flag(missing.is_some())
        };
        promises().map(trial).collect()
    }

    /// The `main` of a test target: runs the tests that its arguments select.
    pub fn main(&self) -> ExitCode {
        let mut arguments = Arguments::from_args();
        // They wait more than they compute.
        arguments.test_threads = arguments.test_threads.or(Some(16));
        // Kills of the broker would disturb the others.
        if self.hooks.restart.is_some() || self.hooks.cut.is_some() {
            arguments.test_threads = Some(1);
        }
        libtest_mimic::run(&arguments, self.trials()).exit_code()
    }

    /// Runs all tests at once, and returns the names of the promises that the broker breaks, each with
    /// how. For tests of other harnesses.
    pub fn broken(&self) -> Vec<(&'static str, String)> {
        std::thread::scope(|scope| {
            let run = |promise: Promise| {
                let queue = TestQueue::new(Arc::clone(&self.hooks), self.lease);
                scope.spawn(move || Some((promise.name, promise.test(&queue).err()?)))
            };
            let running: Vec<_> = promises().map(run).collect();
            running
                .into_iter()
                .filter_map(|thread| {
                    thread.join().unwrap_or(Some(("a_promise", "its test panicked".to_owned())))
                })
                .collect()
        })
    }
}

/// All promises.
fn promises() -> impl Iterator<Item = Promise> {
    [storing::PROMISES, settling::PROMISES, leases::PROMISES, faults::PROMISES]
        .into_iter()
        .flatten()
        .copied()
}
