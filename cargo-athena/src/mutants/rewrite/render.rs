//! Writes a file with its sites and mutants.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::found::{FileMutants, Insertion, Switching};

/// The name under which rewritten code has the crate of the switch.
pub(crate) const SWITCH: &str = "__athena_switch";

/// What is left out of a rewritten file, because it does not compile.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeftOut {
    /// Mutants, by their index in the file.
    pub(crate) mutants: BTreeSet<usize>,
    /// Sites, by their index in the file.
    pub(crate) sites: BTreeSet<usize>,
}

/// A rewritten file.
#[derive(Debug, Default)]
pub(crate) struct RewrittenFile {
    pub(crate) text: String,
    /// What the regions of the text are, in the order of their starts.
    regions: Vec<(Range<usize>, Region)>,
}

/// What a region of a rewritten file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    /// The code of a mutant, by its index.
    Mutant(usize),
    /// All that belongs to a site, by its index.
    Site(usize),
    /// A function, by its index.
    Function(usize),
}

impl RewrittenFile {
    /// What a position is in, from the innermost.
    pub(crate) fn regions_at(&self, position: usize) -> Vec<Region> {
        let inside = self
            .regions
            .iter()
            .filter(|(range, _)| range.start <= position && position <= range.end);
        let mut found: Vec<_> = inside.collect();
        found.sort_by_key(|(range, _)| range.len());
        found.into_iter().map(|(_, region)| *region).collect()
    }
}

/// The numbers of a file's first site and first mutant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FirstIds {
    pub(crate) site: u32,
    pub(crate) mutant: u32,
}

/// Writes a file with the sites and mutants that are not left out.
pub(crate) fn render(
    text: &str,
    found: &FileMutants,
    ids: &BTreeMap<usize, u32>,
    first: FirstIds,
    left_out: &LeftOut,
) -> RewrittenFile {
    let mut arms: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, mutant) in found.mutants.iter().enumerate() {
        if let Switching::Code { site, .. } = mutant.switching {
            arms.entry(site).or_default().push(index);
        }
    }
    let mut around = BTreeMap::new();
    let mut points: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, site) in found.sites.iter().enumerate() {
        if left_out.sites.contains(&index) {
            continue;
        }
        match site.insertion {
            Insertion::Around => {
                around.insert((site.region.start, Reverse(site.region.end)), index);
            }
            Insertion::Statement(at) | Insertion::Guard(at) => {
                points.entry(at).or_default().push(index);
            }
        }
    }
    let mut writer = Writer {
        text,
        found,
        ids,
        first,
        left_out,
        arms,
        around,
        points,
        functions: found.functions.iter().map(|range| (range.start, range.end)).collect(),
        out: RewrittenFile::default(),
    };
    writer.range(0, text.len(), None);
    let mut out = writer.out;
    for (index, function) in found.functions.iter().enumerate() {
        let (start, end) = (writer.functions[index].0, writer.functions[index].1);
        debug_assert!(function.len() <= end - start);
        out.regions.push((start..end, Region::Function(index)));
    }
    out
}

