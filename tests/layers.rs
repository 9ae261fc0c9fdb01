//! The imports of the files in `src`: a room uses only those that are listed for it, and files form no circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rooms of `src`, and those that each may use. `lib.rs` is no room.
const ROOMS: [(&str, &[&str]); 8] = [
    ("call", &[]),
    ("protocol", &["call"]),
    ("rpc", &["call", "protocol"]),
    ("schema", &[]),
    ("services", &["call", "protocol", "rpc", "schema"]),
    ("server", &["call", "protocol", "rpc"]),
    ("js", &["call", "protocol", "rpc", "schema", "services", "server"]),
    ("fuzzing", &["call", "protocol", "rpc", "server"]),
];

/// The files of a crate, by their path below `src`: `protocol/connect/end.rs`.
type Files = BTreeMap<String, String>;

/// The files that each file uses; false for those that it only re-exports from.
type Graph = BTreeMap<String, BTreeMap<String, bool>>;

/// A file as a module.
#[derive(Debug, Default)]
struct Module {
    file: String,
    /// Names that `use` brings in, and the paths that they stand for.
    imports: BTreeMap<String, Vec<String>>,
    /// Those among them that are `pub`.
    reexports: BTreeSet<String>,
    /// Paths in code, and modules of which everything is imported.
    paths: Vec<Vec<String>>,
}

/// The modules of a crate by their path: `["protocol", "connect"]`.
struct Crate(BTreeMap<Vec<String>, Module>);

/// The code of a file: without comments, and without what stands in quotes.
fn code_of(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut code = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = |expected: &str| expected.chars().enumerate().all(|(i, c)| bytes.get(at + i) == Some(&c));
        let follows_name = code.chars().next_back().is_some_and(is_name);
        if rest("//") {
            while at < bytes.len() && bytes[at] != '\n' {
                at += 1;
            }
        } else if rest("/*") {
            let mut depth = 0;
            loop {
                let two = (bytes.get(at), bytes.get(at + 1));
                match two {
                    (Some('/'), Some('*')) => (depth, at) = (depth + 1, at + 2),
                    (Some('*'), Some('/')) => (depth, at) = (depth - 1, at + 2),
                    (Some(_), _) => at += 1,
                    (None, _) => break,
                }
                if depth == 0 {
                    break;
                }
            }
        } else if !follows_name && raw_text(&bytes[at..]).is_some() {
            at += raw_text(&bytes[at..]).unwrap_or(1);
            code.push_str("\"\"");
        } else if bytes[at] == '"' {
            at += 1;
            while at < bytes.len() && bytes[at] != '"' {
                at += if bytes[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
            code.push_str("\"\"");
        } else if bytes[at] == '\'' && bytes.get(at + 1) == Some(&'\\') {
            at += 3;
            while at < bytes.len() && bytes[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else if bytes[at] == '\'' && bytes.get(at + 2) == Some(&'\'') {
            at += 3;
        } else {
            code.push(bytes[at]);
            at += 1;
        }
    }
    code
}

/// The length of a raw text, `r"…"` or `br#"…"#`, that the characters begin with.
fn raw_text(bytes: &[char]) -> Option<usize> {
    let start = bytes.iter().take_while(|c| matches!(c, 'b' | 'r')).count();
    let hashes = bytes[start..].iter().take_while(|c| **c == '#').count();
    let open = start + hashes;
    if start == 0 || start > 2 || bytes[start - 1] != 'r' || bytes.get(open) != Some(&'"') {
        return None;
    }
    let ends = |at: &usize| bytes[*at] == '"' && bytes[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    (open + 1..bytes.len()).find(ends).map(|at| at + 1 + hashes)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths of a `use`, without `use` and `;`: braces are multiplied out, `as` gives a path its second name.
fn paths_of_use(tree: &str) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let prefix: Vec<String> = names(&tree[..open]);
        let inner = &tree[open + 1..tree.rfind('}').expect("a brace is closed")];
        return split_outside_braces(inner)
            .into_iter()
            .flat_map(|part| paths_of_use(&part))
            .map(|(path, name)| {
                // `self` in braces is the module itself.
                let path: Vec<String> =
                    prefix.iter().cloned().chain(path.into_iter().filter(|n| n != "self")).collect();
                let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name };
                (path, name)
            })
            .collect();
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name.trim().into())));
    let path = names(path);
    let name = alias.or_else(|| path.last().cloned()).unwrap_or_default();
    if path.is_empty() { Vec::new() } else { vec![(path, name)] }
}

