//! `--report html=FILE`: one self-contained page without a script. Source with reached lines, and
//! missed mutants in the margin.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::display::plural;
use crate::mutants::result::{ExaminedMutant, ExaminedSite, FunctionStrength, StrengthResult};
use crate::report::{STYLE, escape_html, style_hash};

const OWN_STYLE: &str = include_str!("strength.css");

/// The most bytes of a file whose source is shown.
const LARGEST: u64 = 4 << 20;

/// The page. Sources are read from the workspace's root.
pub(crate) fn page(result: &StrengthResult, root: &Path) -> String {
    let style = format!("{STYLE}{OWN_STYLE}");
    let (caught, examined) = (result.caught(), result.mutants.len());
    let title = format!("{caught} of {} caught", plural(examined as u64, "mutant"));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{style}</style>\n</head>\n<body>\n",
        style_hash(&style),
    );
    header(result, &title, &mut out);
    functions(&result.functions(), &mut out);
    let mut files: BTreeMap<&str, SourcePage<'_>> = BTreeMap::new();
    for site in result.sites.iter().filter(|site| site.is_block) {
        files.entry(&site.file).or_default().sites.push(site);
    }
    for examined in &result.mutants {
        files.entry(&examined.mutant.file).or_default().mutants.push(examined);
    }
    for (name, file) in &files {
        file.write(name, &root.join(name), &mut out);
    }
    not_examined(result, &mut out);
    out.push_str("</body>\n</html>\n");
    out
}

fn header(result: &StrengthResult, title: &str, out: &mut String) {
    let (caught, examined) = (result.caught(), result.mutants.len());
    let missed = result.missed().filter(|it| it.is_reached()).count();
    let _ = write!(
        out,
        "<header class=\"top\">\n<div class=\"brand\"><span class=\"name\">Athena</span><span class=\"about\">strength of the recorded cases</span></div>\n<h1>{title}</h1>\n{}\n<ul class=\"counts\">\n",
        bar(caught, examined)
    );
    for (count, what) in [
        (caught, "caught"),
        (missed, "missed"),
        (examined - result.reached(), "never reached"),
        (result.total() - examined, "not examined"),
        (result.unviable, "unviable"),
        (usize::try_from(result.cases).unwrap_or(usize::MAX), "cases"),
    ] {
        let _ = writeln!(out, "<li><b>{count}</b> {what}</li>");
    }
    out.push_str("</ul>\n");
    if !result.failing.is_empty() {
        let _ = write!(out, "<div class=\"notice bad\">{}<pre>", result.failing_text());
        for (name, reason) in &result.failing {
            let _ = writeln!(out, "{}", escape_html(&format!("{name}: {reason}")));
        }
        out.push_str("</pre></div>\n");
    }
    out.push_str("</header>\n");
}

fn functions(functions: &[FunctionStrength], out: &mut String) {
    out.push_str("<section class=\"models\"><h2>Functions, worst first</h2>\n<table class=\"functions\">\n<thead><tr><th>Function</th><th>Source</th><th>Mutants caught</th><th>Blocks reached</th></tr></thead>\n<tbody>\n");
    for function in functions {
        let (file, line) = (&function.file, function.line);
        let _ = writeln!(
            out,
            "<tr><td class=\"mono\">{}</td><td><a href=\"#{}\">{}:{line}</a></td><td>{} of {}{}</td><td>{} of {}{}</td></tr>",
            escape_html(&function.function),
            anchor(file, line),
            escape_html(file),
            function.caught,
            function.mutants,
            bar(function.caught, function.mutants),
            function.reached,
            function.blocks,
            bar(function.reached, function.blocks),
        );
    }
    out.push_str("</tbody>\n</table></section>\n");
}

fn not_examined(result: &StrengthResult, out: &mut String) {
    if result.not_examined.is_empty() {
        return;
    }
    let count = plural(result.not_examined.len() as u64, "place");
    let _ = write!(
        out,
        "<details class=\"file\"><summary>Not examined<span>{count}</span></summary>\n<ul class=\"list\">\n"
    );
    for code in &result.not_examined {
        let name = if code.mutant {
            code.name.clone()
        } else {
            format!("{}:{}: {}", code.file, code.line, code.name)
        };
        let _ = writeln!(
            out,
            "<li><code>{}</code>: {}</li>",
            escape_html(&name),
            escape_html(&code.reason)
        );
    }
    out.push_str("</ul></details>\n");
}

/// A bar for a part of a whole.
fn bar(part: usize, whole: usize) -> String {
    if whole == 0 {
        return String::new();
    }
    let width = part * 1000 / whole;
    format!(
        "<div class=\"share-bar\" aria-hidden=\"true\"><svg viewBox=\"0 0 1000 6\" preserveAspectRatio=\"none\"><rect class=\"good\" width=\"{width}\" height=\"6\"/><rect class=\"bad\" x=\"{width}\" width=\"{}\" height=\"6\"/></svg></div>",
        1000 - width
    )
}

fn anchor(file: &str, line: u32) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("{}-L{line}", file.chars().map(plain).collect::<String>())
}

/// One source file.
#[derive(Default)]
struct SourcePage<'a> {
    /// The blocks, outer ones before inner ones.
    sites: Vec<&'a ExaminedSite>,
    mutants: Vec<&'a ExaminedMutant>,
}

