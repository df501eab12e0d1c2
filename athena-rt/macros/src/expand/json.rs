//! JSON of messages: `Serialize` and `Deserialize` of a struct with named fields.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::others::Others;
use super::runtime::{Runtime, as_part, part_constant};
use super::slot;
use super::subject::Subject;
use crate::derives::Derives;
use crate::field::Field;

/// The bodies of the functions that write and read a type as JSON.
pub(super) struct JsonBodies {
    pub(super) write: TokenStream,
    pub(super) read: TokenStream,
}

impl JsonBodies {
    /// Generates `Part::to_json` and `Part::from_json`, and serde's traits around the same. A trait that a
    /// derive above the macro has implemented is left alone: messages don't use it.
    pub(super) fn expand(&self, rt: &Runtime, subject: &Subject, derives: &Derives) -> JsonImpls {
        let Self { write, read } = self;
        let write_signature = |name: TokenStream| {
            quote! {
                fn #name<__S>(&self, __serializer: __S) -> ::core::result::Result<__S::Ok, __S::Error>
                where
                    __S: #rt::serde::Serializer,
            }
        };
        let read_signature = |lifetime: Option<TokenStream>, name: TokenStream| {
            quote! {
                fn #name<#lifetime __D>(__deserializer: __D) -> ::core::result::Result<Self, __D::Error>
                where
                    __D: #rt::serde::Deserializer<'de>,
            }
        };
        let to_json = write_signature(quote!(to_json));
        let from_json = read_signature(Some(quote!('de,)), quote!(from_json));
        let (to_json, serialize) = if derives.has_serialize {
            (quote!(#to_json { #write }), quote!())
        } else {
            let signature = write_signature(quote!(serialize));
            let implement = subject.implement(&quote!(#rt::serde::Serialize));
            (
                quote!(#to_json { #rt::serde::Serialize::serialize(self, __serializer) }),
                quote! {
                    #[automatically_derived]
                    #implement { #signature { #write } }
                },
            )
        };
        let (from_json, deserialize) = if derives.has_deserialize {
            (quote!(#from_json { #read }), quote!())
        } else {
            let signature = read_signature(None, quote!(deserialize));
            let implement = subject.implement_de(&quote!(#rt::serde::Deserialize<'de>));
            (
                quote!(#from_json { #rt::serde::Deserialize::deserialize(__deserializer) }),
                quote! {
                    #[automatically_derived]
                    #implement { #signature { #read } }
                },
            )
        };
        JsonImpls { part: quote!(#to_json #from_json), serde: quote!(#serialize #deserialize) }
    }
}

/// Generated code that writes and reads a type as JSON.
pub(super) struct JsonImpls {
    /// The functions of `Part`.
    pub(super) part: TokenStream,
    /// serde's traits.
    pub(super) serde: TokenStream,
}

/// Generates the bodies for a struct with named fields.
pub(super) fn message(
    rt: &Runtime,
    subject: &Subject,
    name: &str,
    open: bool,
    fields: &[Field],
    others: Others<'_>,
) -> JsonBodies {
    JsonBodies {
        write: write(rt, name, fields),
        read: read(rt, subject, name, open, fields, others),
    }
}

/// Generates the statements that write an object: the number of fields, then each field. An absent
/// field is omitted, unless reading would replace it by its default.
/// `value` is a reference to the field's value.
pub(super) fn write_fields(
    rt: &Runtime,
    fields: &[Field],
    value: impl Fn(&Field) -> TokenStream,
    object: &TokenStream,
    write: &TokenStream,
) -> TokenStream {
    let is_always_written = |field: &&Field| {
        let may_be_absent = field.skip_if.is_some() || field.default_by_type || field.flatten;
        field.default.is_some() && !may_be_absent
    };
    let written = fields.iter().filter(is_always_written).count();
    let mut counts = Vec::new();
    let mut writes = Vec::new();
    for field in fields {
        let (name, ty, value) = (&field.key, field.part(rt), value(field));
        let part = field.wrap_part(rt, &value);
        let json = as_part(rt, &ty, "json", &part);
        if field.flatten {
            writes.push(quote!(#rt::layout::flatten::<_, #ty>(&mut __object, #part)?;));
            continue;
        }
        let write = quote!(#write(&mut __object, #name, &#json)?;);
        if let Some(skip) = &field.skip_if {
            let skip = quote_spanned!(skip.span()=> #skip(#value));
            counts.push(count(&skip));
            writes.push(quote!(if !#skip { #write }));
        } else if field.default.is_some() && !field.default_by_type {
            writes.push(write);
        } else {
            let mut is_absent = as_part(rt, &ty, "is_absent", &part);
            if field.default_by_type {
                let is_option = part_constant(rt, &ty, "IS_OPTION");
                is_absent = quote!((#is_option && #is_absent));
            }
            counts.push(count(&is_absent));
            writes.push(quote!(if !#is_absent { #write }));
        }
    }
    let mutable = (!fields.is_empty()).then(|| quote!(mut));
    quote! {
        let __count = #written #(#counts)*;
        let #mutable __object = #object;
        #(#writes)*
    }
}

fn write(rt: &Runtime, name: &str, fields: &[Field]) -> TokenStream {
    let value = |field: &Field| {
        let ident = &field.ident;
        quote!(&self.#ident)
    };
    if fields.iter().any(|field| field.flatten) {
        write_flat(rt, fields, value, None)
    } else {
        write_plain(rt, name, fields, value, None)
    }
}

/// Generates the expression that writes fields as an object, perhaps behind a tag.
pub(super) fn write_plain(
    rt: &Runtime,
    name: &str,
    fields: &[Field],
    value: impl Fn(&Field) -> TokenStream,
    tag: Option<(&str, &str)>,
) -> TokenStream {
    let write = quote!(#rt::serde::ser::SerializeStruct::serialize_field);
    let object = quote!(#rt::serde::Serializer::serialize_struct);
    let object = match tag {
        None => quote!(#object(__serializer, #name, __count)?),
        Some((tag, variant)) => quote!({
            let mut __object = #object(__serializer, #name, __count + 1)?;
            #write(&mut __object, #tag, #variant)?;
            __object
        }),
    };
    let writes = write_fields(rt, fields, value, &object, &write);
    quote! {
        #writes
        #rt::serde::ser::SerializeStruct::end(__object)
    }
}

/// The same for fields of which some are merged into the object.
pub(super) fn write_flat(
    rt: &Runtime,
    fields: &[Field],
    value: impl Fn(&Field) -> TokenStream,
    tag: Option<(&str, &str)>,
) -> TokenStream {
    let write = quote!(#rt::serde::ser::SerializeMap::serialize_entry);
    let tag = tag.map(|(tag, variant)| quote!(#write(&mut __object, #tag, #variant)?;));
    let object = quote!({
        let _ = __count;
        #[allow(unused_mut)]
        let mut __object = #rt::serde::Serializer::serialize_map(
            __serializer,
            ::core::option::Option::None,
        )?;
        #tag
        __object
    });
    let writes = write_fields(rt, fields, value, &object, &write);
    quote! {
        #writes
        #rt::serde::ser::SerializeMap::end(__object)
    }
}

fn read(
    rt: &Runtime,
    subject: &Subject,
    name: &str,
    open: bool,
    fields: &[Field],
    others: Others<'_>,
) -> TokenStream {
    let own: Vec<&Field> = fields.iter().filter(|field| !field.flatten).collect();
    let flat: Vec<&Field> = fields.iter().filter(|field| field.flatten).collect();
    let names = names(&own);
    let aliases = aliases(own.iter().map(|field| field.aliases.as_slice()));
    // Unknown fields of Protocol Buffers have no names, so JSON can't contain them.
    let skipped = others.defaults();
    let unknown = others
        .unknown
        .map(|unknown| &unknown.ident)
        .map(|unknown| quote!(#unknown: ::core::default::Default::default(),));
    let expecting = format!("an object with the fields of `{name}`");
    let slots = slot::declare(rt, fields);
    let arms = own.iter().enumerate().map(|(index, field)| {
        let (slot, seed) = (field.slot(), as_part(rt, &field.part(rt), "seed", &quote!()));
        quote!(#index => __fields.set(&mut __map, #index, #seed, &mut #slot)?)
    });
    let values = fields.iter().map(|field| {
        let index = own.iter().position(|other| other.name == field.name).unwrap_or_default();
        slot::take_or_default(rt, field, |ty| {
            let absent = as_part(rt, ty, "absent", &quote!());
            quote!(__fields.absent::<#ty, __A::Error>(#absent, #index)?)
        })
    });
    let (visitor, visitor_value) = visitor(rt, subject);
    let (ident, ty, marker) = (&subject.ident, subject.ty(), subject.marker());
    let (loops, deserialize) = if flat.is_empty() {
        (
            quote! {
                while let ::core::option::Option::Some(__index) = __fields.next(&mut __map)? {
                    match __index {
                        #(#arms,)*
                        _ => __fields.skip(&mut __map)?,
                    }
                }
            },
            {
                let names = own.iter().map(|field| (&field.key, field.aliases.as_slice()));
                let read = read_names(names);
                quote!(deserialize_struct(__deserializer, #name, #read, #visitor_value))
            },
        )
    } else {
        let takes = flat.iter().map(|field| {
            let (slot, ty) = (field.slot(), field.part(rt));
            quote! {
                #slot = ::core::option::Option::Some(__rest.take::<#ty, __A::Error>()?);
            }
        });
        (
            quote! {
                let mut __rest: #rt::layout::Rest = ::core::default::Default::default();
                while let ::core::option::Option::Some(__next) = __fields.next_or_rest(&mut __map)? {
                    match __next {
                        ::core::result::Result::Ok(__index) => match __index {
                            #(#arms,)*
                            _ => {}
                        },
                        ::core::result::Result::Err(__key) => __rest.keep(__key, &mut __map)?,
                    }
                }
                #(#takes)*
                __rest.finish::<__A::Error>(__NAMES, #open)?;
            },
            quote!(deserialize_map(__deserializer, #visitor_value)),
        )
    };
    quote! {
        const __NAMES: &[&::core::primitive::str] = #names;
        #visitor {
            type Value = #ty;
            fn expecting(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __formatter.write_str(#expecting)
            }
            fn visit_map<__A>(self, mut __map: __A) -> ::core::result::Result<#ty, __A::Error>
            where
                __A: #rt::serde::de::MapAccess<'de>,
            {
                let mut __fields = #rt::Fields::new(__NAMES, #open)#aliases;
                #(#slots)*
                #loops
                ::core::result::Result::Ok(#ident { #(#values,)* #unknown #skipped #marker })
            }
        }
        #rt::serde::Deserializer::#deserialize
    }
}

/// Generates the declaration of a visitor with the start of its implementation, and its value.
pub(super) fn visitor(rt: &Runtime, subject: &Subject) -> (TokenStream, TokenStream) {
    let visitor = subject.hidden("__Visitor");
    let implement = visitor.implement_de(&quote!(#rt::serde::de::Visitor<'de>));
    let Some(marker) = subject.marker_type() else {
        return (quote!(struct __Visitor; #implement), quote!(__Visitor));
    };
    let (parameters, bounds, path) = (visitor.parameters(), visitor.bounds(), visitor.path());
    (
        quote!(struct __Visitor #parameters (#marker) #bounds; #implement),
        quote!(#path(::core::marker::PhantomData)),
    )
}

/// Generates the keys of an object as a slice of strings.
fn names(fields: &[&Field]) -> TokenStream {
    let names = fields.iter().map(|field| &field.key);
    quote!(&[#(#names),*])
}

/// Generates all names that are read: in an object that is part of another, these are its members.
pub(super) fn read_names<'a>(
    members: impl Iterator<Item = (&'a String, &'a [String])> + Clone,
) -> TokenStream {
    let mut aliases = members.clone().flat_map(|(_, aliases)| aliases).peekable();
    if aliases.peek().is_none() {
        return quote!(__NAMES);
    }
    let names = members.map(|(name, _)| name);
    quote!(&[#(#names,)* #(#aliases),*])
}

/// Generates the call that adds other names that are read, each with the index of what it means.
pub(super) fn aliases<'a>(members: impl Iterator<Item = &'a [String]>) -> Option<TokenStream> {
    let pairs: Vec<_> = members
        .enumerate()
        .flat_map(|(index, aliases)| aliases.iter().map(move |alias| quote!((#alias, #index))))
        .collect();
    (!pairs.is_empty()).then(|| quote!(.with_aliases(&[#(#pairs),*])))
}

/// Generates `+ 1` for a field that is written. The trait is named: it may be out of scope.
fn count(is_left_out: &TokenStream) -> TokenStream {
    quote! {
        + <::core::primitive::usize as ::core::convert::From<::core::primitive::bool>>::from(!#is_left_out)
    }
}
