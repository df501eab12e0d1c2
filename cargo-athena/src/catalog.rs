//! Maps models to runners.

use athena_protocol::{ModelId, ModelInfo};

use crate::compile::Executable;
use crate::error::{Error, Result};
use crate::suggest::similar_names;
use crate::target::TargetKind;
use crate::workspace::same_name;

/// The most names a message lists.
const LISTED: usize = 20;

/// The runners, and the models they link, sorted by id.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// In the order they were built.
    pub(crate) runners: Vec<Executable>,
    /// Each model once.
    pub(crate) models: Vec<Model>,
    /// The package and id of every linked model, by runner.
    linked: Vec<Vec<(String, String)>>,
}

/// A model and the runner that runs it.
#[derive(Debug)]
pub(crate) struct Model {
    /// The runner's description of it.
    pub(crate) info: ModelInfo,
    /// Index of the runner, among [`Catalog::runners`].
    pub(crate) runner: usize,
}

impl Catalog {
    /// Assigns each model to one runner. Two models with the same id are an error.
    pub(crate) fn new(listed: Vec<(Executable, Vec<ModelInfo>)>) -> Result<Self> {
        let (runners, models): (Vec<_>, Vec<_>) = listed.into_iter().unzip();
        let linked = models
            .iter()
            .map(|models| models.iter().map(|one| (one.package.clone(), one.id.clone())).collect())
            .collect();
        let mut all: Vec<Model> = models
            .into_iter()
            .enumerate()
            .flat_map(|(runner, models)| models.into_iter().map(move |info| Model { info, runner }))
            .collect();
        all.sort_by_cached_key(|model| {
            (model.info.id.clone(), preference(&runners[model.runner], &model.info.package))
        });
        for pair in all.windows(2) {
            check(&pair[0].info, &pair[1].info)?;
        }
        all.dedup_by(|later, first| later.info.id == first.info.id);
        Ok(Self { runners, models: all, linked })
    }

    /// The first runner that was built with a feature of `athena-rt`. Without one the first of all,
    /// which reports what it lacks.
    pub(crate) fn runner_with(&self, feature: &str) -> &Executable {
        let has = |runner: &&Executable| runner.features.iter().any(|one| one == feature);
        self.runners.iter().find(has).unwrap_or_else(|| self.any_runner())
    }

    /// A runner for work that has to do with no model: a catalog with models has one.
    pub(crate) fn any_runner(&self) -> &Executable {
        &self.runners[0]
    }

    /// The ids of the models that this runner runs.
    pub(crate) fn owned(&self, runner: usize) -> Vec<String> {
        let owned = self.models.iter().filter(|model| model.runner == runner);
        owned.map(|model| model.info.id.clone()).collect()
    }

    /// Whether a runner links a model.
    pub(crate) fn is_linked(&self, runner: usize, id: &str) -> bool {
        self.linked[runner].iter().any(|(_, its)| its == id)
    }

    /// Keeps only the models of wanted packages, and the models that these packages' runners run.
    pub(crate) fn restrict_to(&mut self, is_wanted: impl Fn(&str) -> bool) {
        let runners = &self.runners;
        self.models.retain(|model| {
            is_wanted(&model.info.package) || is_wanted(&runners[model.runner].target.package)
        });
    }

    /// The packages whose schema a runner checks: those of which it links all models, if it is the
    /// first such runner that owns one; and if no runner links all, those of which it owns a model.
    pub(crate) fn checked(&self, runner: usize) -> Vec<String> {
        let mut packages: Vec<&str> = self
            .models
            .iter()
            .filter(|model| model.runner == runner)
            .map(|model| model.info.package.as_str())
            .collect();
        packages.sort_unstable();
        packages.dedup();
        packages.retain(|package| {
            let complete = self.complete(package);
            complete.is_none_or(|complete| complete == runner)
        });
        packages.into_iter().map(str::to_owned).collect()
    }

