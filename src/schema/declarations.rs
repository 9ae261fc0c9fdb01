//! The declarations of a file, by full name.

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

/// The declarations of one file. Names have no leading dot.
#[derive(Debug, Default)]
pub struct Declarations {
    /// Everything that has a name, messages included.
    pub symbols: Vec<String>,
    /// Messages, nested ones included.
    pub messages: Vec<String>,
    /// Extensions: the extended message, and the number.
    pub extensions: Vec<(String, i32)>,
}

impl Declarations {
    /// The declarations of `file`.
    pub fn of(file: &FileDescriptorProto) -> Self {
        let mut found = Self::default();
        let scope = file.package();
        file.message_type.iter().for_each(|message| found.add_message(scope, message));
        file.enum_type.iter().for_each(|kind| found.add_enum(scope, kind));
        file.service.iter().for_each(|service| found.add_service(scope, service));
        file.extension.iter().for_each(|extension| found.add_extension(scope, extension));
        found
    }

    fn add_message(&mut self, scope: &str, message: &DescriptorProto) {
        let name = join(scope, message.name());
        self.symbols.extend(message.field.iter().map(|field| join(&name, field.name())));
        self.symbols.extend(message.oneof_decl.iter().map(|oneof| join(&name, oneof.name())));
        message.nested_type.iter().for_each(|nested| self.add_message(&name, nested));
        message.enum_type.iter().for_each(|kind| self.add_enum(&name, kind));
        message.extension.iter().for_each(|extension| self.add_extension(&name, extension));
        self.messages.push(name.clone());
        self.symbols.push(name);
    }

    /// Values of an enum are its siblings, not its children: two enums of a scope cannot have one value name.
    fn add_enum(&mut self, scope: &str, kind: &EnumDescriptorProto) {
        self.symbols.push(join(scope, kind.name()));
        self.symbols.extend(kind.value.iter().map(|value| join(scope, value.name())));
    }

    fn add_service(&mut self, scope: &str, service: &ServiceDescriptorProto) {
        let name = join(scope, service.name());
        self.symbols.extend(service.method.iter().map(|method| join(&name, method.name())));
        self.symbols.push(name);
    }

    fn add_extension(&mut self, scope: &str, extension: &FieldDescriptorProto) {
        self.symbols.push(join(scope, extension.name()));
        let extendee = extension.extendee();
        self.extensions.push((extendee.strip_prefix('.').unwrap_or(extendee).to_owned(), extension.number()));
    }
}

/// A name within a scope, which is empty for files without a package.
fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}
