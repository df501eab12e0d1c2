//! Maps keys to actions.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// An action that a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Accept,
    Reject,
    Skip,
    Input,
    More,
    Cases,
    Overview,
    Search,
    Undo,
    Next,
    Previous,
    Finish,
    Quit,
    Confirm,
    Back,
    Help,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
}

/// The action of a typed letter.
pub(super) fn key_for_letter(letter: char) -> Option<Key> {
    Some(match letter {
        'a' => Key::Accept,
        'r' => Key::Reject,
        's' => Key::Skip,
        'i' => Key::Input,
        'm' => Key::More,
        'c' => Key::Cases,
        'o' => Key::Overview,
        '/' => Key::Search,
        'u' => Key::Undo,
        'n' => Key::Next,
        'p' => Key::Previous,
        'q' => Key::Finish,
        'Q' => Key::Quit,
        'y' => Key::Confirm,
        'b' => Key::Back,
        '?' | 'h' => Key::Help,
        'j' => Key::Down,
        'k' => Key::Up,
        ' ' => Key::PageDown,
        'g' => Key::Top,
        'G' => Key::Bottom,
        _ => return None,
    })
}

/// The action of a terminal's key event.
pub(super) fn key_for_event(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    if event.modifiers.contains(KeyModifiers::CONTROL) {
        return match event.code {
            KeyCode::Char('c' | 'd' | '\\') => Some(Key::Quit),
            KeyCode::Char('f') => Some(Key::PageDown),
            KeyCode::Char('b') => Some(Key::PageUp),
            _ => None,
        };
    }
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    match event.code {
        KeyCode::Char(letter) => key_for_letter(letter),
        KeyCode::Enter => Some(Key::Confirm),
        KeyCode::Esc => Some(Key::Back),
        KeyCode::Right | KeyCode::Tab => Some(Key::Next),
        KeyCode::Left | KeyCode::BackTab => Some(Key::Previous),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        KeyCode::Home => Some(Key::Top),
        KeyCode::End => Some(Key::Bottom),
        _ => None,
    }
}

/// A change of a text that is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    Letter(char),
    Backspace,
    /// The text is complete.
    Done,
    /// The text is dropped.
    Cancel,
}

/// The change that a terminal's key event makes to a text.
pub(super) fn edit_for_event(event: KeyEvent) -> Option<Edit> {
    let is_letter = !event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match event.code {
        _ if event.kind == KeyEventKind::Release => None,
        KeyCode::Char(letter) if is_letter => Some(Edit::Letter(letter)),
        KeyCode::Char('c' | 'd') | KeyCode::Esc => Some(Edit::Cancel),
        KeyCode::Backspace => Some(Edit::Backspace),
        KeyCode::Enter => Some(Edit::Done),
        _ => None,
    }
}

/// The help text of the keys.
pub(super) const HELP: [(&str, &str); 17] = [
    ("a", "accept: record the new outcome"),
    ("r", "reject: keep the recorded outcome; the case stops being pending"),
    ("s", "skip: the case stays pending"),
    ("i", "show the input: the message and the variables of the case"),
    ("m", "show more: the whole outcome, then the next example"),
    ("c", "go through the cluster case by case, and back"),
    ("o", "overview of all clusters with their decisions; n and p choose, Enter opens"),
    (
        "/",
        "show only cases with a text in their name, label, model or places; an empty one shows all",
    ),
    ("u", "undo the last decision"),
    ("n p", "next, previous; also the right and left arrows"),
    ("j k", "one line down, up; also the arrows"),
    ("space", "one page down; also Page Down, and Page Up"),
    ("g G", "first line, last line"),
    ("q", "finish: show the decisions and ask before writing anything"),
    ("Q", "quit without changes; also Ctrl-C"),
    ("Esc", "back"),
    ("?", "this help"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_has_every_key() {
        let page = include_str!("../../../docs/reviewing.md");
        for (keys, does) in HELP {
            let keys: Vec<String> = keys.split(' ').map(|key| format!("`{key}`")).collect();
            let row = format!("| {} | {does} |\n", keys.join(" "));
            assert!(page.contains(&row), "{row}");
        }
    }

    #[test]
    fn keys_with_control_are_no_letters() {
        let press = |code, modifiers| key_for_event(KeyEvent::new(code, modifiers));
        assert_eq!(press(KeyCode::Char('a'), KeyModifiers::NONE), Some(Key::Accept));
        assert_eq!(press(KeyCode::Char('a'), KeyModifiers::CONTROL), None);
        assert_eq!(press(KeyCode::Char('a'), KeyModifiers::ALT), None);
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Quit));
        assert_eq!(press(KeyCode::Char('Q'), KeyModifiers::SHIFT), Some(Key::Quit));
        assert_eq!(press(KeyCode::Char('A'), KeyModifiers::SHIFT), None);
    }
}
