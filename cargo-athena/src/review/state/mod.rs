//! The position and decisions of a review, independent of terminal and files.

mod search;

use super::groups::CaseGroup;
use super::keys::Key;
use crate::display::plural;

/// A decision on a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Accept,
    Reject,
    Skip,
}

/// How a review ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReviewEnd {
    /// The decisions are carried out.
    Apply,
    /// Nothing is changed.
    Quit,
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReviewView {
    /// A cluster, or one of its cases.
    Outcome,
    /// The input of the case.
    Input,
    Help,
    /// All clusters.
    Overview,
    /// The decisions so far.
    Summary,
}

/// A position among the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReviewPosition {
    /// The index of the cluster.
    pub(super) group: usize,
    /// The index of the case in it: the example, or the case to decide on.
    pub(super) case: usize,
    /// Whether cases are decided one by one.
    pub(super) single: bool,
}

/// The number of cases by decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DecisionCounts {
    pub(super) accepted: usize,
    pub(super) rejected: usize,
    pub(super) skipped: usize,
    pub(super) open: usize,
}

#[derive(Debug)]
pub(super) struct ReviewState {
    /// The cases of every cluster, and whether they can be accepted.
    all: Vec<(Vec<usize>, bool)>,
    /// The clusters with cases that the search shows: the index of the cluster, and those cases.
    groups: Vec<(usize, Vec<usize>)>,
    /// The text that shown cases have; empty if all are shown.
    pub(super) filter: String,
    /// The text that is being typed.
    pub(super) typed: Option<String>,
    decisions: Vec<Option<Decision>>,
    history: Vec<UndoStep>,
    pub(super) position: ReviewPosition,
    pub(super) view: ReviewView,
    /// Whether the whole outcome is shown, not only the changes.
    pub(super) whole: bool,
    /// Whether the whole outcome has more than the changes; known after reading.
    pub(super) has_whole: bool,
    /// The number of lines scrolled away.
    pub(super) scroll: usize,
    /// The number of lines, and of lines that fit; known after drawing.
    pub(super) lines: usize,
    pub(super) height: usize,
    /// The effect of the last key, if it is not visible.
    pub(super) message: String,
}

/// A decision that can be undone, with the state before it.
#[derive(Debug)]
struct UndoStep {
    before: Vec<(usize, Option<Decision>)>,
    position: ReviewPosition,
}

impl ReviewState {
    /// A review of `cases` cases at the first cluster, without decisions.
    pub(super) fn new(groups: &[CaseGroup], cases: usize) -> Self {
        Self {
            all: groups.iter().map(|group| (group.cases.clone(), group.acceptable)).collect(),
            groups: groups.iter().map(|group| group.cases.clone()).enumerate().collect(),
            filter: String::new(),
            typed: None,
            decisions: vec![None; cases],
            history: Vec::new(),
            position: ReviewPosition { group: 0, case: 0, single: false },
            view: ReviewView::Outcome,
            whole: false,
            has_whole: true,
            scroll: 0,
            lines: 0,
            height: 1,
            message: String::new(),
        }
    }

    /// Handles a key. Returns how the review ends, if it does.
    pub(super) fn press(&mut self, key: Key) -> Option<ReviewEnd> {
        self.message.clear();
        match key {
            Key::Quit => return Some(ReviewEnd::Quit),
            Key::Up => self.scroll = self.scroll.saturating_sub(1),
            Key::Down => self.scroll_to(self.scroll + 1),
            Key::PageUp => self.scroll = self.scroll.saturating_sub(self.page()),
            Key::PageDown => self.scroll_to(self.scroll + self.page()),
            Key::Top => self.scroll = 0,
            Key::Bottom => self.scroll_to(usize::MAX),
            Key::Undo => self.undo(),
            Key::Search => self.start_typing(),
            _ => return self.press_in_view(key),
        }
        None
    }

    /// The index of the shown case.
    pub(super) fn case(&self) -> usize {
        self.cases().get(self.position.case).copied().unwrap_or_default()
    }

    /// The cases of the shown cluster.
    pub(super) fn cases(&self) -> &[usize] {
        self.groups.get(self.position.group).map_or(&[], |(_, cases)| cases)
    }

    /// Whether the outcomes of the cluster can be accepted.
    pub(super) fn is_acceptable(&self) -> bool {
        self.all.get(self.cluster(self.position.group)).is_some_and(|(_, acceptable)| *acceptable)
    }

    /// The number of shown clusters.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The index of a shown cluster among all clusters.
    pub(super) fn cluster(&self, group: usize) -> usize {
        self.groups.get(group).map_or(0, |(cluster, _)| *cluster)
    }

