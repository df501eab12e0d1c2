//! Reasons that differ in numbers only.

/// The first line of a reason with `#` for its numbers, so that panics that differ only in an index
/// are one.
pub(crate) fn without_numbers(reason: &str) -> String {
    let mut out = String::new();
    let mut in_number = false;
    for c in reason.lines().next().unwrap_or_default().chars() {
        if c.is_ascii_digit() {
            if !in_number {
                out.push('#');
            }
            in_number = true;
        } else {
            in_number = false;
            out.push(c);
        }
    }
    // The source line of a panic stays, because it identifies the panic.
    match reason.lines().next().and_then(|line| line.rsplit_once(", at ")) {
        Some((_, place)) if !place.contains(' ') => match out.rsplit_once(", at ") {
            Some((message, _)) => format!("{message}, at {place}"),
            None => out,
        },
        _ => out,
    }
}
