//! `cargo athena work`, `submit`, `collect` and `queue status`, as far as they go without a broker.

use super::support::Project;

#[test]
fn a_runner_without_queues_names_the_feature_and_rejects_other_urls() {
    let project = Project::bin("plain");
    for (verb, feature) in [
        (&["work", "--from", "redis://host/tasks"][..], "redis"),
        (&["work", "double", "--from", "tls://host/tasks"], "nats"),
        (&["submit", "double", "--to", "nats://host/tasks", "-m", "{}"], "nats"),
        (&["collect", "--from", "rediss://host/outcomes"], "redis"),
        (&["work", "--from", "sqlite:tasks.db?queue=tasks"], "sqlite"),
        (&["queue", "status", "sqlite:tasks.db?queue=tasks", "--format", "json"], "sqlite"),
    ] {
        let named = format!("built without the feature `{feature}` of athena-rt");
        project.athena(verb).exits(2).says(&named);
    }
    for verb in [
        &["work", "--from", "kafka://user:word@host/tasks"][..],
        &["submit", "double", "--to", "kafka://user:word@host/tasks"],
        &["collect", "--from", "kafka://user:word@host/tasks", "--dead"],
        &["queue", "status", "kafka://user:word@host/tasks"],
    ] {
        project.athena(verb).exits(2).says("kafka://***@host/tasks is not a queue").says(
            "sqlite:FILE?queue=NAME (feature `sqlite`), postgres://HOST:PORT/DATABASE?queue=NAME (feature `postgres`), amqp://HOST:PORT/VHOST?queue=NAME (feature `amqp`), redis://HOST:PORT/KEY (feature `redis`)",
        );
    }
    project.athena(&["submit", "dubble", "--to", "redis://host/tasks"]).exits(2).says("double");
    project.athena(&["work", "dubble", "--from", "redis://host/tasks"]).exits(2).says("double");
}
