//! Undersong without a host: sound and MIDI of the system.

fn main() -> std::process::ExitCode {
    if nice_plug::nice_export_standalone::<undersong_plugin::UndersongPlugin>() {
        std::process::ExitCode::SUCCESS
    } else {
        std::process::ExitCode::FAILURE
    }
}
