//! A model process of the service from inside: one message after the other.

use std::sync::Arc;
use std::time::Duration;

use super::ipc::{self, ProcessSettings};
use athena_core::error::{Error, Result};
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_engine::bound_model::BoundModel;
use athena_process::{Parent, ProcessConfig, Request, Response, ignore_terminate};

/// The role of a service's model process.
pub const ROLE: &str = "service";

/// How often the watchdog checks the memory, and whether the service is there.
const TICK: Duration = Duration::from_millis(20);

/// Runs messages until the service closes the pipe.
///
/// # Errors
///
/// The process can't read its requests.
pub fn run_model_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    ignore_terminate();
    let mut parent = Parent::connect(config)?;
    let opened = parent.open(|settings: ProcessSettings| {
        let open = |(id, variables): (String, _)| {
            let model = BoundModel::new(registry.find(&id)?, variables, settings.overridable)?;
            Ok((Arc::from(id), model))
        };
        settings.models.into_iter().map(open).collect::<Result<Vec<(Arc<str>, BoundModel)>>>()
    })?;
    let Some(models) = opened else { return Ok(()) };
    let watchdog = parent.watch(TICK);
    let responses = parent.responses();
    let invalid = || Error::failure("the service sent an invalid request");
    let mut frame = Vec::new();
    while parent.next(&mut frame)? {
        let Request { id, model, meta, body } = Request::read(&frame).ok_or_else(invalid)?;
        let (name, model) = models.get(usize::from(model)).ok_or_else(invalid)?;
        let (from, to, trace) = ipc::read_meta(meta).ok_or_else(invalid)?;
        let mut outcome = Outcome::new(to);
        watchdog.begin(0, id, 0);
        let ran = trace.in_scope(Arc::clone(name), || model.handle(body, from, &mut outcome));
        watchdog.end(0);
        let done = Response::Done { id, nanos: 0, status: ipc::status(&ran), body: &[] };
        responses.buffer(&done, |out| ipc::write(&outcome, &ran, out));
    }
    Ok(())
}
