// What the parts of the page are made of. Data becomes text, never markup.

const FAREWELL_MILLIS = 1200; // how long a row that has gone can still be seen

export const byId = id => document.getElementById(id);
export const seconds = millis => (millis / 1000).toFixed(1) + ' s';

export function element(name, className = '', text = '') {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = text;
  return node;
}

/** Sets a text if it is another one: what has role=status is read aloud at each change. */
export function say(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** A row: what it is, a line below it, how old it is. */
export function row(title) {
  const item = element('li');
  const line = element('div', 'line');
  const what = element('div', 'what');
  what.append(title, element('small'));
  line.append(what, element('time'));
  item.append(line);
  return item;
}

export function describe(item, below, age) {
  say(item.querySelector('small'), below);
  say(item.querySelector('time'), age);
}

/** A bar that shows which part of something is left, from 0 to 1; the text beside it says so in figures. */
export function bar() {
  const node = element('div', 'bar');
  node.setAttribute('aria-hidden', 'true');
  node.append(element('span'));
  return node;
}

export function fill(node, part) {
  node.style.setProperty('--part', Math.min(1, Math.max(0, part)).toFixed(4));
}

/**
 * Makes a list show these things: rows stay as long as what they stand for, so that bars shrink smoothly; those of
 * what has gone are struck out, and leave a little later.
 */
export function show(list, things, key, create, update) {
  const rows = new Map([...list.children].filter(item => !item.ended).map(item => [item.key, item]));
  const taken = new Set();
  for (const thing of things) {
    let id = key(thing) + '';
    while (taken.has(id)) {
      id += "'"; // a namesake
    }
    taken.add(id);
    let item = rows.get(id);
    if (!item) {
      item = create(thing);
      item.key = id;
    }
    update(item, thing);
    if (!rows.delete(id)) {
      list.append(item);
    }
  }
  for (const item of rows.values()) {
    item.ended = true;
    item.classList.add('gone');
    item.setAttribute('aria-hidden', 'true');
    setTimeout(() => item.remove(), FAREWELL_MILLIS);
  }
}
