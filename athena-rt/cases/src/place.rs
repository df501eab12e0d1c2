//! Places in the text of a case.

/// A line and column of a part of a text, as those of the whole text; all from 1. `None` for a place that is
/// not known.
pub fn place_within(
    text: &str,
    part: &str,
    (line, column): (usize, usize),
) -> Option<(usize, usize)> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let before = text.get(..start)?;
    if line == 0 {
        return None;
    }
    let column_of_part = start - before.rfind('\n').map_or(0, |at| at + 1);
    let column = if line == 1 { column_of_part + column } else { column };
    Some((before.matches('\n').count() + line, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_message_is_one_in_its_file() {
        let text = "{\n  \"input\": {\n    \"a\": 1\n  }\n}";
        let part = &text[text.rfind('{').expect("a brace")..text.len() - 2];
        assert_eq!(place_within(text, part, (1, 1)), Some((2, 12)));
        assert_eq!(place_within(text, part, (2, 5)), Some((3, 5)));
        assert_eq!(place_within(text, part, (0, 0)), None);
    }
}
