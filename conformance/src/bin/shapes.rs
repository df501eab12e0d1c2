//! Prints the schema of all the structures that are compared with other implementations:
//! `shapes schema all`.

athena_rt::main!(athena_conformance);
