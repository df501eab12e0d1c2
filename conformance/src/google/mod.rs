//! The testee of Google's conformance suite: the suite's messages as structures, and its protocol.

// All structures are public, and documented by the suite.
#![allow(unreachable_pub, missing_docs)]

mod carried;
mod proto2;
mod proto3;
mod protocol;
mod testee;

pub use testee::serve;
