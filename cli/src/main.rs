//! The `undersong` command.
fn main() {}
