//! One message, in every format.

use serde_json::json;

use crate::Tests;
use crate::client::{JSON, ask, get, post};
use crate::server::{Server, ended, runner};

pub(crate) const TESTS: Tests = &[
    ("a_message_is_answered_with_the_settings_of_the_start", answered),
    ("an_invalid_message_is_a_problem_with_a_pointer", problems),
    ("a_wrong_address_method_or_type_has_its_own_status", addresses),
    ("a_panic_is_500_and_the_service_lives_on", panics),
    ("protocol_buffers_are_read_and_written", protobuf),
    ("a_model_with_many_outputs_returns_a_list", many),
    ("a_cloud_event_is_answered_by_a_cloud_event", events),
    ("request_ids_and_traces_are_continued", ids),
    ("the_service_describes_itself", described),
    ("the_openapi_document_has_what_generated_clients_need", document),
    ("settings_are_read_once_and_messages_set_them_only_if_that_is_allowed", settings),
    ("a_service_that_cannot_start_says_why_and_exits_2", refused),
];

fn answered() {
    let server = Server::spawn(
        runner(&["serve", "--listen", "127.0.0.1:0"]).env("ADD", "5").env("KEY", "hush"),
    );
    for name in ["work", "service::work"] {
        let answer = post(server.address, name, r#"{"id":7}"#);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["value"], 12);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    let printed = server.printed("environment:");
    for id in ["count", "count_idly", "divide", "idle", "pay", "work", "wreck"] {
        assert!(printed.contains(&format!("service::{id}")), "{printed}");
    }
    assert!(printed.contains("ADD=5, KEY=***") && !printed.contains("hush"), "{printed}");
}

fn problems() {
    let server = Server::start(&[]);
    let unknown = post(server.address, "work", r#"{"idd":7}"#);
    assert_eq!(unknown.status, 422);
    assert_eq!(unknown.header("content-type"), Some("application/problem+json"));
    let problem = unknown.json();
    assert_eq!((&problem["status"], &problem["failure"]), (&json!(422), &json!("message")));
    assert_eq!(problem["pointer"], "/idd", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("did you mean `id`"), "{problem}");
    for broken in ["{", "", "nonsense", "{\"id\":1} more", "\u{feff}{}"] {
        assert_eq!(post(server.address, "work", broken).status, 400, "{broken}");
    }
    let bytes = ask(server.address, "POST", "/models/work", &[JSON], b"{\"id\":\xff}");
    assert_eq!(bytes.status, 400);
    for wrong in ["[]", "{}", r#"{"id":"seven"}"#, r#"{"id":1,"id":2}"#, r#"{"id":null}"#] {
        assert_eq!(post(server.address, "work", wrong).status, 422, "{wrong}");
    }
    let refused = post(server.address, "work", r#"{"id":500}"#);
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["error"], json!({ "kind": "String", "message": "refused" }));
    let infinite = post(server.address, "divide", r#"{"of":1.0,"to":0.0}"#);
    assert_eq!((infinite.status, &infinite.json()["failure"]), (500, &json!("outcome")));
}

fn addresses() {
    let server = Server::start(&[]);
    let near = post(server.address, "wrok", "{}");
    assert_eq!(near.status, 404);
    assert!(near.text().contains("did you mean `work`?"), "{}", near.text());
    assert_eq!(ask(server.address, "POST", "/models/x", &[], b"{}").status, 404);
    assert_eq!(get(server.address, "/nowhere").status, 404);
    let method = get(server.address, "/models/work");
    assert_eq!((method.status, method.header("allow")), (405, Some("POST")));
    for headers in [&["content-type: text/plain"][..], &[]] {
        let kind = ask(server.address, "POST", "/models/work", headers, b"{}");
        assert_eq!(kind.status, 415);
        assert_eq!(kind.json()["failure"], "content");
    }
    let accept = ask(server.address, "POST", "/models/work", &[JSON, "accept: text/html"], b"{}");
    assert_eq!(accept.status, 406);
}

fn panics() {
    let server = Server::start(&["--expose-panics"]);
    let answer = post(server.address, "work", r#"{"id":999}"#);
    assert_eq!((answer.status, &answer.json()["failure"]), (500, &json!("panic")));
    assert!(
        answer.text().contains("poison"),
        "the text of a panic is returned if that is asked for"
    );
    assert_eq!(post(server.address, "work", r#"{"id":8}"#).json()["value"], 9);
    assert!(server.printed("poison").contains("id="), "the log has the text and the id");
    let open = Server::spawn(&mut runner(&["serve", "--listen", "0.0.0.0:0", "--allow-anonymous"]));
    let address = (std::net::Ipv4Addr::LOCALHOST, open.address.port()).into();
    let answer = post(address, "work", r#"{"id":999}"#);
    assert_eq!(answer.status, 500);
    assert!(!answer.text().contains("poison"), "{}", answer.text());
}

fn protobuf() {
    let server = Server::start(&[]);
    for kind in ["application/x-protobuf", "application/protobuf"] {
        let kind = format!("content-type: {kind}");
        let answer = ask(server.address, "POST", "/models/work", &[&kind], &[0x08, 7]);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("application/x-protobuf"));
        assert_eq!(answer.body[..4], [0x08, 7, 0x10, 8]);
        let json = ask(
            server.address,
            "POST",
            "/models/work",
            &[&kind, "accept: application/json"],
            &[0x08, 7],
        );
        assert_eq!(json.json()["value"], 8);
    }
    let kind = "content-type: application/x-protobuf";
    let broken = ask(server.address, "POST", "/models/work", &[kind], &[0x08]);
    assert_eq!(broken.status, 400);
    assert!(broken.text().contains("Task.id"), "{}", broken.text());
}

fn many() {
    let server = Server::start(&[]);
    assert_eq!(post(server.address, "count", r#"{"to":2}"#).text(), r#"[{"n":1},{"n":2}]"#);
    assert_eq!(post(server.address, "count", r#"{"to":0}"#).text(), "[]");
    let lines = [JSON, "accept: application/x-ndjson"];
    let answer = ask(server.address, "POST", "/models/count", &lines, br#"{"to":2}"#);
    assert_eq!(answer.text(), "{\"n\":1}\n{\"n\":2}\n");
}

fn events() {
    let server = Server::start(&[]);
    let headers = [JSON, "ce-specversion: 1.0", "ce-id: e1", "ce-source: /here", "ce-type: task"];
    let binary = ask(server.address, "POST", "/models/work", &headers, br#"{"id":7}"#);
    assert_eq!((binary.status, &binary.json()["value"]), (200, &json!(8)));
    assert_eq!(binary.header("ce-id"), Some("e1:service::work"));
    assert_eq!(binary.header("ce-type"), Some("athena.outcome"));
    assert_eq!(binary.header("ce-specversion"), Some("1.0"));
    let without = ask(server.address, "POST", "/models/work", &headers[..4], br#"{"id":7}"#);
    assert_eq!(without.status, 400);
    assert!(without.text().contains("no ce-type"), "{}", without.text());

    let kind = ["content-type: application/cloudevents+json"];
    let event = json!({
        "specversion": "1.0", "id": "e 2", "source": "/here", "type": "task", "extension": 1,
        "data": { "id": 7 },
    });
    let send = |event: &serde_json::Value| {
        ask(server.address, "POST", "/models/work", &kind, event.to_string().as_bytes())
    };
    let answer = send(&event);
    assert_eq!(answer.header("content-type"), Some("application/cloudevents+json"));
    let given = answer.json();
    assert_eq!((&given["id"], &given["data"]["value"]), (&json!("e 2:service::work"), &json!(8)));
    let mut wrong = event.clone();
    wrong["data"] = json!({ "idd": 7 });
    assert_eq!(send(&wrong).json()["pointer"], "/data/idd");
    let mut packed = event;
    packed["data"].take();
    packed["datacontenttype"] = json!("application/protobuf");
    packed["data_base64"] = json!("CAc=");
    assert_eq!(send(&packed).json()["data"]["value"], 8);
    assert_eq!(send(&json!({ "specversion": "1.0" })).status, 400);
}

fn ids() {
    let mut command = runner(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Server::spawn(command.env("LOG_LEVEL", "info"));
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("traceparent: 00-{trace}-b7ad6b7169203331-01");
    let answer = ask(
        server.address,
        "POST",
        "/models/work",
        &[JSON, "x-request-id: mine-1", &parent],
        br#"{"id":500}"#,
    );
    assert_eq!(answer.header("x-request-id"), Some("mine-1"));
    let given = answer.header("traceparent").unwrap();
    assert!(given.starts_with(&format!("00-{trace}-")) && !given.contains("b7ad6b7169203331"));
    let printed = server.printed("micros");
    assert!(printed.contains("mine-1") && printed.contains(trace), "{printed}");
    let (one, other) = (get(server.address, "/healthz"), get(server.address, "/healthz"));
    assert!(one.header("x-request-id").is_some_and(|id| id.len() == 32));
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}

fn described() {
    let server = Server::start(&[]);
    post(server.address, "work", r#"{"id":1}"#);
    post(server.address, "work", r#"{"idd":1}"#);
    let models = get(server.address, "/models").json();
    let models = models["models"].as_array().unwrap();
    let work = models.iter().find(|model| model["id"] == "service::work").unwrap();
    assert_eq!(work["grpc"], "/athena_service.ServiceWorkService/Run");
    let document = get(server.address, "/openapi.json").json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let post = &document["paths"]["/models/service::work"]["post"];
    let schema = &post["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    let name = schema.as_str().unwrap().strip_prefix("#/components/schemas/").unwrap();
    assert_eq!(document["components"]["schemas"][name]["required"], json!(["id"]));
    assert!(!document.to_string().contains("$defs"));
    let page = get(server.address, "/");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(!page.text().contains("//cdn") && !page.text().contains("src="));
    assert_eq!(get(server.address, "/healthz").status, 200);
    assert_eq!(get(server.address, "/readyz").status, 200);
    let metrics = get(server.address, "/metrics");
    for line in [
        "# TYPE athena_requests_total counter",
        "# TYPE athena_request_duration_seconds histogram",
        "athena_requests_total{model=\"service::work\",status=\"200\"} 1",
        "athena_requests_total{model=\"service::work\",status=\"422\"} 1",
        "athena_messages_total{model=\"service::work\",outcome=\"failure\"} 1",
        "athena_request_duration_seconds_count{model=\"service::work\",status=\"200\"} 1",
        "athena_requests_in_flight 1",
    ] {
        assert!(metrics.text().lines().any(|known| known == line), "{line}\n{}", metrics.text());
    }
}

/// What generators of clients need, and the page.
fn document() {
    let server = Server::start(&[]);
    let openapi = get(server.address, "/openapi.json");
    let document = openapi.json();
    let models = get(server.address, "/models").json();
    let models = models["models"].as_array().unwrap();
    let work = models.iter().find(|model| model["id"] == "service::work").unwrap();
    let post = &document["paths"]["/models/service::work"]["post"];
    assert_eq!(post["operationId"], "service_work");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    for content in ["application/json", "application/x-protobuf", "application/x-ndjson"] {
        assert!(!post["requestBody"]["content"][content]["schema"].is_null(), "{post}");
    }
    let text = openapi.text();
    let declared = "\"properties\":{\"id\":";
    assert!(text.contains(declared), "fields as they are declared: {text}");
    // The messages that the page offers are accepted.
    let listed = models.iter().map(|model| model["id"].as_str().unwrap());
    for id in listed.filter(|id| !["service::divide", "service::wreck"].contains(id)) {
        let path = &document["paths"][format!("/models/{id}")]["post"];
        let example = &path["requestBody"]["content"]["application/json"]["example"];
        let answer = self::post(server.address, id, &example.to_string());
        assert_eq!(answer.status, 200, "{id} {example}: {}", answer.text());
    }
    assert_eq!(work["proto"], "/protos/athena-service.proto");
    let proto = get(server.address, "/protos/athena-service.proto");
    assert!(proto.text().contains("service ServiceWorkService"), "{}", proto.text());
    assert_eq!(get(server.address, "/protos/other.proto").status, 404);
}

fn settings() {
    let with = r#"{"id":1,"environment":{"ADD":10}}"#;
    let server = Server::start(&["-e", "ADD=3"]);
    assert_eq!(post(server.address, "work", r#"{"id":1}"#).json()["value"], 4);
    let refused = post(server.address, "work", with);
    assert_eq!((refused.status, &refused.json()["pointer"]), (422, &json!("/environment")));
    let server = Server::start(&["-e", "ADD=3", "--allow-env-override"]);
    assert_eq!(post(server.address, "work", with).json()["value"], 11);
    assert_eq!(post(server.address, "work", r#"{"id":1}"#).json()["value"], 4);
    for (wrong, expected) in [
        (r#"{"id":1,"environment":{"KEY":"x"}}"#, "messages may not set KEY"),
        (r#"{"id":1,"environment":{"PATH":"x"}}"#, "messages may not set PATH"),
        (r#"{"id":1,"environment":{"ADD":"x"}}"#, "not an i64"),
    ] {
        let answer = post(server.address, "work", wrong);
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(expected), "{}", answer.text());
    }
}

fn refused() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let exits = |arguments: &[&str], wanted: &str| {
        let (code, printed) = ended(runner(&["serve"]).args(arguments).env("ADD", "1"));
        assert_eq!(code, 2, "{printed}");
        assert!(printed.contains(wanted), "{printed}");
    };
    exits(&["--listen", "0.0.0.0:0"], "no token is set");
    exits(&["--listen", "[::]:0"], "no token is set");
    exits(&["--listen", "nonsense"], "is not an address to listen on");
    exits(&["--listen", &taken], &taken);
    exits(&["-e", "ADD=x"], "ADD");
    exits(&["-e", "AD=1"], "did you mean `ADD`?");
    exits(&["wrok"], "did you mean `work`?");
    exits(&["--token-file", "/nowhere"], "/nowhere");
    exits(&["--tls-cert", "/nowhere"], "--tls-key");
    exits(&["--tls-cert", "/nowhere", "--tls-key", "/nowhere"], "/nowhere");
}
