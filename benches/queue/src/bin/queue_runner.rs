//! The runner that works.

athena_rt::main!(athena_bench_support);
