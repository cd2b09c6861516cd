//! What must hold of a plugin in either format.

use super::{Make, validators, voice};
use crate::hosts::{Change, HostError, Playhead, PluginHost};
use std::collections::HashSet;

/// What was wrong.
pub(super) struct Wrong(pub(super) String);

impl From<HostError> for Wrong {
    fn from(error: HostError) -> Self {
        Self(error.to_string())
    }
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Self(text)
    }
}

pub(super) type Outcome = Result<(), Wrong>;
type Check = fn(Make<'_>) -> Outcome;

/// All checks by what they say.
pub(super) const ALL: [(&str, Check); 18] = [
    (
        "parameters: ids differ, names fit a controller, defaults lie in range",
        parameters,
    ),
    (
        "every value is written for people, and stays in range",
        texts,
    ),
    (
        "as many channels go out as come in; latency and tail are 0",
        transparent_ports,
    ),
    ("sound passes bit for bit, in blocks of any size", bit_exact),
    (
        "sound passes with bypass on, and at 8 to 384 kHz",
        bypass_and_rates,
    ),
    (
        "state is restored exactly, and what is none is refused",
        state,
    ),
    (
        "nothing is sent unless it is switched on",
        silent_by_default,
    ),
    (
        "automation and MIDI come in order, in range, in pairs",
        events,
    ),
    ("a playhead that jumps and loops does no harm", jumps),
    (
        "NaN, infinity and full scale pass and do no harm",
        odd_sound,
    ),
    ("twenty instances live side by side", many),
    (
        "texts and values mean the same, there and back",
        validators::conversions,
    ),
    (
        "a change means the same in a block and between blocks",
        validators::changes,
    ),
    (
        "random, least and greatest values do no harm while sound runs",
        validators::fuzz,
    ),
    (
        "sound passes at 1 to 768 kHz, in random blocks and in none",
        validators::rates_and_blocks,
    ),
    ("it is activated again and again", validators::reactivated),
    (
        "state goes through a stream of one byte at a time",
        validators::state_in_pieces,
    ),
    (
        "the main thread sets, saves and loads while another plays",
        validators::threads,
    ),
];

pub(super) fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds {
        Ok(())
    } else {
        Err(Wrong(otherwise()))
    }
}

pub(super) fn no_faults(host: &dyn PluginHost) -> Outcome {
    let faults = host.judge().faults();
    let first: Vec<_> = faults.iter().take(3).map(ToString::to_string).collect();
    require(faults.is_empty(), || {
        format!("{} faults: {}", faults.len(), first.join("; "))
    })
}

/// Plays sound in blocks of the given sizes over and over; the output must be the input.
pub(super) fn play(host: &mut dyn PluginHost, sound: &[Vec<f32>], sizes: &[usize]) -> Outcome {
    let length = sound.first().map_or(0, Vec::len);
    let mut at = 0;
    for &size in sizes.iter().cycle() {
        if at >= length {
            break;
        }
        let end = (at + size).min(length);
        let block: Vec<&[f32]> = sound
            .iter()
            .map(|channel| channel.get(at..end).unwrap_or_default())
            .collect();
        let playhead = Playhead {
            playing: true,
            position: at as u64,
        };
        host.block(&block, &[], Some(playhead))?;
        for (index, channel) in block.iter().enumerate() {
            let same = channel
                .iter()
                .map(|s| s.to_bits())
                .eq(host.output(index).iter().map(|s| s.to_bits()));
            require(same, || {
                format!("channel {index} is another in the block at sample {at}")
            })?;
        }
        at = end;
    }
    Ok(())
}

fn parameters(make: Make<'_>) -> Outcome {
    let host = make()?;
    let mut ids = HashSet::new();
    for parameter in host.parameters() {
        let name = &parameter.name;
        require(ids.insert(parameter.id), || {
            format!("{name}: its id is another's")
        })?;
        require(!name.is_empty() && name.chars().count() <= 12, || {
            format!("{name}: a name has 1 to 12 letters, for the displays of controllers")
        })?;
        require(
            (parameter.min..=parameter.max).contains(&parameter.default),
            || format!("{name}: the default {} is out of range", parameter.default),
        )?;
    }
    require(!ids.is_empty(), || "there are none".to_owned())
}

fn texts(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    for parameter in host.parameters().to_vec() {
        for share in [0.0, 0.3, 1.0] {
            let value = parameter.at_share(share);
            let text = host.text(parameter.id, value);
            require(text.as_ref().is_some_and(|text| !text.is_empty()), || {
                format!("{} at {value} has no text", parameter.name)
            })?;
        }
        let value = host.value(parameter.id).unwrap_or(f64::NAN);
        require((parameter.min..=parameter.max).contains(&value), || {
            format!("{} is {value}", parameter.name)
        })?;
    }
    Ok(())
}

fn transparent_ports(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    let ports = host.ports();
    require(
        ports.inputs == ports.outputs && !ports.inputs.is_empty(),
        || format!("{ports:?}"),
    )?;
    require(ports.event_outputs > 0, || {
        "no events can go out".to_owned()
    })?;
    host.activate(48_000.0, 2, 512)?;
    let (latency, tail) = (host.latency(), host.tail());
    require(latency == 0 && tail == 0, || {
        format!("latency {latency}, tail {tail}")
    })
}

