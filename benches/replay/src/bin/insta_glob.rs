//! insta's `glob!`: one snapshot per file.

use athena_bench_replay::{PlainCase, compute_plain, folder};

fn main() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(std::env::var_os("BENCH_SNAPSHOTS").unwrap_or_default());
    settings.set_prepend_module_to_snapshot(false);
    let _bound = settings.bind_to_scope();
    insta::glob!(folder(), "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let case: Option<PlainCase> = serde_json::from_str(&text).ok();
        let bill =
            case.and_then(|case| Some(compute_plain(case.input, case.env.tax.parse().ok()?)));
        insta::assert_json_snapshot!(bill);
    });
}
