//! What others make of our Protocol Buffers: the structures that are compared with them, and the
//! program that the conformance suite examines.

pub mod google;
pub mod random;
pub mod shapes;
