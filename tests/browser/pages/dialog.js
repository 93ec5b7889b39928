// Drives the dialog alone: the test plays the sender, and sees what a person would see.
import { open } from '/dist/dialog.js';

window.sent = [];
window.calls = [];
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});

/** What the sender does next: 'sent', 'failed', 'reject', 'throw', 'hold' (until `settle(status)`). */
window.answer = 'sent';
const send = (feedback) => {
  window.sent.push(feedback);
  if (window.answer === 'throw') throw new Error('the sender threw');
  if (window.answer === 'reject') return Promise.reject(new Error('the sender rejected'));
  if (window.answer === 'hold') return new Promise((resolve) => (window.settle = (status) => resolve({ status })));
  return Promise.resolve({ status: window.answer });
};

window.host = () => document.querySelector('tailcone-report-dialog');
window.part = (selector) => window.host()?.shadowRoot.querySelector(selector);

/** Opens it with callbacks that note that they were called, or that throw after that. */
window.show = (options = {}, { careless = false } = {}) => {
  const note = (what) => () => {
    window.calls.push(what);
    if (careless) throw new Error(`careless ${what}`);
  };
  const closed = open({ onLoad: note('load'), onClose: note('close'), ...options }, send);
  closed.then(() => window.calls.push('closed'));
  window.promises = [...(window.promises ?? []), closed];
};

window.fill = (values) => {
  for (const [id, value] of Object.entries(values)) {
    window.part(`#${id}`).value = value;
    window.part(`#${id}`).dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  }
};

const fields = ['name', 'email', 'comments'];
window.look = () => {
  const root = window.host()?.shadowRoot;
  if (!root) return { open: false };
  const each = (read) => Object.fromEntries(fields.map((id) => [id, root.getElementById(id) && read(id)]));
  const focused = root.activeElement;
  const dialog = root.querySelector('dialog');
  const submit = root.querySelector('[type=submit]');
  return {
    open: dialog.open,
    title: root.querySelector('h2')?.textContent,
    subtitle: root.querySelector('#subtitle')?.textContent,
    labels: each((id) => root.querySelector(`label[for=${id}]`).firstChild.data),
    placeholders: each((id) => root.getElementById(id).placeholder),
    values: each((id) => root.getElementById(id).value),
    wrong: each((id) => {
      const input = root.getElementById(id);
      const told = root.getElementById(input.getAttribute('aria-describedby')).textContent;
      return input.getAttribute('aria-invalid') === 'true' ? told || 'nothing told' : told;
    }),
    status: root.querySelector('[role=status]').textContent,
    buttons: [...root.querySelectorAll('button')].map((button) => button.textContent),
    busy: submit?.getAttribute('aria-busy') === 'true' && submit.getAttribute('aria-disabled') === 'true',
    focus: focused && (focused.id || focused.textContent),
    lang: dialog.lang,
    dir: dialog.dir,
    elements: root.querySelectorAll('*').length,
  };
};

window.ready = true;
