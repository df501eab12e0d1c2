//! The steps of a JSON pointer: a `/` in a name is none between names.

use std::borrow::Cow;

/// A name as a step.
pub fn escaped(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        name.replace('~', "~0").replace('/', "~1").into()
    } else {
        name.into()
    }
}

/// The name that a step is.
pub fn unescaped(step: &str) -> Cow<'_, str> {
    if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_itself_again_whatever_is_in_it() {
        for (name, step) in [("a", "a"), ("a/b", "a~1b"), ("~", "~0"), ("~1", "~01"), ("", "")] {
            assert_eq!(escaped(name), step);
            assert_eq!(unescaped(step), name);
        }
    }
}
