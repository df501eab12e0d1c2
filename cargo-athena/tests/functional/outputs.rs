//! `cargo athena test --report .. --format ..`

use crate::diff::{commit, git};
use crate::support::Project;

#[test]
fn a_run_is_handed_on_in_every_form() {
    let project = Project::bin("handed");
    project.athena(&["record", "double", "--case", "three", "-m", "{\"value\":3}"]).exits(0);
    project.athena(&["record", "double", "--case", "default", "-m", "{}"]).exits(0);
    project.edit("src/main.rs", "*= 2", "*= 3");

    // A wrong place is known before anything is built.
    project.write("file", "");
    project.athena(&["test", "--report", "html=file/below.html"]).exits(2).never_says("Compiling");
    project.athena(&["test", "--report", "html=a", "--report", "html=b"]).exits(2).says("twice");
    project.athena(&["test", "--report", "pdf=a"]).exits(2).says("not a kind of report");

    let summary = project.path("summary.md");
    let run = project.athena_with(
        &[
            "test",
            "--format=github",
            "--report=junit=out/j.xml,markdown=out/m.md",
            "--report=html=out/h.html,json=out/r.json",
        ],
        &[
            ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
            ("GITHUB_WORKSPACE", project.path("..").to_str().unwrap()),
        ],
    );
    run.exits(1);
    let folder = project.path("").file_name().unwrap().to_str().unwrap().to_owned();
    // At the field that changed.
    run.says(&format!("::error file={folder}/fixtures/handed/double/three.json,line=9,title="));
    assert_eq!(run.out.lines().last(), Some("2 cases: 0 passed, 2 failed"));

    let junit = project.read("out/j.xml");
    assert_eq!(junit.matches("<testcase ").count(), 3, "two cases and a schema: {junit}");
    assert_eq!(junit.matches("<failure ").count(), 2, "{junit}");
    // A case has its time, a schema has none.
    let tags = junit.split("<testcase ").skip(1).filter_map(|rest| rest.split('>').next());
    assert_eq!(tags.filter(|tag| tag.contains(" time=")).count(), 2, "{junit}");
    let markdown = project.read("out/m.md");
    assert!(markdown.starts_with("### Athena: 2 of 2 cases failed\n"), "{markdown}");
    assert_eq!(project.read("summary.md"), format!("\n{markdown}"));
    assert!(project.read("out/h.html").contains("handed::double::three"));
    assert!(project.read("out/r.json").starts_with("{\"version\":2,"));

    project.edit("src/main.rs", "*= 3", "*= 2");
    project.athena(&["test", "--report", "junit=out/j.xml"]).exits(0);
    assert!(!project.read("out/j.xml").contains("<failure"));
}

#[test]
fn a_page_says_whether_the_working_tree_had_changes() {
    let project = Project::bin("dirty");
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    git(&project, &["init", "-q"]);
    commit(&project, "first");
    let head = git(&project, &["rev-parse", "HEAD"]);
    let clean = format!("commit {}", &head[..9]);
    let page = || {
        project.athena(&["test", "--report", "html=h.html"]).exits(0);
        project.read("h.html")
    };
    // The page itself is a new file, which no run reads.
    for _ in 0..2 {
        let page = page();
        assert!(page.contains(&clean) && !page.contains("+ changes"), "{clean}");
    }
    for (file, text) in [("fixtures/environments/new.env", ""), ("src/new.rs", "")] {
        project.write(file, text);
        assert!(page().contains(&format!("{clean} + changes")), "{file}");
        std::fs::remove_file(project.path(file)).unwrap();
    }
    project.edit("src/main.rs", "Doubles", "Still doubles");
    assert!(page().contains(&format!("{clean} + changes")));
}
