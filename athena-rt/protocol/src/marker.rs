/// Bytes a marker takes in the executable.
pub const MARKER_LENGTH: usize = 64;

/// The section of the executable that holds the marker.
pub const SECTION: &str = if cfg!(target_vendor = "apple") { "athena" } else { ".athena" };

const PREFIX: &str = "athena-runner ";

/// The content of a runner's marker section: the proof that it is a runner, and its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The protocol version the runner speaks.
    pub protocol: u32,
    /// The version of `athena-rt` it was built with.
    pub runtime: String,
}

impl Marker {
    /// Reads a marker section. `None` if these bytes are not a marker.
    ///
    /// ```
    /// use athena_protocol::{Marker, VERSION, marker};
    ///
    /// let found = Marker::parse(&marker("1.2.3")).expect("a marker");
    /// assert_eq!((found.protocol, found.runtime.as_str()), (VERSION, "1.2.3"));
    /// assert_eq!(Marker::parse(b"something else"), None);
    /// ```
    pub fn parse(section: &[u8]) -> Option<Self> {
        let end = section.iter().position(|&byte| byte == 0).unwrap_or(section.len());
        let text = std::str::from_utf8(&section[..end]).ok()?;
        let (protocol, runtime) = text.strip_prefix(PREFIX)?.split_once(' ')?;
        Some(Self { protocol: protocol.parse().ok()?, runtime: runtime.to_owned() })
    }
}

/// The marker of a runner built with this version of `athena-rt`, for a `static` of its own.
///
/// # Panics
///
/// When compiled, if the version is too long for the marker.
pub const fn marker(runtime: &str) -> [u8; MARKER_LENGTH] {
    const { assert!(crate::VERSION < 10, "the marker has room for one digit") };
    let mut bytes = [0; MARKER_LENGTH];
    let mut at = copy(PREFIX.as_bytes(), &mut bytes, 0);
    #[allow(clippy::cast_possible_truncation, reason = "checked above")]
    let digit = [b'0' + crate::VERSION as u8, b' '];
    at = copy(&digit, &mut bytes, at);
    copy(runtime.as_bytes(), &mut bytes, at);
    bytes
}

const fn copy(from: &[u8], to: &mut [u8; MARKER_LENGTH], at: usize) -> usize {
    let mut index = 0;
    while index < from.len() {
        to[at + index] = from[index];
        index += 1;
    }
    at + from.len()
}
