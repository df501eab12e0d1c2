//! Every command of the README and of the book, run as it stands, with what it says comes out; and the
//! picture of the README, rendered from a run. `UPDATE_PICTURE=1` writes it again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "seed/mod.rs"]
mod seed;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn every_command_of_the_readme_does_what_the_readme_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&root, folder.path().join("athena")).unwrap();
    let text = pages(&root).concat();
    let mut reader = Reader { here: root, empty: folder.path().to_owned(), commands: 0 };
    let mut lines = text.lines();
    let mut file = None;
    while let Some(line) = lines.next() {
        if line == "<!-- in an empty folder -->" {
            reader.here.clone_from(&reader.empty);
        } else if let Some(name) = line.strip_prefix("<!-- file: ") {
            file = Some(name.trim_end_matches(" -->").to_owned());
        } else if line.starts_with("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match (line, file.take()) {
                ("```console", _) => reader.console(&block),
                (_, Some(file)) => {
                    fs::write(reader.here.join(file), block.join("\n") + "\n").unwrap();
                }
                _ => {}
            }
        }
    }
    assert!(reader.commands > 15, "only {} commands were found", reader.commands);
}

/// The README, and the pages of the book that continue its example, in the order of the summary.
fn pages(root: &Path) -> Vec<String> {
    let summary = fs::read_to_string(root.join("docs/SUMMARY.md")).unwrap();
    let (chapters, _) = summary.split_once("# Topics").unwrap();
    let links = chapters.split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0);
    let mut pages = vec![fs::read_to_string(root.join("README.md")).unwrap()];
    pages.extend(links.map(|link| fs::read_to_string(root.join("docs").join(link)).unwrap()));
    pages
}

#[test]
fn every_page_of_the_book_is_in_its_summary_and_its_links_lead_to_pages_and_headings() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let read = |name: &str| fs::read_to_string(docs.join(name)).unwrap_or_default();
    let summary = read("SUMMARY.md");
    let names = fs::read_dir(&docs).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    for name in
        names.iter().filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
    {
        let count = summary.matches(&format!("]({name})")).count();
        assert!(name == "SUMMARY.md" || count == 1, "docs/SUMMARY.md has {name} {count} times");
        for link in links(&read(name)) {
            let (page, heading) = link.split_once('#').unwrap_or((&link, ""));
            let page = if page.is_empty() { name } else { page };
            // A file outside of docs/ is not in the book: name its path.
            assert!(names.iter().any(|known| known == page), "docs/{name} links to {link}");
            let found = heading.is_empty() || headings(&read(page)).any(|id| id == heading);
            assert!(found, "docs/{name} links to {link}, and docs/{page} has no such heading");
        }
    }
    let readme = fs::read_to_string(docs.join("../README.md")).unwrap();
    for link in links(&readme) {
        assert!(docs.join("..").join(&link).exists(), "the README links to {link}");
    }
}

/// Pages with sessions that other tests run, and these tests.
const RUN_ELSEWHERE: [(&str, &str); 3] = [
    ("brokers.md", "examples/broker/tests/walkthrough.rs"),
    ("strength.md", "cargo-athena/tests/functional/strength.rs"),
    ("generated-cases.md", "conformance/strength/src/session.rs"),
];

#[test]
fn every_session_of_the_book_is_run_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let summary = read("docs/SUMMARY.md");
    let (guide, rest) = summary.split_once("# Topics").unwrap();
    for page in links(rest) {
        let known = RUN_ELSEWHERE.iter().find(|(known, _)| *known == page);
        let has_session = read(&format!("docs/{page}")).contains("\n```console\n");
        assert_eq!(has_session, known.is_some(), "docs/{page}: which test runs its sessions?");
        if let Some((_, test)) = known {
            assert!(read(test).contains(&format!("docs/{page}")), "{test} runs docs/{page}");
        }
    }
    // The pages of the guide continue the example of the README.
    assert!(guide.contains("[Recording](recording.md)"));
}

