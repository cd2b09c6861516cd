//! Scores as Open Sound Control: one bundle an update, as bytes for a UDP packet.
//!
//! | address | arguments |
//! |---|---|
//! | `/undersong/scores` | a float for each emotion, in their order |
//! | `/undersong/label` | the leading emotion as a string, empty if there is none or it is unsure; its score as a float |
//! | `/undersong/affect` | valence, arousal, confidence as floats |
//! | `/undersong/speech` | 1 while somebody speaks, else 0, as an integer |
//!
//! Wekinator takes one message with all inputs as floats: `/wek/inputs`, the scores, then valence, arousal, confidence, speech.

mod socket;

use std::net::SocketAddr;
use std::time::SystemTime;

use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, encoder};

pub use socket::OscSocket;

use crate::lanes::{Lane, LaneValues};

/// What an update says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OscUpdate<'a> {
    /// A score for each emotion.
    pub scores: &'a [f32],
    /// The leading emotion, unless it is unsure.
    pub label: Option<&'a str>,
    /// −1 unpleasant … 1 pleasant.
    pub valence: f32,
    /// −1 calm … 1 excited.
    pub arousal: f32,
    /// The leading score.
    pub confidence: f32,
    /// Whether somebody speaks.
    pub speaking: bool,
}

/// Which messages are made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OscForm {
    /// A bundle of the messages above.
    #[default]
    Undersong,
    /// The one message that Wekinator takes.
    Wekinator,
}

impl<'a> OscUpdate<'a> {
    /// What the lanes stand at; `scores` is where their scores are put, a float for each of the eight known emotions.
    pub fn of(heard: &LaneValues, scores: &'a mut [f32; crate::lanes::SCORES]) -> Self {
        *scores = heard.scores();
        Self {
            scores,
            label: heard.leading().map(Lane::id),
            valence: heard.valence(),
            arousal: heard.arousal(),
            confidence: heard.lane(Lane::Confidence),
            speaking: heard.speaking(),
        }
    }
}

/// Why an update was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OscError {
    /// No packet could be made.
    #[error("OSC: the update cannot be written ({reason})")]
    Encode {
        /// What the library said.
        reason: String,
    },
    /// The place cannot be sent to.
    #[error(
        "OSC to {host}:{port}: {reason}; expected a name or address and a port from 1 to 65535"
    )]
    Target {
        /// Name or address.
        host: String,
        /// UDP port.
        port: u16,
        /// What is wrong.
        reason: String,
    },
    /// The system did not take the packet.
    #[error("OSC to {address}: {reason}")]
    Send {
        /// Where it should have gone.
        address: SocketAddr,
        /// What the system said.
        reason: String,
    },
}

/// An update as the bytes of a packet; `at` is the time tag.
///
/// Real-time safe: no.
///
/// # Errors
/// [`OscError::Encode`] if `at` lies before 1900 or after 2036, which OSC's time cannot say.
pub fn encode(update: &OscUpdate<'_>, form: OscForm, at: SystemTime) -> Result<Vec<u8>, OscError> {
    let failed = |reason: String| OscError::Encode { reason };
    let packet = match form {
        OscForm::Undersong => OscPacket::Bundle(OscBundle {
            timetag: OscTime::try_from(at).map_err(|error| failed(error.to_string()))?,
            content: messages(update)
                .into_iter()
                .map(OscPacket::Message)
                .collect(),
        }),
        OscForm::Wekinator => OscPacket::Message(message("/wek/inputs", inputs(update))),
    };
    encoder::encode(&packet).map_err(|error| failed(error.to_string()))
}

fn message(address: &str, args: Vec<OscType>) -> OscMessage {
    OscMessage {
        addr: address.to_owned(),
        args,
    }
}

fn floats(values: &[f32]) -> impl Iterator<Item = OscType> {
    values.iter().copied().map(OscType::Float)
}

fn affect(update: &OscUpdate<'_>) -> [f32; 3] {
    [update.valence, update.arousal, update.confidence]
}

fn messages(update: &OscUpdate<'_>) -> [OscMessage; 4] {
    let label = match update.label {
        Some(label) => (label, update.confidence),
        None => ("", 0.0),
    };
    [
        message("/undersong/scores", floats(update.scores).collect()),
        message(
            "/undersong/label",
            vec![OscType::String(label.0.to_owned()), OscType::Float(label.1)],
        ),
        message("/undersong/affect", floats(&affect(update)).collect()),
        message(
            "/undersong/speech",
            vec![OscType::Int(update.speaking.into())],
        ),
    ]
}

fn inputs(update: &OscUpdate<'_>) -> Vec<OscType> {
    let speech = [if update.speaking { 1.0 } else { 0.0 }];
    floats(update.scores)
        .chain(floats(&affect(update)))
        .chain(floats(&speech))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPDATE: OscUpdate<'_> = OscUpdate {
        scores: &[0.25, 0.75],
        label: Some("happy"),
        valence: -0.5,
        arousal: 0.5,
        confidence: 0.75,
        speaking: true,
    };

    #[test]
    fn an_update_is_one_bundle_with_its_time_and_four_messages() {
        let at = SystemTime::now();
        let bytes = encode(&UPDATE, OscForm::Undersong, at).unwrap();
        let (rest, packet) = rosc::decoder::decode_udp(&bytes).unwrap();
        assert!(rest.is_empty());
        let OscPacket::Bundle(bundle) = packet else {
            panic!("{packet:?}");
        };
        assert_eq!(bundle.timetag, OscTime::try_from(at).unwrap());
        let messages = bundle
            .content
            .into_iter()
            .map(|packet| match packet {
                OscPacket::Message(message) => (message.addr, message.args),
                OscPacket::Bundle(_) => panic!("a bundle in a bundle"),
            })
            .collect::<Vec<_>>();
        use OscType::{Float, Int, String};
        assert_eq!(
            messages,
            [
                (
                    "/undersong/scores".to_owned(),
                    vec![Float(0.25), Float(0.75)]
                ),
                (
                    "/undersong/label".to_owned(),
                    vec![String("happy".to_owned()), Float(0.75)]
                ),
                (
                    "/undersong/affect".to_owned(),
                    vec![Float(-0.5), Float(0.5), Float(0.75)]
                ),
                ("/undersong/speech".to_owned(), vec![Int(1)]),
            ]
        );
    }

    #[test]
    fn wekinator_gets_one_message_of_floats() {
        let bytes = encode(&UPDATE, OscForm::Wekinator, SystemTime::now()).unwrap();
        let (_, packet) = rosc::decoder::decode_udp(&bytes).unwrap();
        let OscPacket::Message(message) = packet else {
            panic!("{packet:?}");
        };
        assert_eq!(message.addr, "/wek/inputs");
        let values = [0.25, 0.75, -0.5, 0.5, 0.75, 1.0];
        assert_eq!(message.args, values.map(OscType::Float));
    }
}
