//! Which of the messages that a process had when it died is at fault. Nothing here starts or reads a
//! process.
//!
//! A message is at fault only if a process died of it while nothing else ran there. So when a process
//! dies, each task that it had runs again in isolation, one after the other. A task that dies in
//! isolation is divided, until it is a single message; that one may be tried several times. A process
//! that was killed from outside says nothing about what ran in it.

use super::exit::ProcessExit;

/// Work that can be divided, down to a single message.
pub trait Divide: Sized {
    /// Divides it into at most this many parts, in their order: one part if it is a single message.
    fn divide(self, parts: usize) -> Vec<Self>;
}

/// A single message, by its number.
impl Divide for u64 {
    fn divide(self, _: usize) -> Vec<Self> {
        vec![self]
    }
}

/// A single message, by its index.
impl Divide for usize {
    fn divide(self, _: usize) -> Vec<Self> {
        vec![self]
    }
}

/// Work, and what it has done to processes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task<W> {
    pub work: W,
    /// Whether nothing else may run while it does.
    pub is_isolated: bool,
    /// How often it has ended its process in isolation.
    pub crashes: u32,
    /// How often its process was killed from outside.
    pub kills: u32,
}

/// When a message is at fault.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How often a message must end its process in isolation.
    pub crashes: u32,
    /// How often a task's process may be killed from outside before it is isolated, and twice as
    /// often before it is given up: it may be what makes the system run out of memory. `None` if a
    /// kill is like a crash.
    pub kills: Option<u32>,
    /// Into how many parts a task is divided.
    pub parts: usize,
    /// Whether the process must have run nothing before: what an earlier message has left behind may
    /// have ended it.
    pub needs_fresh_process: bool,
}

/// The verdict on tasks whose process has died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution<W> {
    /// These run again, in this order, before anything else.
    pub again: Vec<Task<W>>,
    /// These are at fault.
    pub guilty: Vec<Task<W>>,
    /// These were killed from outside again and again: they are not at fault, and can't be run.
    pub killed: Vec<Task<W>>,
}

impl<W> Task<W> {
    pub fn new(work: W) -> Self {
        Self { work, is_isolated: false, crashes: 0, kills: 0 }
    }
}

