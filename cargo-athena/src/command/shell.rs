//! `cargo athena completions` and `cargo athena man`

use athena_protocol::Exit;

use crate::cli;
use crate::console::print;
use crate::error::{Error, Result};

/// The name of the program, as a shell and `man` know it.
const PROGRAM: &str = "cargo-athena";

/// Prints the completions of a shell.
pub(crate) fn completions(verb: &cli::Completions) -> Result<Exit> {
    let mut command = cli::command().name(PROGRAM).bin_name(PROGRAM);
    let mut text = Vec::new();
    clap_complete::generate(verb.shell, &mut command, PROGRAM, &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Success)
}

/// Prints the manual page of the program, or of one verb.
pub(crate) fn manual(verb: &cli::Man) -> Result<Exit> {
    let command = cli::command();
    let command = match &verb.verb {
        None => command.name(PROGRAM),
        Some(name) => {
            let Some(found) = command.find_subcommand(name) else {
                return Err(Error::usage(format!("no verb is called `{name}`"))
                    .help("see all: cargo athena --help"));
            };
            found.clone()
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut text)
        .map_err(|error| Error::failure("the manual page can't be written").cause(error))?;
    print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Success)
}
