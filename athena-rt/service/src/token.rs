//! The bearer token that clients must send.

use std::path::Path;

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq as _;

use athena_core::error::{Error, Result};

/// The environment variable of the token.
pub(super) const VARIABLE: &str = "ATHENA_TOKEN";

/// A secret that the service shares with its clients.
pub(super) struct Token(String);

impl Token {
    /// Whether a request has this token. Compares in constant time.
    pub(super) fn authorizes(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(self.0.as_bytes())))
    }
}

/// Reads the token from a file, otherwise from the environment.
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
                let text = value.into_string().map_err(|_| {
                    Error::usage(format!("the variable {VARIABLE} is not valid UTF-8"))
                })?;
                (text, format!("the variable {VARIABLE}"))
            }
        },
    };
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::usage(format!("{origin} has no token"))
            .help("a token consists of visible ASCII characters without spaces"));
    }
    Ok(Some(Token(token.to_owned())))
}
