//! email_address: addresses of mail.

use athena_rt::prelude::*;
use email_address::{EmailAddress, Error, Options};

/// What is read.
#[structure]
pub struct Written {
    /// An address.
    pub text: String,
    /// The fewest parts of a domain.
    #[default(0)]
    pub parts: u8,
    /// Whether a domain in brackets is read.
    #[default(true)]
    pub literal: bool,
    /// Whether a name before the address is read.
    #[default(true)]
    pub name: bool,
}

/// The parts of an address.
#[structure]
pub struct Parts {
    /// Before the `@`.
    pub local: String,
    /// After it.
    pub domain: String,
    /// The name of its owner.
    pub name: String,
    /// The address as an identifier.
    pub uri: String,
}

/// The function `EmailAddress::parse_with_options`, and the parts.
#[model]
pub fn parse(state: State<Written>) -> Result<State<Parts>, Error> {
    let mut options = Options {
        minimum_sub_domains: state.data.parts.into(),
        allow_domain_literal: state.data.literal,
        allow_display_text: state.data.name,
    };
    if state.data.parts == 1 {
        options = options.with_no_minimum_sub_domains();
    }
    let address = EmailAddress::parse_with_options(&state.data.text, options)?;
    let parts = Parts {
        local: address.local_part().to_owned(),
        domain: address.domain().to_owned(),
        name: address.display_part().to_owned(),
        uri: address.to_uri(),
    };
    Ok(state.with(parts))
}
