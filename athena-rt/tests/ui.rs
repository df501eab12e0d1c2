//! The errors of each misuse of the macros; correct uses compile and run.
//! `TRYBUILD=overwrite cargo test -p athena-rt --test ui -- --ignored` rewrites the expected errors; run it
//! again with `--features async`.
//!
//! Misuses and correct uses are tests of their own: `trybuild` checks all misuses by one command if nothing
//! has to run.

use trybuild::TestCases;

#[test]
#[ignore = "builds the library again; `cargo test -p athena-rt --test ui -- --ignored`"]
fn each_misuse_is_an_error_at_the_wrong_token() {
    TestCases::new().compile_fail("tests/ui/*.rs");
}

#[cfg(not(feature = "async"))]
#[test]
#[ignore = "builds the library again; `cargo test -p athena-rt --test ui -- --ignored`"]
fn an_async_model_without_the_feature_is_told_what_it_needs() {
    TestCases::new().compile_fail("tests/ui/plain/*.rs");
}

#[test]
#[ignore = "builds the library again; `cargo test -p athena-rt --test ui -- --ignored`"]
fn each_correct_use_compiles_and_runs() {
    TestCases::new().pass("tests/ui/pass/*.rs");
}

#[cfg(feature = "async")]
#[test]
#[ignore = "builds the library again; `cargo test -p athena-rt --features async --test ui -- --ignored`"]
fn async_models_compile_and_each_misuse_is_one_error() {
    // So few files that a second build of the library would take longer.
    let tests = TestCases::new();
    tests.compile_fail("tests/ui/async/*.rs");
    tests.pass("tests/ui/async/pass/*.rs");
}
