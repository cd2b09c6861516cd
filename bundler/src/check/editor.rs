//! The editor of both formats in a window: opened, resized, closed, opened again, and looked at.

use super::Finding;
use crate::hosts::display::{Display, Picture};
use crate::hosts::{ClapHost, ClapLibrary, HostError, Vst3Host, Vst3Module};
use std::path::Path;
use std::time::Duration;

/// The window's own colour, which shows where nothing was painted.
const UNPAINTED: [u8; 3] = [0xFF, 0x00, 0xFF];

/// What is wrong with a picture of an editor, if anything: it must be painted everywhere, and show something in most places.
pub(super) fn picture_fault(picture: &Picture) -> Option<String> {
    let colours = picture.colours();
    let share = |count: usize| count as f64 / picture.pixels.len().max(1) as f64;
    let unpainted = colours.iter().find(|(colour, _)| *colour == UNPAINTED);
    if unpainted.is_some_and(|&(_, count)| share(count) > 0.001) {
        return Some("parts of it are not painted".to_owned());
    }
    if colours.len() < 16 {
        return Some(format!(
            "it shows {} colours, so hardly anything",
            colours.len()
        ));
    }
    if let Some(&(colour, count)) = colours.first()
        && share(count) > 0.97
    {
        return Some(format!(
            "it is all but empty: {:.1} % are {colour:?}",
            100.0 * share(count)
        ));
    }
    let mut busy = 0;
    for row in 0..3_u8 {
        for column in 0..3_u8 {
            let edge = |number: u8| f32::from(number) / 3.0;
            let part = picture.part(edge(column), edge(row), edge(column + 1), edge(row + 1));
            busy += usize::from(part.colours().len() > 3);
        }
    }
    (busy < 6).then(|| format!("only {busy} of its nine parts show anything"))
}

/// An editor, of either host.
trait Editor {
    fn open(&mut self, display: &Display, pause: Duration) -> Result<(), HostError>;
    fn resize(&mut self, width: u32, height: u32) -> Result<(u32, u32), HostError>;
    fn idle(&mut self, time: Duration) -> Result<(), HostError>;
    fn picture(&self) -> Result<Picture, HostError>;
    fn children(&self) -> Result<Vec<(u32, u32)>, HostError>;
    fn close(&mut self) -> Result<(), HostError>;
}

struct Clap {
    host: ClapHost,
    window: Option<crate::hosts::display::Window>,
}

const CLOSED: HostError = HostError::Missing {
    what: "open editor",
};

impl Editor for Clap {
    fn open(&mut self, display: &Display, pause: Duration) -> Result<(), HostError> {
        self.window = Some(self.host.open_editor(display, pause)?);
        Ok(())
    }

    fn resize(&mut self, width: u32, height: u32) -> Result<(u32, u32), HostError> {
        let window = self.window.as_ref().ok_or(CLOSED)?;
        self.host.resize_editor(window, width, height)
    }

    fn idle(&mut self, time: Duration) -> Result<(), HostError> {
        let window = self.window.as_ref().ok_or(CLOSED)?;
        self.host.idle(window, time)
    }

    fn picture(&self) -> Result<Picture, HostError> {
        self.window.as_ref().ok_or(CLOSED)?.picture()
    }

    fn children(&self) -> Result<Vec<(u32, u32)>, HostError> {
        self.window.as_ref().ok_or(CLOSED)?.children()
    }

    fn close(&mut self) -> Result<(), HostError> {
        self.host.close_editor()?;
        self.window = None;
        Ok(())
    }
}

impl Editor for Vst3Host {
    fn open(&mut self, display: &Display, pause: Duration) -> Result<(), HostError> {
        self.open_editor(display, pause)
    }

    fn resize(&mut self, width: u32, height: u32) -> Result<(u32, u32), HostError> {
        self.resize_editor(width, height)
    }

    fn idle(&mut self, time: Duration) -> Result<(), HostError> {
        Self::idle(self, time)
    }

