//! The crates that are judged.

/// A crate of somebody else.
#[derive(Debug)]
pub(crate) struct JudgedCrate {
    pub(crate) name: &'static str,
    /// The module of this package that has its models.
    pub(crate) module: &'static str,
    /// The part of its mutants that cargo-mutants builds.
    pub(crate) shard: &'static str,
    /// How many of them the generated cases must catch, by cargo-mutants.
    pub(crate) built: usize,
    /// How many of all mutants they must catch, by `cargo athena strength`.
    pub(crate) switched: usize,
}

/// Every crate, with what its generated cases catch at least.
pub(crate) const CRATES: [JudgedCrate; 3] = [
    JudgedCrate { name: "strsim", module: "distance", shard: "0/1", built: 337, switched: 335 },
    JudgedCrate { name: "humantime", module: "human", shard: "0/6", built: 92, switched: 540 },
    JudgedCrate { name: "heck", module: "letters", shard: "0/1", built: 35, switched: 35 },
];
