//! The source files of one crate, with their mutants.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use athena_protocol::{Mutant, NotExamined, RewrittenCrate, Site};

use crate::mutants::rewrite::{
    DiscoverOptions, FileMutants, FirstIds, FoundMutant, LeftOut, Region, RewrittenFile, SWITCH,
    Switching, discover, excerpt, excerpt_of_block, module_file, render,
};
use crate::mutants::settings::WrapperSettings;

/// Why a mutant can't be examined that shares a switch with code that does not compile.
pub(super) const NO_SWITCH: &str = "its code does not compile with a switch around it";

/// A file of the crate.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    /// The path in the names of mutants.
    pub(super) name: String,
    pub(super) text: String,
    found: FileMutants,
    first: FirstIds,
    ids: BTreeMap<usize, u32>,
    left_out: LeftOut,
    /// Why all of it is left out.
    failure: Option<String>,
    pub(super) rewritten: RewrittenFile,
}

/// The files of a crate, from its root.
#[derive(Debug, Default)]
pub(super) struct CrateSources {
    pub(super) files: Vec<SourceFile>,
    /// What is added to the root.
    footer: String,
}

impl CrateSources {
    /// Reads the root and every file of a module. `skip`: the files have no mutants.
    pub(super) fn read(
        root: &Path,
        settings: &WrapperSettings,
        options: &DiscoverOptions,
        skip: bool,
    ) -> Self {
        let mut sources = Self::default();
        let mut queue = VecDeque::from([(root.to_owned(), true)]);
        let mut seen = BTreeSet::new();
        while let Some((path, is_root)) = queue.pop_front() {
            // What can't be read or parsed is the compiler's to report.
            let Ok(text) = fs::read_to_string(&path) else { continue };
            if !path.starts_with(&settings.base) || !seen.insert(path.clone()) {
                continue;
            }
            let text = plain(&text);
            let found = match discover(&text, options) {
                Ok(found) if !skip => found,
                // An identifier that is a keyword of a later edition, or an error for the compiler.
                Err(error) if !skip => {
                    let place = (error.span().start().line, "the file".to_owned());
                    let reason = format!("it can't be parsed: {error}");
                    let not_examined = vec![(place.0, place.1, reason)];
                    FileMutants { not_examined, ..FileMutants::default() }
                }
                Ok(_) | Err(_) if is_root => FileMutants::default(),
                Ok(_) | Err(_) => continue,
            };
            let modules = found.modules.iter();
            queue.extend(
                modules.filter_map(|module| Some((module_file(&path, is_root, module)?, false))),
            );
            sources.files.push(SourceFile {
                name: settings.display(&path),
                path,
                text,
                found,
                first: FirstIds::default(),
                ids: BTreeMap::new(),
                left_out: LeftOut::default(),
                failure: None,
                rewritten: RewrittenFile::default(),
            });
        }
        sources
    }

    /// The numbers of sites and of mutants.
    pub(super) fn counts(&self) -> (u32, u32) {
        let sum = |of: fn(&SourceFile) -> usize| {
            u32::try_from(self.files.iter().map(of).sum::<usize>()).unwrap_or(u32::MAX)
        };
        (sum(|file| file.found.sites.len()), sum(|file| file.found.mutants.len()))
    }

    /// Numbers the sites and mutants, and adds the switch to the root.
    pub(super) fn prepare(&mut self, first: FirstIds, runtime: Option<(&str, &str)>) {
        let mut next = first;
        for file in &mut self.files {
            file.first = next;
            file.ids = file.found.ids(next.mutant);
            let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            next.site += count(file.found.sites.len());
            next.mutant += count(file.ids.len());
        }
        self.footer = format!("\n#[doc(hidden)] extern crate athena_switch as {SWITCH};\n");
        if let Some((runtime, edition)) = runtime {
            let path = if edition == "2015" { "" } else { "::" };
            self.footer.push_str(&format!("{path}{runtime}::__switch!({SWITCH});\n"));
        }
    }

