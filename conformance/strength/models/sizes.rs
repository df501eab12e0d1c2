//! bytesize: numbers of bytes.

use athena_rt::prelude::*;
use bytesize::ByteSize;

/// What is read.
#[structure]
pub struct Written {
    /// Such as `1.5 KiB`.
    pub text: String,
}

/// A number of bytes.
#[structure]
pub struct Bytes {
    /// Any number.
    pub bytes: u64,
}

/// The forms of a number.
#[structure]
pub struct Texts {
    /// One per form.
    pub texts: Vec<String>,
}

/// The implementation of `FromStr`.
#[model]
pub fn parse(state: State<Written>) -> Result<State<Bytes>, String> {
    let bytes = state.data.text.parse::<ByteSize>()?.as_u64();
    Ok(state.with(Bytes { bytes }))
}

/// Every form of `Display`.
#[model]
pub fn display(state: State<Bytes>) -> State<Texts> {
    let size = ByteSize::b(state.data.bytes);
    let forms = [
        size.display().iec(),
        size.display().iec_short(),
        size.display().si(),
        size.display().si_short(),
    ];
    let texts = forms.iter().map(ToString::to_string).collect();
    state.with(Texts { texts })
}

/// The number in other units.
#[model]
pub fn convert(state: State<Bytes>) -> State<Texts> {
    let size = ByteSize::b(state.data.bytes);
    let all = [size.as_kb(), size.as_kib(), size.as_gb(), size.as_gib(), size.as_eb()];
    let texts = all.iter().map(ToString::to_string).collect();
    state.with(Texts { texts })
}
