//! `examples/deploy`: an image, Compose, Kubernetes and KEDA agree with each other and with the
//! command line of a runner, which `cargo athena` shares.

#[path = "../../../tests/mpijob/yaml.rs"]
mod yaml;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};
use serde_json::{Value, json};

use super::{bases, has_version};
use crate::cli::{Cli, Verb};

fn folder() -> PathBuf {
    super::folder().join("deploy")
}

fn text(name: &str) -> String {
    super::text(&format!("deploy/{name}"))
}

/// The documents of a YAML file.
fn documents(name: &str) -> Vec<Value> {
    yaml::documents(&text(name)).unwrap()
}

fn arguments(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

/// The object of a kind in a file, which has one.
fn object(name: &str, kind: &str) -> Value {
    let mut all = documents(name);
    all.retain(|object| object["kind"] == kind);
    assert_eq!(all.len(), 1, "{kind} in {name}");
    all.remove(0)
}

/// The pod of a deployment, and its one container.
fn pod(name: &str) -> (Value, Value) {
    let pod = object(name, "Deployment")["spec"]["template"]["spec"].clone();
    let containers = pod["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 1);
    let container = containers[0].clone();
    (pod, container)
}

/// What is typed after the runner's name; it must be what can be typed after a runner's.
fn verb(words: &[&str]) -> Verb {
    let typed = Cli::try_parse_from(["cargo athena"].iter().chain(words));
    let typed = typed.unwrap_or_else(|error| panic!("{words:?}\n{error}"));
    let command = Cli::command();
    let command = command.find_subcommand(words[0]).unwrap();
    for flag in words.iter().filter_map(|word| word.strip_prefix("--")) {
        let argument =
            command.get_arguments().find(|known| known.get_long() == Some(flag)).unwrap();
        // Those under a heading are of the build, which a runner has behind it.
        assert_eq!(argument.get_help_heading(), None, "{flag}");
    }
    typed.verb
}

fn millis(millis: Option<u64>) -> Duration {
    Duration::from_millis(millis.unwrap())
}

/// How long a runner takes to end at most, once it is told to.
fn end(verb: &Verb) -> Duration {
    match verb {
        // What was taken: a client's time, and a message's.
        Verb::Serve(serve) => millis(serve.args.grace_ms) + millis(serve.args.timeout_ms) * 2,
        // What has begun, and as long for the broker.
        Verb::Work(work) => millis(work.args.grace_ms) * 2,
        other => panic!("{other:?}"),
    }
}

/// Every container of a runner: what it runs, and how long the platform waits for its end.
fn runners() -> Vec<(Vec<String>, Duration)> {
    let owned = |list: &Value| arguments(list).into_iter().map(str::to_owned).collect();
    let compose = documents("compose.yaml").remove(0);
    let mut all = Vec::new();
    for name in ["service", "worker"] {
        let service = &compose["services"][name];
        let wait =
            athena_protocol::args::value::duration(service["stop_grace_period"].as_str().unwrap());
        all.push((owned(&service["command"]), wait.unwrap()));
    }
    for name in ["kubernetes/service.yaml", "kubernetes/worker.yaml"] {
        let (pod, container) = pod(name);
        let wait = pod["terminationGracePeriodSeconds"].as_u64().unwrap();
        all.push((owned(&container["args"]), Duration::from_secs(wait)));
    }
    all
}

#[test]
fn what_containers_run_can_be_typed_and_has_time_to_end() {
    let mut verbs = Vec::new();
    for (words, wait) in runners() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        verbs.push(words[0].to_owned());
        let end = end(&verb(&words));
        assert!(
            wait >= end + Duration::from_secs(5),
            "{words:?} ends within {end:?}, not {wait:?}"
        );
    }
    assert_eq!(verbs, ["serve", "work", "serve", "work"]);
}

#[test]
fn runners_listen_where_they_are_asked() {
    let image = text("Dockerfile");
    assert!(image.contains("\nEXPOSE 8080\n") && image.contains("/dev/tcp/127.0.0.1/8080"));
    for (words, _) in runners() {
        let at = |flag: &str| words.iter().position(|word| word == flag);
        let at = at("--listen").or_else(|| at("--metrics")).unwrap();
        assert_eq!(words[at + 1], "0.0.0.0:8080");
    }
    for (name, port) in [("kubernetes/service.yaml", "http"), ("kubernetes/worker.yaml", "metrics")]
    {
        let (_, container) = pod(name);
        assert_eq!(container["ports"], json!([{"name": port, "containerPort": 8080}]));
        for (probe, path) in [("readinessProbe", "/readyz"), ("livenessProbe", "/healthz")] {
            assert_eq!(container[probe]["httpGet"], json!({"path": path, "port": port}));
        }
    }
    assert_eq!(
        object("kubernetes/service.yaml", "Service")["spec"]["ports"][0]["targetPort"],
        "http"
    );
}

#[test]
fn a_service_is_seen_not_to_be_ready_while_it_takes_requests() {
    let (_, container) = pod("kubernetes/service.yaml");
    let Verb::Serve(serve) = verb(&arguments(&container["args"])) else { panic!("another verb") };
    let probe = &container["readinessProbe"];
    let seen =
        probe["periodSeconds"].as_u64().unwrap() * probe["failureThreshold"].as_u64().unwrap();
    assert!(millis(serve.args.grace_ms) > Duration::from_secs(seen));
}

#[test]
fn selectors_select_what_is_there() {
    for name in ["kubernetes/service.yaml", "kubernetes/worker.yaml"] {
        let deployment = object(name, "Deployment");
        let labels = &deployment["spec"]["template"]["metadata"]["labels"];
        assert_eq!(&deployment["spec"]["selector"]["matchLabels"], labels);
        assert_eq!(labels["app.kubernetes.io/name"], "athena");
        if name.ends_with("service.yaml") {
            assert_eq!(&object(name, "Service")["spec"]["selector"], labels);
        }
    }
}

#[test]
fn a_token_is_where_the_service_reads_it_and_in_no_image() {
    let (pod, container) = pod("kubernetes/service.yaml");
    let Verb::Serve(serve) = verb(&arguments(&container["args"])) else { panic!("another verb") };
    let (mount, volume) = (&container["volumeMounts"][0], &pod["volumes"][0]);
    assert_eq!(mount["name"], volume["name"]);
    let item = &volume["secret"]["items"][0];
    let path = Path::new(mount["mountPath"].as_str().unwrap()).join(item["path"].as_str().unwrap());
    assert_eq!(serve.args.token_file.unwrap(), path);
    // Its group may read it, and it is of that group.
    assert_eq!(volume["secret"]["defaultMode"], 0o440);
    assert_eq!(pod["securityContext"]["fsGroup"], pod["securityContext"]["runAsGroup"]);
    let made = format!(
        "kubectl create secret generic {} --from-literal={}=",
        volume["secret"]["secretName"].as_str().unwrap(),
        item["key"].as_str().unwrap()
    );
    assert!(text("kubernetes/service.yaml").contains(&made) && text("README.md").contains(&made));

    let compose = documents("compose.yaml").remove(0);
    let service = &compose["services"]["service"];
    let Verb::Serve(serve) = verb(&arguments(&service["command"])) else { panic!("another verb") };
    let [secret] = arguments(&service["secrets"])[..] else { panic!("one secret") };
    assert_eq!(serve.args.token_file.unwrap(), Path::new("/run/secrets").join(secret));
    assert_eq!(compose["secrets"][secret]["file"], "./token");
    for ignored in [text(".gitignore"), text("Dockerfile.dockerignore")] {
        assert!(ignored.lines().any(|line| line.trim_start_matches("**/") == "token"));
    }
}

#[test]
fn nobody_is_root_and_nothing_can_be_written() {
    let image = text("Dockerfile");
    let user = image.lines().filter_map(|line| line.strip_prefix("USER ")).next_back().unwrap();
    assert_eq!(user, "65532:65532");
    for name in ["kubernetes/service.yaml", "kubernetes/worker.yaml"] {
        let (pod, container) = pod(name);
        let rights = &pod["securityContext"];
        assert_eq!(rights["runAsNonRoot"], true);
        assert_eq!((&rights["runAsUser"], &rights["runAsGroup"]), (&json!(65532), &json!(65532)));
        assert_eq!(pod["automountServiceAccountToken"], false);
        let none = json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        });
        assert_eq!(container["securityContext"], none);
        assert!(container["resources"]["limits"]["memory"].is_string());
    }
    let compose = documents("compose.yaml").remove(0);
    for name in ["service", "worker"] {
        let service = &compose["services"][name];
        assert_eq!(service["read_only"], true);
        assert_eq!(service["cap_drop"], json!(["ALL"]));
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]));
        assert!(service["user"].is_null() && service["privileged"].is_null());
    }
}

