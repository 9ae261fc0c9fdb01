//! The registered files: raw `FileDescriptorProto`s and the index over them.
//!
//! Clients get the bytes that the server was given. They are decoded once, for the index only, so that whatever this
//! crate does not know reaches the client: a future edition, or a custom option.

mod declarations;

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::fmt;

use bytes::Bytes;
use prost::Message as _;
use prost_types::FileDescriptorProto;
use rustc_hash::FxHashMap;

use declarations::Declarations;

/// A file of a [`Schema`]: its position in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId(usize);

/// An index of files by what they declare, and the services that are mounted.
#[derive(Debug, Default)]
pub struct Schema {
    files: Vec<File>,
    by_name: FxHashMap<String, FileId>,
    symbols: FxHashMap<String, FileId>,
    /// All messages, each with the files of its extensions, by number.
    extensions: FxHashMap<String, BTreeMap<i32, FileId>>,
    services: Vec<String>,
    size: usize,
}

#[derive(Debug)]
struct File {
    bytes: Bytes,
    imports: Vec<FileId>,
}

impl Schema {
    /// Indexes `files`, serialized `google.protobuf.FileDescriptorProto`s with all that they import, in any order.
    ///
    /// Two different files may have the same name: the first one is found by that name, and what either declares is
    /// found. Of two declarations of one symbol the first one is found. `services` are the full names of the mounted
    /// services, listed in this order.
    ///
    /// # Errors
    ///
    /// Bytes that are not a file, and an import that is not among the files.
    pub fn new(files: Vec<Bytes>, services: Vec<String>) -> Result<Self, SchemaError> {
        let size = services.iter().map(String::len).sum();
        let mut schema = Self { services, size, ..Self::default() };
        let mut decoded = Vec::with_capacity(files.len());
        for (position, bytes) in files.into_iter().enumerate() {
            let file = FileDescriptorProto::decode(bytes.clone())
                .map_err(|reason| SchemaError::NoFile { position, reason: reason.to_string() })?;
            let id = FileId(schema.files.len());
            match schema.by_name.entry(file.name().to_owned()) {
                Entry::Occupied(first) if schema.files[first.get().0].bytes == bytes => continue,
                Entry::Occupied(_) => {}
                Entry::Vacant(name) => _ = name.insert(id),
            }
            schema.size += bytes.len();
            schema.files.push(File { bytes, imports: Vec::new() });
            schema.declare(id, Declarations::of(&file));
            decoded.push(file);
        }
        for (entry, file) in schema.files.iter_mut().zip(&decoded) {
            let find = |import: &String| {
                let missing = || SchemaError::MissingImport { file: file.name().into(), import: import.clone() };
                schema.by_name.get(import).copied().ok_or_else(missing)
            };
            entry.imports = file.dependency.iter().map(find).collect::<Result<_, _>>()?;
        }
        Ok(schema)
    }

    fn declare(&mut self, file: FileId, declarations: Declarations) {
        for symbol in declarations.symbols {
            self.symbols.entry(symbol).or_insert(file);
        }
        for message in declarations.messages {
            self.extensions.entry(message).or_default();
        }
        for (extendee, number) in declarations.extensions {
            self.extensions.entry(extendee).or_default().entry(number).or_insert(file);
        }
    }

    /// The full names of the mounted services.
    #[must_use]
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// The number of files.
    #[must_use]
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// The bytes of all files and names of services, which no response about the schema exceeds by much.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The file with this name, as imports have it: `google/protobuf/empty.proto`.
    #[must_use]
    pub fn file_named(&self, name: &str) -> Option<FileId> {
        self.by_name.get(name).copied()
    }

    /// The file that declares `symbol`: the full name of a message, field, oneof, enum, enum value, service, method or
    /// extension, without a leading dot.
    #[must_use]
    pub fn file_declaring(&self, symbol: &str) -> Option<FileId> {
        self.symbols.get(symbol).copied()
    }

    /// The file that extends the message `extendee` by `number`.
    #[must_use]
    pub fn file_extending(&self, extendee: &str, number: i32) -> Option<FileId> {
        self.extensions.get(extendee)?.get(&number).copied()
    }

    /// The numbers of all extensions of the message `extendee`, in order; `None` when there is no such message.
    #[must_use]
    pub fn extension_numbers(&self, extendee: &str) -> Option<Vec<i32>> {
        Some(self.extensions.get(extendee)?.keys().copied().collect())
    }

    /// `file`, then its direct and indirect imports that were not sent before.
    ///
    /// `sent` has a byte for each of the [`Self::file_count`] files: 0 until it was sent. Those returned are marked.
    #[must_use]
    pub fn with_imports(&self, file: FileId, sent: &mut [u8]) -> Vec<Bytes> {
        let mut bytes = Vec::new();
        let mut next = vec![file];
        while let Some(id) = next.pop() {
            let was_sent = sent.get_mut(id.0).is_none_or(|sent| std::mem::replace(sent, 1) != 0);
            // The file itself is returned in any case.
            if was_sent && !bytes.is_empty() {
                continue;
            }
            let File { bytes: own, imports } = &self.files[id.0];
            bytes.push(own.clone());
            next.extend(imports.iter().rev());
        }
        bytes
    }
}

