/// One page of a list.
#[structure]
#[derive(Default)]
struct Page<T: Copy = u8> {
    items: Vec<T>,
    next: Option<Box<Self>>,
    #[serde(default)]
    first: T,
}

#[structure]
enum Event<T> {
    Item { item: T },
    Items(Vec<T>),
}

#[structure]
struct Id<T>(T);