#[test]
fn images_have_a_version() {
    let image = text("Dockerfile");
    let mut images: Vec<String> = bases(&image).into_iter().map(str::to_owned).collect();
    assert_eq!(images.len(), 2);
    let compose = documents("compose.yaml").remove(0);
    for service in compose["services"].as_object().unwrap().values() {
        images.push(service["image"].as_str().unwrap().to_owned());
    }
    for name in ["kubernetes/service.yaml", "kubernetes/worker.yaml"] {
        images.push(pod(name).1["image"].as_str().unwrap().to_owned());
    }
    assert_eq!(images.len(), 7);
    for image in images {
        assert!(has_version(&image), "{image}");
    }
    let toolchain = env!("CARGO_PKG_RUST_VERSION");
    assert!(image.contains(&format!("\nFROM rust:{toolchain}-")), "{toolchain}");
}

#[test]
fn the_image_is_built_from_the_lockfile_and_takes_signals() {
    let image = text("Dockerfile");
    assert!(image.contains("cargo build --locked --release"));
    let form = |word: &str| -> Vec<String> {
        let line = image.lines().find_map(|line| line.strip_prefix(word)).unwrap();
        serde_json::from_str(line).unwrap()
    };
    // The form in which no shell stands between.
    assert_eq!(form("ENTRYPOINT "), ["/usr/local/bin/runner"]);
    let command = form("CMD ");
    verb(&command.iter().map(String::as_str).collect::<Vec<_>>());
    let compose = documents("compose.yaml").remove(0);
    for name in ["service", "worker"] {
        let build = &compose["services"][name]["build"];
        let context = folder().join(build["context"].as_str().unwrap());
        assert!(context.join("Cargo.lock").is_file());
        assert!(context.join(build["dockerfile"].as_str().unwrap()).is_file());
    }
    let manifest = std::fs::read_to_string(folder().join("../../athena-rt/Cargo.toml")).unwrap();
    let features = image.lines().find_map(|line| line.strip_prefix("ARG FEATURES=")).unwrap();
    for feature in features.split(',') {
        let feature = feature.strip_prefix("athena-rt/").unwrap();
        assert!(manifest.contains(&format!("\n{feature} = [")), "{feature}");
    }
}

