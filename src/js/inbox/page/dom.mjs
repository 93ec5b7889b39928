// @ts-check
// Building blocks. What the page shows is a stranger's: it goes in as text and becomes no markup, no link, no style.

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} tag @param {Record<string, any> | null} [props] @param {...(Node | string | null | undefined | false)} children */
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name === 'class') node.className = value;
    else if (name === 'on') for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== undefined && value !== false && value !== null) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false).map(asNode));
  return node;
}
/** @param {any} child */
const asNode = (child) => (child instanceof Node ? child : document.createTextNode(String(child)));

/** @param {unknown} value */
export function plain(value) {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value, null, 2) ?? '';
  } catch {
    return '(nested too deeply to show)';
  }
}
/** @param {unknown} value @returns {value is Record<string, any>} */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @param {unknown} value @returns {any[]} */
export const listOf = (value) => (Array.isArray(value) ? value : []);

/** @param {() => string | Promise<string>} text @param {string} [label] */
export function copyButton(text, label = 'Copy') {
  const button = el('button', { type: 'button', class: 'quiet' }, label);
  button.addEventListener('click', async () => {
    const done = await copy(await text());
    button.textContent = done ? 'Copied' : 'Could not copy';
    setTimeout(() => (button.textContent = label), 1500);
  });
  return button;
}

/** A frame in someone else's page may not use the clipboard API; the old way works there. @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = /** @type {HTMLTextAreaElement} */ (el('textarea', { class: 'unseen', 'aria-hidden': 'true' }));
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
