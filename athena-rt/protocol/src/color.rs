/// Whether `NO_COLOR` asks for no colours: it is set to something that is not empty.
pub fn is_no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
