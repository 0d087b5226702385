// A chime and a voice for each call, one after the other. No files: the chime is two tones, the voice is the browser's.

// Calls that wait to be spoken. When more come, the oldest are left out: their numbers stand on the board.
const WAITING = 6;
const TONES = [
  { hz: 784, at: 0 },
  { hz: 587, at: 0.35 },
];
const CHIME_S = 1.1;
const TIMES_SPOKEN = 2;
const VOICE_OF = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", en: "en-US" };
const VOICE_MOST_MS = 15000; // some browsers never say that they have ended

const AudioContext = globalThis.AudioContext;
let audio = null;
const queue = [];
let isSpeaking = false;

// Browsers are silent until somebody touches the page, unless the kiosk is told otherwise; then `button` asks for it.
export function offerSound(button) {
  if (!AudioContext) return;
  audio = new AudioContext();
  const show = () => (button.hidden = audio.state === "running");
  audio.addEventListener("statechange", show);
  button.addEventListener("click", () => audio.resume());
  show();
}

export function announce(text, language) {
  queue.push({ text, language });
  if (queue.length > WAITING) queue.shift();
  if (!isSpeaking) speakAll();
}

async function speakAll() {
  isSpeaking = true;
  while (queue.length) {
    const { text, language } = queue.shift();
    await chime();
    for (let time = 0; time < TIMES_SPOKEN; time++) await speak(text, language);
  }
  isSpeaking = false;
}

async function chime() {
  if (audio?.state !== "running") return;
  for (const { hz, at } of TONES) tone(hz, audio.currentTime + at);
  await new Promise((done) => setTimeout(done, CHIME_S * 1000));
}

function tone(hz, at) {
  const source = audio.createOscillator();
  const volume = audio.createGain();
  source.frequency.value = hz;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
  source.connect(volume).connect(audio.destination);
  source.start(at);
  source.stop(at + 0.75);
}

function speak(text, language) {
  if (!globalThis.speechSynthesis) return Promise.resolve();
  return new Promise((done) => {
    // Letters and digits apart: "A012" is to be heard as A, 0, 1, 2 and not as a word.
    const spoken = new SpeechSynthesisUtterance(text.replace(/[A-Z]*\d+/g, (number) => ` ${[...number].join(" ")} `));
    spoken.lang = VOICE_OF[language];
    spoken.rate = 0.9;
    spoken.onend = spoken.onerror = done;
    setTimeout(done, VOICE_MOST_MS);
    speechSynthesis.speak(spoken);
  });
}