    /// The shown cases of a shown cluster.
    pub(super) fn cases_of(&self, group: usize) -> &[usize] {
        self.groups.get(group).map_or(&[], |(_, cases)| cases)
    }

    pub(super) fn decision(&self, case: usize) -> Option<Decision> {
        self.decisions.get(case).copied().flatten()
    }

    /// The cases with this decision.
    pub(super) fn decided(&self, decision: Decision) -> Vec<usize> {
        let has_decision = |case: &usize| self.decision(*case) == Some(decision);
        (0..self.decisions.len()).filter(has_decision).collect()
    }

    /// The counts of a shown cluster, or of all cases.
    pub(super) fn counts(&self, group: Option<usize>) -> DecisionCounts {
        match group.and_then(|group| self.groups.get(group)) {
            Some((_, cases)) => self.counts_of(cases.iter().copied()),
            None => self.counts_of(0..self.decisions.len()),
        }
    }

    /// The counts of some cases.
    pub(super) fn counts_of(&self, cases: impl Iterator<Item = usize>) -> DecisionCounts {
        let mut counts = DecisionCounts::default();
        let mut count = |decision: Option<Decision>| match decision {
            Some(Decision::Accept) => counts.accepted += 1,
            Some(Decision::Reject) => counts.rejected += 1,
            Some(Decision::Skip) => counts.skipped += 1,
            None => counts.open += 1,
        };
        cases.for_each(|case| count(self.decision(case)));
        counts
    }

    /// Whether any decision changes something.
    pub(super) fn decides(&self) -> bool {
        let counts = self.counts(None);
        counts.accepted + counts.rejected > 0
    }

    /// Whether `m` shows the whole outcome rather than the next example.
    pub(super) fn more_is_whole(&self) -> bool {
        !self.whole && self.has_whole
    }

    fn page(&self) -> usize {
        self.height.saturating_sub(1).max(1)
    }

    fn scroll_to(&mut self, line: usize) {
        self.scroll = line.min(self.lines.saturating_sub(self.height));
    }

    fn press_in_view(&mut self, key: Key) -> Option<ReviewEnd> {
        match (self.view, key) {
            // A double press of the key that led here must not apply anything.
            (ReviewView::Summary, Key::Finish) => {
                self.show_message("y to apply, Q to quit without changes");
            }
            (ReviewView::Summary, Key::Confirm) => {
                return Some(if self.decides() { ReviewEnd::Apply } else { ReviewEnd::Quit });
            }
            (ReviewView::Summary, Key::Back | Key::Previous) => self.look(ReviewView::Outcome),
            (ReviewView::Outcome | ReviewView::Overview, Key::Finish) => {
                self.look(ReviewView::Summary);
            }
            (ReviewView::Outcome, Key::Input) => self.look(ReviewView::Input),
            (ReviewView::Outcome | ReviewView::Input | ReviewView::Summary, Key::Overview) => {
                self.position.single = false;
                self.look(ReviewView::Overview);
            }
            (ReviewView::Overview, Key::Next) => self.step(true),
            (ReviewView::Overview, Key::Previous) => self.step(false),
            (ReviewView::Outcome | ReviewView::Summary, Key::Help) => self.look(ReviewView::Help),
            (ReviewView::Overview, Key::Overview | Key::Back | Key::Confirm)
            | (ReviewView::Input, Key::Input | Key::Back | Key::Finish)
            | (ReviewView::Help, Key::Help | Key::Back | Key::Finish | Key::Confirm) => {
                self.look(ReviewView::Outcome);
            }
            // Decisions and navigation also work while the input is shown.
            (ReviewView::Outcome | ReviewView::Input, _) => self.press_at_outcome(key),
            _ => {}
        }
        None
    }

    fn press_at_outcome(&mut self, key: Key) {
        match key {
            Key::Accept => self.decide(Decision::Accept),
            Key::Reject => self.decide(Decision::Reject),
            Key::Skip => self.decide(Decision::Skip),
            Key::Next => self.step(true),
            Key::Previous => self.step(false),
            Key::More => self.more(),
            Key::Cases if self.cases().len() == 1 => {
                self.show_message("this cluster has one case");
            }
            Key::Cases => {
                let position = self.position;
                // The cases start at the example.
                self.go(ReviewPosition { single: !position.single, ..position });
            }
            Key::Back if self.position.single => {
                let position = self.position;
                self.go(ReviewPosition { single: false, ..position });
            }
            _ => {}
        }
    }

