use std::fmt;
use std::path::PathBuf;

/// The id of a model: its package, module path and function, joined by `::`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId<'a>(&'a str);

impl<'a> ModelId<'a> {
    /// The id with this text.
    pub fn new(id: &'a str) -> Self {
        Self(id)
    }

    /// The id as text.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The package: the first segment.
    pub fn package(self) -> &'a str {
        self.0.split("::").next().unwrap_or(self.0)
    }

    /// The function: the last segment.
    pub fn function(self) -> &'a str {
        self.0.rsplit("::").next().unwrap_or(self.0)
    }

    /// The folder of its cases, relative to `fixtures/`.
    pub fn folder(self) -> PathBuf {
        self.0.split("::").collect()
    }

    /// Whether `name` is the id or ends it at a `::`. `-` and `_` are equal.
    pub fn matches(self, name: &str) -> bool {
        let (id, name) = (self.0.replace('-', "_"), name.replace('-', "_"));
        id == name || id.strip_suffix(&name).is_some_and(|rest| rest.ends_with("::"))
    }

    /// Whether `name` is the whole id. `-` and `_` are equal.
    pub fn is(self, name: &str) -> bool {
        self.0.replace('-', "_") == name.replace('-', "_")
    }

    /// The items that a name selects: those with exactly this id, otherwise those whose id ends
    /// with it.
    pub fn select<'i, T>(items: &'i [T], id: impl Fn(&T) -> &str, name: &str) -> Vec<&'i T> {
        let exact: Vec<&T> = items.iter().filter(|item| ModelId(id(item)).is(name)).collect();
        if !exact.is_empty() {
            return exact;
        }
        items.iter().filter(|item| ModelId(id(item)).matches(name)).collect()
    }
}

impl fmt::Display for ModelId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The name of a case: its model's id, `::`, and its name in the model's folder, which is
/// `case` or, in a suite, `suite/case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseName<'a> {
    model: ModelId<'a>,
    case: &'a str,
}

impl<'a> CaseName<'a> {
    /// The parts of a full name; `None` if it names no model.
    pub fn parse(name: &'a str) -> Option<Self> {
        let (model, case) = name.rsplit_once("::")?;
        Some(Self { model: ModelId(model), case })
    }

    /// The model's id.
    pub fn model(self) -> ModelId<'a> {
        self.model
    }

    /// The name in the model's folder.
    pub fn case(self) -> &'a str {
        self.case
    }

    /// Whether a filter selects a case: the name contains it. An exact one is the case's name or its model's
    /// id, because a trial per model has all its cases.
    ///
    /// ```
    /// use athena_protocol::CaseName;
    ///
    /// assert!(CaseName::is_selected("shop::price::one", "pri", false));
    /// assert!(CaseName::is_selected("shop::price::one", "shop::price", true));
    /// assert!(!CaseName::is_selected("shop::price::one", "shop", true));
    /// ```
    pub fn is_selected(name: &str, filter: &str, exact: bool) -> bool {
        if !exact {
            return name.contains(filter);
        }
        let Some(rest) = name.strip_prefix(filter) else { return false };
        rest.is_empty() || rest.strip_prefix("::").is_some_and(|case| !case.contains("::"))
    }

    /// The filters that select none of these names.
    ///
    /// ```
    /// use athena_protocol::CaseName;
    ///
    /// let filters = ["price".to_owned(), "prise".to_owned()];
    /// assert_eq!(CaseName::unmatched(&filters, false, ["shop::price::one"]), ["prise"]);
    /// ```
    pub fn unmatched(
        filters: &[String],
        exact: bool,
        names: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Vec<&str> {
        let mut open: Vec<&str> = filters.iter().map(String::as_str).collect();
        for name in names {
            if open.is_empty() {
                break;
            }
            open.retain(|filter| !Self::is_selected(name.as_ref(), filter, exact));
        }
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_selects_the_whole_id_before_ids_that_end_with_it() {
        let ids = ["my-shop::price", "other::my_shop::price", "other::price"];
        let select = |name| ModelId::select(&ids, |id| id, name);
        assert_eq!(select("my_shop::price"), [&"my-shop::price"]);
        assert_eq!(select("price").len(), 3);
        assert_eq!(select("rice"), Vec::<&&str>::new());
    }

    #[test]
    fn a_case_name_ends_with_the_name_in_the_folder() {
        let name = CaseName::parse("shop::price::book/one").expect("a case name");
        assert_eq!((name.model().as_str(), name.case()), ("shop::price", "book/one"));
        assert_eq!((name.model().package(), name.model().function()), ("shop", "price"));
        assert_eq!(CaseName::parse("shop"), None);
    }
}
