//! Telemetry of the messages of one queue.

use std::time::{Duration, Instant};

use athena_telemetry::record::{Created, Processed, Queue, Sent};
use athena_telemetry::{SpanContext, Telemetry};

use crate::address::Address;
use crate::envelope::Envelope;

/// Records what happens to the messages of one queue.
pub(crate) struct Recording {
    telemetry: Telemetry,
    queue: Queue,
    /// The span that this program was started in.
    parent: Option<SpanContext>,
}

impl Recording {
    /// Records by the providers that are installed now.
    pub(crate) fn new(queue: &Address) -> Self {
        let scheme = queue.broker.scheme();
        let known = athena_protocol::broker_of(queue.broker.as_str());
        // As the semantic conventions name them.
        let system = match known.map_or(scheme, |known| known.feature) {
            "amqp" => "rabbitmq",
            "postgres" => "postgresql",
            other => other,
        };
        Self::for_queue(system, &queue.name)
    }

    pub(crate) fn for_queue(system: &str, name: &str) -> Self {
        Self {
            telemetry: Telemetry::new(),
            queue: Queue { system: system.to_owned(), name: name.to_owned() },
            parent: SpanContext::from_environment(),
        }
    }

    /// Begins the trace of a message that is about to be stored.
    pub(crate) fn create(&self, envelope: &mut Envelope) {
        let Envelope { id, model, bytes, .. } = &*envelope;
        let created = Created { id, model, size: bytes.len() };
        let span = self.telemetry.create_message(&self.queue, self.parent.as_ref(), &created);
        if let Some(span) = span {
            envelope.set_span(&span);
        }
    }

    /// Records a request that stored messages, or failed.
    pub(crate) fn sent(&self, count: usize, began: Instant, is_stored: bool) {
        let error = (!is_stored).then_some("broker");
        self.telemetry.record_sent(&self.queue, &Sent { count, duration: began.elapsed(), error });
    }

    pub(crate) fn delivered(&self) {
        self.telemetry.record_consumed(&self.queue);
    }

    /// Records an attempt at a message; returns the span that its outcome is sent as.
    pub(crate) fn processed(
        &self,
        message: &Envelope,
        model: &str,
        duration: Duration,
        error: Option<(&str, &str)>,
    ) -> Option<SpanContext> {
        let (id, size, parent) = (&message.id, message.bytes.len(), message.span());
        let parent = parent.as_ref();
        let processed = Processed { id, model, size, parent, duration, error };
        self.telemetry.record_processed(&self.queue, &processed)
    }
}