    /// The first runner that links all models of a package and owns one of them.
    fn complete(&self, package: &str) -> Option<usize> {
        let count = |runner: &Vec<(String, String)>| {
            runner.iter().filter(|(its, _)| its == package).count()
        };
        let all = self.models.iter().filter(|model| model.info.package == package).count();
        let owns = |runner: usize| {
            self.models.iter().any(|model| model.runner == runner && model.info.package == package)
        };
        (0..self.runners.len()).find(|&at| count(&self.linked[at]) == all && owns(at))
    }

    /// The first runner that checks the schema of a package.
    pub(crate) fn first_to_check(&self, package: &str) -> Option<usize> {
        (0..self.runners.len()).find(|&at| self.checked(at).iter().any(|its| its == package))
    }

    /// The id of the first model.
    pub(crate) fn first_id(&self) -> Option<&str> {
        self.models.first().map(|model| model.info.id.as_str())
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.models.iter().map(|model| model.info.id.clone()).collect()
    }

    /// The model with this id, or the only model whose id ends with this name. The empty name is
    /// that of the only model.
    pub(crate) fn find(&self, name: &str) -> Result<&Model> {
        if let ("", [only]) = (name, &self.models[..]) {
            return Ok(only);
        }
        let found = ModelId::select(&self.models, |model| &model.info.id, name);
        match found[..] {
            [model] => Ok(model),
            [] => Err(self.unknown(name)),
            _ => {
                let ids: Vec<_> = found.iter().map(|model| model.info.id.as_str()).collect();
                Err(Error::usage(format!("`{name}` matches more than one model"))
                    .help(format!("use one of {}", list(&ids))))
            }
        }
    }

    fn unknown(&self, name: &str) -> Error {
        let ids: Vec<_> = self.models.iter().map(|model| model.info.id.as_str()).collect();
        if name.is_empty() {
            return Error::usage("name a model: there is more than one")
                .help(format!("the models are {}", list(&ids)));
        }
        let error = Error::usage(format!("no model is named `{name}`"));
        let error = match similar_names(name, ids.iter().copied()).first() {
            Some(id) => error.help(format!("did you mean `{id}`?")),
            None => error,
        };
        error.help(format!("the models are {}", list(&ids)))
    }
}

