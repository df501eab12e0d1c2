//! Prints the schema of all structures that are exchanged with other implementations:
//! `shapes schema all`.

athena_rt::main!(athena_conformance);