impl SourcePage<'_> {
    fn write(&self, name: &str, path: &Path, out: &mut String) {
        let missed = self.mutants.iter().filter(|it| !it.is_caught()).count();
        let open = if missed > 0 { " open" } else { "" };
        let _ = writeln!(
            out,
            "<details class=\"file\"{open}><summary>{}<span>{} of {} caught</span></summary>",
            escape_html(name),
            self.mutants.len() - missed,
            plural(self.mutants.len() as u64, "mutant"),
        );
        let is_small = std::fs::metadata(path).is_ok_and(|it| it.len() <= LARGEST);
        match std::fs::read_to_string(path).ok().filter(|_| is_small) {
            Some(text) => self.source(name, &text, out),
            None => self.list(out),
        }
        out.push_str("</details>\n");
    }

    /// The missed mutants, if the source can't be shown.
    fn list(&self, out: &mut String) {
        out.push_str("<ul class=\"list\">\n");
        for examined in self.mutants.iter().filter(|it| !it.is_caught()) {
            let _ = writeln!(out, "<li>{}</li>", escape_html(&examined.mutant.name));
        }
        out.push_str("</ul>\n");
    }

    fn source(&self, name: &str, text: &str, out: &mut String) {
        out.push_str("<table class=\"source\"><tbody>\n");
        let mut last = None;
        for (line, number) in text.lines().zip(1_u32..) {
            let site = self.site_of(number);
            let class = match site {
                Some(site) if site.cases > 0 => " class=\"reached\"",
                Some(_) => " class=\"unreached\"",
                None => "",
            };
            let _ = write!(
                out,
                "<tr id=\"{}\"{class}><td class=\"number\">{number}</td><td class=\"code\">{}</td><td class=\"margin\">",
                anchor(name, number),
                escape_html(line),
            );
            // Each region names its cases where it begins, and where it goes on after an inner one.
            let key = site.map(|site| (site.line, site.end_line));
            if let Some(site) = site.filter(|_| key != last) {
                cases(site, out);
            }
            last = key;
            for examined in &self.mutants {
                if examined.mutant.line == number && !examined.is_caught() {
                    let _ = write!(out, "<div class=\"missed\">{}</div>", change(examined));
                }
            }
            out.push_str("</td></tr>\n");
        }
        out.push_str("</tbody></table>\n");
    }

    /// The innermost block that a line is in.
    fn site_of(&self, line: u32) -> Option<&ExaminedSite> {
        let inside = self.sites.iter().filter(|site| site.line <= line && line <= site.end_line);
        inside.min_by_key(|site| (site.end_line - site.line, site.cases)).copied()
    }
}

/// The cases that reach a block.
fn cases(site: &ExaminedSite, out: &mut String) {
    if site.cases == 0 {
        return;
    }
    let _ = write!(out, "<details><summary>{}</summary><ul>", plural(site.cases, "case"));
    for name in &site.names {
        let _ = write!(out, "<li>{}</li>", escape_html(name));
    }
    let more = site.cases.saturating_sub(site.names.len() as u64);
    if more > 0 {
        let _ = write!(out, "<li>and {more} more</li>");
    }
    out.push_str("</ul></details>");
}

/// The change of a mutant, without its position and function.
fn change(examined: &ExaminedMutant) -> String {
    let mutant = &examined.mutant;
    let change = mutant.name.split_once(": ").map_or(mutant.name.as_str(), |(_, change)| change);
    let change = change.strip_suffix(&format!(" in {}", mutant.function)).unwrap_or(change);
    let note = if examined.is_reached() { "" } else { " (never reached)" };
    format!("{}{note}", escape_html(change))
}

#[cfg(test)]
mod tests {
    use athena_protocol::{Catch, Mutant, MutantOutcome};

    use super::*;

    #[test]
    fn the_page_shows_source_and_missed_mutants_without_a_script() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.rs"), "fn f(a: u8) -> bool {\n    a < 1\n}\n").unwrap();
        let mutant = |line, change: &str, outcome| ExaminedMutant {
            mutant: Mutant {
                file: "a.rs".into(),
                line,
                function: "f".into(),
                name: format!("a.rs:{line}:7: {change} in f"),
                ..Mutant::default()
            },
            outcome,
        };
        let caught = MutantOutcome::Caught { case: "m::c".into(), by: Catch::Outcome };
        let site = ExaminedSite {
            file: "a.rs".into(),
            line: 1,
            end_line: 3,
            function: "f".into(),
            is_block: true,
            is_wanted: true,
            cases: 2,
            names: vec!["m::<c>".into()],
        };
        let result = StrengthResult {
            mutants: vec![
                mutant(2, "replace < with ==", MutantOutcome::Missed),
                mutant(2, "replace < with >", caught),
            ],
            sites: vec![site],
            ..StrengthResult::default()
        };
        let page = page(&result, root.path());
        assert!(page.contains("1 of 2 mutants caught"), "{page}");
        assert!(page.contains("<div class=\"missed\">replace &lt; with ==</div>"), "{page}");
        assert!(!page.contains("replace &lt; with &gt;"), "{page}");
        assert!(page.contains("<tr id=\"a-rs-L2\" class=\"reached\">"), "{page}");
        assert!(page.contains("m::&lt;c&gt;") && page.contains("and 1 more"), "{page}");
        assert!(!page.contains("<script") && !page.contains(" style="), "{page}");
    }
}
