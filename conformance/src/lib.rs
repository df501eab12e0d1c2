//! Tests of Protocol Buffers against other implementations: the structures that are exchanged with them,
//! and the testee of Google's conformance suite.

pub mod google;
pub mod random;
pub mod shapes;
