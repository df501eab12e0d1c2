use athena_rt::prelude::*;

#[structure]
fn compute() {}

#[structure]
union Bits {
    whole: u64,
}

#[structure]
struct Unit;

#[structure]
enum Never {}

#[structure]
struct Borrowed<'a> {
    text: &'a str,
}

#[structure]
struct Tree(Vec<Tree>);

#[structure]
struct Component(String, Vec<Component>);

#[structure]
#[serde(transparent)]
struct Only {
    children: Vec<Only>,
}

fn main() {}
