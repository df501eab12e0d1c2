//! From what is typed to what it means: clap reads the options by the flags declared here.

/// Has clap read an option struct as the arguments of another, which converts into it.
macro_rules! read_as {
    ($($arguments:ty => $options:ty,)*) => {$(
        impl clap::FromArgMatches for $options {
            fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
                <$arguments>::from_arg_matches(matches).map(Self::from)
            }

            fn update_from_arg_matches(
                &mut self,
                matches: &clap::ArgMatches,
            ) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }

        impl clap::Args for $options {
            fn augment_args(command: clap::Command) -> clap::Command {
                <$arguments>::augment_args(command)
            }

            fn augment_args_for_update(command: clap::Command) -> clap::Command {
                <$arguments>::augment_args_for_update(command)
            }
        }
    )*};
}

pub(super) use read_as;
