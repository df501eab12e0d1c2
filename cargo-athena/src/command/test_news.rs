//! What is new in a replay of `cargo athena watch`: failures that were shown before are only counted.

use std::collections::BTreeMap;
use std::path::Path;

use athena_protocol::Failure;

use super::report::failure_text;
use crate::console::print;
use crate::display::plural;
use crate::error::Result;
use crate::pending::failure_fingerprint;
use crate::report::terminal::{self, Examples};
use crate::report::{self, Report};
use crate::style::Style;

/// Up to how many new failures are shown each; more are shown as clusters.
const WHOLE: usize = 10;

/// The most names of cases that pass again.
const NAMED: usize = 5;

/// The failures that were shown: fingerprints by name.
#[derive(Clone, Debug, Default)]
pub(super) struct ShownFailures(BTreeMap<String, String>);

/// A replay that shows only what is new.
pub(super) struct NewsOnly<'a> {
    pub(super) shown: &'a mut ShownFailures,
    /// Whether the replay covers the case of this name.
    pub(super) is_replayed: &'a dyn Fn(&str) -> bool,
}

impl ShownFailures {
    /// Prints the failures of the report in `path` that are other than those shown, and the cases that pass
    /// again. Remembers what it shows; `is_replayed` selects the cases that this replay covers.
    pub(super) fn print_news(
        &mut self,
        report: &Report,
        path: &Path,
        is_replayed: impl Fn(&str) -> bool,
        style: Style,
    ) -> Result<()> {
        let mut before: BTreeMap<String, String> = BTreeMap::new();
        self.0.retain(|name, fingerprint| {
            let is_old = is_replayed(name);
            if is_old {
                before.insert(name.clone(), fingerprint.clone());
            }
            !is_old
        });
        let mut news: Vec<Failure> = Vec::new();
        let (mut count, mut known) = (0_usize, 0_usize);
        if let Some((_, failures)) = report::read(path)? {
            for failure in failures {
                let failure = failure?;
                let now = failure_fingerprint(&failure);
                let was = before.remove(&failure.name);
                self.0.insert(failure.name.clone(), now.clone());
                if was == Some(now) {
                    known += 1;
                    continue;
                }
                count += 1;
                if news.len() < WHOLE {
                    news.push(failure);
                }
            }
        }
        let mut out = String::new();
        if count > WHOLE && known == 0 {
            out = format!("\n{}\n", terminal::clusters(report, Examples::Diff, style));
        } else {
            for failure in &news {
                out += &failure_text(failure, style);
            }
            if count > news.len() {
                let more = plural(count - news.len(), "more case");
                out += &format!(".. and {more}: cargo athena report show\n");
            }
        }
        if known > 0 {
            let fail = if known == 1 { "fails" } else { "fail" };
            out +=
                &format!("{}\n", style.dim(&format!("{} {fail} as before", plural(known, "case"))));
        }
        // What is left did not fail this time.
        if !before.is_empty() {
            let names: Vec<&str> = before.keys().take(NAMED).map(String::as_str).collect();
            let more = match before.len() - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let passes = style.added("passes again:");
            out += &format!("{passes} {}{more}\n", names.join(", "));
        }
        print(&out)
    }
}
