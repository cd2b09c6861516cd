//! What lies at or under a place, for many places at once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The names of all that is known and of all folders above it: whether anything lies at or under a place.
#[derive(Debug, Default)]
pub(super) struct Within(HashSet<PathBuf>);

impl Within {
    pub(super) fn new<'a>(paths: impl Iterator<Item = &'a Path>) -> Self {
        let mut names = HashSet::new();
        for path in paths {
            for name in path.ancestors() {
                // Those above it are there then, too.
                if !names.insert(name.to_path_buf()) {
                    break;
                }
            }
        }
        Self(names)
    }

    pub(super) fn holds(&self, place: &Path) -> bool {
        self.0.contains(place)
    }
}

/// Places, of which each stands for all that lies at or under it; the empty one for all there is.
#[derive(Debug)]
pub(super) struct Places<'a>(HashSet<&'a Path>);

impl<'a> Places<'a> {
    pub(super) fn new(places: &'a [PathBuf]) -> Self {
        Self(places.iter().map(PathBuf::as_path).collect())
    }

    pub(super) fn hold(&self, path: &Path) -> bool {
        self.0.contains(Path::new("")) || path.ancestors().any(|it| self.0.contains(it))
    }
}
