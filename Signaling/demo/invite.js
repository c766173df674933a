// How another device gets here: the page's address on the network, and the same as a QR code.

import { encode } from './qr.js';

const QUIET = 4; // modules of light around the code (ISO/IEC 18004)
const at = (id) => document.getElementById(id);

export class Invitation {
  #addresses = null;

  constructor() {
    at('invite').addEventListener('click', () => this.#open());
    at('invitation-close').addEventListener('click', () => at('invitation').close());
    at('invitation').addEventListener('click', ({ target, currentTarget }) => {
      if (target === currentTarget) currentTarget.close(); // beside the box
    });
    at('addresses').addEventListener('change', ({ target }) => this.#show(target.value));
  }

  async #open() {
    this.#addresses ??= await reachable();
    at('addresses').replaceChildren(...this.#addresses.map((address) => new Option(address)));
    at('addresses-line').hidden = this.#addresses.length < 2;
    this.#show(this.#addresses[0]);
    at('invitation').showModal();
  }

  #show(address) {
    at('invitation-none').hidden = address !== undefined;
    at('invitation-some').hidden = address === undefined;
    if (address === undefined) return;
    at('address').textContent = address;
    at('address').href = address;
    const code = encode(address);
    at('qr').toggleAttribute('hidden', code === null);
    if (code) draw(at('qr'), code, address);
  }
}

/** The page's addresses on other devices, best first. */
async function reachable() {
  // A page that was opened by an address others have, too, need not ask.
  if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname)) return [`${location.origin}/`];
  try {
    const hosts = await (await fetch('hosts.json')).json();
    return hosts.map((host) => `http://${host}:${location.port || 80}/`);
  } catch {
    return [];
  }
}

function draw(svg, { size, isDark }, text) {
  let path = '';
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (isDark(x, y)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
    }
  }
  svg.setAttribute('viewBox', `0 0 ${size + 2 * QUIET} ${size + 2 * QUIET}`);
  svg.setAttribute('aria-label', `QR code of ${text}`);
  svg.querySelector('path').setAttribute('d', path);
}