/// Decides what becomes of what a process had when it died. `is_fresh`: it has run nothing before.
pub fn attribute<W: Divide + Clone>(
    policy: &Policy,
    running: Vec<Task<W>>,
    exit: &ProcessExit,
    is_fresh: bool,
) -> Attribution<W> {
    let (mut again, mut guilty, mut killed) = (Vec::new(), Vec::new(), Vec::new());
    for mut task in running {
        if let (ProcessExit::Killed(_), Some(kills)) = (exit, policy.kills) {
            task.kills += 1;
            if task.is_isolated && task.kills > 2 * kills {
                killed.push(task);
            } else {
                task.is_isolated |= task.kills >= kills;
                again.push(task);
            }
            continue;
        }
        if !task.is_isolated || (policy.needs_fresh_process && !is_fresh) {
            task.is_isolated = true;
            again.push(task);
            continue;
        }
        let mut parts = task.work.clone().divide(policy.parts);
        if parts.len() > 1 {
            let task = |work| Task { work, is_isolated: true, crashes: task.crashes, kills: 0 };
            again.extend(parts.drain(..).map(task));
            continue;
        }
        task.crashes += 1;
        let list = if task.crashes < policy.crashes { &mut again } else { &mut guilty };
        list.push(task);
    }
    Attribution { again, guilty, killed }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    impl Divide for Vec<u32> {
        fn divide(self, parts: usize) -> Vec<Self> {
            let share = self.len().div_ceil(parts).max(1);
            self.chunks(share).map(<[u32]>::to_vec).collect()
        }
    }

    const FAULT: fn() -> ProcessExit = || ProcessExit::Fault("exited with code 1".to_owned());
    const KILL: fn() -> ProcessExit = || ProcessExit::Killed("was killed".to_owned());

    /// What came of messages: which ran, which are at fault, which were given up, how often a process
    /// died.
    #[derive(Debug, Default)]
    struct Outcome {
        ran: Vec<u32>,
        guilty: Vec<u32>,
        killed: Vec<u32>,
        deaths: usize,
    }

    /// Runs tasks in processes, several in each unless one is isolated. `dies` says how a process ends
    /// that runs a message, by what it ran before.
    fn run(
        policy: &Policy,
        tasks: Vec<Vec<u32>>,
        dies: impl Fn(u32, &[u32], usize) -> Option<ProcessExit>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let mut waiting: VecDeque<_> = tasks.into_iter().map(Task::new).collect();
        while !waiting.is_empty() {
            let mut before = Vec::new();
            'process: while let Some(first) = waiting.pop_front() {
                let mut running = vec![first];
                while !running[0].is_isolated
                    && waiting.front().is_some_and(|next| !next.is_isolated)
                {
                    running.extend(waiting.pop_front());
                }
                let is_fresh = before.is_empty();
                for at in 0..running.len() {
                    let exit = running[at].work.iter().find_map(|&message| {
                        let exit = dies(message, &before, outcome.deaths);
                        before.push(message);
                        exit
                    });
                    if let Some(exit) = exit {
                        outcome.deaths += 1;
                        assert!(outcome.deaths < 10_000, "it never ends");
                        let rest = running.split_off(at);
                        let found = attribute(policy, rest, &exit, is_fresh && at == 0);
                        let messages = |tasks: Vec<Task<Vec<u32>>>| {
                            tasks.into_iter().flat_map(|task| task.work)
                        };
                        outcome.guilty.extend(messages(found.guilty));
                        outcome.killed.extend(messages(found.killed));
                        found.again.into_iter().rev().for_each(|task| waiting.push_front(task));
                        break 'process;
                    }
                    outcome.ran.extend(&running[at].work);
                }
            }
        }
        for list in [&mut outcome.ran, &mut outcome.guilty, &mut outcome.killed] {
            list.sort_unstable();
        }
        outcome
    }

    fn policies() -> impl Strategy<Value = Policy> {
        let kills = prop_oneof![Just(None), (1_u32..4).prop_map(Some)];
        (1_u32..4, kills, 2_usize..20, any::<bool>()).prop_map(
            |(crashes, kills, parts, needs_fresh_process)| Policy {
                crashes,
                kills,
                parts,
                needs_fresh_process,
            },
        )
    }

    proptest! {
        #[test]
        fn those_that_end_a_process_alone_are_found_and_all_others_run(
            policy in policies(), sizes in proptest::collection::vec(1_u32..50, 1..6),
            bad in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let mut next = 0..;
            let tasks: Vec<Vec<u32>> =
                sizes.iter().map(|&size| next.by_ref().take(size as usize).collect()).collect();
            let all: Vec<u32> = tasks.concat();
            let mut bad: Vec<u32> = bad.iter().map(|at| *at.get(&all)).collect();
            bad.sort_unstable();
            bad.dedup();
            let outcome = run(&policy, tasks, |message, _, _| bad.contains(&message).then(FAULT));
            prop_assert_eq!(&outcome.guilty, &bad);
            prop_assert!(outcome.killed.is_empty());
            let good: Vec<u32> = all.into_iter().filter(|message| !bad.contains(message)).collect();
            prop_assert_eq!(outcome.ran, good);
        }

        #[test]
        fn a_kill_from_outside_now_and_then_is_nobodys_fault(
            crashes in 1_u32..4, parts in 2_usize..20, messages in 1_u32..60, first in 0_usize..3,
        ) {
            let policy = Policy { crashes, kills: Some(3), parts, needs_fresh_process: false };
            let all: Vec<u32> = (0..messages).collect();
            let tasks = all.chunks(10).map(<[u32]>::to_vec).collect();
            // The first processes are killed, whatever they run.
            let outcome = run(&policy, tasks, |_, _, deaths| (deaths < first + 1).then(KILL));
            prop_assert_eq!(outcome.ran, all);
            prop_assert!(outcome.guilty.is_empty() && outcome.killed.is_empty());
        }

        #[test]
        fn what_an_earlier_message_leaves_behind_is_no_fault_of_a_later_one_in_a_fresh_process(
            parts in 2_usize..20, messages in 2_u32..60, at in 1_u32..60,
        ) {
            let policy = Policy { crashes: 1, kills: None, parts, needs_fresh_process: true };
            let all: Vec<u32> = (0..messages).collect();
            // A process that has run message 0 dies at a later one.
            let outcome = run(&policy, vec![all.clone()], |message, before, _| {
                (message == at && before.contains(&0)).then(FAULT)
            });
            prop_assert_eq!(outcome.ran, all);
            prop_assert!(outcome.guilty.is_empty());
        }
    }

    #[test]
    fn what_is_killed_each_time_is_given_up_and_not_at_fault() {
        let policy = Policy { crashes: 1, kills: Some(3), parts: 16, needs_fresh_process: false };
        let outcome = run(&policy, vec![vec![1, 2]], |_, _, _| Some(KILL()));
        assert_eq!((outcome.killed, outcome.guilty), (vec![1, 2], vec![]));
        assert_eq!(outcome.deaths, 7);
    }

    #[test]
    fn one_in_a_thousand_is_found_with_few_processes() {
        let policy = Policy { crashes: 1, kills: None, parts: 16, needs_fresh_process: false };
        let all: Vec<u32> = (0..1000).collect();
        let outcome = run(&policy, vec![all], |message, _, _| (message == 777).then(FAULT));
        assert_eq!(outcome.guilty, [777]);
        assert_eq!(outcome.ran.len(), 999);
        assert!(outcome.deaths <= 5, "{} deaths", outcome.deaths);
    }
}
