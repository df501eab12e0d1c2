//! The harness.

athena_rt::main!(athena_bench_replay);
