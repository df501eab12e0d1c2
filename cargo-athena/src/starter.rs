//! The sources that `init` writes.

use crate::target::RUNTIME;

/// The first model of a package.
pub(crate) fn starter(runtime: &str) -> String {
    let model = include_str!("../templates/model.rs");
    if runtime == RUNTIME.replace('-', "_") {
        return model.to_owned();
    }
    let mut model = model.replace("athena_rt", runtime);
    for attribute in ["environment", "structure", "model"] {
        let renamed = format!("#[{attribute}(crate = {runtime})]");
        model = model.replace(&format!("#[{attribute}]"), &renamed);
    }
    model
}

/// A test target that runs the models of a library.
pub(crate) fn test_runner(runtime: &str, library: &str) -> String {
    let library = library.replace('-', "_");
    format!(
        "//! Runs the models of `{library}` and replays their cases, for `cargo athena` and for \
         `cargo test`.\n\n{runtime}::main!({library});\n"
    )
}

/// A test target with a model of its own, which calls the library.
pub(crate) fn test_models(runtime: &str, library: &str) -> String {
    let library = library.replace('-', "_");
    format!(
        "//! Models that call `{library}`, and the runner that replays their cases. `{library}` itself does \
         not depend on {RUNTIME}.\n\n{}\n{runtime}::main!();\n",
        starter(runtime)
    )
}

/// Whether a source file is the template of `cargo new`.
pub(crate) fn is_template(text: &str) -> bool {
    const MAIN: &str = "fn main() {\n    println!(\"Hello, world!\");\n}\n";
    const LIB: &str = "pub fn add(left: u64, right: u64) -> u64 {
    left + right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_works() {
        let result = add(2, 2);
        assert_eq!(result, 4);
    }
}
";
    let text = text.replace("\r\n", "\n").replace("usize", "u64");
    text.trim().is_empty() || text == MAIN || text == LIB
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_wrote_is_replaced() {
        assert!(is_template("fn main() {\n    println!(\"Hello, world!\");\n}\n"));
        assert!(is_template("fn main() {\r\n    println!(\"Hello, world!\");\r\n}\r\n"));
        assert!(!is_template("fn main() {\n    println!(\"Hello, me!\");\n}\n"));
    }

    #[test]
    fn a_runner_names_its_library_by_the_crates_name() {
        let text = test_runner("athena", "my-lib");
        assert!(text.contains("athena::main!(my_lib);"), "{text}");
    }
}