    fn show_message(&mut self, message: &str) {
        message.clone_into(&mut self.message);
    }

    fn look(&mut self, view: ReviewView) {
        self.view = view;
        self.scroll = 0;
    }

    fn go(&mut self, position: ReviewPosition) {
        self.position = position;
        self.whole = false;
        self.look(ReviewView::Outcome);
    }

    fn step(&mut self, forward: bool) {
        let (at, count) = if self.position.single {
            (self.position.case, self.cases().len())
        } else {
            (self.position.group, self.groups.len())
        };
        let what = if self.position.single { "case of this cluster" } else { "cluster" };
        let to =
            if forward { at.checked_add(1).filter(|to| *to < count) } else { at.checked_sub(1) };
        let Some(to) = to else {
            let end = if forward { "last" } else { "first" };
            self.show_message(&format!("this is the {end} {what}"));
            return;
        };
        let view = self.view;
        let position = self.position;
        self.go(if position.single {
            ReviewPosition { case: to, ..position }
        } else {
            ReviewPosition { group: to, case: 0, single: false }
        });
        self.view = view;
    }

    fn more(&mut self) {
        if self.view == ReviewView::Outcome && self.more_is_whole() {
            self.whole = true;
            self.scroll = 0;
            return;
        }
        let (view, position) = (self.view, self.position);
        let next = (position.case + 1) % self.cases().len().max(1);
        if next == position.case {
            if !self.whole {
                self.show_message("this is all there is of it");
            }
            self.whole = false;
            return;
        }
        self.go(ReviewPosition { case: next, ..position });
        self.view = view;
    }

    fn decide(&mut self, decision: Decision) {
        if decision == Decision::Accept && !self.is_acceptable() {
            self.show_message("no outcome to accept: fix the model or the case, or press r");
            return;
        }
        let chosen = self.chosen();
        let before = chosen.iter().map(|&case| (case, self.decision(case))).collect();
        self.history.push(UndoStep { before, position: self.position });
        for &case in &chosen {
            if let Some(known) = self.decisions.get_mut(case) {
                *known = Some(decision);
            }
        }
        self.message = format!("{} {}", decision_label(decision), plural(chosen.len(), "case"));
        let kept = self.cases().len() - chosen.len();
        if kept > 0 && !self.position.single {
            self.message += &format!(" ({kept} decided on one by one stay)");
        }
        self.advance();
    }

    /// The cases that a decision applies to: one case, or the undecided cases of a cluster, or all
    /// of its cases if every one is decided.
    fn chosen(&self) -> Vec<usize> {
        if self.position.single {
            return vec![self.case()];
        }
        let open = self.cases().iter().copied().filter(|case| self.decision(*case).is_none());
        let open: Vec<usize> = open.collect();
        if open.is_empty() { self.cases().to_vec() } else { open }
    }

    /// Moves on to something undecided: the next case, the next cluster, or the summary.
    fn advance(&mut self) {
        let is_open = |case: &usize| self.decision(*case).is_none();
        let position = self.position;
        if position.single {
            let cases = self.cases();
            let order = (position.case..cases.len()).chain(0..position.case);
            let next = order.into_iter().find(|at| cases.get(*at).is_some_and(is_open));
            if let Some(case) = next {
                return self.go(ReviewPosition { case, ..position });
            }
        }
        let order = (position.group..self.groups.len()).chain(0..position.group);
        let next = order
            .into_iter()
            .find_map(|group| Some((group, self.groups[group].1.iter().position(&is_open)?)));
        if let Some((group, case)) = next {
            return self.go(ReviewPosition { group, case, single: false });
        }
        self.look(ReviewView::Summary);
        let hidden = self.hidden();
        if hidden > 0 {
            let hidden = plural(hidden, "more undecided case");
            self.message += &format!("; {hidden}: b, then / and Enter");
        }
    }

    fn undo(&mut self) {
        let Some(step) = self.history.pop() else {
            self.show_message("there is nothing to undo");
            return;
        };
        for &(case, decision) in &step.before {
            if let Some(known) = self.decisions.get_mut(case) {
                *known = decision;
            }
        }
        let ReviewPosition { group, case, .. } = step.position;
        if case < self.cases_of(group).len() {
            self.go(step.position);
        }
        self.message = format!("undone: {}", plural(step.before.len(), "case"));
    }
}

pub(super) fn decision_label(decision: Decision) -> &'static str {
    match decision {
        Decision::Accept => "accepted",
        Decision::Reject => "rejected",
        Decision::Skip => "skipped",
    }
}

#[cfg(test)]
mod tests;
