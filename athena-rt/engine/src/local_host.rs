//! The hosts that an address of loopback answers to. A page of another site can have its own name resolve to
//! that address, and would then read whatever listens there.

use std::net::IpAddr;

/// The name of the loopback address.
const LOCAL: &str = "localhost";

/// Whether a request may name this host: the loopback address, its name, or one of `allowed`. An address is
/// not looked up, so that nobody can have it resolve to another one.
pub fn is_allowed(host: &str, allowed: &[String]) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_loopback = address.is_ok_and(|address| address.to_canonical().is_loopback());
    let host = host.trim_end_matches('.');
    let known = [LOCAL].into_iter().chain(allowed.iter().map(String::as_str));
    is_loopback || known.into_iter().any(|known| known.eq_ignore_ascii_case(host))
}
