//! Models of crates that nobody here wrote: strsim, humantime and heck. The program `judge` generates cases for
//! them in a workspace of their own.

pub mod distance;
pub mod human;
pub mod letters;
