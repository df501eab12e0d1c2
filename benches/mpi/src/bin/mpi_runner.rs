//! The runner that is measured.

athena_rt::main!(athena_bench_mpi);