/// A failure to index files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// The bytes at `position` are not a `FileDescriptorProto`.
    NoFile {
        /// The position in the list of files, from 0.
        position: usize,
        /// The reason.
        reason: String,
    },
    /// `file` imports `import`, which is missing.
    MissingImport {
        /// The name of the importing file.
        file: String,
        /// The name of the missing file.
        import: String,
    },
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFile { position, reason } => {
                write!(f, "file {position} is no google.protobuf.FileDescriptorProto: {reason}")
            }
            Self::MissingImport { file, import } => {
                write!(f, "{file} imports {import}, which is not among the files: give all that they import too")
            }
        }
    }
}

impl std::error::Error for SchemaError {}

#[cfg(test)]
mod tests {
    use prost_types::{
        DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, MethodDescriptorProto,
        OneofDescriptorProto, ServiceDescriptorProto,
    };

    use super::*;

    fn file(name: &str, imports: &[&str]) -> FileDescriptorProto {
        FileDescriptorProto {
            name: Some(name.into()),
            dependency: imports.iter().map(|&import| import.into()).collect(),
            ..Default::default()
        }
    }

    fn field(name: &str) -> FieldDescriptorProto {
        FieldDescriptorProto { name: Some(name.into()), ..Default::default() }
    }

    fn extension(name: &str, extendee: &str, number: i32) -> FieldDescriptorProto {
        FieldDescriptorProto { extendee: Some(extendee.into()), number: Some(number), ..field(name) }
    }

    fn kind(name: &str, value: &str) -> EnumDescriptorProto {
        let value = EnumValueDescriptorProto { name: Some(value.into()), ..Default::default() };
        EnumDescriptorProto { name: Some(name.into()), value: vec![value], ..Default::default() }
    }

    fn message(name: &str) -> DescriptorProto {
        DescriptorProto { name: Some(name.into()), ..Default::default() }
    }

    fn schema(files: &[FileDescriptorProto]) -> Result<Schema, SchemaError> {
        Schema::new(files.iter().map(|file| file.encode_to_vec().into()).collect(), Vec::new())
    }

    fn names(files: &[Bytes]) -> Vec<String> {
        files.iter().map(|file| FileDescriptorProto::decode(&file[..]).expect("a file").name().to_owned()).collect()
    }

    #[test]
    fn a_file_is_found_by_all_that_it_declares() {
        let with_package = FileDescriptorProto {
            package: Some("a.b".into()),
            message_type: vec![DescriptorProto {
                field: vec![field("text")],
                oneof_decl: vec![OneofDescriptorProto { name: Some("choice".into()), ..Default::default() }],
                nested_type: vec![DescriptorProto { field: vec![field("deep")], ..message("Inner") }],
                enum_type: vec![kind("Level", "LOW")],
                extension: vec![extension("nested_extra", ".a.b.Outer", 101)],
                ..message("Outer")
            }],
            enum_type: vec![kind("Kind", "FIRST")],
            service: vec![ServiceDescriptorProto {
                name: Some("Service".into()),
                method: vec![MethodDescriptorProto { name: Some("Call".into()), ..Default::default() }],
                ..Default::default()
            }],
            extension: vec![extension("extra", ".a.b.Outer", 100)],
            ..file("a.proto", &[])
        };
        let without = FileDescriptorProto { message_type: vec![message("Bare")], ..file("bare.proto", &[]) };
        let schema = schema(&[with_package, without]).expect("a schema");
        let declared = [
            "Outer",
            "Outer.text",
            "Outer.choice",
            "Outer.Inner",
            "Outer.Inner.deep",
            "Outer.Level",
            "Outer.LOW",
            "Outer.nested_extra",
            "Kind",
            "FIRST",
            "Service",
            "Service.Call",
            "extra",
        ];
        for name in declared {
            assert_eq!(schema.file_declaring(&format!("a.b.{name}")), schema.file_named("a.proto"), "{name}");
        }
        assert_eq!(schema.file_declaring("Bare"), schema.file_named("bare.proto"));
        for name in ["", "a.b", ".a.b.Outer", "a.b.Kind.FIRST", "a.b.Outer.Level.LOW", "Outer", "a.b.outer"] {
            assert_eq!(schema.file_declaring(name), None, "{name}");
        }
    }

