//! Examples in the help of the verbs.

/// The name of a verb, and a line per example; what follows three spaces is a remark.
pub(super) const EXAMPLES: [(&str, &str); 25] = [
    ("init", "cargo athena init                                  set up the package in this folder
cargo athena init --path ../athena/athena-rt
cargo athena init --dev                            models in tests/, for a library without the dependency"),
    ("new", "cargo athena new pricing                           a binary with a model
cargo athena new pricing --lib                     a library, and a test target that replays its cases"),
    ("list", "cargo athena list --long
cargo athena list --format json"),
    ("run", "cargo athena run                                  the only model, on message.json or {}
cargo athena run price --message '{\"amount\": 2}'
cargo athena run price --example > message.json    a message to start from
cargo athena run price --messages orders.jsonl --rejects failed.jsonl"),
    ("record", "cargo athena record price --case empty --message '{}'
cargo athena record price --messages orders.jsonl --suite orders --name-from /id
cargo athena record price --rerecord orders        run recorded cases of price again
cargo athena record --generate price               cases from the types and the code"),
    ("test", "cargo athena test                                  every case
cargo athena test price --show-input               cases of one model, with their inputs
cargo athena test --report html=report.html,junit=report.xml
cargo athena test --partition hash:1/4             a quarter of the cases, for parallel jobs"),
    ("watch", "cargo athena watch                                 replay whenever a file changes
cargo athena watch price"),
    ("doctor", "cargo athena doctor
cargo athena doctor --deny duplicates,unseen       exit code 1 if there are any"),
    ("strength", "cargo athena strength
cargo athena strength --base HEAD~1 --deny missed  only lines that changed"),
    ("review", "cargo athena review                                all failures of the last run
cargo athena review price"),
    ("accept", "cargo athena accept --exact price::empty           one new outcome, as it was shown
cargo athena accept                                all of them"),
    ("reject", "cargo athena reject price
cargo athena reject --undo"),
    ("pending", "cargo athena pending
cargo athena pending --format json"),
    ("diff", "cargo athena diff --base main
cargo athena diff --base HEAD --messages orders.jsonl --model price"),
    ("shrink", "cargo athena shrink price::crash
cargo athena shrink price::seeded --base HEAD --record smaller"),
    ("report", "cargo athena report show price
cargo athena report merge part-1.json part-2.json"),
    ("serve", "cargo athena serve
cargo athena serve price --listen 127.0.0.1:9000"),
    ("work", "cargo athena work price --from redis://127.0.0.1:6379/prices
cargo athena work --from sqlite:queue.db?queue=prices --exit-when-idle 2s"),
    ("submit", "cargo athena submit price --messages orders.jsonl --to redis://127.0.0.1:6379/prices"),
    ("collect", "cargo athena collect --from redis://127.0.0.1:6379/prices
cargo athena collect --from redis://127.0.0.1:6379/prices --dead --requeue"),
    ("mpi", "cargo athena mpi price --ranks 4 --messages orders.jsonl --out prices.jsonl
cargo athena mpi price --ranks 4 --messages orders.jsonl --out prices.jsonl --resume"),
    ("schema", "cargo athena schema price
cargo athena schema price --format json-schema
cargo athena schema import orders.proto --out src/orders.rs"),
    ("mv", "cargo athena mv pricing::old pricing::price"),
    ("completions", "cargo athena completions bash > ~/.local/share/bash-completion/completions/cargo-athena"),
    ("man", "cargo athena man > cargo-athena.1
cargo athena man run > cargo-athena-run.1"),
];
