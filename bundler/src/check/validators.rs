//! What clap-validator, Steinberg's validator and pluginval try, and a host that only plays does not. `docs/validators.md` says which of their
//! tests is which of ours.

use super::Make;
use super::checks::{Outcome, Wrong, no_faults, play, require};
use super::sound::{noise, random};
use crate::hosts::clap::{CATEGORIES, LooseEvent};
use crate::hosts::{Change, ClapLibrary, Parameter, PluginHost, Vst3Module};
use std::collections::HashSet;

/// Sets of values that are tried while sound runs.
const SETS: u32 = 50;

/// Parameters that a host may set.
fn settable(host: &dyn PluginHost) -> Vec<Parameter> {
    let all = host.parameters().iter();
    all.filter(|parameter| !parameter.flags.read_only && !parameter.flags.hidden)
        .cloned()
        .collect()
}

/// The value at a share of the range, on a step if there are steps.
fn value_at(parameter: &Parameter, share: f64) -> f64 {
    let value = parameter.at_share(share);
    if parameter.flags.stepped && parameter.max > 1.0 {
        value.round()
    } else if parameter.flags.stepped {
        // VST3 counts from 0 to 1, whatever the steps; a switch is at an end.
        share.round()
    } else {
        value
    }
}

fn values(host: &mut dyn PluginHost) -> Vec<(u32, Option<f64>)> {
    let ids: Vec<_> = host.parameters().iter().map(|found| found.id).collect();
    ids.into_iter().map(|id| (id, host.value(id))).collect()
}

/// Text and value of each parameter say the same, there and back.
pub(super) fn conversions(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    for parameter in host.parameters().to_vec() {
        let (id, name) = (parameter.id, &parameter.name);
        for step in 0..=40 {
            let value = parameter.at_share(f64::from(step) / 40.0);
            let missing = || format!("{name} at {value} has no text, or no value for its text");
            let text = host.text(id, value).ok_or_else(missing)?;
            let read = host.read_text(id, &text).ok_or_else(missing)?;
            let again = host.text(id, read).ok_or_else(missing)?;
            require(text == again, || {
                format!("{name}: {value} is `{text}`, which means {read}, which is `{again}`")
            })?;
            require(host.read_text(id, &again) == Some(read), || {
                format!("{name}: `{again}` means {read}, and then something else")
            })?;
        }
        let set = host.value(id);
        require(
            set.is_some_and(|set| (set - parameter.default).abs() < 1e-6),
            || {
                format!(
                    "{name} of a new instance is {set:?}, its default {}",
                    parameter.default
                )
            },
        )?;
    }
    Ok(())
}

/// A change says the same in a block and between blocks.
pub(super) fn changes(make: Make<'_>) -> Outcome {
    let (mut still, mut playing) = (make()?, make()?);
    let mut random = random(1);
    let changes: Vec<_> = settable(&*still)
        .iter()
        .filter(|parameter| parameter.flags.automatable && !parameter.flags.bypass)
        .map(|parameter| Change {
            at: 0,
            id: parameter.id,
            value: value_at(parameter, random()),
        })
        .collect();
    let before = values(&mut *still);
    for change in &changes {
        still.set(change.id, change.value)?;
    }
    playing.activate(48_000.0, 2, 64)?;
    playing.block(&[&[0.0; 64][..]; 2], &changes, None)?;
    let (set, played) = (values(&mut *still), values(&mut *playing));
    require(set != before, || "nothing was changed".to_owned())?;
    require(set == played, || {
        format!("set between blocks: {set:?}; in a block: {played:?}")
    })
}

/// Random, least and greatest values, anywhere in blocks of noise.
pub(super) fn fuzz(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    let parameters = settable(&*host);
    host.activate(48_000.0, 2, 512)?;
    let mut random = random(2);
    let sound = [noise(3, 512), noise(4, 512)];
    for set in 0..SETS {
        let mut changes: Vec<_> = parameters
            .iter()
            .map(|parameter| Change {
                at: (random() * 511.0) as u32,
                id: parameter.id,
                value: match set % 3 {
                    0 => value_at(parameter, random()),
                    1 => parameter.min,
                    _ => parameter.max,
                },
            })
            .collect();
        changes.sort_by_key(|change| change.at);
        for block in 0..5 {
            let given: &[Change] = if block == 0 { &changes } else { &[] };
            host.block(&[&sound[0], &sound[1]], given, None)?;
            let same = sound
                .iter()
                .enumerate()
                .all(|(index, channel)| host.output(index) == channel.as_slice());
            require(same, || format!("the sound is another in set {set}"))?;
        }
    }
    no_faults(&*host)
}