    fn picture(&self) -> Result<Picture, HostError> {
        self.editor_window().ok_or(CLOSED)?.picture()
    }

    fn children(&self) -> Result<Vec<(u32, u32)>, HostError> {
        self.editor_window().ok_or(CLOSED)?.children()
    }

    fn close(&mut self) -> Result<(), HostError> {
        self.close_editor();
        Ok(())
    }
}

/// Waits until the picture has no fault, so long as a slow machine may take; gives the last picture and its fault.
fn settled(editor: &mut dyn Editor) -> Result<(Picture, Option<String>), HostError> {
    for _ in 0..40 {
        editor.idle(Duration::from_millis(250))?;
        let picture = editor.picture()?;
        if picture_fault(&picture).is_none() {
            // What is painted may still be on its way to its size.
            editor.idle(Duration::from_millis(500))?;
            let picture = editor.picture()?;
            let fault = picture_fault(&picture);
            return Ok((picture, fault));
        }
    }
    let picture = editor.picture()?;
    let fault = picture_fault(&picture);
    Ok((picture, fault))
}

/// Opens, resizes, closes, opens again after a pause; what is wrong first.
fn run(
    editor: &mut dyn Editor,
    display: &Display,
    pictures: Option<&Path>,
    name: &str,
) -> Result<Option<String>, HostError> {
    let keep = |picture: &Picture, what: &str| match pictures {
        Some(folder) => picture.save(&folder.join(format!("editor-{name}-{what}.png"))),
        None => Ok(()),
    };
    for (round, pause_ms) in [("first", 0), ("slow host", 300)] {
        editor.open(display, Duration::from_millis(pause_ms))?;
        let (picture, fault) = settled(editor)?;
        keep(&picture, round.split(' ').next().unwrap_or(round))?;
        if let Some(fault) = fault {
            return Ok(Some(format!("opened ({round}): {fault}")));
        }
        let (width, height) = (picture.width as u32, picture.height as u32);
        for (what, factor) in [("larger", 1.3), ("smaller", 0.8), ("back", 1.0)] {
            let scaled = |length: u32| (f64::from(length) * factor).round() as u32;
            let size = editor.resize(scaled(width), scaled(height))?;
            let (picture, fault) = settled(editor)?;
            keep(&picture, what)?;
            if let Some(fault) = fault {
                return Ok(Some(format!("{what}: {fault}")));
            }
            if (picture.width as u32, picture.height as u32) != size {
                return Ok(Some(format!("{what}: the window is not {size:?}")));
            }
            if editor.children()? != [size] {
                return Ok(Some(format!(
                    "{what}: the editor's own window has {:?}, not {size:?}",
                    editor.children()?
                )));
            }
        }
        editor.close()?;
    }
    Ok(None)
}

pub(super) fn check(
    clap: &Path,
    vst3: &Path,
    pictures: Option<&Path>,
) -> Result<Vec<Finding>, HostError> {
    let display = Display::open()?;
    let (library, module) = (ClapLibrary::open(clap)?, Vst3Module::open(vst3)?);
    let mut first = Clap {
        host: library.instance()?,
        window: None,
    };
    first.host.activate(48_000.0, 2, 512)?;
    let mut second = module.instance()?;
    second.activate(48_000.0, 2, 512)?;
    let mut findings = vec![Finding {
        name: "CLAP: the editor opens, resizes and closes",
        fault: run(&mut first, &display, pictures, "clap")?,
    }];
    findings.push(Finding {
        name: "VST3: the editor opens, resizes and closes",
        fault: run(&mut second, &display, pictures, "vst3")?,
    });
    let faults: Vec<_> = second
        .edits()
        .faults()
        .iter()
        .map(ToString::to_string)
        .collect();
    findings.push(Finding {
        name: "VST3: edits come in pairs, on the main thread",
        fault: (!faults.is_empty()).then(|| faults.join("; ")),
    });
    Ok(findings)
}