#[cfg(unix)]
#[test]
fn the_health_check_tells_one_that_is_well_from_one_that_is_not() {
    let image = text("Dockerfile");
    let check = image.lines().find(|line| line.starts_with("HEALTHCHECK ")).unwrap();
    let check: Vec<String> = serde_json::from_str(check.split_once(" CMD ").unwrap().1).unwrap();
    let is_well = |port: u16| {
        let words: Vec<_> =
            check.iter().map(|word| word.replace("8080", &port.to_string())).collect();
        let mut check = Command::new(&words[0]);
        check.args(&words[1..]).stderr(Stdio::null()).status().unwrap().success()
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for (status, wanted) in [("200 OK", true), ("503 Service Unavailable", false)] {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 64];
                let length = stream.read(&mut request).unwrap();
                assert!(request[..length].starts_with(b"GET /healthz HTTP/1.0\r\n"));
                write!(stream, "HTTP/1.0 {status}\r\ncontent-length: 0\r\n\r\n").unwrap();
            });
            assert_eq!(is_well(port), wanted, "{status}");
        });
    }
    drop(listener);
    assert!(!is_well(port));
}

#[test]
fn what_scales_the_workers_counts_what_they_read() {
    let deployment = object("kubernetes/worker.yaml", "Deployment");
    // Who applies the file again must not set back what KEDA has counted.
    assert!(deployment["spec"]["replicas"].is_null());
    let (_, container) = pod("kubernetes/worker.yaml");
    let Verb::Work(work) = verb(&arguments(&container["args"])) else { panic!("another verb") };
    for name in ["kubernetes/keda-redis.yaml", "kubernetes/keda-nats.yaml"] {
        let object = object(name, "ScaledObject");
        assert_eq!(object["spec"]["scaleTargetRef"]["name"], deployment["metadata"]["name"]);
        let triggers = object["spec"]["triggers"].as_array().unwrap();
        assert_eq!(triggers.len(), 1);
        let metadata = &triggers[0]["metadata"];
        // KEDA takes text only.
        assert!(metadata.as_object().unwrap().values().all(Value::is_string), "{name}");
        if triggers[0]["type"] == "redis-streams" {
            let (host, port) = metadata["address"].as_str().unwrap().split_once(':').unwrap();
            let host = host.split('.').next().unwrap();
            let stream = metadata["stream"].as_str().unwrap();
            assert_eq!(work.args.from, format!("redis://{host}:{port}/{stream}"));
            // With a group, the length would not count.
            assert!(metadata["streamLength"].is_string() && metadata["consumerGroup"].is_null());
        } else {
            assert_eq!(triggers[0]["type"], "nats-jetstream");
            let stream = metadata["stream"].as_str().unwrap();
            assert_eq!(metadata["consumer"], format!("athena-{stream}"));
            let host = metadata["natsServerMonitoringEndpoint"].as_str().unwrap();
            let from = format!("--from nats://{}:4222/{stream} ", host.split('.').next().unwrap());
            assert!(text(name).contains(&from), "{from}");
        }
    }
}

