//! Checks of generated code that a type fits its attributes, while a program is compiled.

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
