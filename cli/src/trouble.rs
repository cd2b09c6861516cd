//! How a command ends: the outcome that becomes the exit status, and what stops it.

use std::io;

use undersong_core::timeline::Failure;

use crate::terminal::complain;

/// A command that ran to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything asked for was done: exit status 0.
    Complete,
    /// Some takes could not be scanned, or a file could not be written; each was named: exit status 1.
    Incomplete,
}

impl Outcome {
    /// How a command ends that has done what it could: names what failed and what could not be written; `printed` is what came of standard output.
    pub(crate) fn told(
        failed: &[Failure],
        unwritten: &[String],
        printed: Result<(), Trouble>,
    ) -> Result<Self, Trouble> {
        for error in failed.iter().map(|it| &it.error).chain(unwritten) {
            complain(error);
        }
        match printed {
            Ok(()) | Err(Trouble::Closed) => {}
            Err(trouble) => return Err(trouble),
        }
        Ok(if failed.is_empty() && unwritten.is_empty() {
            Self::Complete
        } else {
            Self::Incomplete
        })
    }
}

/// What stops a command.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Wrong use, or nothing to do: exit status 2.
    Misused(String),
    /// The work failed: exit status 1.
    Failed(String),
    /// Standard output was closed by its reader, as `head` does: no message.
    Closed,
}

impl Trouble {
    /// Wrong use, told by an error of the core.
    pub(crate) fn misused(error: impl std::fmt::Display) -> Self {
        Self::Misused(error.to_string())
    }

    /// Failed work, told by an error of the core.
    pub(crate) fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// The system gave no thread.
    pub(crate) fn thread(error: io::Error) -> Self {
        Self::Failed(format!(
            "no thread could be started ({error}); close other programs"
        ))
    }

    /// An error of standard output.
    pub(crate) fn stdout(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::Failed(format!(
            "standard output could not be written ({error}); check the disk or choose another place"
        ))
    }
}