struct Writer<'a> {
    text: &'a str,
    found: &'a FileMutants,
    /// The number of each mutant, by its index.
    ids: &'a BTreeMap<usize, u32>,
    first: FirstIds,
    left_out: &'a LeftOut,
    /// The mutants of each site.
    arms: BTreeMap<usize, Vec<usize>>,
    around: BTreeMap<(usize, Reverse<usize>), usize>,
    points: BTreeMap<usize, Vec<usize>>,
    /// Where each function is in the output.
    functions: Vec<(usize, usize)>,
    out: RewrittenFile,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.out.text.push_str(text);
    }

    /// Copies a part of the file, and keeps track of where functions begin and end.
    fn copy(&mut self, from: usize, to: usize) {
        let at = self.out.text.len();
        for (index, function) in self.found.functions.iter().enumerate() {
            if (from..to).contains(&function.start) {
                self.functions[index].0 = at + function.start - from;
            }
            if from < function.end && function.end <= to {
                self.functions[index].1 = at + function.end - from;
            }
        }
        let part = self.text.get(from..to).unwrap_or_default();
        self.out.text.push_str(part);
    }

    /// Writes a part of the file, without the site that is being written.
    fn range(&mut self, from: usize, to: usize, own: Option<usize>) {
        let (mut at, mut points_from) = (from, from + usize::from(own.is_some()));
        loop {
            let next = self.around.range((at, Reverse(usize::MAX))..);
            let next = next
                .map(|((start, end), site)| (*start, end.0, *site))
                .take_while(|(start, ..)| *start < to)
                .find(|(_, end, site)| *end <= to && Some(*site) != own);
            let point = self.points.range(points_from..to.max(points_from)).next();
            let point = point.map(|(at, sites)| (*at, sites.clone()));
            match (point, next) {
                (Some((place, sites)), next) if next.is_none_or(|next| place <= next.0) => {
                    self.copy(at, place);
                    for site in sites {
                        self.point(site);
                    }
                    (at, points_from) = (place, place + 1);
                }
                (_, Some((start, end, site))) => {
                    self.copy(at, start);
                    self.around(start, end, site);
                    (at, points_from) = (end, end);
                }
                (_, None) => break,
            }
        }
        self.copy(at, to);
    }

    /// The mutants of a site that are not left out.
    fn mutants_of(&self, site: usize) -> Vec<usize> {
        let all = self.arms.get(&site).into_iter().flatten().copied();
        all.filter(|mutant| !self.left_out.mutants.contains(mutant)).collect()
    }

    fn site_id(&self, site: usize) -> u32 {
        self.first.site + u32::try_from(site).unwrap_or(u32::MAX)
    }

    /// The start of a match over the mutants of a site.
    fn pick(&self, site: usize) -> String {
        let all = self.arms.get(&site).map(Vec::as_slice).unwrap_or_default();
        let first = all.iter().filter_map(|mutant| self.ids.get(mutant)).min().unwrap_or(&0);
        format!("crate::{SWITCH}::pick({}, {first}, {})", self.site_id(site), all.len())
    }

    fn arms(&mut self, site: usize, mutants: &[usize]) {
        let all = self.arms.get(&site).cloned().unwrap_or_default();
        for mutant in mutants {
            let Switching::Code { code, .. } = &self.found.mutants[*mutant].switching else {
                continue;
            };
            let number = all.iter().position(|other| other == mutant).unwrap_or_default() + 1;
            self.push(&format!(" {number} => {{ "));
            let start = self.out.text.len();
            self.push(code);
            self.mark(start, Region::Mutant(*mutant));
            self.push(" }");
        }
    }

    fn mark(&mut self, start: usize, region: Region) {
        self.out.regions.push((start..self.out.text.len(), region));
    }

    fn around(&mut self, from: usize, to: usize, site: usize) {
        let start = self.out.text.len();
        let mutants = self.mutants_of(site);
        if mutants.is_empty() {
            if self.found.sites[site].is_block {
                let hit = format!("({{ crate::{SWITCH}::hit({}); ", self.site_id(site));
                self.push(&hit);
                self.range(from, to, Some(site));
                self.push(" })");
            } else {
                self.range(from, to, Some(site));
            }
        } else {
            let pick = format!("(match {} {{", self.pick(site));
            self.push(&pick);
            self.arms(site, &mutants);
            self.push(" _ => { ");
            self.range(from, to, Some(site));
            self.push(" } })");
        }
        self.mark(start, Region::Site(site));
    }

    fn point(&mut self, site: usize) {
        let start = self.out.text.len();
        let mutants = self.mutants_of(site);
        match self.found.sites[site].insertion {
            Insertion::Guard(_) => {
                if let [mutant] = mutants[..] {
                    let guard = format!(" if {} == 0", self.pick(site));
                    self.push(&guard);
                    self.mark(start, Region::Mutant(mutant));
                }
            }
            _ if mutants.is_empty() => {
                let hit = format!("crate::{SWITCH}::hit({}); ", self.site_id(site));
                self.push(&hit);
            }
            _ => {
                let pick = format!("match {} {{", self.pick(site));
                self.push(&pick);
                self.arms(site, &mutants);
                self.push(" _ => {} } ");
            }
        }
        self.mark(start, Region::Site(site));
    }
}
