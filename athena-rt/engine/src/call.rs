//! The models of a program that has a `main` of its own: found by name, and called with bytes.

use std::sync::Arc;

use athena_protocol::Format;

use super::handler::Handler;
use athena_core::environment::{Variable, Variables, from_process};
use athena_core::error::{Error, Result};
use athena_core::invoke::Failure;
use athena_core::outcome::{ErrorOutcome, Outcome};
use athena_core::registry::{Entry, Registry};
use athena_protocol::text::suggest;

/// Every model that is linked into this program.
///
/// ```
/// # use athena_rt::prelude::*;
/// # #[structure] struct Sample { #[default(2)] test: i64 }
/// # #[model] fn double(mut state: State<Sample>) -> State<Sample> { state.data.test *= 2; state }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let models = athena_rt::models()?;
/// let outcome = models.find("double")?.call(br#"{"test":4}"#)?;
/// assert_eq!(outcome.text(), Some(r#"{"test":8}"#));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Models {
    registry: Registry,
}

impl Models {
    /// Collects what `#[model]` has registered.
    ///
    /// # Errors
    ///
    /// Two models have the same id.
    pub fn collect() -> Result<Self> {
        Ok(Self { registry: Registry::collect()? })
    }

    /// The ids of all models, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.registry.entries().iter().map(|entry| entry.id.as_str())
    }

    /// The model with this id, or with an id that ends with it at a `::`. Its settings are read from
    /// the environment of this process, once.
    ///
    /// # Errors
    ///
    /// No model has this name, or several have; a variable is missing or invalid.
    pub fn find(&self, name: &str) -> Result<ModelHandle> {
        let entry = self.registry.find(name)?;
        ModelHandle::new(entry, from_process(&entry.model.variables())?)
    }

    /// The same model with these variables, and none of this process.
    ///
    /// # Errors
    ///
    /// As [`Models::find`]; the model does not declare one of the variables.
    pub fn find_with<N: Into<String>, V: Into<String>>(
        &self,
        name: &str,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<ModelHandle> {
        let entry = self.registry.find(name)?;
        ModelHandle::new(entry, checked(entry, variables)?)
    }
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

/// A model with its settings. Copies share them.
#[derive(Clone)]
pub struct ModelHandle(Arc<Handler>);

impl ModelHandle {
    fn new(entry: &Entry, variables: Variables) -> Result<Self> {
        Ok(Self(Arc::new(Handler::new(entry, variables)?)))
    }

    /// The model's id.
    pub fn id(&self) -> &str {
        &self.0.entry.id
    }

    /// The documentation comment of the model's function.
    pub fn docs(&self) -> &'static str {
        self.0.entry.model.source().docs
    }

    /// Whether the model returns any number of outputs for one message.
    pub fn is_many(&self) -> bool {
        self.0.entry.model.source().many
    }

    /// The variables that the model declares.
    pub fn variables(&self) -> Vec<Variable> {
        self.0.entry.model.variables()
    }

    /// The same model with other values of these variables.
    ///
    /// # Errors
    ///
    /// The model does not declare a variable, or its value is invalid.
    pub fn with<N: Into<String>, V: Into<String>>(
        &self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self> {
        let over = checked(&self.0.entry, variables)?;
        Ok(Self(Arc::new(self.0.with_overrides(&over)?)))
    }

    /// Runs a JSON message on this thread, and returns JSON. A panic of the model is a [`Failure`]; an
    /// abort ends the program.
    ///
    /// # Errors
    ///
    /// The message is not a valid input, the model panicked, or its output can't be written. An error
    /// that the model returned is part of the outcome.
    pub fn call(&self, message: &[u8]) -> Result<CallOutcome, Failure> {
        self.call_as(message, Format::Json, Format::Json)
    }

    /// Runs a message of Protocol Buffers, and returns Protocol Buffers.
    ///
    /// # Errors
    ///
    /// As [`ModelHandle::call`].
    pub fn call_wire(&self, message: &[u8]) -> Result<CallOutcome, Failure> {
        self.call_as(message, Format::Protobuf, Format::Protobuf)
    }

    fn call_as(&self, message: &[u8], from: Format, to: Format) -> Result<CallOutcome, Failure> {
        let run = || {
            let mut outcome = Outcome::with_capacity(to);
            self.0.handle(message, from, &mut outcome).map(|()| CallOutcome::new(outcome))
        };
        // An `async fn` can't begin a runtime on a thread of one.
        #[cfg(feature = "async")]
        if self.0.is_async() && tokio::runtime::Handle::try_current().is_ok() {
            let joined = std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().stack_size(athena_process::STACK_SIZE);
                thread.spawn_scoped(scope, run).map(std::thread::ScopedJoinHandle::join)
            });
            let ended = || Err(Failure::Panic(THREAD_ENDED.to_owned()));
            return joined.map_or_else(|_| ended(), |joined| joined.unwrap_or_else(|_| ended()));
        }
        run()
    }

    /// Runs a JSON message. An `async fn` runs as part of the current task; a plain model runs on a
    /// thread for blocking work of the current Tokio runtime, and ends even if this future is dropped.
    ///
    /// # Errors
    ///
    /// As [`ModelHandle::call`].
    #[cfg(feature = "async")]
    pub async fn call_async(&self, message: &[u8]) -> Result<CallOutcome, Failure> {
        self.call_async_as(message, Format::Json, Format::Json).await
    }

    /// Runs a message of Protocol Buffers as [`ModelHandle::call_async`] does.
    ///
    /// # Errors
    ///
    /// As [`ModelHandle::call`].
    #[cfg(feature = "async")]
    pub async fn call_wire_async(&self, message: &[u8]) -> Result<CallOutcome, Failure> {
        self.call_async_as(message, Format::Protobuf, Format::Protobuf).await
    }

    #[cfg(feature = "async")]
    async fn call_async_as(
        &self,
        message: &[u8],
        from: Format,
        to: Format,
    ) -> Result<CallOutcome, Failure> {
        if self.0.is_async() {
            let (outcome, ran) = self.0.handle_async(message, from, Outcome::new(to)).await;
            return ran.map(|()| CallOutcome::new(outcome));
        }
        let (handle, message) = (self.clone(), message.to_vec());
        let run = move || handle.call_as(&message, from, to);
        let joined = tokio::task::spawn_blocking(run).await;
        joined.unwrap_or_else(|_| Err(Failure::Panic(THREAD_ENDED.to_owned())))
    }
}

