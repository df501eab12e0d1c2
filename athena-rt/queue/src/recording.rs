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
    /// The queue of outcomes, if there is one.
    outcomes: Option<Queue>,
    /// The span that this program was started in.
    parent: Option<SpanContext>,
}

impl Recording {
    /// Records by the providers that are installed now.
    pub(crate) fn new(queue: &Address) -> Self {
        Self { queue: describe(queue), ..Self::for_queue("", "") }
    }

    /// The same with the queue of outcomes.
    pub(crate) fn with_outcomes_to(self, queue: &Address) -> Self {
        Self { outcomes: Some(describe(queue)), ..self }
    }

    pub(crate) fn for_queue(system: &str, name: &str) -> Self {
        Self {
            telemetry: Telemetry::new(),
            queue: Queue { system: system.to_owned(), name: name.to_owned() },
            outcomes: None,
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
    pub(crate) fn sent(&self, messages: &[Envelope], began: Instant, is_stored: bool) {
        self.request(&self.queue, messages.iter(), began, is_stored);
    }

    /// Records a request that stored outcomes, or failed.
    pub(crate) fn outcomes_sent<'a>(
        &self,
        outcomes: impl ExactSizeIterator<Item = &'a Envelope>,
        began: Instant,
        is_stored: bool,
    ) {
        if let Some(queue) = &self.outcomes {
            self.request(queue, outcomes, began, is_stored);
        }
    }

    fn request<'a>(
        &self,
        queue: &Queue,
        envelopes: impl ExactSizeIterator<Item = &'a Envelope>,
        began: Instant,
        is_stored: bool,
    ) {
        let error = (!is_stored).then_some("broker");
        let sent = Sent { count: envelopes.len(), duration: began.elapsed(), error };
        self.telemetry.record_sent(queue, &sent, || envelopes.filter_map(Envelope::span));
    }

    pub(crate) fn delivered(&self) {
        self.telemetry.record_consumed(&self.queue);
    }

    /// Records that a model has returned an outcome, which is about to be stored, and lets it continue the
    /// trace of its message.
    pub(crate) fn completed(
        &self,
        message: &Envelope,
        model: &str,
        duration: Duration,
        outcome: &mut Envelope,
    ) {
        let Some(processed) = self.processed(message, model, duration, None) else { return };
        let Envelope { id, bytes, .. } = &*outcome;
        let created = Created { id, model, size: bytes.len() };
        let create = |queue| self.telemetry.create_message(queue, Some(&processed), &created);
        let span = self.outcomes.as_ref().and_then(create);
        outcome.set_span(&span.unwrap_or(processed));
    }

    /// Records a failed attempt.
    pub(crate) fn failed(
        &self,
        message: &Envelope,
        model: &str,
        duration: Duration,
        error: (&str, &str),
    ) {
        self.processed(message, model, duration, Some(error));
    }

    /// Records an attempt at a message.
    fn processed(
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

/// The queue at an address, as the semantic conventions name it.
fn describe(queue: &Address) -> Queue {
    let known = athena_protocol::broker_of(queue.broker.as_str());
    let system = match known.map_or(queue.broker.scheme(), |known| known.feature) {
        "amqp" => "rabbitmq",
        "postgres" => "postgresql",
        other => other,
    };
    Queue { system: system.to_owned(), name: queue.name.clone() }
}
