//! The crates that are judged.

/// A crate of somebody else.
#[derive(Debug)]
pub(crate) struct JudgedCrate {
    pub(crate) name: &'static str,
    /// The module of this package that has its models.
    pub(crate) module: &'static str,
    /// The version to fetch. `None` if it is a dependency of this package.
    pub(crate) version: Option<&'static str>,
    /// The part of its mutants that cargo-mutants builds.
    pub(crate) shard: &'static str,
    /// How many of them the generated cases must catch, by cargo-mutants.
    pub(crate) built: usize,
    /// How many of all mutants they must catch, by `cargo athena strength`.
    pub(crate) switched: usize,
}

/// Every crate with what its generated cases catch at least.
pub(crate) const CRATES: [JudgedCrate; 3] = [
    JudgedCrate { built: 337, switched: 335, ..JudgedCrate::dependency("strsim", "distance") },
    JudgedCrate {
        shard: "0/6",
        built: 92,
        switched: 540,
        ..JudgedCrate::dependency("humantime", "human")
    },
    JudgedCrate { built: 35, switched: 35, ..JudgedCrate::dependency("heck", "letters") },
];

/// Crates that nothing was tuned on. They have to catch nothing.
pub(crate) const OTHERS: [JudgedCrate; 10] = [
    JudgedCrate::fetched("evalexpr", "11.3.1", "expressions"),
    JudgedCrate::fetched("glob", "0.3.4", "globs"),
    JudgedCrate::fetched("iso8601", "0.6.6", "dates"),
    JudgedCrate::fetched("topological-sort", "0.2.2", "graphs"),
    JudgedCrate::fetched("timeago", "0.6.1", "ages"),
    JudgedCrate::fetched("bytesize", "2.7.0", "sizes"),
    JudgedCrate::fetched("textwrap", "0.16.2", "paragraphs"),
    JudgedCrate::fetched("email_address", "0.2.9", "addresses"),
    JudgedCrate::fetched("numfmt", "1.2.0", "numbers"),
    JudgedCrate::fetched("roots", "0.0.8", "equations"),
];

impl JudgedCrate {
    const fn dependency(name: &'static str, module: &'static str) -> Self {
        Self { name, module, version: None, shard: "0/1", built: 0, switched: 0 }
    }

    const fn fetched(name: &'static str, version: &'static str, module: &'static str) -> Self {
        Self { version: Some(version), ..Self::dependency(name, module) }
    }
}
