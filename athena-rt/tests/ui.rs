//! The errors of each misuse of the macros; correct uses compile and run.
//! `TRYBUILD=overwrite cargo test -p athena-rt --test ui -- --ignored` rewrites the expected errors; run it
//! again with `--features async`.

#[test]
#[ignore = "builds the library again; `cargo test -p athena-rt --test ui -- --ignored`"]
fn each_misuse_is_an_error_at_the_wrong_token_and_each_correct_use_runs() {
    let tests = trybuild::TestCases::new();
    tests.compile_fail("tests/ui/*.rs");
    tests.pass("tests/ui/pass/*.rs");
    if cfg!(not(feature = "async")) {
        tests.compile_fail("tests/ui/plain/*.rs");
    }
}

#[cfg(feature = "async")]
#[test]
#[ignore = "builds the library again; `cargo test -p athena-rt --features async --test ui -- --ignored`"]
fn async_models_compile_and_each_misuse_is_one_error() {
    let tests = trybuild::TestCases::new();
    tests.compile_fail("tests/ui/async/*.rs");
    tests.pass("tests/ui/async/pass/*.rs");
}
