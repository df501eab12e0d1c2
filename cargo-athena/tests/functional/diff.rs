//! `cargo athena diff`, in real repositories

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::process::Command;

use crate::support::{Outcome, Project, manifest};

const MODELS: &str = "use athena_rt::prelude::*;

#[structure]
struct Loan {
    amount: f64,
    #[default(1)]
    years: u32,
    #[default(0.0)]
    total: f64,
}

#[model]
fn total(mut state: State<Loan>) -> State<Loan> {
    let loan = &mut state.data;
    loan.total = loan.amount * (1.0 + 0.05 * f64::from(loan.years));
    state
}

#[model]
fn same(state: State<Loan>) -> State<Loan> {
    state
}

athena_rt::main!();
";

/// Git in a folder of the project; it must succeed.
pub(crate) fn git(project: &Project, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(project.path(""))
        // A look at the status writes nothing.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"])
        .args(["-c", "commit.gpgsign=false"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn commit(project: &Project, message: &str) {
    git(project, &["add", "-A"]);
    git(project, &["commit", "-qm", message]);
}

/// A repository of these models with cases of `total` and `same`, committed as `main`.
fn repository(name: &str, models: &str) -> Project {
    let project =
        Project::new().file("Cargo.toml", &manifest(name, "", "")).file("src/main.rs", models);
    git(&project, &["init", "-q"]);
    for years in 0..4 {
        let message = format!("{{\"amount\":100.0,\"years\":{years}}}");
        let case = format!("years-{years}");
        project.athena(&["record", "total", "--case", &case, "-m", &message]).exits(0);
    }
    project.athena(&["record", "same", "--case", "one", "-m", "{\"amount\":1.0}"]).exits(0);
    commit(&project, "base");
    project
}

fn last(outcome: &Outcome) -> &str {
    outcome.out.lines().last().unwrap_or_default()
}

/// All of git's that a diff must not touch.
fn traces(project: &Project) -> String {
    let all: [&[&str]; 6] = [
        &["status", "--porcelain", "--ignored"],
        &["rev-parse", "HEAD"],
        &["symbolic-ref", "HEAD"],
        &["stash", "list"],
        &["branch", "-a"],
        &["diff", "--cached"],
    ];
    let index = fs::metadata(project.path(".git/index")).unwrap().modified().unwrap();
    all.iter().map(|arguments| git(project, arguments)).collect::<String>() + &format!("{index:?}")
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_change_is_told_model_by_model_and_nothing_of_the_users_is_touched() {
    let project = repository("loans", MODELS);
    let same = project.athena(&["diff", "--base", "main"]);
    assert_eq!(
        last(same.exits(0)),
        "5 cases: 0 changed, 0 newly failing, 0 newly passing, 5 unchanged"
    );

    project.edit("src/main.rs", "0.05", "0.06");
    project.write("staged.txt", "staged");
    git(&project, &["add", "staged.txt"]);
    project.write("untracked.txt", "untracked");
    let before = traces(&project);
    let diff = project.athena(&["diff", "--base", "main"]);
    diff.exits(1)
        .says("loans::total  4 cases: 3 changed, 1 unchanged")
        .says("loans::total  /total  3 cases  median +1.82 % (+0.952 % .. +2.61 %)")
        .never_says("loans::same");
    assert_eq!(last(&diff), "5 cases: 3 changed, 0 newly failing, 0 newly passing, 2 unchanged");
    assert_eq!(traces(&project), before);

    // Both are built already. A hook of git's has variables that must lead nowhere.
    let hook = project.athena_with(
        &["diff", "--base", "HEAD", "total::years-2"],
        &[("GIT_DIR", "/nowhere"), ("GIT_INDEX_FILE", "/nowhere/index")],
    );
    hook.exits(1).says("0 units compiled");
    assert_eq!(last(&hook), "1 case: 1 changed, 0 newly failing, 0 newly passing, 0 unchanged");
    project.athena(&["diff", "--base", "main", "same"]).exits(0);
    project.athena(&["diff", "--base", "main", "no_such"]).exits(4).says("none of 5 cases");
    let beside = project.athena(&["diff", "--base", "main", "same", "no_such"]);
    beside.exits(4).says("contains `no_such`");

    let forms = "junit=j.xml,markdown=m.md,html=h.html,json=r.json";
    let diff = project.athena(&["diff", "--base", "main", "--report", forms, "--format", "github"]);
    diff.exits(1).says("::error file=fixtures/loans/total/years-");
    assert_eq!(project.read("j.xml").matches("<failure").count(), 3);
    assert!(project.read("m.md").contains("/total"));
    assert!(project.read("h.html").contains("loans::total"));
    let report: serde_json::Value = serde_json::from_str(&project.read("r.json")).unwrap();
    assert_eq!(report["comparison"]["counts"]["changed"], 3);
    assert_eq!(report["comparison"]["base"], "main");
    assert_eq!(report["failures"][0]["recorded"]["output"]["total"], 105.0);
    assert_eq!(report["failures"][0]["now"]["output"]["total"], 106.0);

    // As after `cargo clean`, and as where another clone's folder came out of a cache.
    let list = git(&project, &["worktree", "list", "--porcelain"]);
    let tree = list.lines().find_map(|line| {
        line.strip_prefix("worktree ").filter(|path| path.ends_with("athena-base"))
    });
    fs::write(format!("{}/.git", tree.unwrap()), "gitdir: /nowhere/.git/worktrees/x\n").unwrap();
    project.athena(&["diff", "--base", "main", "total"]).exits(1);
    fs::remove_dir_all(tree.unwrap()).unwrap();
    project.athena(&["diff", "--base", "main", "total"]).exits(1);
    assert_eq!(git(&project, &["worktree", "list"]).lines().count(), 2);
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn what_fails_on_one_side_only_is_told_with_its_reason_and_stale_cases_apart() {
    let project = repository("sides", MODELS);
    let panics = "if loan.years == 2 { panic!(\"two years\") }\n    loan.total =";
    project.edit("src/main.rs", "loan.total =", panics);
    let diff = project.athena(&["diff", "--base", "main"]);
    diff.exits(1)
        .says("sides::total  newly failing: the model panicked: two years, at src/main.rs");
    assert_eq!(last(&diff), "5 cases: 0 changed, 1 newly failing, 0 newly passing, 4 unchanged");

    commit(&project, "panics");
    let both = project.athena(&["diff", "--base", "main"]).exits(0).out.clone();
    let counts =
        "5 cases: 0 changed, 0 newly failing, 0 newly passing, 4 unchanged, 1 failing on both";
    assert!(both.ends_with(&format!("{counts}\n")), "{both}");

    project.edit("src/main.rs", "panic!(\"two years\")", "std::process::abort()");
    let both = project.athena(&["diff", "--base", "HEAD"]);
    assert_eq!(last(both.exits(0)), counts, "it fails, if in another way");
    project.edit(
        "src/main.rs",
        panics.replace("panic!(\"two years\")", "std::process::abort()").as_str(),
        "loan.total =",
    );
    let diff = project.athena(&["diff", "--base", "HEAD"]);
    diff.exits(1).says("newly passing: on HEAD: the model panicked: two years");
    assert_eq!(last(&diff), "5 cases: 0 changed, 0 newly failing, 1 newly passing, 4 unchanged");

    // Another rate that was not recorded again: stale on the base, whatever the change does.
    project.edit("src/main.rs", "0.05", "0.07");
    commit(&project, "stale");
    project.edit("src/main.rs", "    state\n}\n\nathena", "    state // as it is\n}\n\nathena");
    let diff = project.athena(&["diff", "--base", "main"]);
    diff.exits(0).says("3 cases already stale on main");
    assert_eq!(last(&diff), "5 cases: 0 changed, 0 newly failing, 0 newly passing, 5 unchanged");
    project.edit("src/main.rs", "0.07", "0.08");
    let diff = project.athena(&["diff", "--base", "main"]);
    diff.exits(1).says("3 changed, 1 unchanged, 3 of them stale on the base");

    // Cases that this change recorded again do not make the base stale.
    project.athena(&["record", "--rerecord"]).exits(0);
    commit(&project, "recorded");
    project.edit("src/main.rs", "0.08", "0.09");
    project.athena(&["record", "--rerecord"]).exits(0);
    let diff = project.athena(&["diff", "--base", "main"]);
    diff.exits(1).says("3 changed, 1 unchanged").never_says("stale");

    // A renamed field: each reads what it knows.
    project.edit("src/main.rs", "years", "term");
    let old = project.read("fixtures/sides/total/years-3.json");
    project.write("fixtures/sides/total/years-3.json", &old.replace("years", "term"));
    let diff = project.athena(&["diff", "--base", "main", "total"]);
    diff.exits(1)
        .says("newly passing: on main: it can't read the message")
        .says("newly failing: it can't read the message")
        .says("schema sides: breaking");
    assert_eq!(last(&diff), "4 cases: 0 changed, 3 newly failing, 1 newly passing, 0 unchanged");

    project.write("fixtures/sides/total/years-3.json", "<<<<<<< HEAD\n");
    project.athena(&["diff", "--base", "main"]).exits(2).says("1 broken").says("years-3.json");
}

const UNSTEADY: &str = "use athena_rt::prelude::*;

#[structure]
struct Event {
    #[default(0)]
    value: i64,
    #[default(0)]
    nanos: u64,
    place: Option<String>,
}

#[model]
fn event(mut state: State<Event>) -> State<Event> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    state.data.nanos = u64::try_from(now.as_nanos()).unwrap();
    state.data.place = std::env::current_dir().ok().map(|it| it.display().to_string());
    state
}

/// Reads a file beside it.
#[model]
fn table(mut state: State<Event>) -> State<Event> {
    state.data.value = include_str!(\"table.txt\").trim().parse().unwrap();
    state
}

athena_rt::main!();
";

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn messages_of_a_file_are_run_and_what_differs_from_run_to_run_is_left_out() {
    let project = Project::new()
        .file("Cargo.toml", &manifest("unsteady", "", ""))
        .file("src/main.rs", UNSTEADY)
        .file("src/table.txt", "1\n")
        .file("in.jsonl", "{\"value\":1}\n\n{\"value\":2}\n{\"valeu\":3}\n");
    git(&project, &["init", "-q"]);
    commit(&project, "base");
    project.athena(&["diff", "--base", "main"]).exits(4).says("no case is recorded");
    let messages = ["diff", "--base", "main", "--messages", "in.jsonl", "--model", "event"];
    let diff = project.athena(&messages);
    diff.exits(0).says("unsteady::event  /nanos  in 2 cases").says("/place");
    assert_eq!(
        last(&diff),
        "3 cases: 0 changed, 0 newly failing, 0 newly passing, 2 unchanged, 1 failing on both"
    );

    project.edit(
        "src/main.rs",
        "    state.data.nanos =",
        "    state.data.value += 1;\n    state.data.nanos =",
    );
    let diff = project.athena(&messages);
    diff.exits(1)
        .says("unsteady::event  /value  2 cases")
        .says("in.jsonl:")
        .says("/nanos  in 2 cases");
    project.athena(&["diff", "--base", "main", "--messages", "in.jsonl"]).exits(2);
    project.write("in.jsonl", "{}\nno\n");
    project.athena(&messages).exits(2).says("in.jsonl:2: not JSON");
    // What is compiled in, is that of each.
    project.write("src/table.txt", "2\n");
    project.write("in.jsonl", "{}\n");
    let table = ["diff", "--base", "main", "--messages", "in.jsonl", "--model", "table"];
    project.athena(&table).exits(1).says("/value  1 case  +100 %");
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn models_that_only_one_has_are_listed_and_a_base_without_any_is_nothing_to_compare() {
    let project = Project::new().file("readme.txt", "no project yet");
    git(&project, &["init", "-q"]);
    commit(&project, "empty");
    project.write("Cargo.toml", &manifest("listed", "", ""));
    project.write("src/main.rs", "fn main() {}\n");
    commit(&project, "without models");
    project.write("src/main.rs", MODELS);
    project.athena(&["record", "same", "--case", "one", "-m", "{\"amount\":1.0}"]).exits(0);
    for base in ["HEAD", "HEAD~1"] {
        let diff = project.athena(&["diff", "--base", base]);
        diff.exits(4)
            .says("none of the 2 models")
            .says("models added: listed::same, listed::total");
    }

    commit(&project, "models");
    project.edit("src/main.rs", "fn total", "fn sum");
    let diff = project.athena(&["diff", "--base", "main"]);
    diff.exits(0).says("model added: listed::sum").says("model removed: listed::total");
    project.edit("src/main.rs", "    amount: f64,", "    amount: f64,\n    note: Option<String>,");
    project.athena(&["diff", "--base", "main"]).exits(0).says("schema listed: ");
    let message = "{\"amount\":1.0}";
    project.write("in.jsonl", message);
    let messages = ["diff", "--base", "main", "--messages", "in.jsonl", "--model", "sum"];
    project.athena(&messages).exits(4).says("has no model `listed::sum`");
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_base_that_can_t_be_had_is_told_and_changes_nothing() {
    let project =
        Project::new().file("Cargo.toml", &manifest("unhad", "", "")).file("src/main.rs", MODELS);
    project.athena(&["diff", "--base", "main"]).exits(2).says("not a git repository");
    git(&project, &["init", "-q"]);
    project.athena(&["diff", "--base", "main"]).exits(2).says("`main` is not a commit");
    project.athena(&["record", "same", "--case", "one", "-m", "{\"amount\":1.0}"]).exits(0);
    commit(&project, "base");
    project.athena(&["diff"]).exits(2).says("--base");
    for wrong in ["no-such", "--base=-x", "v1.0 "] {
        let wrong = wrong.strip_prefix("--base=").unwrap_or(wrong);
        let diff = project.athena(&["diff", &format!("--base={wrong}")]);
        diff.exits(2).says(&format!("`{wrong}` is not a commit of this repository"));
    }
    project.write("later.txt", "");
    commit(&project, "later");
    let url = format!("file://{}", project.path("").display());
    let shallow = project.path("shallow");
    git(&project, &["clone", "-q", "--depth", "1", &url, shallow.to_str().unwrap()]);
    let diff = project.athena_in("shallow", &["diff", "--base", "HEAD~1"]);
    diff.exits(2).says("shallow").says("git fetch --unshallow").says("fetch-depth: 0");

    project.edit("src/main.rs", "state\n}", "stat\n}");
    project.athena(&["diff", "--base", "main"]).exits(3).says("the working tree: the build failed");
    commit(&project, "broken");
    project.edit("src/main.rs", "stat\n}", "state\n}");
    let before = traces(&project);
    let diff = project.athena(&["diff", "--base", "main"]);
    diff.exits(3)
        .says("the base main (")
        .says("cannot find value `stat`")
        .says("nothing was compared");
    assert_eq!(traces(&project), before);
    project.athena(&["diff", "--base", "main~1"]).exits(0);
    git(&project, &["checkout", "-q", "src"]);
    project.write("Cargo.toml", "[package]\n");
    commit(&project, "no manifest");
    git(&project, &["checkout", "-q", "main~2", "--", "."]);
    project.athena(&["diff", "--base", "main"]).exits(3).says("the base main (");
}

#[test]
#[ignore = "builds two commits; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_project_in_a_subfolder_whose_dependency_lies_beside_the_repository_is_built() {
    let beside = "[package]\nname = \"beside\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let workspace = "[workspace]\nmembers = [\"app\"]\nresolver = \"3\"\n";
    let dependency = "beside = { path = \"../../../beside\" }\n";
    let project = Project::new()
        .file("beside/Cargo.toml", beside)
        .file("beside/src/lib.rs", "pub const RATE: f64 = 0.05;\n")
        .file("repo/rust/Cargo.toml", workspace)
        .file("repo/rust/app/Cargo.toml", &manifest("app", dependency, ""))
        .file("repo/rust/app/src/main.rs", &MODELS.replace("0.05", "beside::RATE"))
        .file("repo/.gitignore", "target\nCargo.lock\n");
    fs::copy(project.path("Cargo.lock"), project.path("repo/rust/Cargo.lock")).unwrap();
    let there = ["-C", "repo"];
    git(&project, &[&there[..], &["init", "-q"]].concat());
    let message = "{\"amount\":100.0}";
    let record = ["record", "total", "--case", "one", "-m", message];
    project.athena_in("repo/rust/app", &record).exits(0);
    git(&project, &[&there[..], &["add", "-A"]].concat());
    git(&project, &[&there[..], &["commit", "-qm", "base"]].concat());
    project.athena_in("repo/rust/app", &["diff", "--base", "HEAD"]).exits(0).says("1 unchanged");
    project.edit("repo/rust/app/src/main.rs", "1.0 +", "2.0 +");
    let manifest = ["diff", "--base", "HEAD", "--manifest-path", "repo/rust/app/Cargo.toml"];
    project.athena(&manifest).exits(1).says("1 changed");
    project.athena_in("repo/rust", &["diff", "--base", "HEAD", "-p", "app"]).exits(1);
}