fn names(path: &str) -> Vec<String> {
    path.split("::").map(|name| name.trim().to_string()).filter(|name| !name.is_empty()).collect()
}

fn split_outside_braces(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("there is always one").push(c);
    }
    parts.into_iter().filter(|part| !part.trim().is_empty()).collect()
}

/// A path as seen from the crate: `super` and `self` are resolved against the module that it stands in. Paths that
/// begin with neither, nor with `crate`, are given as if from that module: its children and re-exports.
fn absolute(path: &[String], module: &[String]) -> Vec<String> {
    let mut at = module.to_vec();
    let mut rest = path;
    loop {
        match rest.first().map(String::as_str) {
            Some("crate") => (at, rest) = (Vec::new(), &rest[1..]),
            Some("self") => rest = &rest[1..],
            Some("super") => {
                at.pop();
                rest = &rest[1..];
            }
            _ => break,
        }
    }
    at.extend_from_slice(rest);
    at
}

/// The module that a file is.
fn module_of(file: &str) -> Vec<String> {
    let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_string).collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
        path.pop();
    }
    path
}

/// Reads the names and paths of a file.
fn read_module(file: &str, text: &str) -> Module {
    let mut module = Module { file: file.into(), ..Module::default() };
    let path = module_of(file);
    let code: Vec<char> = code_of(text).chars().collect();
    // Modules within the file, as `mod tests { … }`, and the depth of their braces.
    let mut inner: Vec<(String, usize)> = Vec::new();
    let (mut depth, mut at) = (0, 0);
    // Where the item that is being read begins.
    let mut item = 0;
    while at < code.len() {
        match code[at] {
            '{' => (depth, item) = (depth + 1, at),
            '}' => {
                (depth, item) = (depth - 1, at);
                inner.pop_if(|(_, opened)| *opened == depth);
            }
            ';' => item = at,
            _ => {}
        }
        if !is_name(code[at]) {
            at += 1;
            continue;
        }
        let here = || path.iter().cloned().chain(inner.iter().map(|(name, _)| name.clone())).collect::<Vec<_>>();
        let until = |ends: fn(char) -> bool| code[at..].iter().take_while(|c| !ends(**c)).collect::<String>();
        let word = until(|c| !is_name(c) && c != ':');
        let mut length = word.chars().count();
        match word.as_str() {
            "use" => {
                let tree = until(|c| c == ';');
                length = tree.chars().count();
                let is_public = code[item..at].iter().collect::<String>().contains("pub");
                for (used, name) in paths_of_use(&tree["use".len()..].replace('\n', " ")) {
                    let mut used = absolute(&used, &here());
                    if name == "*" {
                        used.pop();
                        module.paths.push(used);
                    } else {
                        if is_public && inner.is_empty() {
                            module.reexports.insert(name.clone());
                        }
                        module.imports.insert(name, used);
                    }
                }
            }
            "mod" => {
                let declared = until(|c| matches!(c, '{' | ';'));
                if code.get(at + declared.chars().count()) == Some(&'{') {
                    inner.push((declared["mod".len()..].trim().into(), depth));
                }
            }
            _ if word.contains("::") => module.paths.push(absolute(&names(&word), &here())),
            _ => {}
        }
        at += length;
    }
    module
}

impl Crate {
    fn read(files: &Files) -> Self {
        Self(files.iter().map(|(file, text)| (module_of(file), read_module(file, text))).collect())
    }

