/// Settings.
#[environment(prefix = "APP_")]
struct Settings {
    /// Added to every test value.
    #[default(1)]
    seed: i64,
    #[secret]
    #[default("none")]
    token: String,
    r#type: Option<Kind>,
}

#[environment]
struct Nothing {}