/// Rates that no sound card has, and blocks of any size, none included.
pub(super) fn rates_and_blocks(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    let sound = [noise(5, 6000), noise(6, 6000)];
    for rate_hz in [
        1_000.0, 8_000.0, 10_000.5, 44_099.9, 48_000.0, 88_200.0, 192_000.0, 768_000.0,
    ] {
        host.activate(rate_hz, 2, 512)?;
        play(&mut *host, &sound, &[512, 1, 33])?;
        // A host may flush with no sound at all.
        host.block(&[&[], &[]], &[], None)?;
        host.deactivate();
    }
    for most in [1, 2, 17, 64, 441, 2048, 16_384] {
        host.activate(44_100.0, 2, most)?;
        play(&mut *host, &sound, &[most, most.div_ceil(3), 1])?;
    }
    let mut random = random(7);
    let sizes: Vec<_> = (0..64).map(|_| 1 + (random() * 2047.0) as usize).collect();
    host.activate(44_100.0, 2, 2048)?;
    play(&mut *host, &sound, &sizes)?;
    no_faults(&*host)
}

/// Activated and deactivated again and again, with sound in between.
pub(super) fn reactivated(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    let sound = [noise(8, 1024), noise(9, 1024)];
    for turn in 0..10_u32 {
        host.activate(if turn % 2 == 0 { 44_100.0 } else { 96_000.0 }, 2, 128)?;
        if turn % 3 > 0 {
            play(&mut *host, &sound, &[128])?;
        }
        host.deactivate();
    }
    no_faults(&*host)
}

/// State in pieces, and the sound of a plugin whose state is restored while it plays.
pub(super) fn state_in_pieces(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    let mut random = random(10);
    for parameter in settable(&*host) {
        host.set(parameter.id, value_at(&parameter, random()))?;
    }
    let whole = host.save()?;
    for most in [1, 17, 23, 4096] {
        require(host.save_in_pieces(most)? == whole, || {
            format!("saved in pieces of {most} bytes it is another")
        })?;
        let mut other = make()?;
        other.load_in_pieces(&whole, most)?;
        require(values(&mut *other) == values(&mut *host), || {
            format!("loaded in pieces of {most} bytes, values differ")
        })?;
        require(other.save()? == whole, || {
            format!("loaded in pieces of {most} bytes and saved, it is another")
        })?;
    }
    let mut bytes = vec![0_u8; 1 << 20];
    for _ in 0..3 {
        bytes.fill_with(|| (random() * 255.0) as u8);
        require(host.load(&bytes).is_err(), || {
            "a megabyte of random bytes is accepted".to_owned()
        })?;
    }
    require(host.save()? == whole, || {
        "random bytes changed the state".to_owned()
    })
}

/// The main thread reads, sets, saves and loads while another thread plays.
pub(super) fn threads(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    let parameters = settable(&*host);
    let state = host.save()?;
    host.activate(44_100.0, 2, 32)?;
    let mut random = random(11);
    let mut fault = None;
    let mut turn = 0_usize;
    let right = host.beside(&noise(12, 32), 5_000, &mut |host| {
        turn += 1;
        let Some(parameter) = parameters.get(turn % parameters.len().max(1)) else {
            return;
        };
        let value = value_at(parameter, random());
        // CLAP's host sets within blocks alone, once it is active.
        let _ = host.set(parameter.id, value);
        let text = host.text(parameter.id, value);
        let told = host.value(parameter.id).is_some() && text.is_some();
        let saved = !turn.is_multiple_of(8) || host.save().is_ok() && host.load(&state).is_ok();
        if !(told && saved) {
            fault = Some(parameter.name.clone());
        }
    });
    require(right, || "the sound is another".to_owned())?;
    require(fault.is_none(), || format!("{fault:?} was not told"))?;
    no_faults(&*host)
}

