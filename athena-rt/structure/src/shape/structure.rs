//! The shape of a struct.

use super::field::Field;

/// A struct under `#[structure]`.
#[derive(Clone, Debug, PartialEq)]
pub struct StructureShape {
    /// Its name in Rust.
    pub name: &'static str,
    /// Its documentation comment.
    pub docs: &'static str,
    /// Whether unknown fields pass.
    pub open: bool,
    /// Field numbers not to be used again.
    pub reserved: &'static [u32],
    /// Field names not to be used again.
    pub reserved_names: &'static [&'static str],
    /// Its fields, as declared.
    pub fields: Vec<Field>,
}
