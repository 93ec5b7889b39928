// Prints code: a function's own text without its frame, comments and strings set apart.

const TOKENS = {
  js: /(?<comment>\/\/.*)|(?<string>'[^'\n]*'|"[^"\n]*"|`[^`]*`)/g,
  // A single quote begins a lifetime there.
  rust: /(?<comment>\/\/.*)|(?<string>"[^"\n]*")/g,
};

/** The body of a function without parameters, at the left margin. */
export function bodyOf(fn) {
  const text = String(fn);
  return dedent(text.slice(text.indexOf('{') + 1, text.lastIndexOf('}')));
}

export function dedent(text) {
  const lines = text.replace(/^\s*\n|\s+$/g, '').split('\n');
  const margin = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(margin)).join('\n');
}

/** Every line is a block of its own, so that what does not fit hangs under the line that it belongs to. */
export function print(into, text, language = 'js') {
  into.replaceChildren(
    ...text.split('\n').map((line) => {
      const block = piece('line', '');
      block.style.setProperty('--indent', line.search(/\S|$/));
      block.append(...coloured(line, TOKENS[language]), '\n');
      return block;
    }),
  );
}

function coloured(line, tokens) {
  const parts = [];
  let at = 0;
  for (const { index, 0: token, groups } of line.matchAll(tokens)) {
    parts.push(line.slice(at, index), piece(groups.comment ? 'comment' : 'string', token));
    at = index + token.length;
  }
  return [...parts, line.slice(at)];
}

function piece(kind, text) {
  const span = document.createElement('span');
  span.className = kind;
  span.textContent = text;
  return span;
}
