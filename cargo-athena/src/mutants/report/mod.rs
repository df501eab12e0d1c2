//! The reports of `cargo athena strength`: for a terminal, as JSON, and as a page.

mod html;
mod json;
mod pages;
mod terminal;

pub(crate) use self::html::page;
pub(crate) use self::json::to_json;
pub(crate) use self::pages::write_pages;
pub(crate) use self::terminal::text;
