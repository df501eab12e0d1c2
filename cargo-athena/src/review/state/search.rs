//! The search: which cases are shown.

use super::{ReviewPosition, ReviewState, ReviewView};
use crate::review::keys::Edit;

impl ReviewState {
    /// Handles a key while a text is typed. Returns the text once it is complete.
    pub(in crate::review) fn edit(&mut self, edit: Edit) -> Option<String> {
        let text = self.typed.as_mut()?;
        match edit {
            Edit::Letter(letter) => text.push(letter),
            Edit::Backspace => {
                if text.pop().is_none() {
                    self.typed = None;
                }
            }
            Edit::Cancel => self.typed = None,
            Edit::Done => return self.typed.take(),
        }
        None
    }

    /// Begins to type a text.
    pub(super) fn start_typing(&mut self) {
        self.typed = Some(String::new());
    }

    /// Shows only the cases that `matches` has, by the index of the case; all cases if the text is empty.
    pub(in crate::review) fn search(&mut self, text: &str, matches: &[bool]) {
        let found: Vec<usize> = (0..self.all.len())
            .filter(|group| self.all[*group].0.iter().any(|&case| matches[case]))
            .collect();
        if !text.is_empty() && found.is_empty() {
            self.message = format!("no case has `{text}` in its name, label, model or places");
            return;
        }
        text.clone_into(&mut self.filter);
        self.groups = if text.is_empty() {
            (0..self.all.len()).map(|group| (group, self.all[group].0.clone())).collect()
        } else {
            let cases = |group: usize| {
                self.all[group].0.iter().copied().filter(|&case| matches[case]).collect()
            };
            found.into_iter().map(|group| (group, cases(group))).collect()
        };
        self.go(ReviewPosition { group: 0, case: 0, single: false });
        if self.groups.len() > 1 {
            self.look(ReviewView::Overview);
        }
    }

    /// The number of undecided cases that the search hides.
    pub(super) fn hidden(&self) -> usize {
        let open =
            |cases: &[usize]| cases.iter().filter(|case| self.decision(**case).is_none()).count();
        let all: usize = self.all.iter().map(|(cases, _)| open(cases)).sum();
        let shown: usize = self.groups.iter().map(|(_, cases)| open(cases)).sum();
        all - shown
    }
}
