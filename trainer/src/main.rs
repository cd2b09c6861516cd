//! The `undersong-trainer` command.

use std::process::ExitCode;

use clap::Parser;
use undersong_trainer::commands::{Cli, run};

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(
                clippy::print_stderr,
                reason = "this is where a command says what is wrong"
            )]
            {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}
