//! Which file imports which, read from the `use` lines.

use std::collections::{BTreeMap, BTreeSet};

use crate::Source;

/// Pairs of files that import each other. A module that re-exports what its children define does
/// not import it.
pub fn circles(sources: &[Source]) -> Vec<String> {
    let mut edges: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut modules: BTreeMap<&str, BTreeMap<Vec<&str>, &str>> = BTreeMap::new();
    let sources: Vec<&Source> = sources.iter().filter(|source| !source.is_test()).collect();
    for source in &sources {
        if let Some((folder, module)) = source.module() {
            modules.entry(folder).or_default().insert(module, &source.path);
        }
    }
    for source in &sources {
        let Some((folder, module)) = source.module() else { continue };
        let Some(known) = modules.get(folder) else { continue };
        for path in imports(&source.text) {
            let Some(absolute) = resolve(&module, &path, known) else { continue };
            // The longest prefix that is a file is where the item is.
            let target = (0..=absolute.len()).rev().find_map(|end| known.get(&absolute[..end]));
            if let Some(target) = target.filter(|target| **target != source.path) {
                edges.insert((&source.path, target));
            }
        }
    }
    edges
        .iter()
        .filter(|(from, to)| from < to && edges.contains(&(to, from)))
        .map(|(from, to)| format!("{from} and {to}"))
        .collect()
}

/// The path of an import from the root of its crate; `None` if it is of another crate.
fn resolve<'a>(
    module: &[&'a str],
    path: &[&'a str],
    known: &BTreeMap<Vec<&'a str>, &'a str>,
) -> Option<Vec<&'a str>> {
    let mut absolute = module.to_vec();
    let mut rest = path;
    match *path.first()? {
        "crate" => {
            absolute.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {
            while rest.first() == Some(&"super") {
                absolute.pop()?;
                rest = &rest[1..];
            }
        }
        child => {
            absolute.push(child);
            if !known.contains_key(&absolute) {
                return None;
            }
            rest = &path[1..];
        }
    }
    absolute.extend(rest);
    Some(absolute)
}

/// Every path that a private `use` names, without those of the tests at the end of the file.
fn imports(text: &str) -> Vec<Vec<&str>> {
    let code = text.find("#[cfg(test)]\nmod tests").map_or(text, |end| &text[..end]);
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find("\nuse ") {
        rest = &rest[start + 5..];
        let Some(end) = rest.find(';') else { break };
        expand(&[], rest[..end].trim(), &mut paths);
        rest = &rest[end..];
    }
    paths
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn expand<'a>(prefix: &[&'a str], tree: &'a str, paths: &mut Vec<Vec<&'a str>>) {
    let (head, group) = match tree.split_once('{') {
        Some((head, group)) => (head, Some(group.trim_end().trim_end_matches('}'))),
        None => (tree.split(" as ").next().unwrap_or(tree), None),
    };
    let mut path = prefix.to_vec();
    path.extend(head.split("::").map(str::trim).filter(|part| !part.is_empty()));
    let Some(group) = group else {
        // `self` in a group names the module itself.
        if path.len() > 1 && path.last() == Some(&"self") {
            path.pop();
        }
        paths.push(path);
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (position, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                expand(&path, group[start..position].trim(), paths);
                start = position + 1;
            }
            _ => {}
        }
    }
    if !group[start..].trim().is_empty() {
        expand(&path, group[start..].trim(), paths);
    }
}
