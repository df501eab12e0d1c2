//! Whether a report covers a request.

use crate::options::CaseFilter;
use crate::report::Selection;

/// The cases that a run left out, in a message. `None` if it covers the request. `packages` are the
/// packages selected now; `None` means all of the workspace.
pub(super) fn gap(
    selection: &Selection,
    which: &CaseFilter,
    packages: Option<&[String]>,
) -> Option<String> {
    if selection.is_whole() {
        return None;
    }
    if let Some(part) = &selection.partition {
        return Some(format!("only part {} of {}", part.part, part.parts));
    }
    if !selection.skip.is_empty() {
        return Some(format!("no cases named {}", quoted(&selection.skip)));
    }
    if selection.narrowed {
        return Some("only some targets, or stopped at the first failure".to_owned());
    }
    let has = |names: &[String]| {
        packages.is_some_and(|wanted| wanted.iter().all(|package| names.contains(package)))
    };
    if let Some(names) = selection.packages.as_deref().filter(|names| !has(names)) {
        return Some(format!("only the packages {}", quoted(names)));
    }
    if selection.filters.is_empty() {
        return None;
    }
    let is_in = |filter: &String| match (selection.exact, which.exact) {
        (true, true) => selection.filters.contains(filter),
        (true, false) => false,
        // A name that contains the longer text contains the shorter one.
        (false, _) => selection.filters.iter().any(|wider| filter.contains(wider.as_str())),
    };
    let covered = !which.filters.is_empty() && which.filters.iter().all(is_in);
    (!covered).then(|| format!("only cases named {}", quoted(&selection.filters)))
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use athena_protocol::Partition;

    use super::*;

    fn which(filters: &[&str], exact: bool) -> CaseFilter {
        let filters = filters.iter().map(|&filter| filter.to_owned()).collect();
        CaseFilter { filters, exact, cluster: None }
    }

    fn selection(filters: &[&str], exact: bool) -> Selection {
        Selection { exact, filters: which(filters, exact).filters, ..Selection::default() }
    }

    #[test]
    fn a_whole_run_has_everything() {
        assert_eq!(gap(&selection(&[], false), &which(&[], false), None), None);
        assert_eq!(gap(&selection(&[], false), &which(&["a"], true), None), None);
        assert_eq!(gap(&selection(&[], false), &which(&[], false), Some(&["p".into()])), None);
    }

    #[test]
    fn a_filtered_run_has_what_is_filtered_further() {
        let run = selection(&["simple"], false);
        assert_eq!(gap(&run, &which(&["simple"], false), None), None);
        assert_eq!(gap(&run, &which(&["rates::simple::a"], true), None), None);
        for wanted in [which(&[], false), which(&["other"], false), which(&["sim"], false)] {
            assert_eq!(gap(&run, &wanted, None).unwrap(), "only cases named `simple`");
        }
        assert!(gap(&run, &which(&["simple", "other"], false), None).is_some());
        let exact = selection(&["m::f::a"], true);
        assert_eq!(gap(&exact, &which(&["m::f::a"], true), None), None);
        assert!(gap(&exact, &which(&["m::f::a"], false), None).is_some());
    }

    #[test]
    fn parts_packages_and_runs_that_stopped_have_not_everything() {
        let part = Some(Partition { hash: true, part: 4, parts: 4 });
        let part = Selection { partition: part, ..Selection::default() };
        assert_eq!(gap(&part, &which(&[], false), None).unwrap(), "only part 4 of 4");
        let skip = Selection { skip: vec!["a".into()], ..Selection::default() };
        assert!(gap(&skip, &which(&["b"], false), None).is_some());
        let stopped = Selection { narrowed: true, ..Selection::default() };
        assert!(gap(&stopped, &which(&[], false), None).is_some());
        let one = Selection { packages: Some(vec!["p".into()]), ..Selection::default() };
        assert!(gap(&one, &which(&[], false), None).is_some());
        assert!(gap(&one, &which(&[], false), Some(&["q".into()])).is_some());
        assert_eq!(gap(&one, &which(&[], false), Some(&["p".into()])), None);
    }
}
