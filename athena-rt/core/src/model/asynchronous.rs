//! Models that are `async fn`: a call returns a future of the outcome.

use std::future::Future;
use std::pin::Pin;

use super::{Call, Message, Model, Source, state, writer};
use crate::environment::{Environment, ErasedEnv};
use crate::outcome::{Emit, Outcome};
use crate::state::State;
use athena_structure::{MessageError, Structure};

/// An `async fn` registered by `#[model]`.
#[doc(hidden)]
pub trait AsyncFunction: 'static {
    /// The type of its input.
    type Input: Structure;
    /// The settings it reads.
    type Environment: Environment;
    /// The type of its output.
    type Output: Structure;

    /// Calls it and emits its result. A service moves the future between threads.
    fn call(
        state: State<Self::Input, Self::Environment>,
        emit: &mut Emit<'_, Self::Output>,
    ) -> impl Future<Output = ()> + Send;
}

/// The future of a model that has its message.
pub type Pending = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Reads the message, without running the model.
pub(super) type Begin =
    fn(Source, &ErasedEnv, Message<'_>, Outcome) -> std::result::Result<Pending, MessageError>;

impl Model {
    /// Erases a function's types.
    pub const fn for_async_function<F: AsyncFunction>(source: Source) -> Self {
        Self::erase::<F::Input, F::Environment, F::Output>(source, Call::Async(begin::<F>))
    }

    /// Whether it is an `async fn`.
    pub fn is_async(&self) -> bool {
        matches!(self.call, Call::Async(_))
    }

    /// Starts an `async fn` with a message. For `invoke` only.
    pub fn begin(
        &self,
        env: &ErasedEnv,
        message: Message<'_>,
        mut outcome: Outcome,
    ) -> std::result::Result<Pending, MessageError> {
        outcome.clear();
        match self.call {
            Call::Async(begin) => begin(self.source, env, message, outcome),
            // `invoke` calls plain models.
            Call::Plain(_) => unreachable!("a plain model is not begun, but called"),
        }
    }
}

fn begin<F: AsyncFunction>(
    source: Source,
    env: &ErasedEnv,
    message: Message<'_>,
    mut outcome: Outcome,
) -> std::result::Result<Pending, MessageError> {
    let state = state::<F::Input, F::Environment>(env, message)?;
    let write = writer::<F::Output>(outcome.format);
    Ok(Box::pin(async move {
        F::call(state, &mut Emit::new(source.error, &mut outcome, write)).await;
        outcome
    }))
}
