//! textwrap: lines of a width.

use athena_rt::prelude::*;

/// What is broken into lines.
#[structure]
pub struct Paragraph {
    /// Any text.
    pub text: String,
    /// The most columns of a line.
    pub width: u16,
}

/// The same with options.
#[structure]
pub struct Indented {
    /// Any text.
    pub text: String,
    /// The most columns of a line.
    pub width: u16,
    /// Before the first line.
    #[default(String::new())]
    pub first: String,
    /// Before the others.
    #[default(String::new())]
    pub next: String,
    /// Whether long words are broken.
    #[default(true)]
    pub breaks: bool,
}

/// A text.
#[structure]
pub struct Text {
    /// Any text.
    pub text: String,
}

/// The function of the same name.
#[model]
pub fn fill(state: State<Paragraph>) -> State<Text> {
    let text = textwrap::fill(&state.data.text, usize::from(state.data.width));
    state.with(Text { text })
}

/// The function of the same name, with options.
#[model]
pub fn wrap(state: State<Indented>) -> State<Text> {
    let data = &state.data;
    let options = textwrap::Options::new(data.width.into())
        .initial_indent(&data.first)
        .subsequent_indent(&data.next)
        .break_words(data.breaks);
    let text = textwrap::wrap(&data.text, options).join("|");
    state.with(Text { text })
}

/// The function of the same name.
#[model]
pub fn dedent(state: State<Text>) -> State<Text> {
    let text = textwrap::dedent(&state.data.text);
    state.with(Text { text })
}
