/// Transparent.
#[structure]
pub struct Id(pub u64);

#[structure]
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range(i64, Option<i64>);
