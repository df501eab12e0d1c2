//! What cargo reports to have built.

use std::path::PathBuf;

use cargo_metadata::Message;

/// A part of a package that cargo has built, or has found up to date.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    /// The package's id, as cargo writes it.
    pub(crate) package_id: String,
    /// The package's folder. Empty for the run of a build script.
    pub(crate) folder: PathBuf,
    /// The files that were built.
    pub(crate) files: Vec<PathBuf>,
    /// The folder that a build script wrote to.
    pub(crate) out_folder: Option<PathBuf>,
    /// Whether it was built now.
    pub(crate) is_new: bool,
}

impl Unit {
    /// The unit that a message of cargo's reports.
    pub(crate) fn from_message(message: &Message) -> Option<Self> {
        match message {
            Message::CompilerArtifact(artifact) => Some(Self {
                package_id: artifact.package_id.repr.clone(),
                folder: artifact.manifest_path.parent().map(Into::into).unwrap_or_default(),
                files: artifact.filenames.iter().map(Into::into).collect(),
                out_folder: None,
                is_new: !artifact.fresh,
            }),
            Message::BuildScriptExecuted(script) => Some(Self {
                package_id: script.package_id.repr.clone(),
                out_folder: Some(script.out_dir.clone().into()),
                ..Self::default()
            }),
            _ => None,
        }
    }

    /// The compiler's lists of the files it has read, one per library or program.
    pub(crate) fn dependency_lists(&self) -> Vec<PathBuf> {
        let lists = self.files.iter().filter_map(|file| {
            let name = file.file_stem()?.to_str()?;
            // `libone-HASH.rlib` belongs to `one-HASH.d`.
            let is_library = file.extension().is_some_and(|it| it == "rlib" || it == "rmeta");
            let name = if is_library { name.strip_prefix("lib").unwrap_or(name) } else { name };
            Some(file.with_file_name(format!("{name}.d")))
        });
        lists.collect()
    }
}
