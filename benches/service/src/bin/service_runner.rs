//! The runner of the benchmark.

athena_rt::main!(athena_bench_support);
