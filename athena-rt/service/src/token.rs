//! The bearer token that clients must bear.

use std::path::Path;

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq as _;

use athena_core::error::{Error, Result};

/// The variable a token is read from.
pub(super) const VARIABLE: &str = "ATHENA_TOKEN";

/// A secret that clients and the service share.
pub(super) struct Token(String);

impl Token {
    /// Whether a request bears it. Takes the same time wherever a wrong one differs.
    pub(super) fn is_borne(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(self.0.as_bytes())))
    }
}

/// Reads the token from a file, or else from the environment.
pub(super) fn read(file: Option<&Path>) -> Result<Option<Token>> {
    let (text, origin) = match file {
        Some(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
            (text, path.display().to_string())
        }
        None => match std::env::var_os(VARIABLE) {
            None => return Ok(None),
            Some(value) => {
                let text = value
                    .into_string()
                    .map_err(|_| Error::usage(format!("the variable {VARIABLE} is no text")))?;
                (text, format!("the variable {VARIABLE}"))
            }
        },
    };
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::usage(format!("{origin} has no token"))
            .help("a token is letters, digits and signs, without blanks"));
    }
    Ok(Some(Token(token.to_owned())))
}
