//! heck: names in other cases.

use athena_rt::prelude::*;
use heck::{
    AsKebabCase, AsLowerCamelCase, AsShoutyKebabCase, AsShoutySnakeCase, AsSnakeCase, AsTitleCase,
    AsTrainCase, AsUpperCamelCase, ToKebabCase as _, ToLowerCamelCase as _, ToPascalCase as _,
    ToShoutyKebabCase as _, ToShoutySnakeCase as _, ToShoutySnekCase as _, ToSnakeCase as _,
    ToSnekCase as _, ToTitleCase as _, ToTrainCase as _, ToUpperCamelCase as _,
};

/// A name.
#[structure]
pub struct Name {
    /// The words, in any case.
    pub text: String,
}

/// The name in every case.
#[structure]
pub struct Cases {
    /// One form per function of the crate.
    pub forms: Vec<String>,
}

/// The functions that return a text.
#[model]
pub fn converted(state: State<Name>) -> State<Cases> {
    let text = state.data.text.as_str();
    let forms = vec![
        text.to_kebab_case(),
        text.to_lower_camel_case(),
        text.to_shouty_kebab_case(),
        text.to_shouty_snake_case(),
        text.TO_SHOUTY_SNEK_CASE(),
        text.to_snake_case(),
        text.to_snek_case(),
        text.to_title_case(),
        text.to_train_case(),
        text.to_upper_camel_case(),
        text.to_pascal_case(),
    ];
    state.with(Cases { forms })
}

/// The types that are displayed.
#[model]
pub fn displayed(state: State<Name>) -> State<Cases> {
    let text = state.data.text.as_str();
    let forms = vec![
        AsKebabCase(text).to_string(),
        AsLowerCamelCase(text).to_string(),
        AsShoutyKebabCase(text).to_string(),
        AsShoutySnakeCase(text).to_string(),
        AsSnakeCase(text).to_string(),
        AsTitleCase(text).to_string(),
        AsTrainCase(text).to_string(),
        AsUpperCamelCase(text).to_string(),
    ];
    state.with(Cases { forms })
}
