use athena_rt::prelude::*;

/// Settings, from the process environment.
#[environment]
pub struct Settings {
    /// The factor of every value.
    #[default(2.0)]
    pub factor: f64,
}

/// The message of the model.
#[structure]
pub struct Sample {
    /// The value to scale.
    #[default(1.0)]
    pub value: f64,
}

/// Multiplies the value by the factor.
#[model]
pub fn scale(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
    state.data.value *= state.env.factor;
    state
}
