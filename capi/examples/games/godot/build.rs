//! Links libundersong: from UNDERSONG_LIB, a folder, or from where Undersong's own build puts it.

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=UNDERSONG_LIB");
    let folder = std::env::var_os("UNDERSONG_LIB").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../target/release"),
        PathBuf::from,
    );
    println!("cargo:rustc-link-search=native={}", folder.display());
    println!("cargo:rustc-link-lib=dylib=undersong");
    // Godot loads this library from the project's folder; libundersong lies beside it.
    println!("cargo:rustc-link-arg-cdylib=-Wl,-rpath,$ORIGIN");
}
