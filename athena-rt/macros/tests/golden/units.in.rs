/// Who buys.
#[structure(reserved(1))]
#[derive(Default, Copy)]
enum Kind {
    /// Over the counter.
    #[default]
    Retail,
    #[field(7)]
    Trade,
    r#Self_,
}

#[structure]
enum Level {
    Low = 5,
    High,
}