#[test]
fn the_broker_of_compose_loses_nothing() {
    let compose = documents("compose.yaml").remove(0);
    let broker = &compose["services"]["broker"];
    let command = arguments(&broker["command"]);
    for pair in [["--appendonly", "yes"], ["--maxmemory-policy", "noeviction"]] {
        assert!(command.windows(2).any(|words| words == pair), "{pair:?}");
    }
    let [volume] = arguments(&broker["volumes"])[..] else { panic!("one volume") };
    let (name, place) = volume.split_once(':').unwrap();
    assert_eq!(place, "/data");
    assert!(compose["volumes"].as_object().unwrap().contains_key(name));
    let worker = &compose["services"]["worker"];
    assert_eq!(worker["depends_on"]["broker"]["condition"], "service_healthy");
    let Verb::Work(work) = verb(&arguments(&worker["command"])) else { panic!("another verb") };
    for url in [work.args.from, work.args.to.unwrap()] {
        assert!(url.starts_with("redis://broker:6379/"), "{url}");
        let outside = url.replace("broker", "127.0.0.1");
        assert!(text("README.md").contains(&outside), "{outside}");
    }
    for service in compose["services"].as_object().unwrap().values() {
        assert_eq!(service["restart"], "unless-stopped");
        // What others reach has no password, or none but a token.
        let ports = service["ports"].as_array();
        let is_local = |port: &Value| port.as_str().unwrap().starts_with("127.0.0.1:");
        assert!(ports.is_none_or(|ports| ports.iter().all(is_local)));
    }
}

#[test]
fn the_walk_through_names_files_and_types_what_can_be_typed() {
    let readme = text("README.md");
    for name in [
        "Dockerfile",
        "compose.yaml",
        "service.yaml",
        "worker.yaml",
        "keda-redis.yaml",
        "keda-nats.yaml",
    ] {
        assert!(readme.contains(name), "{name}");
    }
    let mut verbs = Vec::new();
    for line in readme.lines() {
        let Some((_, typed)) = line.split_once("cargo athena ").filter(|_| !line.contains('`'))
        else {
            continue;
        };
        let words = shlex::split(typed).unwrap();
        verbs.push(words[0].clone());
        let words = ["cargo athena"].into_iter().chain(words.iter().map(String::as_str));
        Cli::try_parse_from(words).unwrap();
    }
    assert_eq!(verbs, ["submit", "collect"]);
}
