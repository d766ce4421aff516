// The one sound of the client: two soft tones, made by the browser, so that there is no file to load.

const tones = [
  { hertz: 587.33, atSeconds: 0 },
  { hertz: 880, atSeconds: 0.09 },
] as const;
const lastsSeconds = 0.32;
const loudness = 0.09;
/** A browser that allows no sound yet never comes to its end. */
const mostMs = 3000;

/** Silent where the browser has no sound, or does not allow it before the first press. */
export function playChime({ AudioContext }: { AudioContext?: typeof globalThis.AudioContext }): void {
  if (!AudioContext) return;
  const context = new AudioContext();
  for (const { hertz, atSeconds } of tones) {
    const from = context.currentTime + atSeconds;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(loudness, from + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + lastsSeconds);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + lastsSeconds);
  }
  setTimeout(() => void context.close(), mostMs);
}