    /// The file that defines what a path names, as far as re-exports and imports say, and whether it is the module
    /// itself.
    fn resolve(&self, path: &[String], depth: usize) -> Option<(&str, bool)> {
        assert!(depth < 16, "a name that stands for itself: {path:?}");
        // The longest beginning that is a module. The next name is defined there, or brought in there.
        let length = (0..=path.len()).rev().find(|length| self.0.contains_key(&path[..*length]))?;
        let module = &self.0[&path[..length]];
        // A name of a module within the file is one of the file.
        let rest: Vec<&String> = path[length..].iter().skip_while(|name| *name == "tests").collect();
        let Some(target) = rest.first().and_then(|name| module.imports.get(*name)) else {
            return Some((&module.file, rest.is_empty()));
        };
        let target: Vec<String> = target.iter().chain(rest[1..].iter().copied()).cloned().collect();
        if target.starts_with(&path[..length]) && target.get(length) == rest.first().copied() {
            // `use http::Uri` in a module without a child `http`: another crate.
            return Some((&module.file, false));
        }
        self.resolve(&target, depth + 1)
    }

    fn graph(&self) -> Graph {
        let mut graph = Graph::new();
        for module in self.0.values() {
            let used = graph.entry(module.file.clone()).or_default();
            let mut add = |path: &[String], is_use: bool, counts_modules: bool| match self.resolve(path, 0) {
                Some((file, is_module)) if file != module.file && (counts_modules || !is_module) => {
                    *used.entry(file.to_string()).or_default() |= is_use;
                }
                _ => {}
            };
            for (name, path) in &module.imports {
                // A module that is imported is used by the paths that begin with its name.
                add(path, !module.reexports.contains(name), false);
            }
            for path in &module.paths {
                add(path, true, true);
            }
        }
        graph
    }
}

/// Whether `file` is a `mod.rs` (or `lib.rs`) and `other` lies below it.
fn is_parent(file: &str, other: &str) -> bool {
    match file.strip_suffix("mod.rs") {
        Some(folder) => other.starts_with(folder),
        None => file == "lib.rs",
    }
}

/// The circles of files that use each other. A `mod.rs` and a child of it may: so once what a parent uses of its
/// children is left out, once what children use of their parent, and once such pairs that are in no longer circle.
fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let mut found = circles_without(graph, |file, other, _| is_parent(file, other));
    let downward = circles_without(graph, |file, other, is_use| is_parent(other, file) || !is_use);
    // Through a `mod.rs`: a child uses what is defined there, which uses another child, which uses the first.
    let through = circles_without(graph, |file, other, is_use| !is_use || !is_in_longer_circle(graph, file, other));
    for circle in downward.into_iter().chain(through) {
        if !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

/// Whether `other` uses `file`, which uses `other`, through a third file.
fn is_in_longer_circle(graph: &Graph, file: &str, other: &str) -> bool {
    reachable(other, |at| {
        let uses = graph.get(at).into_iter().flatten().filter(|(_, is_use)| **is_use).map(|(used, _)| used);
        uses.filter(|used| !(at == other && *used == file)).collect()
    })
    .iter()
    .any(|reached| *reached == file)
}

/// All that can be reached from a file, where `next` gives what each file uses.
fn reachable<'a>(from: &str, next: impl Fn(&str) -> Vec<&'a String>) -> BTreeSet<&'a String> {
    let (mut seen, mut open) = (BTreeSet::new(), next(from));
    while let Some(file) = open.pop() {
        if seen.insert(file) {
            open.extend(next(file));
        }
    }
    seen
}

