// What a scene makes of scores: light and music. Pure, so that the server, the page and the check share it.

export const EMOTIONS = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

// The colours of the report and the plugin (core/src/timeline/colours.rs).
export const COLOURS = {
  neutral: 0xbbbbbb, calm: 0x56b4e9, happy: 0xf0e442, sad: 0x0072b2, angry: 0xd55e00, fearful: 0xcc79a7, disgust: 0x009e73, surprised: 0xe69f00,
};

// Before anything is heard.
export function nothing() {
  return { scores: EMOTIONS.map(() => 0), label: "", confidence: 0, valence: 0, arousal: 0, speaking: false, updates: 0 };
}

// Takes one message into what is known. What is no number is left out, as any middleware wants it.
export function take(known, address, values) {
  const sound = (value) => typeof value === "number" && Number.isFinite(value);
  if (address === "/undersong/scores" && values.length === EMOTIONS.length && values.every(sound)) {
    known.scores = values.map((value) => Math.min(1, Math.max(0, value)));
    known.updates += 1;
  } else if (address === "/undersong/label" && typeof values[0] === "string" && sound(values[1])) {
    [known.label, known.confidence] = values;
  } else if (address === "/undersong/affect" && values.length >= 2 && values.slice(0, 2).every(sound)) {
    [known.valence, known.arousal] = values;
  } else if (address === "/undersong/speech" && sound(values[0])) {
    known.speaking = values[0] !== 0;
  }
}

// The light: the emotions' colours, mixed by the squares of their scores so that the leading one is seen; bright when somebody speaks.
export function light({ scores, arousal, speaking }) {
  const weights = scores.map((score) => score * score);
  const sum = weights.reduce((a, b) => a + b, 0);
  const mix = (shift) => {
    if (sum === 0) return 0xbb;
    return weights.reduce((all, weight, index) => all + weight * ((COLOURS[EMOTIONS[index]] >> shift) & 255), 0) / sum;
  };
  const brightness = (speaking ? 0.75 : 0.3) + 0.25 * Math.max(0, arousal);
  return { red: mix(16), green: mix(8), blue: mix(0), brightness };
}

// The music: pleasant is major, excited is fast, bright and loud.
export function music({ valence, arousal, speaking }) {
  return {
    major: valence >= 0,
    beats_per_minute: 66 + 54 * (arousal + 1) / 2,
    cutoff_hz: 300 * 2 ** (2.5 * (arousal + 1)),
    gain: speaking ? 0.5 : 0.25,
  };
}
