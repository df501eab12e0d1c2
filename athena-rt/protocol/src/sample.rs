//! How many of many: `1%`, as it is typed.

/// Reads a share, such as `1%` or `0.05%`, as so many of a million.
///
/// # Errors
///
/// It is no share, none at all, more than all, or finer than one in a million.
pub fn per_million(text: &str) -> Result<u32, String> {
    let wrong = || "write it as 100%, 1% or 0.05%".to_owned();
    let number = text.strip_suffix('%').ok_or_else(wrong)?;
    let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(rest) {
        return Err(wrong());
    }
    let rest = rest.trim_end_matches('0');
    if rest.len() > 4 {
        return Err("one in a million, 0.0001%, is the finest".to_owned());
    }
    let rest: u32 = format!("{rest:0<4}").parse().map_err(|_| wrong())?;
    // What has more digits is more than all, too.
    let whole: u32 = whole.parse().unwrap_or(u32::MAX);
    match whole.saturating_mul(10_000).saturating_add(rest) {
        0 => Err("0% of the messages is none".to_owned()),
        share @ 1..=1_000_000 => Ok(share),
        _ => Err("100% of the messages is all".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_to_one_in_a_million() {
        for (text, share) in [
            ("100%", 1_000_000),
            ("1%", 10_000),
            ("0.1%", 1_000),
            ("0.0001%", 1),
            ("012.50000%", 125_000),
        ] {
            assert_eq!(per_million(text), Ok(share), "{text}");
        }
    }

    #[test]
    fn what_is_no_share_is_told() {
        for (text, reason) in [
            ("0.00001%", "the finest"),
            ("0%", "is none"),
            ("0.000%", "is none"),
            ("101%", "is all"),
            ("100.0001%", "is all"),
            ("99999999999%", "is all"),
            ("1", "write it as"),
            ("%", "write it as"),
            (".5%", "write it as"),
            ("1.%", "write it as"),
            ("-1%", "write it as"),
            ("1e1%", "write it as"),
            ("", "write it as"),
        ] {
            let error = per_million(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