fn bit_exact(make: Make<'_>) -> Outcome {
    let left = voice(48_000.0, 1.0);
    let right: Vec<f32> = left.iter().rev().copied().collect();
    for channels in [1, 2] {
        let mut host = make()?;
        host.activate(48_000.0, channels, 4096)?;
        let sound: Vec<_> = [&left, &right]
            .into_iter()
            .take(channels)
            .cloned()
            .collect();
        play(
            &mut *host,
            &sound,
            &[1, 2, 3, 16, 64, 127, 128, 441, 512, 1000, 1024, 4095, 4096],
        )?;
        no_faults(&*host)?;
    }
    Ok(())
}

fn bypass_and_rates(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    host.set_named("Bypass", 1.0)?;
    for rate_hz in [8_000.0, 22_050.0, 44_100.0, 96_000.0, 384_000.0] {
        host.activate(rate_hz, 2, 512)?;
        let sound = voice(rate_hz, 0.1);
        play(&mut *host, &[sound.clone(), sound], &[512, 7])?;
        host.deactivate();
    }
    no_faults(&*host)
}

fn state(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    for (index, parameter) in host.parameters().to_vec().into_iter().enumerate() {
        if !parameter.flags.read_only {
            // A value of its own for each, on a step if there are steps.
            let share = f64::from(index as u32 % 7 + 1) / 8.0;
            let value = parameter.at_share(share);
            let value = if parameter.flags.stepped {
                value.round()
            } else {
                value
            };
            host.set(parameter.id, value)?;
        }
    }
    let saved = host.save()?;
    let values = |host: &mut dyn PluginHost| {
        let ids: Vec<_> = host
            .parameters()
            .iter()
            .map(|parameter| parameter.id)
            .collect();
        ids.into_iter().map(|id| host.value(id)).collect::<Vec<_>>()
    };
    let before = values(&mut *host);
    let mut other = make()?;
    other.load(&saved)?;
    require(values(&mut *other) == before, || {
        "values differ after loading".to_owned()
    })?;
    require(other.save()? == saved, || {
        "the state differs after loading and saving".to_owned()
    })?;
    let cut = saved.get(..saved.len() / 2).unwrap_or_default();
    for nonsense in [&b""[..], b"nonsense", &[0xFF; 1000], cut] {
        require(other.load(nonsense).is_err(), || {
            format!("{} bytes of nonsense are accepted", nonsense.len())
        })?;
        require(other.save()? == saved, || {
            format!("{} bytes of nonsense change the state", nonsense.len())
        })?;
    }
    Ok(())
}

fn silent_by_default(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    host.set_offline(true)?;
    host.activate(48_000.0, 1, 512)?;
    let sound = voice(48_000.0, 4.0);
    for block in sound.chunks(512) {
        let sent = host.block(&[block], &[], None)?.len();
        require(sent == 0, || format!("{sent} events were sent"))?;
    }
    no_faults(&*host)
}

fn events(make: Make<'_>) -> Outcome {
    for offline in [true, false] {
        let mut host = make()?;
        host.set_named("Write Auto", 1.0)?;
        host.set_named("MIDI", 1.0)?;
        host.set_offline(offline)?;
        host.activate(48_000.0, 2, 512)?;
        let sound = voice(48_000.0, 6.0);
        let mut count = 0;
        for (number, block) in sound.chunks(512).enumerate() {
            let playhead = Playhead {
                playing: true,
                position: number as u64 * 512,
            };
            count += host.block(&[block, block], &[], Some(playhead))?.len();
        }
        no_faults(&*host)?;
        require(!offline || count > 0, || "nothing is sent".to_owned())?;
    }
    Ok(())
}

fn jumps(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    host.set_named("Write Auto", 1.0)?;
    host.activate(44_100.0, 2, 1024)?;
    let sound = voice(44_100.0, 1.0);
    let positions = [
        0,
        1024,
        2048,
        0,
        1024,
        44_100_000,
        3,
        u64::from(u32::MAX),
        0,
    ];
    for (block, position) in sound.chunks(1024).zip(positions.into_iter().cycle()) {
        let playing = position != 3;
        host.block(&[block, block], &[], Some(Playhead { playing, position }))?;
    }
    no_faults(&*host)
}

fn odd_sound(make: Make<'_>) -> Outcome {
    let mut host = make()?;
    let parameters = host.parameters().to_vec();
    host.set_named("Write Auto", 1.0)?;
    host.set_named("MIDI", 1.0)?;
    host.activate(48_000.0, 2, 256)?;
    let odd = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        1e-40,
        -0.0,
        1.0,
        -1.0,
    ];
    let sound: Vec<f32> = odd.into_iter().cycle().take(48_000).collect();
    for (number, block) in sound.chunks(256).enumerate() {
        // Automation of everything that can be played, meanwhile.
        let changes: Vec<_> = parameters
            .iter()
            .filter(|parameter| parameter.flags.automatable && !parameter.flags.bypass)
            .map(|parameter| Change {
                at: number as u32 % 256,
                id: parameter.id,
                value: parameter
                    .at_share(f64::from(number as u32 % 5) / 4.0)
                    .round(),
            })
            .collect();
        host.block(&[block, block], &changes, None)?;
        let same = block
            .iter()
            .map(|s| s.to_bits())
            .eq(host.output(0).iter().map(|s| s.to_bits()));
        require(same, || format!("block {number} is another"))?;
    }
    no_faults(&*host)
}

fn many(make: Make<'_>) -> Outcome {
    let mut hosts = (0..20).map(|_| make()).collect::<Result<Vec<_>, _>>()?;
    let sound = voice(48_000.0, 0.2);
    for host in &mut hosts {
        host.activate(48_000.0, 2, 512)?;
    }
    for block in sound.chunks(512) {
        for host in &mut hosts {
            host.block(&[block, block], &[], None)?;
        }
    }
    hosts.iter().try_for_each(|host| no_faults(&**host))
}
