//! The models of this package as a program.

athena_rt::main!(earthquakes);
