use super::*;

fn found(text: &str) -> FileMutants {
    discover(text, &DiscoverOptions::default()).unwrap()
}

fn names(text: &str) -> Vec<String> {
    let position =
        |mutant: &FoundMutant| format!("{}:{}: {}", mutant.line, mutant.column, mutant.change);
    found(text).mutants.iter().map(position).collect()
}

fn rewritten(text: &str) -> String {
    let found = found(text);
    let ids = found.ids(1);
    render(text, &found, &ids, FirstIds { site: 0, mutant: 1 }, &LeftOut::default()).text
}

#[test]
fn names_are_those_of_cargo_mutants() {
    let text = "impl<T> Shape for Circle<T> {\n    fn area(&self) -> f64 {\n        if !self.on { return -self.r }\n        self.r * 2.0\n    }\n}\n";
    let function = "<impl Shape for Circle<T>>::area";
    assert_eq!(
        names(text),
        [
            format!("3:9: replace {function} -> f64 with 0.0"),
            format!("3:9: replace {function} -> f64 with 1.0"),
            format!("3:9: replace {function} -> f64 with -1.0"),
            format!("3:12: delete ! in {function}"),
            format!("3:30: delete - in {function}"),
            format!("4:16: replace * with + in {function}"),
            format!("4:16: replace * with / in {function}"),
        ]
    );
    let text =
        "fn f(n: u8) -> u8 { match n { 1 => 1, 2 | 3 if n\n  > 2 => 2, _ => S { a: 1, ..s }.a } }";
    assert_eq!(
        names(text)[2..],
        [
            "1:31: delete match arm 1 in f".to_owned(),
            "1:48: replace match guard n > 2 with true in f".to_owned(),
            "1:48: replace match guard n > 2 with false in f".to_owned(),
            "2:3: replace > with == in f".to_owned(),
            "2:3: replace > with < in f".to_owned(),
            "2:3: replace > with >= in f".to_owned(),
            "2:22: delete field a from struct S expression in f".to_owned(),
        ]
    );
}

#[test]
fn what_is_skipped_has_no_mutants() {
    for text in [
        "#[test] fn f() -> bool { 1 == 2 }",
        "#[cfg(test)] mod m { fn f() -> bool { true } }",
        "#[mutants::skip] fn f() -> bool { 1 == 2 }",
        "#[cfg_attr(test, mutants::skip)] fn f() -> bool { 1 == 2 }",
        "unsafe fn f() -> bool { 1 == 2 }",
        "impl S { fn new() -> S { S(1 + 2) } }",
        "impl Default for S { fn default() -> S { S(1 + 2) } }",
        "fn f() {}",
    ] {
        assert!(names(text).is_empty(), "{text}: {:?}", names(text));
    }
    assert_eq!(names("fn f() { Vec::with_capacity(1 + 2); }").len(), 1);
}

#[test]
fn every_mutant_of_an_expression_is_switched_on_by_its_number() {
    assert_eq!(
        rewritten("fn f(a: i64, b: i64) -> bool { a < b }"),
        "fn f(a: i64, b: i64) -> bool { match crate::__athena_switch::pick(0, 1, 2) \
         { 1 => { return true; } 2 => { return false; } _ => {} } \
         (match crate::__athena_switch::pick(1, 3, 3) { 1 => { a == b } 2 => { a > b } \
         3 => { a <= b } _ => { a < b } }) }"
    );
}

#[test]
fn an_operator_is_replaced_in_the_text_so_that_precedence_is_that_of_the_text() {
    // `x - y * z` is not `(x - y) * z`.
    let text = rewritten("fn f() { g(x - y + z); }");
    assert!(text.contains("{ x - y * z }"), "{text}");
    // Nor is `a || b && c` the same as `(a || b) && c`.
    let text = rewritten("fn f() { g(a && b && c); }");
    assert!(text.contains("{ a || b && c }"), "{text}");
    // Parentheses are a border.
    let text = rewritten("fn f() { g((a + b) * c); }");
    assert!(text.contains("{ a - b }") && text.contains("{ (a + b) / c }"), "{text}");
}

#[test]
fn lines_keep_their_numbers() {
    let text =
        "fn f() -> u8 {\n    // one\n    a +\n        b // two\n}\n\nfn g() { h(1, c\n == d) }\n";
    let new = rewritten(text);
    assert_eq!(new.lines().count(), text.lines().count(), "{new}");
    let second = new.lines().nth(1).unwrap();
    assert_eq!(second.trim(), "// one");
    assert!(new.lines().nth(6).unwrap().starts_with("fn g()"), "{new}");
}

