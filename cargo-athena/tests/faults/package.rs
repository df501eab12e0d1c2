//! The package that a fault of the build, of cargo or of the machine is put into.

use std::path::Path;

use crate::table::Fault;

const MANIFEST: &str = "[package]
name = \"NAME\"
version = \"0.1.0\"
edition = \"2024\"

[[test]]
name = \"athena\"
harness = false

[dependencies]
athena-rt = { path = \"ATHENA\" }

[workspace]
";

const LIBRARY: &str = "use athena_rt::prelude::*;

#[structure]
pub struct Number {
    #[default(1)]
    pub n: i64,
}

#[model]
pub fn twice(mut state: State<Number>) -> State<Number> {
    state.data.n *= 2;
    state
}
";

const GOOD: &str = "{
  \"format\": 1,
  \"model\": \"NAME::twice\",
  \"env\": {},
  \"input\": { \"n\": 3 },
  \"output\": { \"n\": 6 }
}
";

/// The files of a package with a library, a test target and a good case, by path.
pub(crate) fn files() -> [(&'static str, &'static str); 4] {
    [
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", LIBRARY),
        ("tests/athena.rs", "athena_rt::main!(NAME);\n"),
        ("fixtures/NAME/twice/good.json", GOOD),
    ]
}

/// A text of a package, with the names filled in.
///
/// Each fault has a package name of its own: packages of one name would share their artifacts.
pub(crate) fn fill_in(text: &str, fault: &Fault) -> String {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let runtime = repository.join("athena-rt");
    text.replace("NAME", &fault.name)
        .replace("ATHENA_RT", runtime.to_str().unwrap())
        .replace("\"ATHENA\"", &format!("{:?}", runtime.to_str().unwrap()))
}
