// The report dialog: asks the person in front of the page what happened, and hands their words to `send`.

import { textsOf } from './dialog/texts.js';
import { assign, build, type Field } from './dialog/view.js';
import type { Feedback, ReportDialogOptions, SendResult } from './types.js';

type Send = (feedback: Feedback) => Promise<SendResult>;

/** What was written and has not got through yet. It outlives the dialog, so that closing it loses nothing. */
interface Draft {
  /** The event it is about and the person the page says it is: another's words are not shown. */
  key_: string;
  values_: string[];
  sending_?: Promise<boolean> | undefined;
}

interface Shown {
  closed_: Promise<void>;
  host_?: HTMLElement;
  finish_?: () => void;
}

const MAX_COMMENTS = 4096;
/** A sender that has not answered by then has failed as far as the person waiting is concerned. */
const PATIENCE_MS = 30_000;

let draft: Draft | undefined;
let shown: Shown | undefined;

/** Opens the dialog; resolves when it has closed. While it is open, a second call follows the first. `known`: the event
 * and the user that it is about unless `options` names others. */
export function open(options: ReportDialogOptions, send: Send, known: ReportDialogOptions = {}): Promise<void> {
  // The page may have thrown it away together with the rest of its body: a removed dialog does not say so.
  if (shown?.host_?.isConnected === false) shown.finish_!();
  return (shown ?? begin(options ?? {}, send, known)).closed_;
}

function begin(options: ReportDialogOptions, send: Send, known: ReportDialogOptions): Shown {
  const mine = (shown = {} as Shown);
  mine.closed_ = new Promise((resolve, reject) => {
    const start = (): void => {
      try {
        show(mine, options, send, known, resolve);
      } catch (error) {
        mine.host_?.remove();
        shown = undefined;
        reject(error);
      }
    };
    if (document.body || document.readyState !== 'loading') start();
    else document.addEventListener('DOMContentLoaded', start, { once: true });
  });
  return mine;
}

function show(
  mine: Shown,
  options: ReportDialogOptions,
  send: Send,
  known: ReportDialogOptions,
  resolve: () => void,
): void {
  const { eventId = known.eventId, user = known.user } = options;
  const texts = textsOf(options);
  const view = build(options, texts);
  const { host_: host, dialog_: dialog, fields_: fields, status_: status, close_: closer, submit_: submit } = view;
  const inputs = fields.map((field) => field.input_);

  const id = string(eventId).replace(/-/g, '').toLowerCase();
  const event = /^[0-9a-f]{32}$/.test(id) ? id : undefined;
  const filled = [string(user?.name), string(user?.email), ''];
  const key_ = JSON.stringify([event, filled]);
  if (draft?.key_ !== key_) draft = { key_, values_: filled };
  const words = draft;
  inputs.forEach((input, i) => (input.value = words.values_[i]!));

  const deliver = async (feedback: Feedback): Promise<boolean> => {
    const patience = new Promise<void>((settle) => setTimeout(settle, PATIENCE_MS));
    try {
      return (await Promise.race([send(feedback), patience]))?.status === 'sent';
    } catch {
      return false;
    }
  };

  const follow = async (sending: Promise<boolean>): Promise<void> => {
    const busy = (on: boolean): void => {
      // Not `disabled`: that would take the keyboard's focus off the button that was just pressed.
      assign(submit, { 'aria-busy': `${on}`, 'aria-disabled': `${on}` });
      for (const input of inputs) input.readOnly = on;
    };
    words.sending_ = sending;
    status.textContent = '';
    busy(true);
    const sent = await sending;
    words.sending_ = undefined;
    busy(false);
    status.textContent = sent ? texts.successMessage : texts.errorGeneric;
    if (!sent) return;
    if (draft === words) draft = undefined;
    for (const node of view.asking_) node.remove();
    dialog.classList.add('done');
    assign(dialog, { 'aria-labelledby': status.id, 'aria-describedby': '' });
    closer.focus();
  };

  const attempt = (cause: Event): void => {
    cause.preventDefault();
    if (words.sending_) return;
    const [bad] = fields.filter((field) => isWrong(field, texts.errorFormEntry));
    if (bad) {
      status.textContent = texts.errorFormEntry;
      bad.input_.focus();
      return;
    }
    const [name, email, message] = inputs.map((input) => input.value.trim());
    void follow(
      deliver({
        message: message!,
        name: name || undefined,
        email: email || undefined,
        url: location.href,
        associatedEventId: event,
        source: 'report-dialog',
      }),
    );
  };

  let modal = true;
  const close = (): void => (modal ? dialog.close() : finish());
  const before = document.activeElement as HTMLElement | null;
  const finish = (): void => {
    if (shown !== mine) return;
    shown = undefined;
    words.values_ = inputs.map((input) => input.value);
    // A modal dialog has given the focus back by itself.
    if (document.activeElement === host) before?.focus?.({ preventScroll: true });
    host.remove();
    tell(options.onClose);
    resolve();
  };

  // A press on the button and Enter in a field both click it, also where a sandboxed frame forbids to submit forms.
  submit.onclick = view.form_.onsubmit = attempt;
  closer.onclick = close;
  dialog.onclose = finish;
  view.form_.oninput = ({ target }) => {
    const field = fields.find(({ input_ }) => input_ === target && input_.hasAttribute('aria-invalid'));
    if (field && !isWrong(field, texts.errorFormEntry) && !view.form_.querySelector('[aria-invalid]')) {
      status.textContent = '';
    }
  };
  dialog.onkeydown = (press) => {
    if (press.isComposing) return;
    if (press.key === 'Enter' && (press.ctrlKey || press.metaKey) && press.target === inputs[2]) attempt(press);
    if (modal) return;
    if (press.key === 'Escape') close();
    if (press.key === 'Tab') {
      const stops = [...dialog.querySelectorAll<HTMLElement>('input,textarea,button')];
      if (press.shiftKey) stops.reverse();
      if (press.target === stops[stops.length - 1]) {
        press.preventDefault();
        stops[0]!.focus();
      }
    }
  };

  mine.host_ = host;
  mine.finish_ = finish;
  (document.body ?? document.documentElement).append(host);
  try {
    dialog.showModal();
  } catch {
    // An engine without modal dialogs: the same by hand, as far as that goes.
    modal = false;
    dialog.className = 'plain';
    assign(dialog, { open: '', role: 'dialog', 'aria-modal': 'true' });
  }
  (inputs.find((input) => !input.value) ?? inputs[2]!).focus();
  if (words.sending_) void follow(words.sending_);
  tell(options.onLoad);
}

/** Says beside the field what is wrong with it, in the browser's own words where it has some; false: nothing is. */
function isWrong({ input_: input, error_: error }: Field, otherwise: string): boolean {
  const text = input.value.trim();
  if (!text) input.value = '';
  let problem = '';
  if (text ? input.type === 'email' && !/^[^\s@]+@[^\s@]+$/.test(text) : input.required) {
    problem = input.validationMessage || otherwise;
  } else if (input.type === 'textarea' && text.length > MAX_COMMENTS) {
    problem = `${text.length} / ${MAX_COMMENTS}`;
  }
  error.textContent = problem;
  if (problem) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
  return !!problem;
}

/** As much of it as the fields take. */
const string = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 254) : '');

/** Calls back into the page, whose mistakes must not become the dialog's. */
function tell(callback: unknown): void {
  try {
    if (typeof callback === 'function') callback();
  } catch (error) {
    console.error(error);
  }
}