#[test]
fn blocks_and_arms_are_counted() {
    let text = "fn f(a: bool, n: u8) { if a { x(); } else { y(); } for _ in 0..1 { z(); } match n { 1 => p(), _ => { q(); } } }";
    let sites = found(text).sites;
    let blocks: Vec<&str> =
        sites.iter().filter(|site| site.is_block).map(|site| &text[site.region.clone()]).collect();
    for block in ["{ x(); }", "{ y(); }", "{ z(); }", "p()", "{ q(); }"] {
        assert!(blocks.contains(&block), "{block} is not in {blocks:?}");
    }
    let new = rewritten(text);
    assert!(syn::parse_file(&new).is_ok(), "{new}");
    assert!(new.contains("1 if crate::__athena_switch::pick("), "{new}");
}

#[test]
fn code_that_can_not_be_switched_has_a_reason() {
    let reason = |text: &str| {
        found(text).mutants.iter().find_map(|mutant| match &mutant.switching {
            Switching::NotExamined(reason) => Some(reason.clone()),
            _ => None,
        })
    };
    assert_eq!(reason("const fn f() -> u8 { 1 + 1 }").unwrap(), "it is in a const fn");
    assert_eq!(reason("fn f() { const A: u8 = 1 + 1; }").unwrap(), "it is in a constant");
    assert_eq!(reason("static A: u8 = 1 + 1;").unwrap(), "it is outside of a function");
    let text = "use std::fs; fn f() { fs::remove_dir_all(a) }";
    assert_eq!(reason(text).unwrap(), "its function uses fs, see --mutate-effects");
    let text = "fn f() -> impl Iterator<Item = u8> { g() }";
    assert_eq!(reason(text).unwrap(), "its function returns `impl Trait`");
    assert!(reason("#[cfg(windows)] fn f() -> u8 { 1 }").unwrap().contains("cfg(windows)"));
    let all = DiscoverOptions { mutate_effects: true, ..DiscoverOptions::default() };
    let all = discover("use std::fs; fn f() { fs::remove_dir_all(a) }", &all).unwrap();
    assert!(matches!(all.mutants[0].switching, Switching::Code { .. }));
}

#[test]
fn macros_and_included_files_are_named() {
    let text = "macro_rules! m { () => { 1 + 1 } }\nm!();\ninclude!(\"x.rs\");\nathena_rt::main!();\nfn f() { include!(\"y.rs\") }\n";
    let found = found(text).not_examined;
    let names: Vec<(usize, &str)> = found.iter().map(|it| (it.0, it.1.as_str())).collect();
    assert_eq!(names, [(1, "macro_rules! m"), (2, "m!"), (3, "include!"), (5, "include!")]);
}

#[test]
fn conditions_with_let_keep_their_bindings() {
    let text = "fn f() { if a == b && let Some(c) = d && c < e { g(); } }";
    let found = found(text);
    let unviable = |mutant: &&FoundMutant| mutant.switching == Switching::Unviable;
    let fixed: Vec<_> =
        found.mutants.iter().filter(unviable).map(|mutant| mutant.change.as_str()).collect();
    assert_eq!(fixed, ["replace && with || in f"; 2]);
    let new = rewritten(text);
    assert!(syn::parse_file(&new).is_ok(), "{new}");
    assert!(new.contains("&& let Some(c) = d && (match"), "{new}");
}

#[test]
fn a_mutant_that_is_left_out_has_no_code() {
    let text = "fn f(a: i64, b: i64) -> bool { a < b }";
    let found = found(text);
    let ids = found.ids(1);
    let without = |mutants: &[usize], sites: &[usize]| {
        let left_out = LeftOut {
            mutants: mutants.iter().copied().collect(),
            sites: sites.iter().copied().collect(),
        };
        render(text, &found, &ids, FirstIds { site: 0, mutant: 1 }, &left_out).text
    };
    let text_without = without(&[2, 3], &[]);
    assert!(text_without.contains("pick(1, 3, 3) { 3 => { a <= b }"), "{text_without}");
    assert!(!without(&[2, 3, 4], &[]).contains("hit(1)"));
    assert_eq!(without(&[], &[0, 1]), text);
}

#[test]
fn the_regions_of_a_rewritten_file_are_found_from_the_innermost() {
    let text = "fn f(a: i64, b: i64) -> bool { a < b }";
    let found = found(text);
    let new =
        render(text, &found, &found.ids(1), FirstIds { site: 0, mutant: 1 }, &LeftOut::default());
    let at = new.text.find("a > b").unwrap() + 2;
    assert_eq!(new.regions_at(at), [Region::Mutant(3), Region::Site(1), Region::Function(0)]);
    assert!(new.regions_at(0).is_empty());
}
