//! The `undersong-trainer` command.
fn main() {}