    /// Writes every file with what is not left out.
    pub(super) fn render(&mut self) -> BTreeMap<PathBuf, String> {
        let mut files = BTreeMap::new();
        for (index, file) in self.files.iter_mut().enumerate() {
            file.rewritten = render(&file.text, &file.found, &file.ids, file.first, &file.left_out);
            let mut text = file.rewritten.text.clone();
            if index == 0 {
                text.push_str(&self.footer);
            }
            files.insert(file.path.clone(), text);
        }
        files
    }

    /// Leaves out what stands at a position of a rewritten file; whole functions if `whole`. Returns
    /// whether there was anything.
    pub(super) fn leave_out(&mut self, file: usize, position: usize, whole: bool) -> bool {
        let Some(file) = self.files.get_mut(file) else { return false };
        let mut regions = file.rewritten.regions_at(position);
        if whole {
            regions.retain(|region| matches!(region, Region::Function(_)));
        }
        match regions.first() {
            Some(Region::Mutant(mutant)) => file.left_out.mutants.insert(*mutant),
            Some(Region::Site(site)) => file.left_out.sites.insert(*site),
            Some(Region::Function(function)) => {
                let function = file.found.functions[*function].clone();
                let sites = file.found.sites.iter().enumerate().filter(|(_, site)| {
                    function.start <= site.region.start && site.region.end <= function.end
                });
                let sites: Vec<usize> = sites.map(|(index, _)| index).collect();
                let before = file.left_out.sites.len();
                file.left_out.sites.extend(sites);
                file.left_out.sites.len() > before
            }
            None => false,
        }
    }

    /// Whether a position of a rewritten file is in what links the crate with the switch.
    pub(super) fn is_link(&self, file: usize, position: usize) -> bool {
        file == 0 && self.files.first().is_some_and(|root| position >= root.rewritten.text.len())
    }

    /// Leaves out everything of a file, or of all. Returns whether there was anything.
    pub(super) fn leave_out_file(&mut self, wanted: Option<usize>, reason: &str) -> bool {
        let mut changed = false;
        for (index, file) in self.files.iter_mut().enumerate() {
            if wanted.is_none_or(|wanted| wanted == index) {
                let before = file.left_out.sites.len();
                file.left_out.sites.extend(0..file.found.sites.len());
                changed |= file.left_out.sites.len() > before;
                file.failure.get_or_insert_with(|| reason.to_owned());
            }
        }
        changed
    }

    /// What the crate consists of, as the runner reads it.
    pub(super) fn describe(&self, package: &str, name: &str) -> RewrittenCrate {
        let mut rewritten = RewrittenCrate {
            package: package.to_owned(),
            name: name.to_owned(),
            ..RewrittenCrate::default()
        };
        for file in &self.files {
            file.describe(&mut rewritten);
        }
        rewritten.mutants.sort_by_key(|mutant| mutant.id);
        rewritten
    }
}

impl SourceFile {
    fn describe(&self, rewritten: &mut RewrittenCrate) {
        let starts: Vec<usize> =
            std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let line = |at: usize| starts.partition_point(|start| *start <= at);
        let as_u32 = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        for (site, id) in self.found.sites.iter().zip(self.first.site..) {
            rewritten.sites.push(Site {
                id,
                file: self.name.clone(),
                line: as_u32(line(site.region.start)),
                end_line: as_u32(line(site.region.end.saturating_sub(1))),
                function: site.function.clone(),
                block: site.is_block,
                code: excerpt_of_block(&self.text, site.region.clone()),
            });
        }
        for (index, found) in self.found.mutants.iter().enumerate() {
            let mutant = self.mutant(index, found);
            match &found.switching {
                Switching::Code { site, .. } if self.left_out.sites.contains(site) => {
                    let reason = self.failure.as_deref().unwrap_or(NO_SWITCH);
                    rewritten.not_examined.push(Self::not_examined(&mutant, reason));
                }
                Switching::Code { .. } if self.left_out.mutants.contains(&index) => {
                    rewritten.unviable.push(mutant);
                }
                Switching::Code { .. } => rewritten.mutants.push(mutant),
                Switching::Unviable => rewritten.unviable.push(mutant),
                Switching::NotExamined(reason) => {
                    rewritten.not_examined.push(Self::not_examined(&mutant, reason));
                }
            }
        }
        for (line, name, reason) in &self.found.not_examined {
            rewritten.not_examined.push(NotExamined {
                file: self.name.clone(),
                line: as_u32(*line),
                name: name.clone(),
                reason: reason.clone(),
                function: String::new(),
                mutant: false,
            });
        }
    }

