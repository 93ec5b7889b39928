// The way of a user's words through the whole house: typed into the report dialog, sent by the module, tied to the event.
import assert from 'node:assert/strict';
import { expectContains } from '../lib/expect.mjs';
import { until } from '../lib/process.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const part = (selector) => `tailcone-report-dialog >>> ${selector}`;
const submit = part('button[type=submit]');
const success = 'Your feedback has been sent. Thank you!';
const failure = 'An unknown error occurred while submitting your report. Please try again.';

/** Opens the dialog about an error that was just captured; gives the page and the error's event id. */
async function asked({ open, inbox }, before = () => {}) {
  const page = await open('/pages/plain.html');
  await page.evaluate((dsn) => void start({ dsn }), inbox.dsn);
  await page.evaluate(before);
  const event = await page.evaluate(() => {
    const id = tailcone.captureException(new Error('planned'));
    globalThis.dialogClosed = false;
    tailcone.showReportDialog().then(() => (globalThis.dialogClosed = true));
    return id;
  });
  await page.waitForSelector(submit);
  return { page, event };
}

const status = (page) => page.$eval(part('[role=status]'), (node) => node.textContent);
const said = (page, text) => until(async () => (await status(page)) === text, `the dialog to say “${text}”`);

forEachBrowser('feedback', (test) => {
  test('what is typed into the dialog arrives as feedback about the last event', async (w) => {
    const { page, event } = await asked(w);
    await w.inbox.waitFor({ event_id: event });
    await page.focus(part('#name'));
    await page.keyboard.type('Ann Example');
    await page.keyboard.press('Tab');
    await page.keyboard.type('ann@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('I clicked “Pay” & it broke <b>.');
    await page.click(submit);
    await said(page, success);

    const { payload } = await w.inbox.waitFor({ type: 'feedback' });
    expectContains(payload.contexts.feedback, {
      message: 'I clicked “Pay” & it broke <b>.',
      name: 'Ann Example',
      contact_email: 'ann@example.com',
      associated_event_id: event,
      url: `${w.site.url}/pages/plain.html`,
      source: 'report-dialog',
    });
    assert.equal(payload.exception, undefined);
    await page.keyboard.press('Escape');
    await until(() => page.evaluate(() => globalThis.dialogClosed), 'the dialog to close');
    assert.equal((await w.inbox.items({ type: 'feedback' })).length, 1);
  });

  test('the form is filled with the scope\'s user', async (w) => {
    const { page } = await asked(w, () => tailcone.setUser({ username: 'ben', email: 'ben@example.com' }));
    const values = await Promise.all(['#name', '#email'].map((id) => page.$eval(part(id), (input) => input.value)));
    assert.deepEqual(values, ['ben', 'ben@example.com']);
    await page.focus(part('#comments'));
    await page.keyboard.type('It broke.');
    await page.click(submit);
    const { payload } = await w.inbox.waitFor({ type: 'feedback' });
    expectContains(payload.contexts.feedback, { name: 'ben', contact_email: 'ben@example.com', message: 'It broke.' });
  });

  test('after a server error the dialog says so, keeps the words, and sends them when asked again', async (w) => {
    const { page, event } = await asked(w);
    await w.inbox.waitFor({ event_id: event });
    await w.inbox.behaviour({ status: 500 });
    await page.focus(part('#comments'));
    await page.keyboard.type('It broke twice.');
    await page.click(submit);
    await said(page, failure);
    assert.equal(await page.$eval(part('#comments'), (input) => input.value), 'It broke twice.');

    await w.inbox.behaviour({});
    await w.inbox.clear();
    await page.click(submit);
    await said(page, success);
    const { payload } = await w.inbox.waitFor({ type: 'feedback' });
    expectContains(payload.contexts.feedback, { message: 'It broke twice.', associated_event_id: event });
  });

  test('where the module cannot run, the words arrive by the fallback sender', async (w) => {
    w.site.rule(/\.wasm$/, { status: 404 });
    const { page, event } = await asked(w);
    await page.focus(part('#comments'));
    await page.keyboard.type('It broke without wasm.');
    await page.click(submit);
    await said(page, success);
    const { payload } = await w.inbox.waitFor({ type: 'feedback' });
    expectContains(payload.contexts, {
      feedback: { message: 'It broke without wasm.', associated_event_id: event },
      sdk: { fallback: 'wasm_unavailable' },
    });
  });
});
