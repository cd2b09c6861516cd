//! The plugin as nice-plug sees it: name, layouts, parameters, editor. Blocks come here from the standalone only; the CLAP and VST3
//! exports call the processor themselves.

use crate::editor::{self, UndersongEditor};
use crate::guard::guard;
use crate::midi::MidiMessage;
use crate::process::{Outgoing, Transport};
use crate::service::Service;
use crate::shared::Shared;
use nice_plug::prelude::*;
use std::sync::Arc;

/// The plugin.
#[derive(Debug)]
pub struct UndersongPlugin {
    shared: Arc<Shared>,
    // Let go of with the plugin, on the host's main thread: the last one waits for the service to end.
    _service: Option<Service>,
}

impl Default for UndersongPlugin {
    fn default() -> Self {
        let shared = Shared::new();
        Self {
            _service: Service::for_instance(&shared),
            shared,
        }
    }
}

impl Drop for UndersongPlugin {
    fn drop(&mut self) {
        self.shared.processor().deactivate();
        self.shared.room.deactivate();
        self.shared.room.close();
    }
}

/// Work for the host's main thread.
#[derive(Debug, Clone, Copy)]
pub struct OnMainThread;

const fn layout(channels: u32, name: &'static str) -> AudioIOLayout {
    AudioIOLayout {
        main_input_channels: NonZeroU32::new(channels),
        main_output_channels: NonZeroU32::new(channels),
        names: PortNames {
            layout: Some(name),
            ..PortNames::const_default()
        },
        ..AudioIOLayout::const_default()
    }
}

impl Plugin for UndersongPlugin {
    const NAME: &'static str = "Undersong";
    const VENDOR: &'static str = "Undersong";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        layout(2, "Stereo"),
        layout(1, "Mono"),
        layout(3, "3 channels"),
        layout(4, "4 channels"),
        layout(5, "5.0"),
        layout(6, "5.1"),
        layout(7, "7.0"),
        layout(8, "7.1"),
        layout(12, "7.1.4"),
        layout(16, "16 channels"),
    ];
    // Controllers and notes go out. None come in: that would add a hidden parameter for every controller of every channel.
    const MIDI_OUTPUT: MidiConfig = MidiConfig::MidiCCs;

    type Editor = UndersongEditor;
    type SysExMessage = ();
    type BackgroundTask = OnMainThread;

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        let shared = Arc::clone(&self.shared);
        Box::new(move |OnMainThread| guard((), || shared.on_main_thread()))
    }

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.shared.params) as Arc<dyn Params>
    }

    fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<UndersongEditor> {
        // On these systems nice-plug reaches the main thread at any time; on Linux a view's timer does (see `vst3`).
        if cfg!(any(windows, target_os = "macos")) {
            self.shared
                .set_main_thread_caller(Box::new(move || executor.execute_gui(OnMainThread)));
        }
        guard(None, || editor::create(Arc::clone(&self.shared)))
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        _context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let rate_hz = f64::from(config.sample_rate);
        // Whatever happens: the sound is to pass.
        guard((), || {
            let ear = self.shared.room.activate(&self.shared, rate_hz);
            self.shared.processor().activate(rate_hz, ear);
        });
        true
    }

    fn deactivate(&mut self) {
        guard((), || {
            self.shared.processor().deactivate();
            self.shared.room.deactivate();
            self.shared.edits.end_all();
            self.shared.set_writing(false);
            self.shared.set_clock(0);
        });
    }

    fn reset(&mut self) {
        if let Some(mut processor) = self.shared.try_processor() {
            processor.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        _aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let Some(mut processor) = self.shared.try_processor() else {
            return ProcessStatus::Normal;
        };
        // Here nice-plug sets parameters without saying so.
        self.shared.params.touch();
        let frames = buffer.samples();
        let transport = Transport::default();
        let mut channels: [&[f32]; crate::audio::MAX_CHANNELS] = [&[]; crate::audio::MAX_CHANNELS];
        let mut count = 0;
        for (slot, channel) in channels.iter_mut().zip(buffer.as_slice_immutable()) {
            *slot = channel;
            count += 1;
        }
        let channels = channels.get(..count).unwrap_or_default();
        for event in processor.block(&self.shared, channels, frames, transport) {
            if let Outgoing::Midi(message) = event.what {
                // A full queue drops the message; the next one says the same or newer.
                let _ = context.try_send_event(note_event(event.offset_samples, message));
            }
        }
        ProcessStatus::Normal
    }
}

