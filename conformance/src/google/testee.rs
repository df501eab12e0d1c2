//! Answers the runner's requests.

use std::io::{self, Read, Write};

use athena_rt::__private::wire::Reader;
use athena_rt::structure::wire::{self, UnknownFields};
use athena_rt::structure::{ProtoJson, Structure};

use super::proto2::TestAllTypesProto2;
use super::proto3::TestAllTypesProto3;
use super::protocol::{FailureSet, Format, IGNORES_UNKNOWN, Outcome, Payload, Request, Response};

/// Answers requests, each preceded by its length in four bytes, until the input ends.
///
/// # Errors
/// A pipe is closed, or a request is invalid.
pub fn serve(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let testee = Testee::new();
    loop {
        let mut length = [0; 4];
        match input.read_exact(&mut length) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let mut request = Vec::new();
        let length = u64::from(u32::from_le_bytes(length));
        input.by_ref().take(length).read_to_end(&mut request)?;
        let outcome = match wire::decode::<Request>(&request) {
            Ok(request) => testee.answer(&request),
            Err(error) => Outcome::RuntimeError(error.to_string()),
        };
        let response = wire::encode(&Response { result: Some(outcome) });
        let length = u32::try_from(response.len()).map_err(io::Error::other)?;
        output.write_all(&length.to_le_bytes())?;
        output.write_all(&response)?;
        output.flush()?;
    }
}

struct Testee {
    proto2: Suite<TestAllTypesProto2>,
    proto3: Suite<TestAllTypesProto3>,
}

/// A message of the suite, and the fields that the structure does not have.
struct Suite<T> {
    strict: ProtoJson<T>,
    lenient: ProtoJson<T>,
    rest: fn(&T) -> &UnknownFields,
    /// The numbers of fields with unsupported types, and their names in JSON.
    missing: &'static [(u32, &'static str)],
}

impl Testee {
    fn new() -> Self {
        Self {
            proto2: Suite::new(|message| &message.rest, PROTO2),
            proto3: Suite::new(|message| &message.rest, PROTO3),
        }
    }

    fn answer(&self, request: &Request) -> Outcome {
        match request.message_type.as_str() {
            "conformance.FailureSet" => Outcome::Protobuf(wire::encode(&FailureSet {})),
            "protobuf_test_messages.proto2.TestAllTypesProto2" => self.proto2.answer(request),
            "protobuf_test_messages.proto3.TestAllTypesProto3" => self.proto3.answer(request),
            other => Outcome::Skipped(format!("no structure for {other}")),
        }
    }
}

impl<T: Structure> Suite<T> {
    fn new(rest: fn(&T) -> &UnknownFields, missing: &'static [(u32, &'static str)]) -> Self {
        Self {
            strict: ProtoJson::new().declared_names(),
            lenient: ProtoJson::new().declared_names().ignore_unknown(),
            rest,
            missing,
        }
    }

    fn answer(&self, request: &Request) -> Outcome {
        let message = match &request.payload {
            Some(Payload::Protobuf(bytes)) => {
                wire::decode::<T>(bytes).map_err(|error| error.to_string())
            }
            Some(Payload::Json(text)) => {
                if let Some((_, name)) = self.missing.iter().find(|(_, name)| text.contains(name)) {
                    return Outcome::Skipped(format!("no type for {name}"));
                }
                let lenient = request.test_category == IGNORES_UNKNOWN;
                let json = if lenient { &self.lenient } else { &self.strict };
                json.read(text).map_err(|error| error.to_string())
            }
            _ => return Outcome::Skipped("only bytes and JSON".to_owned()),
        };
        let message = match message {
            Ok(message) => message,
            Err(error) => return Outcome::ParseError(error),
        };
        match request.requested_output_format {
            Format::Protobuf => Outcome::Protobuf(wire::encode(&message)),
            Format::Json => match self.unwritable(&message) {
                Some(name) => Outcome::Skipped(format!("no type for {name}")),
                None => match self.strict.write(&message) {
                    Ok(text) => Outcome::Json(text),
                    Err(error) => Outcome::SerializeError(error.to_string()),
                },
            },
            _ => Outcome::Skipped("only bytes and JSON".to_owned()),
        }
    }

    /// Returns the name of a field of the message that JSON would omit.
    fn unwritable(&self, message: &T) -> Option<&'static str> {
        let mut reader = Reader::new((self.rest)(message).as_bytes());
        while let Ok(Some(key)) = reader.key() {
            let missing = self.missing.iter().find(|(number, _)| *number == key.number());
            if let Some((_, name)) = missing {
                return Some(name);
            }
            reader.skip(key).ok()?;
        }
        None
    }
}

const PROTO3: &[(u32, &str)] = &[
    (120, "oneofNullValue"),
    (201, "optionalBoolWrapper"),
    (202, "optionalInt32Wrapper"),
    (203, "optionalInt64Wrapper"),
    (204, "optionalUint32Wrapper"),
    (205, "optionalUint64Wrapper"),
    (206, "optionalFloatWrapper"),
    (207, "optionalDoubleWrapper"),
    (208, "optionalStringWrapper"),
    (209, "optionalBytesWrapper"),
    (211, "repeatedBoolWrapper"),
    (212, "repeatedInt32Wrapper"),
    (213, "repeatedInt64Wrapper"),
    (214, "repeatedUint32Wrapper"),
    (215, "repeatedUint64Wrapper"),
    (216, "repeatedFloatWrapper"),
    (217, "repeatedDoubleWrapper"),
    (218, "repeatedStringWrapper"),
    (219, "repeatedBytesWrapper"),
    (303, "optionalFieldMask"),
    (304, "optionalStruct"),
    (305, "optionalAny"),
    (306, "optionalValue"),
    (307, "optionalNullValue"),
    (313, "repeatedFieldmask"),
    (324, "repeatedStruct"),
    (315, "repeatedAny"),
    (316, "repeatedValue"),
    (317, "repeatedListValue"),
];

const PROTO2: &[(u32, &str)] = &[
    (120, "[protobuf_test_messages.proto2.extension_int32]"),
    (121, "[protobuf_test_messages.proto2.groupfield]"),
    (133, "[protobuf_test_messages.proto2.extension_string]"),
    (134, "[protobuf_test_messages.proto2.extension_bytes]"),
    (201, "data"),
    (204, "multiWordGroupField"),
    (500, "messageSetCorrect"),
];
