//! The files in `examples` that other programs read: what they have typed can be typed, and what
//! they say of each other is so.

mod ci;
mod deploy;
