//! Everything that JavaScript can call is in one place, and catches panics.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The items with a napi attribute: file below `src`, attribute, first line of the item.
fn exported() -> Vec<(PathBuf, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        let mut lines = text.lines().map(str::trim);
        while let Some(attribute) = lines.next() {
            if attribute.starts_with("#[napi") {
                let mut attribute = attribute.to_owned();
                while !attribute.ends_with(']') {
                    attribute.push_str(lines.next().expect("the rest of the attribute"));
                }
                let is_of_item = |line: &&str| line.starts_with("#[") || line.starts_with("//");
                let item = lines.by_ref().find(|line| !is_of_item(line)).expect("an item");
                let file = file.strip_prefix(&src).expect("a file below src");
                found.push((file.into(), attribute, item.into()));
            }
        }
    }
    found
}

#[test]
fn a_panic_in_a_function_that_javascript_calls_is_caught() {
    // An uncaught panic would end the process.
    let functions: Vec<_> = exported().into_iter().filter(|(_, _, item)| item.contains("fn ")).collect();
    assert!(functions.len() >= 10, "the search works: {functions:?}");
    for (file, attribute, item) in functions {
        assert!(attribute.contains("catch_unwind"), "{}: {item}", file.display());
    }
}

#[test]
fn only_js_is_seen_by_javascript() {
    for (file, _, item) in exported() {
        assert!(file.starts_with("js"), "{}: {item}", file.display());
    }
}
