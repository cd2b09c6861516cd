// Numbers and names as people read them, and small elements.

export const make = (name, className, text) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
export const button = (className, text, title) => {
  const element = make("button", className, text);
  element.type = "button";
  if (title) element.title = title;
  return element;
};
export const by = (id) => document.getElementById(id);

export const percent = (share) => `${Math.round(share * 100)}\u00a0%`;

export function signed(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return (+text === 0 ? "" : value < 0 ? "−" : "+") + text;
}

export const minus = (value, digits = 1) => value.toFixed(digits).replace("-", "−");

export function clock(seconds, digits = 1) {
  const factor = 10 ** digits;
  const parts = Math.round(Math.max(seconds, 0) * factor);
  const whole = Math.floor(parts / factor);
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  const rest = (whole % 60 + (parts % factor) / factor).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

export const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

// Each emotion's letter, which tells it without its colour: the first of its name that no other has.
export function letters(names) {
  const taken = new Set();
  return names.map((name) => {
    const letter = [...name.toUpperCase(), ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"].find((it) => /[\p{L}\p{N}]/u.test(it) && !taken.has(it)) ?? "?";
    taken.add(letter);
    return letter;
  });
}

// Black or white, whichever is read more easily on a colour (WCAG's contrast).
export function inkOn(colour) {
  const channel = (at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const light = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#111" : "#fff";
}

export function badge(emotion) {
  const element = make("i", "badge", emotion.letter);
  element.style.background = emotion.colour;
  element.style.color = emotion.ink;
  return element;
}
