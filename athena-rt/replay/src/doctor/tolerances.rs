//! Finds tolerances far above any recorded value.

use super::coverage::{Coverage, NodeKind};
use athena_core::display;
use athena_structure::description::Tolerance;

/// A tolerance this much larger than the largest recorded value can only be a mistake.
const FACTOR: f64 = 1_000.0;

/// The fields whose `abs` covers every recorded value a thousand times: path and reason. A tolerance
/// below 1 may be meant for values that are nearly zero.
pub(super) fn too_wide(coverage: &Coverage<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    node(coverage, 0, None, &mut String::new(), &mut found);
    found
}

fn node(
    coverage: &Coverage<'_>,
    at: usize,
    tolerance: Option<&Tolerance>,
    path: &mut String,
    found: &mut Vec<(String, String)>,
) {
    let its = &coverage.nodes[at];
    if let (NodeKind::Float, Some(abs)) = (its.kind, tolerance.and_then(|one| one.abs))
        && abs >= 1.0
        && abs >= its.largest * FACTOR
        && its.seen > 0
    {
        let values = display::plural(its.seen, "recorded value");
        let reason = format!(
            "#[tolerance(abs = {abs:?})] is over {FACTOR} times as large as each of {values}"
        );
        found.push((path.clone(), reason));
    }
    for (slot, counts) in its.slots.iter().enumerate() {
        // A type that contains itself has one node for all its depths.
        let Some(child) = counts.child.filter(|&child| child > at) else { continue };
        let (segment, tolerance) = match its.kind {
            NodeKind::Structure(structure) => {
                let field = &structure.fields[slot];
                if field.volatile {
                    continue;
                }
                (field.name.to_owned(), field.tolerance.as_ref())
            }
            NodeKind::Enumeration(shape) => (shape.variants[slot].name.to_owned(), None),
            NodeKind::List(_) | NodeKind::Map(_) => ("*".to_owned(), tolerance),
            NodeKind::Tuple(_) => (slot.to_string(), tolerance),
            NodeKind::Bool | NodeKind::Float | NodeKind::Plain => continue,
        };
        let length = path.len();
        path.push('/');
        path.push_str(&segment);
        node(coverage, child, tolerance, path, found);
        path.truncate(length);
    }
}
