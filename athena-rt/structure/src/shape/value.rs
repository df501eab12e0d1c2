//! The shape of a value.

/// The shape of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// An integer; `isize` and `usize` count as 64 bits. One of 128 bits is text on the wire.
    Int {
        /// 8, 16, 32, 64 or 128.
        bits: u8,
        /// Whether it can be negative.
        signed: bool,
    },
    /// A floating-point number of 32 or 64 bits.
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// UTF-8 text.
    Text,
    /// Bytes; base64 in JSON.
    Bytes,
    /// A value that may be absent.
    Option(Box<Shape>),
    /// A sequence.
    List(Box<Shape>),
    /// A sequence, or bytes, of a fixed length.
    Array(Box<Shape>, usize),
    /// Keys and values.
    Map(Box<Shape>, Box<Shape>),
    /// A fixed number of values of their own types.
    Tuple(Vec<Shape>),
    /// A length of time.
    Duration,
    /// A point in time.
    Timestamp,
    /// A UUID.
    Uuid,
    /// A type that is text in messages, by its name.
    TextOf(&'static str),
    /// A sequence without order that has each value once.
    Set(Box<Shape>),
    /// Any JSON.
    Json,
    /// A value on the heap that takes exactly one record on the wire, though without the box it
    /// would not: a list, a map or an option.
    Boxed(Box<Shape>),
    /// A structure or enum, by its key in [`Shapes`](super::Shapes).
    Named(&'static str),
}

impl Shape {
    /// Whether the type is an `Option`, boxed or not.
    pub fn is_optional(&self) -> bool {
        match self {
            Self::Option(inner) => !inner.is_optional(),
            Self::Boxed(inner) => inner.is_optional(),
            _ => false,
        }
    }

    /// The same value where it must take exactly one record on the wire.
    #[must_use]
    pub fn boxed(self) -> Self {
        let is_many = match &self {
            Self::List(_) | Self::Set(_) | Self::Map(..) | Self::Option(_) => true,
            Self::Array(items, _) => **items != Self::Bytes,
            _ => false,
        };
        if is_many { Self::Boxed(Box::new(self)) } else { self }
    }
}
