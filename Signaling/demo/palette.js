// The style sheet's colours, for the canvases. Read again when the colour scheme changes.

const NAMES = [
  'sky', 'far', 'water', 'line', 'disc', 'glow', 'ink', 'soft', 'halo', 'edge', 'accent', 'state', 'sequenced', 'reliable',
];

export const palette = {};

function read() {
  const style = getComputedStyle(document.documentElement);
  for (const name of NAMES) palette[name] = style.getPropertyValue(`--${name}`).trim();
  palette.lineStrength = Number(style.getPropertyValue('--line-strength'));
  palette.discStrength = Number(style.getPropertyValue('--disc-strength'));
  palette.sans = style.getPropertyValue('--sans').trim();
  const lightness = style.getPropertyValue('--body-lightness').trim();
  palette.body = (hue, alpha = 1) => `hsl(${hue} 65% ${lightness} / ${alpha})`;
}

read();
matchMedia('(prefers-color-scheme: light)').addEventListener('change', read);

const stillness = matchMedia('(prefers-reduced-motion: reduce)');
let still = stillness.matches;
stillness.addEventListener('change', () => { still = stillness.matches; });

/** Whether the person asked for less motion. */
export const lessMotion = () => still;
