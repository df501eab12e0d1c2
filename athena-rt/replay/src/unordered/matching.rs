//! Matches the items of a group: those in which the same has to be equal.

use std::collections::HashMap;

use super::ItemMatches;
use super::point_tree::{Among, PointTree};
use super::profile::{Profile, TolerantFloat};

/// How many pairs of items are compared in full before the rest is left unmatched: a model that
/// returns a list of thousands of lists with tolerances, nearly all alike, is not worth minutes.
const MOST_COMPARED: u64 = 2_000_000;

/// An item of a list.
pub(super) struct Item(Profile);

impl Item {
    pub(super) fn new(profile: Profile) -> Self {
        Self(profile)
    }

    /// What has to be equal; `None` if it matches nothing.
    pub(super) fn key(&self) -> Option<&[u8]> {
        self.0.can_match.then_some(&self.0.key)
    }

    fn floats(&self) -> &[TolerantFloat] {
        &self.0.floats
    }
}

/// Items of two lists that have one key.
pub(super) struct Group<'a> {
    /// Positions in the lists.
    pub(super) old: &'a [usize],
    pub(super) new: &'a [usize],
    pub(super) old_items: &'a [Item],
    pub(super) new_items: &'a [Item],
    /// Whether an item of the old list and one of the new list are the same.
    pub(super) is_same: &'a dyn Fn(usize, usize) -> bool,
    /// Bytes that are equal for items that are equal, tolerances aside.
    pub(super) old_exact: &'a dyn Fn(usize) -> Vec<u8>,
    pub(super) new_exact: &'a dyn Fn(usize) -> Vec<u8>,
}

impl Group<'_> {
    /// Matches as many items as possible.
    pub(super) fn matches(&self) -> ItemMatches {
        let (Some(&first), false) = (self.old.first(), self.new.is_empty()) else {
            let (old, new) = (self.old.to_vec(), self.new.to_vec());
            return ItemMatches { pairs: Vec::new(), old, new };
        };
        let first = &self.old_items[first].0;
        match &first.floats[..] {
            [] if !first.is_partial => {
                let both = self.old.len().min(self.new.len());
                ItemMatches {
                    pairs: self.old.iter().copied().zip(self.new.iter().copied()).collect(),
                    old: self.old[both..].to_vec(),
                    new: self.new[both..].to_vec(),
                }
            }
            [float] if !first.is_partial && float.is_interval() => self.in_order(),
            _ => Matching::new(self).run(),
        }
    }

    /// Matches items of one float each: in ascending order, each with the first that is not too
    /// small.
    fn in_order(&self) -> ItemMatches {
        let sorted = |places: &[usize], items: &[Item]| {
            let mut sorted: Vec<(f64, usize)> =
                places.iter().map(|&at| (items[at].floats()[0].value, at)).collect();
            sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
            sorted
        };
        let old = sorted(self.old, self.old_items);
        let new = sorted(self.new, self.new_items);
        let mut found = ItemMatches::default();
        let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
        while let (Some(&(before, one)), Some(&(after, other))) = (old.peek(), new.peek()) {
            let is_covered = self.old_items[one].floats()[0].covers(after);
            if is_covered || before <= after {
                old.next();
            }
            if is_covered || before > after {
                new.next();
            }
            if is_covered {
                found.pairs.push((one, other));
            } else if before <= after {
                found.old.push(one);
            } else {
                found.new.push(other);
            }
        }
        found.old.extend(old.map(|(_, at)| at));
        found.new.extend(new.map(|(_, at)| at));
        found
    }
}

/// A maximum matching by augmenting paths, as Pothen and Fan find them: in each round every item
/// is visited once at most.
struct Matching<'a> {
    group: &'a Group<'a>,
    tree: PointTree,
    /// By index in the group: the index of the match on the other side.
    of_old: Vec<Option<usize>>,
    of_new: Vec<Option<usize>>,
    compared: u64,
}

impl<'a> Matching<'a> {
    fn new(group: &'a Group<'a>) -> Self {
        let points: Vec<&[TolerantFloat]> =
            group.new.iter().map(|&at| group.new_items[at].floats()).collect();
        Self {
            group,
            tree: PointTree::new(&points),
            of_old: vec![None; group.old.len()],
            of_new: vec![None; group.new.len()],
            compared: 0,
        }
    }

    fn run(mut self) -> ItemMatches {
        self.match_equal();
        loop {
            self.tree.unvisit();
            let mut has_grown = false;
            for one in 0..self.of_old.len() {
                if self.of_old[one].is_none() {
                    has_grown |= self.augment(one);
                }
            }
            if !has_grown || self.compared > MOST_COMPARED {
                break;
            }
        }
        let free = |matches: &[Option<usize>], places: &[usize]| {
            let free = matches.iter().zip(places).filter(|(other, _)| other.is_none());
            free.map(|(_, &at)| at).collect()
        };
        let matched = self.of_old.iter().zip(self.group.old);
        ItemMatches {
            pairs: matched
                .filter_map(|(other, &at)| Some((at, self.group.new[(*other)?])))
                .collect(),
            old: free(&self.of_old, self.group.old),
            new: free(&self.of_new, self.group.new),
        }
    }

    /// Matches items that are equal, to begin with: mostly that is all of them.
    fn match_equal(&mut self) {
        let mut equal: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (index, &at) in self.group.new.iter().enumerate().rev() {
            equal.entry((self.group.new_exact)(at)).or_default().push(index);
        }
        for (index, &at) in self.group.old.iter().enumerate() {
            let found = equal.get_mut(&(self.group.old_exact)(at)).and_then(Vec::pop);
            if let Some(other) = found {
                self.connect(index, other);
                self.tree.match_item(other);
            }
        }
    }

    fn connect(&mut self, one: usize, other: usize) {
        self.of_old[one] = Some(other);
        self.of_new[other] = Some(one);
    }

    /// Finds a match for an item, if need be by finding other matches for those that are in the
    /// way.
    fn augment(&mut self, start: usize) -> bool {
        // Items of the old list, each with the item of the new list that led to the next.
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut one = start;
        let mut is_new = true;
        loop {
            let free = if is_new { self.find(one, Among::Free) } else { None };
            if let Some(free) = free {
                self.tree.match_item(free);
                self.connect(one, free);
                for (one, other) in path.into_iter().rev() {
                    self.connect(one, other);
                }
                return true;
            }
            if let Some(other) = self.find(one, Among::Unvisited) {
                self.tree.visit(other);
                // All free ones were looked at: it has a match.
                let Some(next) = self.of_new[other] else { continue };
                path.push((one, other));
                one = next;
                is_new = true;
            } else {
                let Some((before, _)) = path.pop() else { return false };
                one = before;
                is_new = false;
            }
        }
    }

    fn find(&mut self, one: usize, among: Among) -> Option<usize> {
        if self.compared > MOST_COMPARED {
            return None;
        }
        let group = self.group;
        let at = group.old[one];
        let item = &group.old_items[at];
        let compared = &mut self.compared;
        self.tree.find(item.floats(), among, &mut |other| {
            let other = group.new[other];
            let floats = group.new_items[other].floats();
            let is_covered =
                item.floats().iter().zip(floats).all(|(one, other)| one.covers(other.value));
            if !is_covered || !item.0.is_partial {
                return is_covered;
            }
            *compared += 1;
            (group.is_same)(at, other)
        })
    }
}
