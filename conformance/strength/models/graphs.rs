//! topological-sort: an order of what depends on each other.

use athena_rt::prelude::*;
use topological_sort::TopologicalSort;

/// One has to come before the other.
#[structure]
pub struct Edge {
    /// The first.
    pub from: String,
    /// The second.
    pub to: String,
}

/// What is sorted.
#[structure]
pub struct Graph {
    /// Names, which may be in no edge.
    #[default(Vec::new())]
    pub nodes: Vec<String>,
    /// In any order.
    pub edges: Vec<Edge>,
}

/// The same by number.
#[structure]
pub struct Numbers {
    /// Each pair is an edge.
    pub edges: Vec<(u32, u32)>,
}

/// Names in an order.
#[structure]
pub struct Order {
    /// Each round has what depends on nothing any more.
    pub rounds: Vec<Vec<String>>,
    /// What is part of a cycle.
    pub left: u64,
}

/// Takes round by round.
#[model]
pub fn sort(state: State<Graph>) -> State<Order> {
    let mut sort = TopologicalSort::<String>::new();
    for node in &state.data.nodes {
        sort.insert(node.clone());
    }
    for edge in &state.data.edges {
        sort.add_dependency(edge.from.clone(), edge.to.clone());
    }
    let mut rounds = Vec::new();
    loop {
        let mut round = sort.pop_all();
        if round.is_empty() {
            break;
        }
        round.sort();
        rounds.push(round);
    }
    let left = sort.len() as u64;
    state.with(Order { rounds, left })
}

/// Takes one by one.
#[model]
pub fn pop(state: State<Numbers>) -> State<Order> {
    let mut sort = TopologicalSort::<u32>::new();
    for (from, to) in &state.data.edges {
        sort.add_dependency(*from, *to);
    }
    let mut rounds = Vec::new();
    while !sort.is_empty() {
        let mut all: Vec<u32> = sort.peek_all().into_iter().copied().collect();
        all.sort_unstable();
        // Which of several comes first is not determined.
        if all.len() > 1 {
            rounds.push(all.iter().map(ToString::to_string).collect());
            sort.pop_all();
            continue;
        }
        let Some(one) = sort.pop() else { break };
        rounds.push(vec![one.to_string()]);
    }
    let left = sort.len() as u64;
    state.with(Order { rounds, left })
}
