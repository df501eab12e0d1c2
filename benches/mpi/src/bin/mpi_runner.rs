//! The runner whose ranks work.

athena_rt::main!(athena_bench_mpi);
