//! Checks of generated code that a type fits its attributes, while a program is compiled.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

/// Stops the build if `#[tolerance]` is on a type that has no floats.
///
/// # Panics
/// At compile time.
#[track_caller]
pub const fn check_tolerance(has_floats: bool) {
    assert!(
        has_floats,
        "`#[tolerance]` needs f32, f64, or a container of them, as in `price: f64` or `prices: Vec<f64>`"
    );
}

/// Stops the build if `#[unordered]` is on a type other than a list.
///
/// # Panics
/// At compile time.
#[track_caller]
pub const fn check_unordered(is_list: bool) {
    assert!(is_list, "`#[unordered]` needs a list, as in `items: Vec<Item>`");
}

/// Asks whether a type is a list or a map: where it is known, the constant is that of the type itself, and otherwise
/// that of [`OtherType`].
pub struct ContainerCheck<T>(PhantomData<T>);

/// What the constant is for all other types.
pub trait OtherType {
    /// Not a list or a map.
    const HAS_ELEMENTS: bool = false;
}

impl<T> OtherType for ContainerCheck<T> {}

macro_rules! has_elements {
    ($([$($generic:tt)*] $type:ty;)*) => {$(
        impl<$($generic)*> ContainerCheck<$type> {
            /// A list or a map.
            pub const HAS_ELEMENTS: bool = true;
        }
    )*};
}
has_elements! {
    [T] Vec<T>;
    [T, const N: usize] [T; N];
    [K, V] BTreeMap<K, V>;
    [K, V, H] HashMap<K, V, H>;
}

/// Stops the build if `#[field(json)]` is on an alias of a list or a map.
///
/// # Panics
/// At compile time.
#[track_caller]
pub const fn check_elements(has_elements: bool) {
    assert!(
        !has_elements,
        "`#[field(json)]` makes a value of each element of a list or a map, and can't see them in an alias: write it out, as in `rows: Vec<Row>`"
    );
}

/// Stops the build if there is an `Option` in an `Option`.
///
/// # Panics
/// At compile time.
#[track_caller]
pub const fn check_options(has_nested: bool) {
    assert!(
        !has_nested,
        "`Some(None)` and `None` are the same here; an `Option<Option<T>>` is a field by itself: absent, null or a value"
    );
}
