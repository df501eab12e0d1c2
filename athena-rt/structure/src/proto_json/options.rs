//! How ProtoJSON is read and written.

#[derive(Clone, Copy, Default)]
pub(super) struct Options {
    /// Unknown fields, and values of enums by unknown names, are skipped.
    pub(super) ignore_unknown: bool,
    /// Values of enums are written by their names in Rust.
    pub(super) declared_names: bool,
}
