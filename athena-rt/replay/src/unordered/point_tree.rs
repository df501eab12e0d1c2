//! A tree of items by their floats: finds one within the tolerances of another without looking at
//! all of them.

use super::profile::TolerantFloat;

/// The number of floats that the tree looks at; the others are compared at its leaves.
const DIMENSIONS: usize = 6;

/// The items of a tree that a search may find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    /// Those without a match.
    Free,
    /// Those that this round has not visited.
    Unvisited,
}

/// Items, by position.
pub(super) struct PointTree {
    /// A binary tree in an array: the children of `n` are `2n + 1` and `2n + 2`.
    nodes: Vec<Subtree>,
    /// The items in the order of the leaves.
    leaves: Vec<usize>,
    /// The leaf of each item.
    leaf_of: Vec<usize>,
    /// The first node of the last level.
    first_leaf: usize,
    dimensions: Vec<usize>,
}

#[derive(Clone, Default)]
struct Subtree {
    /// The least and the largest value of each dimension.
    bounds: Vec<(f64, f64)>,
    free: u32,
    unvisited: u32,
}

impl PointTree {
    /// A tree of items, all of them free. Each has as many floats as the others.
    pub(super) fn new(points: &[&[TolerantFloat]]) -> Self {
        let count = points.first().map_or(0, |point| point.len());
        let mut spread: Vec<(usize, f64)> = (0..count)
            .filter(|&at| points[0][at].is_interval())
            .map(|at| {
                let (least, most) = bounds(points.iter().map(|point| point[at].value));
                // In units of what the tolerance covers, as far as that is known.
                let covered = points[0][at].reach(least, most);
                (at, (most - least) / covered.max(f64::MIN_POSITIVE))
            })
            .collect();
        spread.sort_by(|one, other| other.1.total_cmp(&one.1));
        let dimensions: Vec<usize> = spread.iter().take(DIMENSIONS).map(|(at, _)| *at).collect();
        let width = points.len().max(1).next_power_of_two();
        let mut tree = Self {
            nodes: vec![Subtree::default(); 2 * width - 1],
            leaves: Vec::new(),
            leaf_of: vec![0; points.len()],
            first_leaf: width - 1,
            dimensions,
        };
        let mut order: Vec<usize> = (0..points.len()).collect();
        tree.leaves = vec![usize::MAX; width];
        tree.split(0, &mut order, points);
        tree
    }

    /// Divides the items below a node by the dimension in which they are furthest apart.
    fn split(&mut self, node: usize, items: &mut [usize], points: &[&[TolerantFloat]]) {
        if items.is_empty() {
            return;
        }
        let bounds: Vec<(f64, f64)> = self
            .dimensions
            .iter()
            .map(|&at| bounds(items.iter().map(|&item| points[item][at].value)))
            .collect();
        let widest = (0..bounds.len()).max_by(|&one, &other| {
            let width = |at: usize| bounds[at].1 - bounds[at].0;
            width(one).total_cmp(&width(other))
        });
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        self.nodes[node] = Subtree { bounds, free: count, unvisited: count };
        if node >= self.first_leaf {
            self.leaves[node - self.first_leaf] = items[0];
            self.leaf_of[items[0]] = node;
            return;
        }
        if let Some(widest) = widest {
            let at = self.dimensions[widest];
            items.sort_by(|&one, &other| points[one][at].value.total_cmp(&points[other][at].value));
        }
        // The left half is full, so that every item has a leaf.
        let depth = (node + 1).ilog2();
        let half = (self.first_leaf + 1) >> (depth + 1);
        let (left, right) = items.split_at_mut(half.min(items.len()));
        self.split(2 * node + 1, left, points);
        self.split(2 * node + 2, right, points);
    }

    /// Lets a search find all items again.
    pub(super) fn unvisit(&mut self) {
        for at in (0..self.nodes.len()).rev() {
            self.nodes[at].unvisited = if at >= self.first_leaf {
                u32::from(self.leaves[at - self.first_leaf] != usize::MAX)
            } else {
                self.nodes[2 * at + 1].unvisited + self.nodes[2 * at + 2].unvisited
            };
        }
    }

    /// Finds an item that `point` covers and `is_same` accepts.
    pub(super) fn find(
        &self,
        point: &[TolerantFloat],
        among: Among,
        is_same: &mut dyn FnMut(usize) -> bool,
    ) -> Option<usize> {
        let mut stack = vec![0];
        while let Some(at) = stack.pop() {
            let node = &self.nodes[at];
            let count = match among {
                Among::Free => node.free,
                Among::Unvisited => node.unvisited,
            };
            if count == 0 || !self.may_cover(point, node) {
                continue;
            }
            if at < self.first_leaf {
                stack.extend([2 * at + 2, 2 * at + 1]);
                continue;
            }
            let item = self.leaves[at - self.first_leaf];
            if is_same(item) {
                return Some(item);
            }
        }
        None
    }

    fn may_cover(&self, point: &[TolerantFloat], node: &Subtree) -> bool {
        self.dimensions.iter().zip(&node.bounds).all(|(&at, &(least, most))| {
            let nearest = point[at].value.clamp(least, most);
            point[at].covers(nearest)
        })
    }

    pub(super) fn match_item(&mut self, item: usize) {
        self.each_above(item, |node| node.free -= 1);
    }

    pub(super) fn visit(&mut self, item: usize) {
        self.each_above(item, |node| node.unvisited -= 1);
    }

    fn each_above(&mut self, item: usize, change: impl Fn(&mut Subtree)) {
        let mut at = self.leaf_of[item];
        loop {
            change(&mut self.nodes[at]);
            if at == 0 {
                return;
            }
            at = (at - 1) / 2;
        }
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
        (least.min(value), most.max(value))
    })
}
