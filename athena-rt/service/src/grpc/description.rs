//! The models in Protocol Buffers: one file per package, as `cargo athena schema` prints it, and one
//! service per model.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost_types::FileDescriptorSet;

use crate::models::{Models, ServedModel};
use athena_cases::schema_lock;
use athena_core::error::Result;
use athena_structure::schema::{
    Service, descriptor, package_name, proto_with, services, well_known,
};

/// All services.
pub(super) struct Description {
    pub(super) files: FileDescriptorSet,
    /// Models by the path of their method.
    pub(super) methods: BTreeMap<String, Arc<ServedModel>>,
    /// The names of their services.
    pub(super) services: Vec<String>,
    /// The files as text, by name.
    pub(super) protos: BTreeMap<String, String>,
}

/// The name of a package's file.
pub(crate) fn proto_file(package: &str) -> String {
    format!("{package}.proto")
}

/// Describes the models.
///
/// # Errors
///
/// A default of one of their types panics.
pub(super) fn describe(models: &Models) -> Result<Description> {
    // Two packages may have one name in Protocol Buffers, `my-shop` and `my_shop`: they share a file.
    let mut packages: BTreeMap<String, Vec<&Arc<ServedModel>>> = BTreeMap::new();
    for model in models.iter() {
        let package = package_name(model.entry().model.source().package);
        packages.entry(package).or_default().push(model);
    }
    let mut description = Description {
        files: FileDescriptorSet { file: well_known().into() },
        methods: BTreeMap::new(),
        services: Vec::new(),
        protos: BTreeMap::new(),
    };
    for (package, models) in packages {
        let schema = schema_lock::schema(&package, models.iter().map(|model| model.entry()))?;
        let called = models
            .iter()
            .map(|model| (model.entry().model.source().package, model.id(), model.is_many()));
        let services = services(&schema, called);
        description.files.file.push(descriptor(&schema, &services));
        for model in &models {
            let file = proto_file(model.entry().model.source().package);
            description.protos.insert(file, proto_with(&schema, &services));
        }
        for service in services {
            let name = format!("{}.{}", schema.package, service.name);
            let path = format!("/{name}/{}", Service::METHOD);
            if let Some(model) = models.iter().find(|model| model.id() == service.model) {
                description.methods.insert(path, Arc::clone(model));
            }
            description.services.push(name);
        }
    }
    Ok(description)
}
