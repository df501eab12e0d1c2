//! A model process from inside: one message after the other, so that a crash takes down no more than
//! it must.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ipc::{MessageRequest, ProcessSettings, Status};
use crate::envelope::PayloadKind;
use athena_core::error::{Error, Result};
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_engine::bound_model::BoundModel;
use athena_process::{Parent, ProcessConfig, Response, Responses, Watchdog, ignore_terminate};

/// The role of a queue's model process.
pub const ROLE: &str = "queue";

/// How often outcomes are sent while models run, and how often the watchdog checks.
const TICK: Duration = Duration::from_millis(5);

/// Runs messages until the worker closes the pipe.
pub fn run_model_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    ignore_terminate();
    let mut parent = Parent::connect(config)?;
    let opened = parent.open(|settings: ProcessSettings| {
        let open = |(id, variables): (String, _)| {
            BoundModel::new(registry.find(&id)?, variables, settings.overridable)
        };
        settings.models.into_iter().map(open).collect::<Result<Vec<_>>>()
    })?;
    let Some(models) = opened else { return Ok(()) };
    let mut runner = Runner {
        models,
        json: Outcome::default(),
        protobuf: Outcome::new(athena_protocol::Format::Protobuf),
        watchdog: parent.watch(TICK),
        responses: parent.responses(),
    };
    let mut frame = Vec::new();
    while parent.next(&mut frame)? {
        runner.run(&frame)?;
    }
    Ok(())
}

struct Runner {
    models: Vec<BoundModel>,
    json: Outcome,
    protobuf: Outcome,
    watchdog: Arc<Watchdog>,
    responses: Responses,
}

impl Runner {
    fn run(&mut self, frame: &[u8]) -> Result<()> {
        let request = MessageRequest::read(frame)
            .ok_or_else(|| Error::failure("the worker sent an invalid request"))?;
        let MessageRequest { number, model, format, trace, message } = request;
        let model = self.models.get(usize::from(model));
        let model = model.ok_or_else(|| Error::failure("the worker sent an unknown model"))?;
        let outcome = match format {
            athena_protocol::Format::Json => &mut self.json,
            athena_protocol::Format::Protobuf => &mut self.protobuf,
        };
        self.watchdog.begin(0, number, 0);
        let began = Instant::now();
        let span = tracing::error_span!("message", model = model.id(), trace);
        let ran = span.in_scope(|| model.handle(message, format, outcome));
        self.watchdog.end(0);
        let nanos = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let status = match &ran {
            Ok(()) => Status::Outcome(kind(model, outcome)),
            Err(Failure::Message(_)) => Status::Unreadable,
            Err(Failure::Panic(_) | Failure::Outcome(_)) => Status::Failed,
        };
        let done = Response::Done { id: number, nanos, status: status.code(), body: &[] };
        self.responses.buffer(&done, |out| match ran {
            Ok(()) => write(model, outcome, out),
            Err(failure) => out.extend(failure.to_string().as_bytes()),
        });
        Ok(())
    }
}

fn kind(model: &BoundModel, outcome: &Outcome) -> PayloadKind {
    if outcome.error.is_some() {
        PayloadKind::Error
    } else if model.is_many() {
        PayloadKind::Outputs
    } else {
        PayloadKind::Output
    }
}

/// Writes an outcome as the bytes of its envelope.
fn write(model: &BoundModel, outcome: &Outcome, out: &mut Vec<u8>) {
    let is_json = outcome.format == athena_protocol::Format::Json;
    match (&outcome.error, outcome.single()) {
        (Some(error), _) => {
            out.push(b'{');
            if model.is_many() && is_json {
                out.extend_from_slice(b"\"outputs\":");
                outcome.write_array(out);
                out.push(b',');
            }
            out.extend_from_slice(b"\"error\":");
            // Two texts can always be written.
            let _ = serde_json::to_writer(&mut *out, error);
            out.push(b'}');
        }
        (None, Some(single)) if !model.is_many() => out.extend_from_slice(single),
        _ if is_json => outcome.write_array(out),
        _ => outcome.write_stream(out),
    }
}
