// The dialog's elements, built node by node: no text ever goes through a parser.

import { dress } from './style.js';
import { languageOf, placeholder, type Texts } from './texts.js';
import type { ReportDialogOptions } from '../types.js';

export interface Field {
  input_: HTMLInputElement | HTMLTextAreaElement;
  error_: HTMLElement;
}

export interface View {
  host_: HTMLElement;
  dialog_: HTMLDialogElement;
  form_: HTMLFormElement;
  /** Name, email, comments. */
  fields_: [Field, Field, Field];
  status_: HTMLElement;
  close_: HTMLButtonElement;
  submit_: HTMLButtonElement;
  /** What the success message takes the place of. */
  asking_: HTMLElement[];
}

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(name);
  assign(node, attributes);
  node.append(...children);
  return node;
}

export function assign(node: Element, attributes: Record<string, string>): void {
  for (const key in attributes) node.setAttribute(key, attributes[key]!);
}

export function build(options: ReportDialogOptions, texts: Texts): View {
  const rows = make('div', { class: 'fields' });
  const field = (
    kind: 'input' | 'textarea',
    label: 'labelName' | 'labelEmail' | 'labelComments',
    hint: string,
    attributes: Record<string, string>,
  ): Field => {
    const id = attributes['name']!;
    // Filled with the browser's own words for what is wrong, hence its language.
    const error_ = make('p', { id: `${id}-error`, lang: navigator.language, dir: 'auto' });
    const input_ = make(kind, {
      id,
      placeholder: placeholder(texts, label, hint),
      'aria-describedby': error_.id,
      ...attributes,
    });
    const caption = make('label', { for: id }, texts[label]);
    if (input_.required) caption.append(make('span', { 'aria-hidden': 'true' }, ' *'));
    rows.append(make('div', {}, caption, input_, error_));
    return { input_, error_ };
  };
  const fields_: View['fields_'] = [
    field('input', 'labelName', 'Jane Bloggs', { name: 'name', autocomplete: 'name', maxlength: '254' }),
    field('input', 'labelEmail', 'jane@example.com', {
      name: 'email',
      autocomplete: 'email',
      maxlength: '254',
      type: 'email',
    }),
    field('textarea', 'labelComments', "I clicked on 'X' and then hit 'Confirm'", {
      name: 'comments',
      rows: '4',
      required: '',
    }),
  ];

  const title = make('h2', { id: 'title' }, texts.title);
  const subtitle = make('p', { id: 'subtitle' }, `${texts.subtitle} ${texts.subtitle2}`.trim());
  const status_ = make('p', { id: 'status', role: 'status', 'aria-live': 'polite' });
  const close_ = make('button', { type: 'button' }, texts.labelClose);
  const submit_ = make('button', { type: 'submit' }, texts.labelSubmit);
  const actions = make('div', { class: 'actions' }, close_, submit_);
  const form_ = make('form', { novalidate: '' }, rows, status_, actions);
  const dialog_ = make(
    'dialog',
    { 'aria-labelledby': 'title', 'aria-describedby': 'subtitle' },
    title,
    subtitle,
    form_,
  );
  const language = languageOf(options);
  if (language) [dialog_.lang, dialog_.dir] = language;

  const host_ = document.createElement('tailcone-report-dialog');
  const root = host_.attachShadow({ mode: 'open' });
  dress(root);
  root.append(dialog_);
  // From outside, the event's target is no text field: the page's keyboard shortcuts and paste handlers would take
  // what is typed here for theirs.
  for (const type of ['keydown', 'keypress', 'keyup', 'cut', 'copy', 'paste']) {
    host_.addEventListener(type, (event) => event.stopPropagation());
  }
  return { host_, dialog_, form_, fields_, status_, close_, submit_, asking_: [title, subtitle, rows, submit_] };
}
