#[structure]
struct Login {
    user: String,
    #[secret]
    password: String,
}