    #[test]
    fn extensions_are_found_by_what_they_extend() {
        let base =
            FileDescriptorProto { message_type: vec![message("Base"), message("Plain")], ..file("base.proto", &[]) };
        let one = FileDescriptorProto {
            extension: vec![extension("c", ".Base", 300), extension("a", ".Base", 100)],
            ..file("one.proto", &["base.proto"])
        };
        let two = FileDescriptorProto {
            message_type: vec![DescriptorProto { extension: vec![extension("b", ".Base", 200)], ..message("Scope") }],
            ..file("two.proto", &["base.proto"])
        };
        let schema = schema(&[two, one, base]).expect("a schema");
        assert_eq!(schema.extension_numbers("Base"), Some(vec![100, 200, 300]));
        assert_eq!(schema.extension_numbers("Plain"), Some(vec![]));
        assert_eq!(schema.extension_numbers("Nothing"), None);
        assert_eq!(schema.extension_numbers("a"), None, "an extension is no message");
        for (number, name) in [(100, "one.proto"), (200, "two.proto"), (300, "one.proto")] {
            assert_eq!(schema.file_extending("Base", number), schema.file_named(name), "{number}");
        }
        assert_eq!(schema.file_extending("Base", 400), None);
        assert_eq!(schema.file_extending("Nothing", 100), None);
    }

    #[test]
    fn a_file_comes_first_and_its_imports_once_in_a_stream() {
        let schema = schema(&[
            file("top.proto", &["left.proto", "right.proto"]),
            file("left.proto", &["bottom.proto"]),
            file("right.proto", &["bottom.proto"]),
            file("bottom.proto", &[]),
            file("other.proto", &["right.proto"]),
            // No compiler accepts this, but it must not loop forever.
            file("tick.proto", &["tock.proto"]),
            file("tock.proto", &["tick.proto"]),
        ])
        .expect("a schema");
        let cases: [(&[&str], &[&[&str]]); 5] = [
            (&["top.proto"], &[&["top.proto", "left.proto", "bottom.proto", "right.proto"]]),
            (&["bottom.proto", "left.proto"], &[&["bottom.proto"], &["left.proto"]]),
            (
                &["other.proto", "top.proto"],
                &[&["other.proto", "right.proto", "bottom.proto"], &["top.proto", "left.proto"]],
            ),
            (&["left.proto", "left.proto"], &[&["left.proto", "bottom.proto"], &["left.proto"]]),
            (&["tick.proto", "tock.proto"], &[&["tick.proto", "tock.proto"], &["tock.proto"]]),
        ];
        for (asked, expected) in cases {
            let mut sent = vec![0; schema.file_count()];
            for (name, expected) in asked.iter().zip(expected) {
                let file = schema.file_named(name).expect("a file");
                assert_eq!(names(&schema.with_imports(file, &mut sent)), *expected, "{asked:?}");
            }
        }
    }

    #[test]
    fn memory_that_is_too_short_for_what_was_sent_ends_nothing() {
        let schema =
            schema(&[file("tick.proto", &["tock.proto"]), file("tock.proto", &["tick.proto"])]).expect("a schema");
        let file = schema.file_named("tick.proto").expect("a file");
        assert_eq!(names(&schema.with_imports(file, &mut [])), ["tick.proto"]);
    }

    #[test]
    fn two_files_of_one_name_are_both_there() {
        let of = |package: &str| FileDescriptorProto {
            package: Some(package.into()),
            message_type: vec![message("Same")],
            ..file("same.proto", &[])
        };
        let schema = schema(&[of("one"), of("two"), of("one"), file("user.proto", &["same.proto"])]).expect("a schema");
        assert_eq!(schema.file_count(), 3, "the same file twice is one");
        let served = |id: Option<FileId>| schema.with_imports(id.expect("a file"), &mut [0; 3])[0].clone();
        assert_eq!(served(schema.file_named("same.proto")), of("one").encode_to_vec());
        assert_eq!(served(schema.file_declaring("one.Same")), of("one").encode_to_vec());
        assert_eq!(served(schema.file_declaring("two.Same")), of("two").encode_to_vec());
    }

    #[test]
    fn what_is_served_is_what_was_given() {
        // descriptor.proto has no field 1000: it stands for a custom option, or one of a future edition.
        let mut bytes = file("a.proto", &[]).encode_to_vec();
        bytes.extend_from_slice(b"\xc2\x3e\x03new");
        let size = bytes.len();
        let schema = Schema::new(vec![bytes.clone().into()], vec!["a.Service".into()]).expect("a schema");
        let file = schema.file_named("a.proto").expect("a file");
        assert_eq!(schema.with_imports(file, &mut [0]), [Bytes::from(bytes)]);
        assert_eq!(schema.services(), ["a.Service"]);
        assert_eq!(schema.size(), size + "a.Service".len());
    }

    #[test]
    fn what_is_no_schema_is_said() {
        let error = Schema::new(vec![Bytes::new(), Bytes::from_static(b"\x0a\x05a")], Vec::new()).expect_err("no file");
        let text = error.to_string();
        assert!(text.starts_with("file 1 is no google.protobuf.FileDescriptorProto: "), "{text}");
        let error = schema(&[file("a.proto", &["gone.proto"])]).expect_err("an import is missing");
        let text = "a.proto imports gone.proto, which is not among the files: give all that they import too";
        assert_eq!(error.to_string(), text);
    }
}