/// The links of a page to files and headings, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let parts = text.split("```").step_by(2);
    for part in parts.flat_map(|part| part.split("](").skip(1)) {
        let target = part.split_once(')').unwrap().0;
        if !target.contains(':') && !target.contains(' ') {
            links.push(target.to_owned());
        }
    }
    links
}

/// The ids of a page's headings, as mdBook and GitHub make them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split("```").step_by(2).flat_map(str::lines);
    let titles =
        parts.filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#'));
    titles.map(|title| {
        let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    })
}

#[test]
fn the_picture_of_the_readme_shows_what_a_run_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let picture = root.join("docs/failing-run.svg");
    let reader = Reader { here: root, empty: PathBuf::new(), commands: 0 };
    let command = "cargo athena test -p earthquakes --fixtures examples/earthquakes/older";
    let printed = reader.run(&format!("{command} --color always 2>/dev/null || true"));
    let svg = anstyle_svg::Term::new().render_svg(&format!("$ {command}\n{printed}"));
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        fs::write(&picture, &svg).unwrap();
    }
    let known = fs::read_to_string(&picture).unwrap().replace("\r\n", "\n");
    assert!(
        known == svg,
        "docs/failing-run.svg is stale: UPDATE_PICTURE=1 writes it again\n{printed}"
    );
}

struct Reader {
    here: PathBuf,
    empty: PathBuf,
    commands: usize,
}

impl Reader {
    /// Runs each `$ command` of a block and compares what follows it.
    fn console(&mut self, block: &[&str]) {
        let mut lines = block.iter().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {line}"));
            let mut expected = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                expected.push(*line);
            }
            self.commands += 1;
            if let Some(folder) = command.strip_prefix("cd ") {
                self.here.push(folder);
            } else {
                let shown = self.run(command);
                assert!(
                    matches(&expected, &shown),
                    "$ {command}\n\n{shown}\nis not as the README says:\n\n{}",
                    expected.join("\n")
                );
            }
        }
    }

    /// What a command prints: first what is for people, then the outcomes.
    fn run(&self, command: &str) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_cargo-athena")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("bash");
        for variable in
            ["CI", "SEED", "RUST_LOG", "LOG_LEVEL", "ATHENA_FIXTURES", "CARGO_TERM_COLOR"]
        {
            shell.env_remove(variable);
        }
        // It is built already, as the program under test.
        let command = command.replace("cargo run -p cargo-athena --", "cargo athena");
        let output = shell
            .args(["-c", &command])
            .current_dir(&self.here)
            .env("PATH", path)
            .env("CARGO_TARGET_DIR", seed::target("readme"))
            .envs(seed::SETTINGS)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let told: String =
            err.lines().filter(|line| !is_of_cargo(line)).flat_map(|line| [line, "\n"]).collect();
        assert!(output.status.success(), "$ {command}\n\n{out}{err}");
        told + &out
    }
}

/// Cargo says what it compiles, and that depends on what is built already.
fn is_of_cargo(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let words = [
        "Compiling",
        "Finished",
        "Locking",
        "Adding",
        "Blocking",
        "Updating",
        "Downloading",
        "Downloaded",
        "Running",
        "Checking",
    ];
    line.starts_with(' ') && words.contains(&word)
}

/// Whether lines are as expected; `...` stands for any number of lines.
fn matches(expected: &[&str], shown: &str) -> bool {
    fn from(expected: &[&str], shown: &[&str]) -> bool {
        match (expected, shown) {
            ([], []) => true,
            (["...", rest @ ..], _) => {
                (0..=shown.len()).any(|skipped| from(rest, &shown[skipped..]))
            }
            ([first, expected @ ..], [line, shown @ ..]) => first == line && from(expected, shown),
            _ => false,
        }
    }
    from(expected, &shown.lines().collect::<Vec<_>>())
}

#[test]
fn dots_stand_for_any_lines_and_nothing_else_does() {
    assert!(matches(&["a", "...", "z"], "a\nb\nc\nz\n"));
    assert!(matches(&["...", "z"], "z\n"));
    assert!(!matches(&["a", "z"], "a\nb\nz\n"));
    assert!(!matches(&["a"], "a\nb\n"));
}
