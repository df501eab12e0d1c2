//! Suggests known names for a mistyped one.

use athena_protocol::text::MIN_SIMILARITY;

/// The known names that are similar to a mistyped one, the most similar first.
pub(crate) fn similar_names<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let mut similar: Vec<(f64, &str)> = known
        .into_iter()
        .map(|known| (similarity(name, known), known))
        .filter(|(similarity, _)| *similarity > MIN_SIMILARITY)
        .collect();
    similar.sort_by(|one, other| other.0.total_cmp(&one.0));
    similar.into_iter().map(|(_, known)| known).collect()
}

/// The similarity of a name to an id, or to the end of the id with as many parts.
fn similarity(name: &str, id: &str) -> f64 {
    let parts = name.split("::").count();
    let ends: Vec<_> = id.rsplit("::").take(parts).collect();
    let end = ends.into_iter().rev().collect::<Vec<_>>().join("::");
    strsim::jaro_winkler(name, &end).max(strsim::jaro_winkler(name, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_name_comes_first_and_others_are_left_out() {
        let known = ["m::rate", "m::price", "m::prices", "n::other"];
        assert_eq!(similar_names("pricee", known), ["m::price", "m::prices"]);
        assert!(similar_names("entirely unknown", known).is_empty());
    }
}
