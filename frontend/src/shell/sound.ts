/**
 * The notification sound: two soft notes, made on the spot so that there is no file to load. It stays silent where
 * the browser has not yet allowed sound (before the first click or key).
 */
let context: AudioContext | null = null;

export function playNotification(): void {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  const audio = context;
  if (audio.state === "suspended") void audio.resume().catch(() => {});
  const begin = audio.currentTime + 0.01;
  note(audio, 659.25, begin, 0.16);
  note(audio, 880, begin + 0.11, 0.26);
}

function note(audio: AudioContext, frequency: number, at: number, seconds: number): void {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.type = "sine";
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.12, at + 0.012);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + seconds + 0.02);
}
