//! The key ahead of each record: the number of the field, and the wire type.

pub(super) const VARINT: u32 = 0;
pub(super) const FIXED64: u32 = 1;
pub(super) const LENGTH: u32 = 2;
pub(super) const GROUP: u32 = 3;
pub(super) const GROUP_END: u32 = 4;
pub(super) const FIXED32: u32 = 5;

/// A record's field number and wire type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub u32);

impl Key {
    /// The field number.
    #[inline(always)]
    pub fn number(self) -> u32 {
        self.0 >> 3
    }

    #[inline(always)]
    pub(crate) fn wire(self) -> u32 {
        self.0 & 7
    }
}

/// A wire type, as messages call it.
pub(super) fn wire_name(wire: u32) -> &'static str {
    match wire {
        VARINT => "a varint",
        FIXED64 => "8 fixed bytes",
        LENGTH => "a length and bytes",
        GROUP | GROUP_END => "a group",
        FIXED32 => "4 fixed bytes",
        _ => "a wire type that does not exist",
    }
}
