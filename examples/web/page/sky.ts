// Draws the hours of the day: sun or moon on its way across the sky, and a mark for each hour that has come.

/** The hours of a day, and the greetings of a stream. */
export const HOURS = 24;

const WIDTH = 480;
const HORIZON = 168;
const HEIGHT = 200;

/** Top and bottom of the sky at some hours; the hours between are mixtures. */
const SKIES: readonly [hour: number, top: number[], bottom: number[]][] = [
  [0, [11, 16, 38], [28, 38, 78]],
  [5, [24, 32, 72], [86, 74, 120]],
  [7, [96, 140, 206], [255, 190, 140]],
  [10, [70, 148, 226], [186, 224, 250]],
  [15, [62, 140, 222], [190, 226, 250]],
  [18, [72, 96, 170], [255, 176, 112]],
  [20, [30, 38, 86], [150, 84, 112]],
  [22, [13, 18, 44], [32, 40, 84]],
  [24, [11, 16, 38], [28, 38, 78]],
];

/** The same stars every night: position and size. */
const STARS = Array.from({ length: 42 }, (_, index) => ({
  x: scattered(index, 12.9898) * WIDTH,
  y: 6 + scattered(index, 78.233) * (HORIZON - 40),
  size: 0.5 + scattered(index, 39.425) ** 3 * 1.1,
}));

/** A number from 0 to 1 that looks random. */
function scattered(index: number, seed: number): number {
  const value = Math.sin((index + 1) * seed) * 43_758.5453;
  return value - Math.floor(value);
}

/** Draws the sky at an hour, from 0 to 23. */
export function drawHour(hour: number): void {
  const sky = document.getElementById("sky");
  if (sky === null) return;
  const [top, bottom] = colorsAt(hour);
  const isDay = hour >= 6 && hour < 20;
  // Over the horizon from 6 to 20; the moon has the other hours.
  const way = isDay ? (hour - 6) / 14 : ((hour + 4) % 24) / 10;
  const [x, y] = [36 + way * (WIDTH - 72), HORIZON - 8 - Math.sin(way * Math.PI) * 128];
  sky.innerHTML = `
    <defs>
      <linearGradient id="air" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="${top}" /><stop offset="1" stop-color="${bottom}" />
      </linearGradient>
      <radialGradient id="glow"><stop offset="0" stop-color="#fff6d6" stop-opacity="0.85" />
        <stop offset="1" stop-color="#fff6d6" stop-opacity="0" /></radialGradient>
    </defs>
    <rect width="${WIDTH}" height="${HEIGHT}" fill="url(#air)" />
    ${isDay ? "" : STARS.map(({ x, y, size }) => `<circle cx="${x}" cy="${y}" r="${size}" fill="#fff" opacity="0.8" />`).join("")}
    <circle cx="${x}" cy="${y}" r="${isDay ? 52 : 34}" fill="url(#glow)" opacity="${isDay ? 0.9 : 0.4}" />
    <circle cx="${x}" cy="${y}" r="${isDay ? 17 : 13}" fill="${isDay ? "#ffe08a" : "#e8ecf8"}" />
    <path d="M0 ${HORIZON - 6} Q 90 ${HORIZON - 34} 190 ${HORIZON - 8} T 360 ${HORIZON - 12} T ${WIDTH} ${HORIZON - 16}
      V ${HEIGHT} H 0 Z" fill="${isDay ? "#4c7a5a" : "#16233a"}" />
    <path d="M0 ${HORIZON + 8} Q 120 ${HORIZON - 12} 250 ${HORIZON + 6} T ${WIDTH} ${HORIZON + 2} V ${HEIGHT} H 0 Z"
      fill="${isDay ? "#3a6449" : "#0f1a2e"}" />
    ${Array.from({ length: HOURS }, (_, at) => mark(at, hour)).join("")}`;
}

function mark(at: number, hour: number): string {
  const isThere = at <= hour;
  return `<rect x="${12 + at * 19.2}" y="${HEIGHT - 12}" width="13" height="4" rx="2" fill="#fff"
    opacity="${isThere ? 0.95 : 0.25}" />`;
}

function colorsAt(hour: number): [top: string, bottom: string] {
  const after = Math.max(
    1,
    SKIES.findIndex(([at]) => at > hour),
  );
  const [from, to] = [SKIES[after - 1], SKIES[after]];
  if (from === undefined || to === undefined) return ["#0b1026", "#1c264e"];
  const share = (hour - from[0]) / (to[0] - from[0]);
  const mixed = (one: number[], other: number[]) =>
    `rgb(${one.map((value, index) => Math.round(value + ((other[index] ?? value) - value) * share)).join(" ")})`;
  return [mixed(from[1], to[1]), mixed(from[2], to[2])];
}
