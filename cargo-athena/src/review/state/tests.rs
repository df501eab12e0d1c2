use super::*;
use crate::review::keys::Edit;

/// Three clusters: of three cases, of two, and one that can't be accepted.
fn review() -> ReviewState {
    let group =
        |cases: &[usize], acceptable| CaseGroup { cluster: 0, cases: cases.to_vec(), acceptable };
    ReviewState::new(&[group(&[0, 2, 4], true), group(&[1, 3], true), group(&[5], false)], 6)
}

fn after(keys: &[Key]) -> ReviewState {
    let mut state = review();
    for &key in keys {
        assert_eq!(state.press(key), None, "{key:?}");
    }
    state
}

#[test]
fn a_decision_on_a_cluster_is_one_on_all_its_cases_and_goes_on_to_the_next() {
    let state = after(&[Key::Accept]);
    assert_eq!(state.decided(Decision::Accept), [0, 2, 4]);
    assert_eq!((state.position.group, state.view), (1, ReviewView::Outcome));
    assert_eq!(state.message, "accepted 3 cases");
}

#[test]
fn after_the_last_decision_it_says_what_will_be_done_and_applies_only_on_yes() {
    let mut state = after(&[Key::Accept, Key::Reject, Key::Skip]);
    assert_eq!(state.view, ReviewView::Summary);
    assert_eq!(
        state.counts(None),
        DecisionCounts { accepted: 3, rejected: 2, skipped: 1, open: 0 }
    );
    assert_eq!(state.press(Key::Accept), None);
    assert_eq!(state.press(Key::Confirm), Some(ReviewEnd::Apply));
}

#[test]
fn finishing_with_nothing_decided_changes_nothing() {
    let mut state = after(&[Key::Skip, Key::Finish]);
    assert_eq!(state.view, ReviewView::Summary);
    assert_eq!(state.press(Key::Confirm), Some(ReviewEnd::Quit));
}

#[test]
fn quitting_is_never_applying() {
    for keys in [&[][..], &[Key::Accept], &[Key::Accept, Key::Finish], &[Key::Input], &[Key::Help]]
    {
        assert_eq!(after(keys).press(Key::Quit), Some(ReviewEnd::Quit), "{keys:?}");
    }
}

#[test]
fn enter_decides_nothing_where_a_case_is_shown() {
    let state = after(&[Key::Confirm, Key::Confirm]);
    assert_eq!(state.counts(None).open, 6);
}

#[test]
fn what_has_no_outcome_can_be_rejected_and_not_accepted() {
    let mut state = after(&[Key::Next, Key::Next, Key::Accept]);
    assert!(state.message.contains("no outcome"), "{}", state.message);
    assert_eq!(state.counts(None).open, 6);
    state.press(Key::Reject);
    assert_eq!(state.decided(Decision::Reject), [5]);
}

#[test]
fn cases_are_decided_one_by_one_and_a_cluster_then_takes_the_rest() {
    let state = after(&[Key::Cases, Key::Reject]);
    assert_eq!((state.position.case, state.position.single), (1, true));
    assert_eq!(state.decided(Decision::Reject), [0]);
    let state = after(&[Key::Cases, Key::Reject, Key::Cases, Key::Accept]);
    assert_eq!(state.decided(Decision::Reject), [0]);
    assert_eq!(state.decided(Decision::Accept), [2, 4]);
    assert!(state.message.contains("1 decided on one by one"), "{}", state.message);
    assert!(!state.position.single);
}

#[test]
fn after_the_last_case_of_a_cluster_comes_the_next_cluster() {
    let state = after(&[Key::Cases, Key::Accept, Key::Accept, Key::Accept]);
    assert_eq!(state.position, ReviewPosition { group: 1, case: 0, single: false });
}

#[test]
fn a_cluster_that_was_decided_on_can_be_decided_on_again() {
    let state = after(&[Key::Accept, Key::Previous, Key::Reject]);
    assert_eq!(state.decided(Decision::Reject), [0, 2, 4]);
    assert!(state.decided(Decision::Accept).is_empty());
}

#[test]
fn undo_takes_back_the_last_decision_and_returns_to_where_it_was_taken() {
    let mut state = after(&[Key::Accept, Key::Reject, Key::Undo]);
    assert_eq!((state.position.group, state.counts(None).rejected), (1, 0));
    assert_eq!(state.decided(Decision::Accept), [0, 2, 4]);
    state.press(Key::Undo);
    assert_eq!((state.position.group, state.counts(None).open), (0, 6));
    state.press(Key::Undo);
    assert_eq!(state.message, "there is nothing to undo");
    let changed = after(&[Key::Accept, Key::Previous, Key::Reject, Key::Undo]);
    assert_eq!(changed.decided(Decision::Accept), [0, 2, 4], "what was before is back");
    let ended = after(&[Key::Accept, Key::Reject, Key::Skip, Key::Undo]);
    assert_eq!((ended.view, ended.position.group), (ReviewView::Outcome, 2));
}