/// Joins names for a message. Only the first ones are listed.
pub(crate) fn list(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<_> = names.iter().take(LISTED).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Sorts the preferred runner first: the package's own runners, and among them the test target.
fn preference(runner: &Executable, package: &str) -> (bool, TargetKind, String, String) {
    let target = &runner.target;
    let foreign = !same_name(&target.package, package);
    (foreign, target.kind, target.package.clone(), target.name.clone())
}

fn check(one: &ModelInfo, other: &ModelInfo) -> Result<()> {
    let place =
        |model: &ModelInfo| format!("{}:{} (package `{}`)", model.file, model.line, model.package);
    if one.id != other.id || place(one) == place(other) {
        return Ok(());
    }
    Err(Error::usage(format!("two models have the id `{}`", one.id))
        .cause(format!("one is at {}", place(one)))
        .cause(format!("one is at {}", place(other)))
        .help("rename one, or give it another id with #[model(name = \"..\")]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::Launch;
    use crate::target::Target;

    fn runner(package: &str, kind: TargetKind, name: &str) -> Executable {
        let target = Target {
            package: package.into(),
            package_id: package.into(),
            root: "/p".into(),
            kind,
            name: name.into(),
            is_tested: true,
            runtime: "athena-rt".into(),
        };
        Executable { target, path: "/x".into(), features: Vec::new(), launch: Launch::default() }
    }

    fn model(id: &str, line: u32) -> ModelInfo {
        let package = ModelId::new(id).package().to_owned();
        ModelInfo {
            id: id.into(),
            package,
            file: "src/lib.rs".into(),
            line,
            ..ModelInfo::default()
        }
    }

    fn catalog_of(ids: &[&str]) -> Catalog {
        let models = ids.iter().map(|id| model(id, 1)).collect();
        Catalog::new(vec![(runner("a", TargetKind::Bin, "a"), models)]).unwrap()
    }

    fn message(error: &Error) -> String {
        format!("{error:?}")
    }

    #[test]
    fn a_model_is_found_by_any_end_of_its_id_that_is_its_own() {
        let catalog = catalog_of(&["a::bond::price", "a::share::price", "a::yield", "my-app::go"]);
        assert_eq!(catalog.find("yield").unwrap().info.id, "a::yield");
        assert_eq!(catalog.find("bond::price").unwrap().info.id, "a::bond::price");
        assert_eq!(catalog.find("my_app::go").unwrap().info.id, "my-app::go");
        let error = catalog.find("price").unwrap_err();
        assert_eq!(error.exit().code(), 2);
        assert!(message(&error).contains("a::bond::price, a::share::price"));
        assert!(catalog.find("ield").is_err(), "a part of a word does not match");
    }

    #[test]
    fn the_first_runner_with_a_feature_is_found_or_else_the_first() {
        let with = |name: &str, features: &[&str]| {
            let features = features.iter().map(|&feature| feature.to_owned()).collect();
            Executable { features, ..runner("a", TargetKind::Bin, name) }
        };
        let runners =
            [with("none", &[]), with("nats", &["nats"]), with("both", &["nats", "redis"])];
        let catalog = Catalog::new(runners.map(|runner| (runner, Vec::new())).into()).unwrap();
        for (feature, name) in [("nats", "nats"), ("redis", "both"), ("mpi", "none")] {
            assert_eq!(catalog.runner_with(feature).target.name, name, "{feature}");
        }
    }

    #[test]
    fn a_whole_id_wins_over_the_end_of_another() {
        let catalog = catalog_of(&["a::b", "c::a::b"]);
        assert_eq!(catalog.find("a::b").unwrap().info.id, "a::b");
    }

    #[test]
    fn an_unknown_model_gets_the_nearest_and_at_most_twenty() {
        let ids: Vec<_> = (10..40).map(|number| format!("a::model{number}")).collect();
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        let error = catalog_of(&ids).find("modle12").unwrap_err();
        assert_eq!(error.exit().code(), 2);
        let text = message(&error);
        assert!(text.contains("did you mean `a::model12`?"), "{text}");
        assert!(text.contains("and 10 more"), "{text}");
    }

    #[test]
    fn the_packages_own_test_target_runs_a_model_then_its_bin_then_its_example() {
        let kinds = [
            runner("z", TargetKind::Test, "athena"),
            runner("a", TargetKind::Example, "show"),
            runner("a", TargetKind::Bin, "tool"),
            runner("a", TargetKind::Test, "athena"),
        ];
        let mut listed: Vec<_> =
            kinds.into_iter().map(|runner| (runner, vec![model("a::m", 1)])).collect();
        for expected in ["athena", "tool", "show", "athena"] {
            let count = listed.len();
            let catalog = Catalog::new(std::mem::take(&mut listed)).unwrap();
            let owner = catalog.models[0].runner;
            assert_eq!((owner, catalog.models.len()), (count - 1, 1));
            assert_eq!(catalog.runners[owner].target.name, expected);
            assert_eq!(catalog.owned(owner), ["a::m"]);
            let mut runners = catalog.runners;
            runners.pop();
            listed = runners.into_iter().map(|runner| (runner, vec![model("a::m", 1)])).collect();
        }
    }

    #[test]
    fn an_id_at_two_places_is_refused_with_both() {
        let listed = vec![
            (runner("a", TargetKind::Bin, "one"), vec![model("a::m", 1)]),
            (runner("a", TargetKind::Bin, "two"), vec![model("a::m", 2)]),
        ];
        let error = Catalog::new(listed).unwrap_err();
        assert_eq!(error.exit().code(), 2);
        let text = message(&error);
        assert!(text.contains("src/lib.rs:1") && text.contains("src/lib.rs:2"), "{text}");
    }
}