/// A message as nice-plug names it.
fn note_event(timing: u32, message: MidiMessage) -> NoteEvent<()> {
    use nice_plug::midi::{Channel, Key, VoiceID};
    let share = |value: u8| f32::from(value) / 127.0;
    match message {
        MidiMessage::Controller {
            channel,
            controller,
            value,
        } => NoteEvent::MidiCC {
            timing,
            channel,
            cc: controller,
            value: share(value),
        },
        MidiMessage::NoteOn {
            channel,
            key,
            velocity,
        } => NoteEvent::NoteOn {
            timing,
            voice_id: VoiceID::Wildcard,
            channel: Channel::Number(channel),
            key: Key::Number(key),
            velocity: share(velocity),
        },
        MidiMessage::NoteOff { channel, key } => NoteEvent::NoteOff {
            timing,
            voice_id: VoiceID::Wildcard,
            channel: Channel::Number(channel),
            key: Key::Number(key),
            velocity: 0.0,
        },
    }
}

impl ClapPlugin for UndersongPlugin {
    const CLAP_ID: &'static str = "org.undersong.undersong";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Hears the feeling under the words: emotion scores as automation and MIDI");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[
        ClapFeature::AudioEffect,
        ClapFeature::Analyzer,
        ClapFeature::Utility,
        ClapFeature::Mono,
        ClapFeature::Stereo,
        ClapFeature::Surround,
    ];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        let input = &self.shared.params.input;
        let output = &self.shared.params.output;
        context.add_section("Undersong", |section| {
            section.add_page("Listen", |page| {
                let listening = &input.listening;
                page.add_param(&listening.listen);
                page.add_param(&listening.hop);
                page.add_param(&listening.smoothing);
                page.add_param(&listening.sensitivity);
                page.add_param(&listening.silence);
                page.add_param(&listening.decay);
                page.add_param(&input.write);
                page.add_param(&input.midi.on);
            });
            section.add_page("Emotions", |page| {
                page.add_param(&output.neutral);
                page.add_param(&output.calm);
                page.add_param(&output.happy);
                page.add_param(&output.sad);
                page.add_param(&output.angry);
                page.add_param(&output.fearful);
                page.add_param(&output.disgust);
                page.add_param(&output.surprised);
            });
            section.add_page("Affect", |page| {
                page.add_param(&output.valence);
                page.add_param(&output.arousal);
                page.add_param(&output.confidence);
                page.add_param(&output.speech);
                page.add_param(&output.leading);
            });
            section.add_page("Priors", |page| {
                let priors = &input.priors;
                page.add_param(&priors.neutral);
                page.add_param(&priors.calm);
                page.add_param(&priors.happy);
                page.add_param(&priors.sad);
                page.add_param(&priors.angry);
                page.add_param(&priors.fearful);
                page.add_param(&priors.disgust);
                page.add_param(&priors.surprised);
            });
            section.add_page("MIDI", |page| {
                let midi = &input.midi;
                page.add_param(&midi.on);
                page.add_param(&midi.channel);
                page.add_param(&midi.first_cc);
                page.add_param(&midi.resolution);
                page.add_param(&midi.dead_band);
                page.add_param(&midi.notes);
                page.add_param(&midi.first_note);
                page.add_param(&input.osc);
            });
        });
    }
}

impl Vst3Plugin for UndersongPlugin {
    const VST3_CLASS_ID: [u8; 16] = *b"UndersongEmotion";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::Analyzer];
}
