//! Help that several commands give.

/// How the cases are named that filters select.
pub(crate) const CASE_NAMES: &str = "a name is `model id::case`, as `cargo athena test` prints it";

/// The command that records a first case of this model. `None` where no model is known yet: the command
/// takes the only one, or lists them.
pub(crate) fn record_first(model: Option<&str>) -> String {
    match model {
        Some(id) => format!("record one: cargo athena record {id}"),
        None => "record one: cargo athena record".to_owned(),
    }
}
