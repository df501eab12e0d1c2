/// Makes a runner of a program: defines its `main`, and marks the executable so that
/// `cargo athena` finds it.
///
/// Libraries whose models the program does not name otherwise are given as arguments: the linker
/// drops a library that nothing names.
///
/// - In a binary or an example: the program is a complete command line, `run`, `list`, `record`
///   and `test`; without arguments it runs its only model. Under plain `cargo test` a test replays
///   the cases of the models that live in it.
/// - In a `[[test]]` target with `harness = false`: the program speaks libtest, so that
///   `cargo test` and `cargo nextest run` replay every case.
///
/// ```no_run
/// use athena_rt::prelude::*;
///
/// #[structure]
/// struct Sample {
///     #[default(2)]
///     test: i64,
/// }
///
/// #[model]
/// fn double(mut state: State<Sample>) -> State<Sample> {
///     state.data.test *= 2;
///     state
/// }
///
/// athena_rt::main!();
/// ```
#[macro_export]
macro_rules! main {
    ($($library:ident),* $(,)?) => {
        $(#[allow(unused_imports)] use $library as _;)*

        #[doc(hidden)]
        fn __athena_start() -> $crate::__private::Start {
            #[used]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,athena"))]
            #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".athena"))]
            static MARKER: [u8; $crate::__private::MARKER_LENGTH] = $crate::__private::marker();
            $crate::__private::Start {
                marker: &MARKER,
                package: ::core::env!("CARGO_PKG_NAME"),
                version: ::core::env!("CARGO_PKG_VERSION"),
                module: ::core::module_path!(),
                manifest_dir: ::core::option_env!("CARGO_MANIFEST_DIR"),
                workspace_root: $crate::__private::workspace_root!(),
                // `cargo test` calls this `main` of a binary that has `harness = false`.
                is_test: ::core::option_env!("CARGO_BIN_NAME").is_none() || ::core::cfg!(test),
                is_test_target: ::core::option_env!("CARGO_TARGET_TMPDIR").is_some(),
            }
        }

        fn main() -> ::std::process::ExitCode {
            $crate::__private::start(&__athena_start())
        }

        #[cfg(test)]
        #[test]
        fn athena_cases() {
            $crate::__private::test(&__athena_start(), "athena_cases");
        }
    };
}

/// Registers the switch of a rewritten program. For code that `cargo athena` generates.
#[cfg(feature = "strength")]
#[doc(hidden)]
#[macro_export]
macro_rules! __switch {
    ($switch:ident) => {
        $crate::__private::inventory::submit! {
            $crate::__private::Switch::new(
                &$switch::ACTIVE,
                &$switch::FUEL,
                &$switch::STOPPED,
                &$switch::STACK,
                &$switch::HITS,
                &$switch::REACHED,
                &$switch::COUNT,
                &$switch::OTHER_THREADS,
            )
        }
    };
}

/// Without the feature nothing asks for the switch.
#[cfg(not(feature = "strength"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __switch {
    ($switch:ident) => {};
}
