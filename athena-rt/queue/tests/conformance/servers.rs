//! Brokers with a server: each has one for all promises, and one that is killed and whose connections are
//! cut.

#[path = "../queue/broker.rs"]
#[allow(dead_code, reason = "shared with the tests of workers")]
mod broker;
#[path = "../queue/postgres.rs"]
#[allow(dead_code, reason = "shared with the tests of workers")]
mod postgres;
#[path = "../queue/proxy.rs"]
mod proxy;
#[path = "../queue/rabbitmq.rs"]
mod rabbitmq;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use athena_queue::testing::conformance;
use libtest_mimic::Trial;

pub(crate) use self::broker::{Broker, BrokerKind};
use self::proxy::Proxy;

/// A server, started when it is first used.
type Lazy<T> = Arc<LazyLock<T, Box<dyn FnOnce() -> T + Send>>>;

fn lazy<T>(start: impl FnOnce() -> T + Send + 'static) -> Lazy<T> {
    Arc::new(LazyLock::new(Box::new(start)))
}

/// The tests of a broker.
pub(crate) fn trials(kind: BrokerKind) -> Vec<Trial> {
    let server = lazy(move || {
        let server = Broker::start(kind);
        let proxy = Proxy::start(server.port);
        (server, proxy)
    });
    let first = Arc::clone(&server);
    // A message of RabbitMQ stays held while the queue of its delay is made, which takes seconds.
    let lease = Duration::from_secs(if kind == BrokerKind::Amqp { 3 } else { 1 });
    let calm = conformance(move |queue| first.0.url(queue)).with_lease(lease);
    #[cfg(feature = "amqp")]
    let refused = (kind == BrokerKind::Amqp).then(|| {
        let first = Arc::clone(&server);
        Trial::test("what_the_user_has_to_fix_is_said", move || super::refusals::refused(&first.0))
    });
    #[cfg(not(feature = "amqp"))]
    let refused = None;
    let first = Arc::clone(&server);
    let cut = conformance(move |queue| first.0.url_at(first.1.port, queue)).with_cut(move || {
        server.1.disconnect();
        server.1.restore();
    });
    let cut = cut.with_lease(lease);

    // A server of its own: one that starts is away longer than a request is repeated.
    let killed = lazy(move || Mutex::new(Broker::start(kind)));
    let first = Arc::clone(&killed);
    let lock = |server: &Mutex<Broker>, url: &str| {
        server.lock().unwrap_or_else(PoisonError::into_inner).url(url)
    };
    let killed = conformance(move |queue| lock(&first, queue)).with_restart(move || {
        let mut server = killed.lock().unwrap_or_else(PoisonError::into_inner);
        server.kill();
        server.restart();
    });
    let killed = killed.with_lease(lease);
    let is_cut = |trial: &Trial| trial.name().starts_with("a_cut_connection");
    let is_killed = |trial: &Trial| trial.name().starts_with("a_broker_that_is_killed");
    let calm = calm.trials().into_iter().filter(|trial| !is_cut(trial) && !is_killed(trial));
    let cut = cut.trials().into_iter().filter(is_cut);
    let killed = killed.trials().into_iter().filter(is_killed);
    calm.chain(cut).chain(killed).chain(refused).map(|trial| trial.with_kind(kind.name())).collect()
}
