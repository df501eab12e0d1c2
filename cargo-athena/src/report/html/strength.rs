//! What the page of a green run links to: the changes to the code that its cases would not notice.

use std::fmt::Write as _;
use std::path::Path;

use crate::last_strength::LastStrength;
use crate::report::escape;

/// Links from a page in `file` to the pages of `cargo athena strength`, which are beside the report.
pub(super) fn links(report: &Path, file: &Path) -> String {
    let folder = |path: &Path| {
        let path = std::path::absolute(path).ok()?;
        path.parent().map(Path::to_owned)
    };
    let artifacts = folder(report).unwrap_or_default();
    let mut out = String::from(
        "<section class=\"findings\" aria-labelledby=\"strength-title\"><h2 id=\"strength-title\">Strength</h2>\n",
    );
    let last = LastStrength::read(&artifacts);
    for one in &last.packages {
        let relative = folder(file).and_then(|folder| pathdiff::diff_paths(&one.page, folder));
        let path = relative.unwrap_or_else(|| one.page.clone());
        let _ = writeln!(
            out,
            "<p><a href=\"{}\">{}</a></p>",
            escape::html(&path.to_string_lossy().replace('\\', "/")),
            escape::html(&one.to_line()),
        );
    }
    if let Some(what) = last.change() {
        let _ = writeln!(
            out,
            "<p class=\"dim\">This is from before {what} changed; measure again: <code>cargo athena strength</code></p>",
        );
    }
    if last.packages.is_empty() {
        out.push_str(
            "<p class=\"dim\">Which changes to the code would these cases not notice? <code>cargo athena strength</code></p>\n",
        );
    }
    out.push_str("</section>\n");
    out
}
