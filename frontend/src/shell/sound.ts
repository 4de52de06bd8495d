/** The sounds one can choose from. */
export const SOUNDS = ["twoNotes", "bell", "knock"] as const;
export type SoundName = (typeof SOUNDS)[number];

/** Notes of a sound: frequency in Hz, when it begins and how long it lasts, in seconds. */
const notes: Record<SoundName, { hz: number; at: number; lasts: number; wave?: OscillatorType }[]> = {
  twoNotes: [
    { hz: 659.25, at: 0, lasts: 0.16 },
    { hz: 880, at: 0.11, lasts: 0.26 },
  ],
  bell: [
    { hz: 1046.5, at: 0, lasts: 0.7 },
    { hz: 2093, at: 0, lasts: 0.3 },
  ],
  knock: [
    { hz: 196, at: 0, lasts: 0.09, wave: "triangle" },
    { hz: 185, at: 0.14, lasts: 0.11, wave: "triangle" },
  ],
};

/** How loud the loudest is; more would startle. */
const LOUDEST = 0.24;

let context: AudioContext | null = null;

/**
 * Plays the notification sound: made on the spot, so that there is no file to load. It stays silent where the browser has not
 * yet allowed sound (before the first click or key).
 *
 * @param volume from 0, silent, to 100.
 */
export function playNotification(name: SoundName = "twoNotes", volume = 50): void {
  if (typeof AudioContext === "undefined" || volume <= 0) return;
  context ??= new AudioContext();
  const audio = context;
  if (audio.state === "suspended") void audio.resume().catch(() => {});
  const begin = audio.currentTime + 0.01;
  const peak = (LOUDEST * Math.min(volume, 100)) / 100;
  for (const n of notes[name] ?? notes.twoNotes) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.type = n.wave ?? "sine";
    tone.frequency.value = n.hz;
    gain.gain.setValueAtTime(0, begin + n.at);
    gain.gain.linearRampToValueAtTime(peak, begin + n.at + 0.012);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + n.at + n.lasts);
    tone.connect(gain).connect(audio.destination);
    tone.start(begin + n.at);
    tone.stop(begin + n.at + n.lasts + 0.02);
  }
}
