use crate::environment::{Env, Environment};
use athena_structure::Structure;

/// What a model takes and gives: a message's data, and the environment it is run under.
///
/// Two plain fields: `data` is the model's to change, `env` dereferences to the settings and
/// can only be read.
///
/// ```
/// use athena_rt::State;
///
/// # use athena_rt::prelude::*;
/// # #[structure] struct Sample { test: i64 }
/// let mut state = State::new(Sample { test: 1 }, ());
/// state.data.test += 1;
/// assert_eq!(state.data, Sample { test: 2 });
/// ```
#[derive(Debug)]
pub struct State<D, E = ()> {
    /// The message.
    pub data: D,
    /// The settings, frozen.
    pub env: Env<E>,
}

impl<D, E> State<D, E> {
    /// A state of its own, for a model's unit tests.
    pub fn new(data: D, env: E) -> Self {
        Self { data, env: Env::new(env) }
    }

    /// The same environment with other data, of another type if need be.
    ///
    /// ```
    /// # use athena_rt::prelude::*;
    /// # #[structure] struct Order { price: f64 }
    /// # #[structure] struct Invoice { total: f64 }
    /// #[model]
    /// fn invoice(state: State<Order>) -> State<Invoice> {
    ///     let total = state.data.price * 1.2;
    ///     state.with(Invoice { total })
    /// }
    /// # fn main() {}
    /// ```
    pub fn with<O>(&self, data: O) -> State<O, E> {
        State { data, env: self.env.clone() }
    }
}

impl<D: Clone, E> Clone for State<D, E> {
    fn clone(&self) -> Self {
        Self { data: self.data.clone(), env: self.env.clone() }
    }
}

impl<D: PartialEq, E: PartialEq> PartialEq for State<D, E> {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data && self.env == other.env
    }
}

impl<D: Structure, E: Environment + Default> From<D> for State<D, E> {
    fn from(data: D) -> Self {
        Self::new(data, E::default())
    }
}
