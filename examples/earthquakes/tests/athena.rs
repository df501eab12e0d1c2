//! Replays every recorded case of this package's models.

athena_rt::main!(earthquakes);
