//! The paths of a service. A part in braces is chosen by the client.

pub(super) const PAGE: &str = "/";
pub(super) const HEALTH: &str = "/healthz";
pub(super) const READY: &str = "/readyz";
pub(super) const METRICS: &str = "/metrics";
pub(super) const OPENAPI: &str = "/openapi.json";
pub(super) const PROTO: &str = "/protos/{file}";
pub(super) const MODELS: &str = "/models";
pub(super) const MODEL: &str = "/models/{id}";

const ALL: [&str; 8] = [PAGE, HEALTH, READY, METRICS, OPENAPI, PROTO, MODELS, MODEL];

/// The route of a path. `None` if nothing is served there.
pub(super) fn find(path: &str) -> Option<&'static str> {
    ALL.into_iter().find(|route| parameter(route, path).is_some())
}

/// The id of the model that a path names, as it was sent.
pub(super) fn model(path: &str) -> Option<&str> {
    parameter(MODEL, path)
}

/// The path of a model.
pub(super) fn of_model(id: &str) -> String {
    MODEL.replace("{id}", id)
}

/// The path of a `.proto` file.
pub(super) fn of_proto(file: &str) -> String {
    PROTO.replace("{file}", file)
}

/// The part of a path that the client chose; empty if the route has none. `None` if it is not the path's
/// route.
fn parameter<'a>(route: &str, path: &'a str) -> Option<&'a str> {
    let Some((start, _)) = route.split_once('{') else { return (route == path).then_some("") };
    path.strip_prefix(start).filter(|rest| !rest.is_empty() && !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_no_part_that_the_client_chooses() {
        assert_eq!(find("/models/a::b"), Some("/models/{id}"));
        assert_eq!(find("/models"), Some("/models"));
        assert_eq!(find("/protos/a.proto"), Some("/protos/{file}"));
        for other in ["/models/", "/models/a/b", "/else", "/healthz/"] {
            assert_eq!(find(other), None, "{other}");
        }
        assert_eq!((model("/models/a::b"), model("/protos/a")), (Some("a::b"), None));
        assert_eq!(
            (of_model("a::b"), of_proto("a.proto")),
            ("/models/a::b".into(), "/protos/a.proto".into())
        );
    }
}
