//! Loads bundles as hosts do, and says what a host will see and what is wrong.

mod checks;
#[cfg(target_os = "linux")]
mod editor;
mod sound;
mod validators;

use crate::hosts::{ClapLibrary, Descriptor, HostError, PluginHost, Vst3Module, watch};
use std::fmt::{self, Write};
use std::path::Path;

pub use sound::voice;

/// What was found out of one plugin.
#[derive(Debug)]
pub struct Report {
    /// `CLAP` or `VST3`.
    pub format: &'static str,
    /// Who it says it is.
    pub descriptor: Option<Descriptor>,
    /// What it says of itself: a name and a text.
    pub facts: Vec<(&'static str, String)>,
    /// Its parameters, one line each.
    pub parameters: Vec<String>,
    /// What was tried, in order.
    pub findings: Vec<Finding>,
}

/// Something that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What must hold.
    pub name: &'static str,
    /// What was wrong, if it did not.
    pub fault: Option<String>,
}

impl Report {
    /// Whether nothing was wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.iter().all(|finding| finding.fault.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.format)?;
        if let Some(descriptor) = &self.descriptor {
            writeln!(
                f,
                "  {} {} by {}, id {}",
                descriptor.name, descriptor.version, descriptor.vendor, descriptor.id
            )?;
            writeln!(f, "  {}", descriptor.features.join(", "))?;
        }
        for (name, text) in &self.facts {
            writeln!(f, "  {name}: {text}")?;
        }
        if !self.parameters.is_empty() {
            writeln!(
                f,
                "  parameters (A automatable, S stepped, B bypass, H hidden, R read-only):"
            )?;
        }
        for parameter in &self.parameters {
            writeln!(f, "    {parameter}")?;
        }
        for finding in &self.findings {
            match &finding.fault {
                None => writeln!(f, "  ok    {}", finding.name)?,
                Some(fault) => writeln!(f, "  FAULT {}: {fault}", finding.name)?,
            }
        }
        Ok(())
    }
}

/// Makes an instance.
type Make<'a> = &'a dyn Fn() -> Result<Box<dyn PluginHost>, HostError>;

/// Checks a CLAP plugin.
///
/// # Errors
/// If it does not load.
pub fn check_clap(path: &Path) -> Result<Report, HostError> {
    let library = ClapLibrary::open(path)?;
    let mut report = look("CLAP", library.descriptors(), &|| {
        Ok(Box::new(library.instance()?))
    })?;
    report.findings.push(Finding {
        name: "descriptor, layouts, events and masks are as clap-validator wants them",
        fault: validators::clap(&library).err().map(|fault| fault.0),
    });
    let mut host = library.instance()?;
    let pages = host.remote_pages();
    report.facts.push((
        "remote controls",
        pages
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    ));
    let layouts = host.layouts();
    report.facts.push((
        "layouts",
        layouts
            .iter()
            .map(|layout| layout.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    ));
    Ok(report)
}

/// Checks a VST3 bundle.
///
/// # Errors
/// If it does not load.
pub fn check_vst3(path: &Path) -> Result<Report, HostError> {
    let module = Vst3Module::open(path)?;
    let mut report = look("VST3", module.descriptors(), &|| {
        Ok(Box::new(module.instance()?))
    })?;
    report.findings.push(Finding {
        name: "buses, units, flags and states are as Steinberg's validator wants them",
        fault: validators::vst3(&module).err().map(|fault| fault.0),
    });
    report.findings.push(Finding {
        name: "the factory refuses nonsense",
        fault: (!module.refuses_nonsense()).then(|| "it accepts it".to_owned()),
    });
    if path.is_dir() {
        report.findings.push(Finding {
            name: "moduleinfo.json says what the factory says",
            fault: module_info_fault(path, &module),
        });
    }
    Ok(report)
}

fn module_info_fault(bundle: &Path, module: &Vst3Module) -> Option<String> {
    let path = bundle.join("Contents/Resources/moduleinfo.json");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return Some(format!("it cannot be read: {error}")),
    };
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(said) if said == crate::manifest::module_info(module) => None,
        Ok(_) => Some("it says something else; make the bundle anew".to_owned()),
        Err(error) => Some(format!("it is not JSON: {error}")),
    }
}

fn look(
    format: &'static str,
    descriptors: Vec<Descriptor>,
    make: Make<'_>,
) -> Result<Report, HostError> {
    let mut host = make()?;
    let ports = host.ports();
    let mut facts = vec![
        (
            "ports",
            format!(
                "audio in {:?}, out {:?}; events in {}, out {}",
                ports.inputs, ports.outputs, ports.event_inputs, ports.event_outputs
            ),
        ),
        ("latency", format!("{} samples", host.latency())),
        ("state", format!("{} bytes", host.save()?.len())),
        (
            "audio thread",
            if watch::is_effective() {
                "memory and system calls are watched".to_owned()
            } else {
                "memory and system calls cannot be watched on this system".to_owned()
            },
        ),
    ];
    host.activate(48_000.0, 2, 512)?;
    facts.push(("tail", format!("{} samples", host.tail())));
    host.deactivate();
    let parameters = host.parameters().to_vec();
    let lines = parameters.into_iter().map(|parameter| {
        let mut line = String::new();
        let shown = host
            .text(parameter.id, parameter.default)
            .unwrap_or_default();
        let _ = write!(
            line,
            "{:>10}  {:<12} {:<14} {}  {} to {}, at first {} ({})",
            parameter.id,
            parameter.group,
            parameter.name,
            parameter.flags.letters(),
            parameter.min,
            parameter.max,
            parameter.default,
            shown.trim(),
        );
        line
    });
    let parameters = lines.collect();
    drop(host);
    let mut findings = vec![Finding {
        name: "there is exactly one plugin",
        fault: (descriptors.len() != 1).then(|| format!("there are {}", descriptors.len())),
    }];
    for (name, check) in checks::ALL {
        let fault = check(make).err().map(|fault| fault.0);
        findings.push(Finding { name, fault });
    }
    Ok(Report {
        format,
        descriptor: descriptors.into_iter().next(),
        facts,
        parameters,
        findings,
    })
}

/// Opens the editor of both formats on the X server that `DISPLAY` names, resizes and closes it, and looks at the pictures; they are saved
/// to a folder if one is given.
///
/// # Errors
/// If a plugin does not load, or there is no X server.
#[cfg(target_os = "linux")]
pub fn check_editors(
    clap: &Path,
    vst3: &Path,
    pictures: Option<&Path>,
) -> Result<Vec<Finding>, HostError> {
    editor::check(clap, vst3, pictures)
}
