//! The literals of `#[default(..)]`: for an `Option`, what is in it.

use std::marker::PhantomData;
use std::ops::Deref;

/// Makes a default of a literal. The compiler finds the function for an `Option` first, by whatever name the type
/// is called.
pub struct DefaultOf<T>(PlainDefault<T>);

/// Makes a default of a type that is not an `Option`.
pub struct PlainDefault<T>(PhantomData<T>);

impl<T> DefaultOf<T> {
    /// For a type.
    #[allow(clippy::new_without_default, reason = "generated code alone makes one")]
    pub fn new() -> Self {
        Self(PlainDefault(PhantomData))
    }
}

impl<T> DefaultOf<Option<T>> {
    /// The value in an `Option`.
    #[allow(clippy::unused_self, reason = "a method, so that the compiler finds it by the type")]
    pub fn literal(&self, value: T) -> Option<T> {
        Some(value)
    }
}

impl<T> Deref for DefaultOf<T> {
    type Target = PlainDefault<T>;

    fn deref(&self) -> &PlainDefault<T> {
        &self.0
    }
}

impl<T> PlainDefault<T> {
    /// The value itself.
    #[allow(
        clippy::unused_self,
        reason = "a method, so that the one for an `Option` is found first"
    )]
    pub fn literal(&self, value: T) -> T {
        value
    }
}
