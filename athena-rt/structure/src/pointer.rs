//! JSON pointers.

pub use athena_protocol::json::pointer::escaped;
pub(super) use athena_protocol::json::pointer::unescaped;

/// The pointer of a path.
pub(crate) fn of_path(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push('/');
                pointer.push_str(&escaped(key));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}
