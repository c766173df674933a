// The person's name: the one they chose before, or a quiet word to begin with.

const KEY = 'torii-name';
const WORDS = ['Heron', 'Maple', 'Cedar', 'Crane', 'Moss', 'Plum', 'Fern', 'Willow', 'Lotus', 'Pine', 'Swift', 'Reed'];

export function chooseName() {
  const fresh = `${WORDS[Math.floor(Math.random() * WORDS.length)]} ${10 + Math.floor(Math.random() * 90)}`;
  try {
    return localStorage.getItem(KEY) || fresh;
  } catch {
    return fresh; // storage may be forbidden
  }
}

export function keepName(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Storage may be forbidden: the name then lasts as long as the page.
  }
  return name;
}
