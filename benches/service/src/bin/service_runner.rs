//! The runner that serves.

athena_rt::main!(athena_bench_support);
