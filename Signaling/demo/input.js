// Keyboard and pointer, as a direction and a place to go to. Keys are ignored while one types.

const DIRECTIONS = {
  KeyW: [0, -1], ArrowUp: [0, -1],
  KeyS: [0, 1], ArrowDown: [0, 1],
  KeyA: [-1, 0], ArrowLeft: [-1, 0],
  KeyD: [1, 0], ArrowRight: [1, 0],
};

export class Input {
  #held = new Set();
  target = null; // in world units; set by pointer or touch

  /** `toWorld(x, y)` turns a point of the window into a place in the world. */
  constructor(canvas, { toWorld, onRipple, onChat }) {
    addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const where = document.activeElement;
      if (where?.matches('input, [role=log], ul')) return;
      if (DIRECTIONS[event.code]) {
        this.#held.add(event.code);
        this.target = null;
        event.preventDefault();
      } else if (!where?.matches('button') && !event.repeat && (event.code === 'Space' || event.code === 'Enter')) {
        event.preventDefault();
        (event.code === 'Space' ? onRipple : onChat)();
      }
    });
    addEventListener('keyup', (event) => this.#held.delete(event.code));
    addEventListener('blur', () => this.#held.clear());
    document.addEventListener('focusin', () => this.#held.clear());

    const go = (event) => { this.target = toWorld(event.clientX, event.clientY); };
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || !event.isPrimary) return;
      canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (event.isPrimary && canvas.hasPointerCapture(event.pointerId)) go(event);
    });
  }

  /** The direction of the held keys, of length 0 or 1. */
  get steer() {
    let x = 0;
    let y = 0;
    for (const code of this.#held) {
      x += DIRECTIONS[code][0];
      y += DIRECTIONS[code][1];
    }
    const length = Math.hypot(x, y) || 1;
    return { x: x / length, y: y / length };
  }
}
