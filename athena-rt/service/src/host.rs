//! The hosts that a service answers to.

use std::sync::OnceLock;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version, header};

use super::headers;
use super::problem::Problem;
use athena_engine::local_host::is_allowed;

/// The hosts that requests may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hosts {
    /// Names beside those of the loopback address; `None` accepts every host.
    allowed: Option<Vec<String>>,
    /// The first host that was allowed: nearly every request has the same.
    seen: OnceLock<Box<[u8]>>,
}

impl Hosts {
    /// Every host.
    pub(super) fn any() -> Self {
        Self::default()
    }

    /// The loopback address, and these names.
    pub(super) fn local(allowed: &[String]) -> Self {
        Self { allowed: Some(allowed.to_vec()), ..Self::default() }
    }

    /// Checks the host of a request.
    ///
    /// # Errors
    ///
    /// 400 if it names no host or two, 403 if it names another one.
    pub(super) fn check(&self, request: &Request) -> Result<(), Problem> {
        let of_target = request.uri().authority();
        if self.is_seen(of_target, request.headers()) {
            return Ok(());
        }
        let of_header = from_header(request.headers())?;
        // HTTP/1.0 has no hosts.
        let is_required = request.version() > Version::HTTP_10;
        if is_required && of_target.is_none() && of_header.is_none() {
            return Err(invalid("the request has no Host"));
        }
        let Some(allowed) = &self.allowed else { return Ok(()) };
        let given = of_target.cloned().into_iter().chain(of_header);
        match given.into_iter().find(|host| !is_allowed(host.host(), allowed)) {
            None => {
                let host = request.headers().get(header::HOST).map(HeaderValue::as_bytes);
                // A copy: the value is a part of what was read with it.
                if let Some(host) = of_target.map(|host| host.as_str().as_bytes()).or(host) {
                    let _ = self.seen.set(host.into());
                }
                Ok(())
            }
            Some(host) => {
                let host = host.host();
                let detail = format!(
                    "{host} is not a host of this service, which listens on the loopback address: \
                     use localhost, or start it with --allow-host {host}"
                );
                Err(Problem::new(StatusCode::FORBIDDEN, "host", detail))
            }
        }
    }

    /// Whether a request names one host, the one that was seen.
    fn is_seen(&self, of_target: Option<&Authority>, headers: &HeaderMap) -> bool {
        let Some(seen) = self.seen.get() else { return false };
        if let Some(target) = of_target {
            return target.as_str().as_bytes() == &**seen && !headers::has(headers, &header::HOST);
        }
        let mut all = headers.get_all(header::HOST).iter();
        all.next().is_some_and(|host| host.as_bytes() == &**seen) && all.next().is_none()
    }
}

fn from_header(headers: &HeaderMap) -> Result<Option<Authority>, Problem> {
    let mut all = headers.get_all(header::HOST).iter();
    let Some(first) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(invalid("the request has more than one Host"));
    }
    let authority = first.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    let authority = authority.filter(|authority| !authority.as_str().contains('@'));
    authority.map(Some).ok_or_else(|| invalid("the Host is not a host and a port"))
}

fn invalid(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "host", detail)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn check(hosts: &Hosts, version: Version, target: &str, given: &[&str]) -> u16 {
        let mut request = Request::builder().uri(target).version(version);
        for host in given {
            request = request.header("host", *host);
        }
        let request = request.body(Body::empty()).unwrap();
        hosts.check(&request).map_or_else(|problem| problem.status().as_u16(), |()| 200)
    }

    #[test]
    fn a_loopback_service_answers_to_its_own_names_only() {
        let hosts = Hosts::local(&["box.lan".to_owned()]);
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "localhost.",
            "127.0.0.1:80",
            "127.8.0.1",
            "[::1]:8080",
            "box.lan:1",
        ] {
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &[host]), 200, "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "[::2]",
        ] {
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &[host]), 403, "{host}");
            // In HTTP/2 it is a part of the target.
            let target = format!("http://{host}/");
            assert_eq!(check(&hosts, Version::HTTP_2, &target, &[]), 403, "{host}");
            assert_eq!(check(&hosts, Version::HTTP_11, &target, &["localhost"]), 403, "{host}");
            assert_eq!(check(&Hosts::any(), Version::HTTP_11, "/", &[host]), 200, "{host}");
        }
    }

    #[test]
    fn a_request_names_one_host() {
        for hosts in [Hosts::any(), Hosts::local(&[])] {
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &[]), 400);
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &["localhost", "localhost"]), 400);
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &["a b"]), 400);
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &["me@localhost"]), 400);
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &[""]), 400);
            assert_eq!(check(&hosts, Version::HTTP_10, "/", &[]), 200);
            assert_eq!(check(&hosts, Version::HTTP_2, "http://localhost:1/", &[]), 200);
            // What one request named allows nothing more to the next.
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &["localhost:1"]), 200);
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &["localhost:1"; 2]), 400);
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &["localhost:1", "evil.example"]), 400);
            assert_eq!(check(&hosts, Version::HTTP_11, "/", &[]), 400);
            assert_eq!(check(&hosts, Version::HTTP_2, "http://localhost:1/", &["a b"]), 400);
        }
        // In HTTP/2, too, what one request named allows nothing more to the next.
        let hosts = Hosts::local(&[]);
        for _ in 0..2 {
            assert_eq!(check(&hosts, Version::HTTP_2, "http://localhost:1/", &[]), 200);
            assert_eq!(check(&hosts, Version::HTTP_2, "http://evil.example/", &[]), 403);
            assert_eq!(
                check(&hosts, Version::HTTP_2, "http://localhost:1/", &["evil.example"]),
                403
            );
        }
    }
}
