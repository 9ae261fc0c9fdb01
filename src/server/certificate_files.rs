//! The files of certificates as the file system has them: whether they have changed, and the directories in which a
//! change of them can be seen.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// A path with more symbolic links is circular (`ELOOP` of Linux).
const MAX_LINKS: usize = 40;

/// How one file looked. Two that are equal have the same content, as far as the file system tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    bytes: u64,
    modified: Option<SystemTime>,
    identity: Identity,
}

/// The file itself, whatever its name.
#[cfg(unix)]
type Identity = (u64, u64, i64, i64);
#[cfg(not(unix))]
type Identity = Option<SystemTime>;

impl Look {
    /// How the file looks now; `None` if it cannot be seen.
    pub fn at(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let identity = identity(&metadata);
        Some(Self { bytes: metadata.len(), modified: metadata.modified().ok(), identity })
    }
}

/// A number for the directory itself, whatever its name; `None` if it cannot be seen, or if there is no such number.
#[cfg(unix)]
pub fn directory_id(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// A number for the directory itself, whatever its name; `None` if it cannot be seen, or if there is no such number.
#[cfg(not(unix))]
pub fn directory_id(_: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(metadata: &fs::Metadata) -> Identity {
    metadata.created().ok()
}

/// Adds the directories with the file, and with every symbolic link on the way to it: if one of those is replaced, as
/// Kubernetes does with `..data`, the path leads to another file. Returns whether the file is there.
pub fn add_directories(path: &Path, directories: &mut BTreeSet<PathBuf>) -> bool {
    let mut resolved = PathBuf::new();
    let mut rest = parts(path);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        let next = match Path::new(&part).components().next() {
            Some(Component::ParentDir) => {
                resolved.pop();
                continue;
            }
            Some(Component::Normal(name)) => resolved.join(name),
            Some(root) => {
                resolved.push(root);
                continue;
            }
            None => continue,
        };
        match fs::symlink_metadata(&next) {
            Ok(metadata) if metadata.is_symlink() => {
                links += 1;
                let target = fs::read_link(&next).ok().filter(|_| links <= MAX_LINKS);
                directories.insert(resolved.clone());
                let Some(target) = target else {
                    return false;
                };
                // A target with a root replaces what was resolved.
                rest.extend(parts(&target));
            }
            Ok(_) => resolved = next,
            Err(_) => {
                // Here it may appear.
                directories.insert(resolved);
                return false;
            }
        }
    }
    if let Some(directory) = resolved.parent() {
        directories.insert(directory.to_owned());
    }
    true
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> Vec<OsString> {
    path.components().rev().map(|part| part.as_os_str().to_owned()).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A directory of this test, removed at its end.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("connectum-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("a directory can be made");
            Self(fs::canonicalize(path).expect("it is there"))
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            // A test that failed leaves something at most in the directory for temporary files.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_directories_of_all_links_are_found() {
        let Directory(root) = &Directory::new("links");
        fs::create_dir(root.join("..1")).expect("made");
        fs::create_dir(root.join("keys")).expect("made");
        fs::write(root.join("..1/tls.crt"), "one").expect("written");
        symlink("..1", root.join("..data")).expect("linked");
        symlink("..data/tls.crt", root.join("tls.crt")).expect("linked");
        symlink(root.join("tls.crt"), root.join("keys/server.crt")).expect("linked");
        let mut directories = BTreeSet::new();
        assert!(add_directories(&root.join("keys/../keys/./server.crt"), &mut directories));
        let expected = [root.clone(), root.join("..1"), root.join("keys")];
        assert_eq!(directories, BTreeSet::from(expected));
    }

    #[test]
    fn a_file_that_is_missing_may_appear_in_the_last_directory_that_is_there() {
        let Directory(root) = &Directory::new("missing");
        symlink("a", root.join("b")).expect("linked");
        symlink("b", root.join("a")).expect("linked");
        for path in ["keys/server.crt", "a", "nothing"] {
            let mut directories = BTreeSet::new();
            assert!(!add_directories(&root.join(path), &mut directories), "{path}");
            assert_eq!(directories, BTreeSet::from([root.clone()]), "{path}");
        }
    }

    #[test]
    fn a_file_with_another_content_looks_different() {
        let Directory(root) = &Directory::new("looks");
        let path = root.join("file");
        assert_eq!(Look::at(&path), None);
        fs::write(&path, "one").expect("written");
        let first = Look::at(&path);
        assert!(first.is_some() && first == Look::at(&path));
        fs::write(root.join("other"), "two").expect("written");
        fs::rename(root.join("other"), &path).expect("renamed");
        assert_ne!(Look::at(&path), first);
    }
}