#[test]
fn the_first_and_the_last_are_the_ends() {
    let state = after(&[Key::Previous]);
    assert_eq!(state.message, "this is the first cluster");
    let state = after(&[Key::Next, Key::Next, Key::Next]);
    assert_eq!((state.position.group, state.message.as_str()), (2, "this is the last cluster"));
    let state = after(&[Key::Cases, Key::Next, Key::Next, Key::Next]);
    assert_eq!(
        (state.position.case, state.message.as_str()),
        (2, "this is the last case of this cluster")
    );
}

#[test]
fn more_is_the_whole_outcome_and_then_the_next_example() {
    let state = after(&[Key::More]);
    assert!(state.whole && state.case() == 0);
    let state = after(&[Key::More, Key::More]);
    assert!(!state.whole && state.case() == 2);
    let state = after(&[Key::More; 6]);
    assert_eq!(state.case(), 0, "after the last comes the first");
}

#[test]
fn the_input_is_that_of_the_case_shown_and_moves_along() {
    let state = after(&[Key::More, Key::More, Key::Input]);
    assert_eq!((state.view, state.case()), (ReviewView::Input, 2));
    let state = after(&[Key::Input, Key::Next]);
    assert_eq!((state.view, state.position.group), (ReviewView::Input, 1));
    assert_eq!(after(&[Key::Input, Key::Input]).view, ReviewView::Outcome);
    assert_eq!(after(&[Key::Input, Key::Finish]).view, ReviewView::Outcome);
    let state = after(&[Key::Input, Key::Accept]);
    assert_eq!((state.view, state.counts(None).accepted), (ReviewView::Outcome, 3));
}

#[test]
fn help_comes_and_goes_and_loses_nothing() {
    let state = after(&[Key::Accept, Key::Help, Key::Back]);
    assert_eq!((state.view, state.position.group), (ReviewView::Outcome, 1));
    assert_eq!(after(&[Key::Help, Key::Accept]).counts(None).open, 6);
}

#[test]
fn from_the_end_it_goes_back_to_the_cases() {
    let state = after(&[Key::Accept, Key::Finish, Key::Back]);
    assert_eq!((state.view, state.position.group), (ReviewView::Outcome, 1));
}

#[test]
fn a_single_case_is_shown_whole_and_again_what_changed() {
    let single = [Key::Next, Key::Next];
    let mut state = after(&single);
    state.press(Key::More);
    assert!(state.whole);
    state.press(Key::More);
    assert!(!state.whole && state.message.is_empty());
    state.press(Key::Cases);
    assert_eq!(
        (state.position.single, state.message.as_str()),
        (false, "this cluster has one case")
    );
}

#[test]
fn the_overview_chooses_a_cluster_and_decides_nothing() {
    let state = after(&[Key::Cases, Key::Overview, Key::Next]);
    assert_eq!((state.view, state.position.group), (ReviewView::Overview, 1));
    let state = after(&[Key::Overview, Key::Next, Key::Accept, Key::Confirm]);
    assert_eq!((state.view, state.position.group), (ReviewView::Outcome, 1));
    assert_eq!(state.counts(None).open, 6);
}

/// Cases with a number below three match.
fn searched() -> ReviewState {
    let mut state = review();
    assert_eq!(state.press(Key::Search), None);
    for letter in "loW".chars() {
        assert_eq!(state.edit(Edit::Letter(letter)), None);
    }
    state.edit(Edit::Backspace);
    state.edit(Edit::Letter('w'));
    assert_eq!(state.edit(Edit::Done).as_deref(), Some("low"));
    state.search("low", &[true, true, true, false, false, false]);
    state
}

#[test]
fn a_search_shows_the_clusters_with_matching_cases_and_decides_on_nothing_else() {
    let mut state = searched();
    assert_eq!((state.groups(), state.view), (2, ReviewView::Overview));
    assert_eq!((state.cases_of(0), state.cases_of(1)), (&[0, 2][..], &[1][..]));
    state.press(Key::Confirm);
    state.press(Key::Accept);
    assert_eq!(state.decided(Decision::Accept), [0, 2]);
    state.press(Key::Accept);
    // The header and the end count all cases, also those that are hidden.
    assert_eq!(state.view, ReviewView::Summary);
    assert_eq!(
        state.counts(None),
        DecisionCounts { accepted: 3, rejected: 0, skipped: 0, open: 3 }
    );
    assert!(state.message.contains("3 more undecided cases"), "{}", state.message);
}

#[test]
fn an_empty_search_shows_all_and_one_that_finds_nothing_changes_nothing() {
    let mut state = searched();
    state.search("nothing", &[false; 6]);
    assert_eq!((state.groups(), state.filter.as_str()), (2, "low"));
    assert!(state.message.contains("`nothing`"));
    state.search("", &[false; 6]);
    assert_eq!((state.groups(), state.filter.as_str()), (3, ""));
    assert_eq!(state.cluster(2), 2);
}

#[test]
fn what_is_typed_is_dropped_by_escape_and_keys_decide_nothing_meanwhile() {
    let mut state = review();
    state.press(Key::Search);
    state.edit(Edit::Letter('a'));
    assert_eq!(state.edit(Edit::Cancel), None);
    assert_eq!((state.typed.as_deref(), state.counts(None).open), (None, 6));
}