/// What clap-validator asks of CLAP alone.
pub(super) fn clap(library: &ClapLibrary) -> Outcome {
    let descriptors = library.descriptors();
    let found = descriptors
        .first()
        .ok_or_else(|| Wrong("there is no plugin".to_owned()))?;
    let distinct: HashSet<_> = found.features.iter().collect();
    require(distinct.len() == found.features.len(), || {
        format!("a feature stands twice: {:?}", found.features)
    })?;
    require(
        found
            .features
            .iter()
            .any(|feature| CATEGORIES.contains(&feature.as_str())),
        || format!("none of {CATEGORIES:?} is a feature"),
    )?;
    for id in [format!("{}x", found.id), String::new()] {
        require(!library.makes(&id), || format!("`{id}` is made"))?;
    }
    let mut host = library.instance()?;
    let mut said = vec![
        found.id.clone(),
        found.name.clone(),
        found.vendor.clone(),
        found.version.clone(),
    ];
    said.extend(found.features.iter().cloned());
    require(host.own_descriptor() == said, || {
        format!(
            "the factory says {said:?}, the instance {:?}",
            host.own_descriptor()
        )
    })?;
    let layouts = host.layouts();
    for layout in &layouts {
        let channels = layout.channels.0 as usize;
        host.activate(48_000.0, channels, 64)?;
        let block = noise(13, 64);
        host.block(&vec![block.as_slice(); channels], &[], None)?;
        let same = (0..channels).all(|channel| host.output(channel) == block.as_slice());
        require(same, || format!("{}: the sound is another", layout.name))?;
    }
    host.activate(48_000.0, 2, 64)?;
    let hop = PluginHost::parameter(&host, "Hop")?;
    let set = |space| LooseEvent::Value {
        space,
        id: hop.id,
        value: hop.max,
    };
    require(host.block_with_event(set(0xB33F)), || {
        "an event of another name space stops the sound".to_owned()
    })?;
    require(host.value(hop.id) == Some(hop.default), || {
        "an event of another name space sets a parameter".to_owned()
    })?;
    host.block_with_event(set(0));
    require(host.value(hop.id) == Some(hop.max), || {
        "an event without a cookie sets nothing".to_owned()
    })?;
    for parameter in host.parameters().to_vec() {
        for amount in [-2.0, 0.3, f64::NAN, 0.0] {
            let id = parameter.id;
            require(
                host.block_with_event(LooseEvent::Modulation { id, amount }),
                || format!("{}: modulated by {amount}", parameter.name),
            )?;
            let value = host.value(id).unwrap_or(f64::NAN);
            require((parameter.min..=parameter.max).contains(&value), || {
                format!("{}, modulated by {amount}, is {value}", parameter.name)
            })?;
        }
    }
    require(host.constant_masks_hold(), || {
        "a channel is said to be constant that is not".to_owned()
    })?;
    host.reset();
    host.block(&[&[0.0; 64][..]; 2], &[], None)?;
    no_faults(&host)
}

/// What Steinberg's validator asks of VST3 alone.
pub(super) fn vst3(module: &Vst3Module) -> Outcome {
    let mut host = module.instance()?;
    let fault = host.bus_fault().or_else(|| host.parameter_fault());
    require(fault.is_none(), || fault.clone().unwrap_or_default())?;
    host.activate(48_000.0, 2, 64)?;
    require(host.silence_flags_hold(), || {
        "a block with silence flags is refused, or flags lie".to_owned()
    })?;
    require(host.ends_and_begins_again(), || {
        "terminate and initialize do not follow each other".to_owned()
    })?;
    // And it still plays.
    host.activate(48_000.0, 2, 64)?;
    let block = noise(14, 64);
    host.block(&[&block, &block], &[], None)?;
    require(host.output(1) == block.as_slice(), || {
        "the sound is another after it began again".to_owned()
    })?;
    no_faults(&host)
}
