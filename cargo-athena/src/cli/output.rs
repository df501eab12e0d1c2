//! How much is printed, and how.

use clap::builder::PossibleValue;
use clap::{ArgAction, Args, ValueEnum};

use super::convert::read_as;
use crate::options::{ColorChoice, OutputOptions};

read_as! {
    OutputArgs => OutputOptions,
}

#[derive(Debug, Args)]
#[group(skip)]
struct OutputArgs {
    /// Coloring
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    color: Option<ColorChoice>,
    /// Print more about the build; twice for even more
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    /// Print errors and outcomes only
    #[arg(short, long, global = true)]
    quiet: bool,
}

impl From<OutputArgs> for OutputOptions {
    fn from(OutputArgs { color, verbose, quiet }: OutputArgs) -> Self {
        Self { color, verbose, quiet }
    }
}

impl ValueEnum for ColorChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Always, Self::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Auto => PossibleValue::new("auto").help("On a terminal"),
            Self::Always => PossibleValue::new("always").help("Always"),
            Self::Never => PossibleValue::new("never").help("Never"),
        })
    }
}
