//! Tests of workers with real brokers. Started with [`RUNNER`] set, this program is a runner of the
//! models below.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(missing_docs, reason = "a test")]

mod broker;
mod chaos;
mod letters;
mod lost_queue;
mod models;
mod postgres;
mod postgres_tls;
mod proxy;
mod rabbitmq;
mod refusing;
mod runner;
mod work;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use self::broker::BrokerKind;

const BROKERS: [BrokerKind; 5] = [
    BrokerKind::Redis,
    BrokerKind::Nats,
    BrokerKind::Sqlite,
    BrokerKind::Postgres,
    BrokerKind::Amqp,
];

/// A server takes seconds to create, and all promises are tested by the conformance kit.
const FOR_SLOW_SERVERS: [&str; 3] =
    ["each_message_has_one_outcome", "what_kills", "20000_messages"];

/// Set if this program is the runner.
const RUNNER: &str = "ATHENA_QUEUE_TEST_RUNNER";

/// Set if this program has a worker of its own.
const EMBEDDED: &str = "ATHENA_QUEUE_TEST_EMBEDDED";

fn main() -> ExitCode {
    if std::env::var_os(EMBEDDED).is_some() {
        return letters::program();
    }
    if std::env::var_os(RUNNER).is_some() {
        return models::runner();
    }
    let mut trials = Vec::new();
    for kind in BROKERS {
        for &(name, test) in work::TESTS.iter().chain(letters::TESTS).chain(chaos::TESTS) {
            let is_slow = matches!(kind, BrokerKind::Postgres | BrokerKind::Amqp);
            if is_slow && !FOR_SLOW_SERVERS.iter().any(|one| name.contains(one)) {
                continue;
            }
            trials.push(Trial::test(format!("{}::{name}", kind.name()), move || {
                test(kind);
                Ok(())
            }));
        }
    }
    trials.push(Trial::test(
        "postgres::a_connection_is_encrypted_where_the_url_asks_for_it",
        || {
            postgres_tls::a_connection_is_encrypted_where_the_url_asks_for_it();
            Ok(())
        },
    ));
    trials.push(Trial::test("amqp::a_lost_queue_of_delayed_messages_is_replaced", || {
        lost_queue::a_lost_delay_queue_is_replaced();
        Ok(())
    }));
    for (name, test) in refusing::TESTS {
        trials.push(Trial::test(format!("refusing::{name}"), || {
            test();
            Ok(())
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Tests by name; each runs with every broker.
type Tests = &'static [(&'static str, fn(BrokerKind))];