    fn mutant(&self, index: usize, found: &FoundMutant) -> Mutant {
        let as_u32 = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let site = match &found.switching {
            Switching::Code { site, .. } => self.first.site + as_u32(*site),
            _ => 0,
        };
        let expression = found.expression.clone();
        let code = expression.map(|whole| excerpt(&self.text, whole, found.span.clone()));
        Mutant {
            id: self.ids.get(&index).copied().unwrap_or_default(),
            site,
            file: self.name.clone(),
            line: as_u32(found.line),
            column: as_u32(found.column),
            function: found.function.clone(),
            genre: found.genre,
            replacement: found.replacement.clone(),
            name: format!("{}:{}:{}: {}", self.name, found.line, found.column, found.change),
            isolated: self.found.has_unsafe,
            start: found.span.start,
            end: found.span.end,
            code: code.unwrap_or_default(),
        }
    }

    fn not_examined(mutant: &Mutant, reason: &str) -> NotExamined {
        NotExamined {
            file: mutant.file.clone(),
            line: mutant.line,
            name: mutant.name.clone(),
            reason: reason.to_owned(),
            function: mutant.function.clone(),
            mutant: true,
        }
    }
}

/// A text without what the parser does not take: a byte order mark, and the line that names an
/// interpreter.
fn plain(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.starts_with("#!") && !text[2..].trim_start().starts_with('[') {
        return format!("/*{}", text[2..].replacen('\n', "*/\n", 1));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Made by cargo-mutants 27.1.0: `cargo mutants --list -p strsim`, in a workspace with strsim 0.11.1.
    const STRSIM: &str = include_str!("../golden/strsim-0.11.1.txt");

    /// The sources are those that the build of this crate uses.
    #[test]
    fn the_mutants_of_strsim_are_those_of_cargo_mutants() {
        // Only what this machine builds has been downloaded.
        let rustc = std::process::Command::new("rustc").arg("-vV").output().unwrap();
        let version = String::from_utf8(rustc.stdout).unwrap();
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let output = std::process::Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut packages = metadata["packages"].as_array().unwrap().iter();
        let strsim = packages
            .find(|package| package["name"] == "strsim" && package["version"] == "0.11.1")
            .expect("the lock file has strsim 0.11.1; make the list again for another version");
        let folder = Path::new(strsim["manifest_path"].as_str().unwrap()).parent().unwrap();
        let settings = WrapperSettings {
            root: folder.parent().unwrap().to_owned(),
            base: folder.to_owned(),
            ..WrapperSettings::default()
        };
        let options = DiscoverOptions::default();
        let mut sources =
            CrateSources::read(&folder.join("src/lib.rs"), &settings, &options, false);
        sources.prepare(FirstIds { site: 0, mutant: 1 }, None);
        let one = sources.describe("strsim", "strsim");
        let not_examined = one.not_examined.iter().filter(|it| it.mutant).map(|it| &it.name);
        let all = one.mutants.iter().chain(&one.unviable).map(|mutant| &mutant.name);
        let names: BTreeSet<String> = all
            .chain(not_examined)
            .map(|name| name.replacen("strsim-0.11.1/", "strsim/", 1))
            .collect();
        let expected: BTreeSet<String> = STRSIM.lines().map(str::to_owned).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_script_line_becomes_a_comment() {
        assert_eq!(plain("#!/usr/bin/env run\nfn f() {}"), "/*/usr/bin/env run*/\nfn f() {}");
        assert_eq!(plain("#![no_std]\n"), "#![no_std]\n");
        assert_eq!(plain("\u{feff}fn f() {}"), "fn f() {}");
    }
}
