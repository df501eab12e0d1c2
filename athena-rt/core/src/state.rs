use crate::environment::{Env, Environment};
use athena_structure::Structure;

/// The parameter and the return value of a model: a message's data, and its environment.
///
/// A model may change `data`; `env` dereferences to the settings, which are read-only.
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
    /// The read-only settings.
    pub env: Env<E>,
}

impl<D, E> State<D, E> {
    /// Creates a state, for example in a model's unit tests.
    pub fn new(data: D, env: E) -> Self {
        Self { data, env: Env::new(env) }
    }

    /// Returns a state with the same environment and other data, of any type.
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
