//! Lookups of headers that few requests have.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The largest number of headers that are compared one by one.
const FEW: usize = 16;

/// Whether there is such a header. With few headers this looks at their names, which takes less time than the
/// hash of the name that `HeaderMap` looks for.
pub(super) fn has(headers: &HeaderMap, name: &HeaderName) -> bool {
    if headers.keys_len() <= FEW {
        headers.keys().any(|key| key == name)
    } else {
        headers.contains_key(name)
    }
}

/// The first value of a header.
pub(super) fn get<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    if has(headers, name) { headers.get(name) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_among_few_and_many() {
        let mut headers = HeaderMap::new();
        let wanted = HeaderName::from_static("x-wanted");
        for at in 0..2 * FEW {
            assert!(!has(&headers, &wanted) && get(&headers, &wanted).is_none());
            let mut more = headers.clone();
            more.append("X-Wanted", HeaderValue::from_static("one"));
            more.append("X-Wanted", HeaderValue::from_static("two"));
            assert!(has(&more, &wanted), "beside {at}");
            assert_eq!(get(&more, &wanted).unwrap(), "one");
            let name = HeaderName::try_from(format!("x-{at}")).unwrap();
            headers.append(name, HeaderValue::from_static(""));
        }
    }
}
