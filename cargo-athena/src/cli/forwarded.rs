//! Arguments that another program gets as they were typed.

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// Arguments, read, and the words they were typed as.
#[derive(Debug)]
pub(crate) struct Forwarded<T> {
    /// The arguments.
    pub(crate) args: T,
    /// The flags that were typed, each with its values; the positional arguments are left out.
    pub(crate) flags: Vec<OsString>,
}

impl<T: Args> FromArgMatches for Forwarded<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self { args: T::from_arg_matches(matches)?, flags: typed::<T>(matches) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<T: Args> Args for Forwarded<T> {
    fn augment_args(command: Command) -> Command {
        T::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

/// The flags of `T` among the arguments that were typed.
fn typed<T: Args>(matches: &ArgMatches) -> Vec<OsString> {
    let declared = T::augment_args(Command::new("forwarded"));
    let mut flags = Vec::new();
    for argument in declared.get_arguments() {
        let id = argument.get_id().as_str();
        let is_typed = matches.value_source(id) == Some(ValueSource::CommandLine);
        let Some(long) = argument.get_long().filter(|_| is_typed) else { continue };
        if !argument.get_action().takes_values() {
            flags.push(format!("--{long}").into());
            continue;
        }
        for value in matches.get_raw(id).into_iter().flatten() {
            let mut flag = OsString::from(format!("--{long}"));
            if value.as_encoded_bytes().starts_with(b"-") {
                flag.push("=");
                flag.push(value);
                flags.push(flag);
            } else {
                flags.extend([flag, value.to_owned()]);
            }
        }
    }
    flags
}
