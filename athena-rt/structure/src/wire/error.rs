//! The error of a message that can't be read.

use std::fmt;

/// The error of bytes that are not the Protocol Buffers message that was expected.
///
/// It names what is wrong, the field (`Order.items[2].quantity`) and the byte.
#[derive(Clone, PartialEq, Eq)]
pub struct WireError(Box<ErrorDetail>);

#[derive(Clone, PartialEq, Eq)]
struct ErrorDetail {
    reason: String,
    // Steps from the field outwards, each written as it stands in the path: `.items`, `[2]`.
    steps: Vec<String>,
    // An address while the error travels up, an offset once `locate` has seen it.
    position: usize,
}

impl WireError {
    /// The reason, without the place.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The field, from the name of the outermost message: `Order.items[2].quantity`.
    pub fn path(&self) -> String {
        let path: String = self.0.steps.iter().rev().map(String::as_str).collect();
        path.strip_prefix('.').map(str::to_owned).unwrap_or(path)
    }

    /// Bytes before the place where reading failed.
    pub fn offset(&self) -> usize {
        self.0.position
    }

    // `rest` is what was left to read.
    pub(crate) fn at(rest: &[u8], reason: String) -> Self {
        let position = rest.as_ptr() as usize;
        Self(Box::new(ErrorDetail { reason, steps: Vec::new(), position }))
    }

    /// Adds the field a message was reading.
    #[cold]
    #[inline(never)]
    pub(crate) fn field(mut self, name: &str) -> Self {
        self.0.steps.push(format!(".{name}"));
        self
    }

    /// Adds the index or key an element was read for.
    #[cold]
    #[inline(never)]
    pub(crate) fn index(mut self, index: usize) -> Self {
        self.0.steps.push(format!("[{index}]"));
        self
    }

    /// Names the outermost message and turns the address into an offset within `bytes`.
    #[cold]
    #[inline(never)]
    pub(crate) fn locate(mut self, message: &str, bytes: &[u8]) -> Self {
        self.0.steps.push(message.to_owned());
        if is_json(bytes) {
            self.0.reason.push_str("; these bytes are JSON");
        }
        self.0.position = self.0.position.saturating_sub(bytes.as_ptr() as usize).min(bytes.len());
        self
    }
}

/// Whether bytes are more likely JSON than a message, which begins with a group then.
fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    matches!((text.first(), text.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (byte {})", self.path(), self.0.reason, self.0.position)
    }
}

impl fmt::Debug for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireError({:?})", self.to_string())
    }
}

impl std::error::Error for WireError {}
