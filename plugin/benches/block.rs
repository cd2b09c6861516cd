//! What a block costs the audio thread of a CLAP host: 128 samples of stereo at 48 kHz, while the model is at work, against copying the
//! block. Both are timed in turn, in one run.
//!
//! `cargo bench --workspace --bench block`; `BURST=1` for blocks one by one, each after a pause in which the caches have grown cold.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use clack_host::events::event_types::ParamValueEvent;
use clack_host::events::io::EventBuffer;
use clack_host::prelude::*;
use std::hint::black_box;
use std::time::{Duration, Instant};
use undersong_plugin::params::host_id;

const FRAMES: usize = 128;
/// 80 s of sound, so that the slowest ten-thousandth has three blocks.
const BLOCKS: usize = 30_000;
const RATE_HZ: f64 = 48_000.0;

struct Callbacks;

impl SharedHandler<'_> for Callbacks {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {}
}

struct BenchHost;

impl HostHandlers for BenchHost {
    type Shared<'a> = Callbacks;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();
}

fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let last = sorted.len() - 1;
    sorted[(last as f64 * share).round() as usize]
}

fn report(name: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let median = quantile(&times, 0.5);
    println!(
        "{name:<22} median {median:>9.0?}   99 % {:>9.1?}   99.99 % {:>9.1?}   longest {:>9.1?}",
        quantile(&times, 0.99),
        quantile(&times, 0.9999),
        quantile(&times, 1.0),
    );
    median
}

fn main() {
    // SAFETY: the entry is the plugin's own and lives for ever.
    #[allow(unsafe_code)]
    let entry = unsafe { PluginEntry::load_from_raw(&undersong_plugin::clap::clap_entry, c"") };
    let info = HostInfo::new("Bench", "Undersong", "", "1").unwrap();
    let mut instance = PluginInstance::<BenchHost>::new(
        |_| Callbacks,
        |_| (),
        &entry.unwrap(),
        c"org.undersong.undersong",
        &info,
    )
    .unwrap();
    let configuration = PluginAudioConfiguration {
        sample_rate: RATE_HZ,
        min_frames_count: 1,
        max_frames_count: FRAMES as u32,
    };
    let processor = instance.activate(|_, _| (), configuration).unwrap();
    let mut processor = processor.start_processing().unwrap();
    let (mut inputs, mut outputs) = (
        AudioPorts::with_capacity(2, 1),
        AudioPorts::with_capacity(2, 1),
    );
    let mut changes = EventBuffer::new();
    for id in ["write", "midi"] {
        changes.push(&ParamValueEvent::new(
            0,
            ClapId::new(host_id(id)),
            Pckn::match_all(),
            1.0,
        ));
    }
    let mut events = EventBuffer::with_capacity(4096);
    let (mut copied, mut processed, mut nothing) = (Vec::new(), Vec::new(), Vec::new());
    // `cargo test --benches` runs this too: then a few blocks are enough.
    let blocks = if std::env::args().any(|argument| argument == "--bench") {
        BLOCKS
    } else {
        100
    };
    let mut input = [vec![0.0; FRAMES], vec![0.0; FRAMES]];
    let mut output = input.clone();
    let mut updates = 0;
    let burst = std::env::var("BURST")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(8_usize)
        .max(1);
    for block in 0..blocks {
        for (at, sample) in input[0].iter_mut().enumerate() {
            let time = (block * FRAMES + at) as f32 / RATE_HZ as f32;
            // Something like a voice: pulses at a pitch that moves, in phrases.
            let pitch = 140.0 + 40.0 * (time * 3.0).sin();
            let pulse = (time * pitch).fract();
            *sample = (pulse * -8.0).exp() * 0.5 * (time * 1.5).sin().max(0.0);
        }
        input[1] = input[0].clone();

        let start = Instant::now();
        nothing.push(start.elapsed());

        let start = Instant::now();
        for (to, from) in output.iter_mut().zip(&input) {
            black_box(to).copy_from_slice(black_box(from));
        }
        copied.push(start.elapsed());

        let audio = inputs.with_input_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(
                input.iter_mut().map(InputChannel::variable),
            ),
        }]);
        let mut out = outputs.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(
                output.iter_mut().map(Vec::as_mut_slice),
            ),
        }]);
        events.clear();
        let (list, mut sent) = (changes.as_input(), events.as_output());
        let start = Instant::now();
        let status = processor.process(&audio, &mut out, &list, &mut sent, None, None);
        processed.push(start.elapsed());
        status.unwrap();
        updates += usize::from(!events.is_empty());
        changes.clear();
        // Five times as fast as real time, so that the worker is always busy; in bursts, as a host plays its larger buffers.
        if block % burst == burst - 1 {
            let seconds = (burst * FRAMES) as f64 / RATE_HZ;
            std::thread::sleep(Duration::from_secs_f64(seconds / 5.0));
        }
    }
    instance.deactivate(processor.stop_processing());
    let clock = report("reading the clock", nothing);
    let copy = report("copying the block", copied);
    let process = report("processing the block", processed);
    println!(
        "ratio of the medians   {:.1} without the clock   ({updates} of {blocks} blocks told something)",
        (process - clock).as_secs_f64() / (copy - clock).as_secs_f64()
    );
}