impl std::fmt::Debug for ModelHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ModelHandle").field(&self.id()).finish()
    }
}

#[cfg(feature = "async")]
const THREAD_ENDED: &str = "the thread of the model ended";

/// What a model returned for one message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOutcome {
    /// The outputs; a model that returns one state has one, unless it returned an error.
    pub outputs: Vec<Vec<u8>>,
    /// The error that the model returned.
    pub error: Option<ErrorOutcome>,
}

impl CallOutcome {
    fn new(outcome: Outcome) -> Self {
        let outputs = outcome.raw_messages().map(<[u8]>::to_vec).collect();
        Self { outputs, error: outcome.error }
    }

    /// The only output, if there is exactly one and no error.
    pub fn output(&self) -> Option<&[u8]> {
        match (&self.outputs[..], &self.error) {
            ([only], None) => Some(only),
            _ => None,
        }
    }

    /// The only output as text, if it is JSON.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.output()?).ok()
    }
}

/// Variables that the model declares.
fn checked<N: Into<String>, V: Into<String>>(
    entry: &Entry,
    variables: impl IntoIterator<Item = (N, V)>,
) -> Result<Variables> {
    let declared = entry.model.variables();
    let names: Vec<&str> = declared.iter().map(|variable| variable.name).collect();
    let given = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
    given
        .map(|(name, value)| {
            if names.contains(&name.as_str()) {
                return Ok((name, value));
            }
            let near = suggest(&name, &names);
            Err(Error::usage(format!("{} declares no variable {name}{near}", entry.id)))
        })
        .collect()
}
