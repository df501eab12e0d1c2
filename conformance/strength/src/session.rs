//! The sessions of the documentation: the console blocks after `<!-- crate: NAME -->` run in the workspace of that
//! crate, and print what the page says.

use crate::crates::JudgedCrate;
use crate::workspace::{Result, Workspace, read};

/// A page, and when its blocks run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Page {
    /// Before the cases of all models are generated.
    Generation,
    /// After that.
    Strength,
}

impl Page {
    fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Generation => {
                ("docs/generated-cases.md", include_str!("../../../docs/generated-cases.md"))
            }
            Self::Strength => ("docs/strength.md", include_str!("../../../docs/strength.md")),
        }
    }
}

/// A command and what it prints.
#[derive(Debug, PartialEq, Eq)]
struct Step<'a> {
    command: &'a str,
    shown: Vec<&'a str>,
}

/// Runs the blocks of a page that are about a crate. Returns the number of commands.
pub(crate) fn run(workspace: &Workspace, one: &JudgedCrate, page: Page) -> Result<usize> {
    let (name, text) = page.text();
    let steps = steps(text, one.name);
    for step in &steps {
        let words: Vec<&str> = step.command.split_whitespace().collect();
        let printed = match &words[..] {
            ["cat", path] => read(&workspace.root.join(path))?,
            ["cargo", "athena", arguments @ ..] => workspace.shown(arguments)?,
            _ => return Err(format!("{name}: a session has no command `{}`", step.command)),
        };
        let printed: Vec<&str> = printed.lines().collect();
        if !matches(&step.shown, &printed) {
            return Err(format!("{name}: `{}` prints:\n{}", step.command, printed.join("\n")));
        }
    }
    Ok(steps.len())
}

fn steps<'a>(page: &'a str, name: &str) -> Vec<Step<'a>> {
    let mark = format!("<!-- crate: {name} -->");
    let mut lines = page.lines();
    let mut steps: Vec<Step<'a>> = Vec::new();
    while lines.any(|line| line == mark) {
        for line in lines.by_ref().skip_while(|line| *line != "```console").skip(1) {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                _ if line == "```" => break,
                (Some(command), _) => steps.push(Step { command, shown: Vec::new() }),
                (None, Some(step)) => step.shown.push(line),
                (None, None) => {}
            }
        }
    }
    steps
}

/// Whether lines are what a page shows. `..` stands for any lines, and times may differ.
fn matches(shown: &[&str], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([".."], _) | ([], []) => true,
        (["..", rest @ ..], [_, next @ ..]) => matches(rest, printed) || matches(shown, next),
        ([line, rest @ ..], [its, next @ ..]) => {
            without_time(line) == without_time(its) && matches(rest, next)
        }
        _ => false,
    }
}

/// `2 cases in 1.0 s` without the number of seconds.
fn without_time(line: &str) -> &str {
    let timed = line.rsplit_once(" in ").filter(|(_, time)| time.ends_with(" s"));
    timed.map_or(line, |(before, _)| before)
}
