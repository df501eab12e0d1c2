//! Queues: messages come from a broker, outcomes go to one.
//!
//! | module | job |
//! |---|---|
//! | [`broker`], [`envelope`] | the broker API: what every broker does, as traits; what travels through it |
//! | [`address`], [`registration`], [`open`] | the URL of a queue; the broker of its scheme; opening it |
//! | [`named`] | errors of brokers name the queue |
//! | [`blocking`] | brokers whose clients block |
//! | [`redis`], [`nats`], [`sqlite`], [`postgres`], [`amqp`] | one broker each |
//! | [`work`] | a worker: [`dispatcher`] has its state, [`model_process_handle`] is one of its processes |
//! | [`worker`] | a worker inside another program |
//! | [`model_process`] | such a process from inside; [`ipc`] is what goes through its pipes |
//! | [`submit`], [`collect`] | messages into a queue, outcomes out of it |
//! | [`letters`], [`status`] | dead letters that return or leave; what is in a queue |
//! | `testing` | the conformance kit for brokers |
//! | [`metrics`], [`recording`] | how a worker describes itself: Prometheus and OpenTelemetry |
//! | [`retry`], [`failing_requests`] | requests to brokers that may be unreachable |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]
mod address;
#[cfg(feature = "amqp")]
mod amqp;
mod blocking;
mod broker;
mod collect;
mod dispatcher;
mod envelope;
mod failing_requests;
mod health_endpoint;
mod ipc;
mod letters;
mod metrics;
mod model_process;
mod model_process_handle;
mod model_table;
mod named;
#[cfg(feature = "nats")]
mod nats;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod prefetch;
mod print;
mod recording;
#[cfg(feature = "redis")]
mod redis;
mod registration;
mod retry;
mod seen;
#[cfg(feature = "sqlite")]
mod sqlite;
mod status;
mod submit;
#[cfg(test)]
mod test_support;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(any(feature = "amqp", feature = "nats", feature = "postgres", feature = "redis"))]
mod tls;
#[cfg(any(feature = "nats", feature = "redis"))]
mod warn_once;
mod work;
mod worker;

pub use self::address::{Address, ConsumerOptions, UrlForm};
pub use self::blocking::{Blocking, BlockingQueue};
pub use self::broker::{
    Backlog, Broker, BrokerFuture, Browser, Capabilities, Consumer, DeadLetter, DeadLetters,
    Delivery, DeliveryTag, Lookup, Nack, Producer, QueueStatus, StoredDeadLetter,
};
pub use self::collect::collect;
pub use self::envelope::{Envelope, PayloadKind};
pub use self::model_process::{ROLE, run_model_process};
pub use self::registration::{BROKER_API_VERSION, Registration, url_forms};
pub use self::status::status;
pub use self::submit::submit;
pub use self::work::{WorkerSummary, work};
pub use self::worker::{Worker, WorkerBuilder};
pub use athena_protocol::Format;

/// Opens queues by their URLs, with the brokers of this program.
pub mod queues {
    pub use crate::open::{address, browser, consumer, dead_letters, lookup, producer, status};
}

/// What the macro of this crate uses. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    use crate::UrlForm;

    pub use inventory;

    /// The form of URLs that look like this one.
    pub const fn url_form(example: &str) -> UrlForm {
        crate::registration::url_form(example)
    }
}
