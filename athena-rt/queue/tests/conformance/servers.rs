//! Brokers with a server: each has one for all promises, and one that is killed and whose connections are
//! cut.

#[path = "../queue/broker.rs"]
#[allow(dead_code, reason = "shared with the tests of workers")]
mod broker;
#[path = "../queue/postgres.rs"]
mod postgres;
#[path = "../queue/proxy.rs"]
mod proxy;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use athena_queue::testing::conformance;
use libtest_mimic::Trial;

use self::broker::Broker;
pub(crate) use self::broker::BrokerKind;
use self::proxy::Proxy;

/// A server, started when it is first used.
type Lazy<T> = Arc<LazyLock<T, Box<dyn FnOnce() -> T + Send>>>;

fn lazy<T>(start: impl FnOnce() -> T + Send + 'static) -> Lazy<T> {
    Arc::new(LazyLock::new(Box::new(start)))
}

/// The tests of a broker.
pub(crate) fn trials(kind: BrokerKind) -> Vec<Trial> {
    let server = lazy(move || Broker::start(kind));
    let calm = conformance(move |queue| server.url(queue));

    let shaken = lazy(move || {
        let server = Broker::start(kind);
        let proxy = Proxy::start(server.port);
        (Mutex::new(server), proxy)
    });
    let (first, second, third) = (Arc::clone(&shaken), Arc::clone(&shaken), shaken);
    let disturbed = conformance(move |queue| {
        let (server, proxy) = &**first;
        server.lock().unwrap_or_else(PoisonError::into_inner).url_at(proxy.port, queue)
    });
    let disturbed = disturbed
        .with_restart(move || {
            let mut server = second.0.lock().unwrap_or_else(PoisonError::into_inner);
            server.kill();
            server.restart();
        })
        .with_cut(move || {
            third.1.disconnect();
            third.1.restore();
        });
    let is_disturbed = |trial: &Trial| {
        trial.name().starts_with("a_cut_connection") || trial.name().starts_with("a_broker_that_is")
    };
    let disturbed = disturbed.trials().into_iter().filter(is_disturbed);
    let calm = calm.trials().into_iter().filter(|trial| !is_disturbed(trial));
    calm.chain(disturbed).map(|trial| trial.with_kind(kind.name())).collect()
}