fn circles_without(graph: &Graph, leaves_out: impl Fn(&str, &str, bool) -> bool) -> Vec<Vec<String>> {
    let next = |file: &str| -> Vec<&String> {
        let used = graph.get(file).into_iter().flatten();
        used.filter(|(other, is_use)| !leaves_out(file, other, **is_use)).map(|(other, _)| other).collect()
    };
    let reach: BTreeMap<&String, BTreeSet<&String>> = graph.keys().map(|file| (file, reachable(file, next))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (file, others) in &reach {
        // Files that reach each other are in one circle.
        let is_mutual = |other: &&&String| reach.get(**other).is_some_and(|back| back.contains(file));
        let circle: Vec<String> = others.iter().filter(is_mutual).map(|other| (*other).clone()).collect();
        if !circle.is_empty() && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

/// The uses between rooms that [`ROOMS`] does not allow, as `file -> file`.
fn upward(graph: &Graph) -> Vec<String> {
    let room = |file: &str| file.split_once('/').map(|(room, _)| room.to_string());
    let mut found = Vec::new();
    for (file, used) in graph {
        let Some(from) = room(file) else { continue };
        let allowed = ROOMS.iter().find(|(name, _)| *name == from).map_or(&[][..], |(_, allowed)| *allowed);
        for other in used.keys() {
            let to = room(other).unwrap_or_default();
            if to != from && !allowed.contains(&to.as_str()) {
                found.push(format!("{file} -> {other}"));
            }
        }
    }
    found
}

fn add_files(folder: &Path, prefix: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        if path.is_dir() {
            add_files(&path, &format!("{prefix}{name}/"), files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(format!("{prefix}{name}"), fs::read_to_string(&path).expect("a source file"));
        }
    }
}

/// The files of this crate.
fn own_files() -> Files {
    let mut files = Files::new();
    add_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    assert!(files.len() >= 50, "all files are read: {}", files.len());
    files
}

fn files(planted: &[(&str, &str)]) -> Files {
    planted.iter().map(|(file, text)| ((*file).to_string(), (*text).to_string())).collect()
}

fn graph_of(planted: &[(&str, &str)]) -> Graph {
    Crate::read(&files(planted)).graph()
}

fn uses(graph: &Graph, file: &str) -> Vec<String> {
    graph[file].keys().cloned().collect()
}

#[test]
fn every_folder_of_src_is_a_room() {
    let rooms: BTreeSet<String> =
        own_files().keys().filter_map(|file| file.split_once('/').map(|(room, _)| room.to_string())).collect();
    let expected: BTreeSet<String> = ROOMS.iter().map(|(room, _)| (*room).to_string()).collect();
    assert_eq!(rooms, expected);
}

#[test]
fn rooms_use_only_those_that_they_may() {
    assert_eq!(upward(&Crate::read(&own_files()).graph()), [""; 0]);
}

#[test]
fn no_files_use_each_other() {
    assert_eq!(circles(&Crate::read(&own_files()).graph()), [[""; 0]; 0]);
}

#[test]
fn the_graph_of_this_crate_has_what_a_reader_sees() {
    let graph = Crate::read(&own_files()).graph();
    for (file, used) in [
        ("rpc/service.rs", "protocol/response_writer.rs"),
        ("rpc/service.rs", "call/budget.rs"),
        ("protocol/framing.rs", "protocol/connect/end.rs"),
        ("server/limits.rs", "rpc/metered.rs"),
        ("js/call/pump.rs", "rpc/metered.rs"),
        ("services/health/service.rs", "services/message_codec.rs"),
    ] {
        assert!(graph[file].contains_key(used), "{file} -> {used}: {:?}", graph[file]);
    }
}

#[test]
fn a_planted_circle_is_found() {
    let graph = graph_of(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "fn f() { crate::c::f() }"),
        ("c.rs", "pub fn f(_: super::a::A) {}"),
    ]);
    assert_eq!(circles(&graph), [["a.rs", "b.rs", "c.rs"]]);
}

#[test]
fn a_circle_behind_a_reexport_is_found() {
    let graph = graph_of(&[
        ("call/mod.rs", "mod one; mod two; pub use one::{One, self as uno}; pub use two::Two;"),
        ("call/one.rs", "use super::Two;"),
        ("call/two.rs", "use crate::{call::{One as First}, other};"),
    ]);
    assert_eq!(circles(&graph), [["call/one.rs", "call/two.rs"]]);
}

#[test]
fn a_planted_upward_arrow_is_found() {
    let graph = graph_of(&[
        ("call/mod.rs", "mod budget; pub use budget::Budget;"),
        ("call/budget.rs", "pub struct Budget(Box<crate::rpc::Router>);"),
        ("rpc/mod.rs", "mod router; pub use router::Router;"),
        ("rpc/router.rs", "use crate::call::Budget;"),
    ]);
    assert_eq!(upward(&graph), ["call/budget.rs -> rpc/router.rs"]);
}

#[test]
fn an_arrow_to_a_name_that_no_file_has_is_one_to_the_room() {
    let graph = graph_of(&[("call/mod.rs", "use crate::js::Thing;"), ("js/mod.rs", "make! { Thing }")]);
    assert_eq!(upward(&graph), ["call/mod.rs -> js/mod.rs"]);
}

#[test]
fn a_circle_through_a_module_that_is_imported_is_found() {
    let graph = graph_of(&[
        ("a/mod.rs", "mod b; pub mod c;"),
        ("a/b.rs", "use super::c; fn f() { c::in_d() }"),
        ("a/c/mod.rs", "mod d; pub use d::in_d;"),
        ("a/c/d.rs", "pub fn in_d() { crate::a::b::f() }"),
    ]);
    assert_eq!(circles(&graph), [["a/b.rs", "a/c/d.rs"]]);
}

#[test]
fn a_circle_through_a_mod_rs_and_its_child_is_found() {
    let graph = graph_of(&[
        ("a.rs", "use crate::b::InParent;"),
        ("b/mod.rs", "mod c; pub struct InParent(c::InChild);"),
        ("b/c.rs", "use crate::a::A; pub struct InChild;"),
    ]);
    assert_eq!(circles(&graph), [["a.rs", "b/c.rs", "b/mod.rs"]]);
}

#[test]
fn a_circle_of_two_children_through_their_mod_rs_is_found() {
    let graph = graph_of(&[
        ("a/mod.rs", "mod b; mod c; use c::InC; pub struct InParent(InC);"),
        ("a/b.rs", "use super::InParent; pub struct InB(InParent);"),
        ("a/c.rs", "use super::b::InB; pub struct InC(Box<InB>);"),
    ]);
    assert_eq!(circles(&graph), [["a/b.rs", "a/c.rs", "a/mod.rs"]]);
}

#[test]
fn a_mod_rs_and_its_children_may_use_each_other() {
    let graph = graph_of(&[
        ("a/mod.rs", "mod b; mod c; use {b::InB, c::InC}; pub struct InParent(InB, InC);"),
        ("a/b.rs", "use super::InParent; pub struct InB;"),
        ("a/c.rs", "use super::InParent; pub struct InC;"),
    ]);
    assert_eq!(uses(&graph, "a/mod.rs"), ["a/b.rs", "a/c.rs"]);
    assert_eq!(uses(&graph, "a/b.rs"), ["a/mod.rs"]);
    assert_eq!(circles(&graph), [[""; 0]; 0]);
}

#[test]
fn comments_texts_and_other_crates_are_no_uses() {
    let graph = graph_of(&[
        (
            "a.rs",
            "//! [`crate::b::B`]\n/* super::b::B */ const T: &str = r#\"crate::b::B \"quoted\"\"#; const Q: char = '\"';",
        ),
        (
            "b.rs",
            "use bytes::{Bytes, buf::Buf}; fn f(t: &'static str) -> std::io::Result<()> { \"crate::a\\\"\"; Ok(()) }",
        ),
    ]);
    assert_eq!((uses(&graph, "a.rs"), uses(&graph, "b.rs")), (vec![], vec![]));
}

#[test]
fn what_a_test_module_uses_is_seen_from_its_file() {
    let graph = graph_of(&[
        ("a/mod.rs", "mod b; mod c;"),
        (
            "a/b.rs",
            "#[cfg(test)] mod tests { use super::*; use super::super::c::C; fn f() { { super::super::c::f(); } } }",
        ),
        ("a/c.rs", ""),
    ]);
    assert_eq!(uses(&graph, "a/b.rs"), ["a/c.rs"]);
}
