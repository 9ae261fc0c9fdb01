//! What the fuzz targets check: a function for each, which panics when an input shows a mistake.
//!
//! The programs in `fuzz/fuzz_targets` call these functions with inputs that libFuzzer makes, the tests below with
//! those in `fuzz/corpus`. `internals` is the only file here that names what is private elsewhere.

mod decompressors;
mod envelopes;
mod get;
mod heads;
mod internals;
mod pieces;
mod proxies;
mod text;
mod timeouts;

pub use decompressors::decompressors;
pub use envelopes::envelopes;
pub use get::get;
pub use heads::heads;
pub use proxies::proxies;
pub use text::text;
pub use timeouts::timeouts;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::panic::catch_unwind;
    use std::path::{Path, PathBuf};

    use super::*;

    fn names_in(folder: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
    }

    /// Runs a target with each input of its corpus.
    fn run(name: &str, target: fn(&[u8])) {
        let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fuzz", "corpus", name].iter().collect();
        let mut inputs = 0;
        for entry in fs::read_dir(&folder).expect("a corpus") {
            let path = entry.expect("an entry").path();
            let input = fs::read(&path).expect("an input");
            assert!(catch_unwind(|| target(&input)).is_ok(), "the input of the panic above: {}", path.display());
            inputs += 1;
        }
        assert!(inputs > 0, "{} is empty", folder.display());
    }

    #[test]
    fn the_corpus_of_decompressors_passes() {
        run("decompressors", decompressors);
    }

    #[test]
    fn the_corpus_of_envelopes_passes() {
        run("envelopes", envelopes);
    }

    #[test]
    fn the_corpus_of_get_passes() {
        run("get", get);
    }

    #[test]
    fn the_corpus_of_heads_passes() {
        run("heads", heads);
    }

    #[test]
    fn the_corpus_of_proxies_passes() {
        run("proxies", proxies);
    }

    #[test]
    fn the_corpus_of_text_passes() {
        run("text", text);
    }

    #[test]
    fn the_corpus_of_timeouts_passes() {
        run("timeouts", timeouts);
    }

    #[test]
    fn every_target_has_a_program_and_a_corpus() {
        let targets: BTreeSet<String> =
            ["decompressors", "envelopes", "get", "heads", "proxies", "text", "timeouts"].map(String::from).into();
        assert_eq!(names_in("fuzz_targets"), targets);
        assert_eq!(names_in("corpus"), targets);
    }
}
