// The report dialog of the built package, alone in real browsers: the tests play the page and the sender.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { engineMissing, engines, launch, without } from '../lib/browsers.mjs';
import { dist, tests } from '../lib/env.mjs';
import { sleep } from '../lib/process.mjs';
import { serve } from '../lib/serve.mjs';

const built = [join(dist, 'dialog.js'), 'dialog.js of the built package (cargo xtask build)'];

const english = {
  open: true,
  title: "It looks like we're having issues.",
  subtitle: "Our team has been notified. If you'd like to help, tell us what happened below.",
  labels: { name: 'Name', email: 'Email', comments: 'What happened?' },
  placeholders: {
    name: 'Jane Bloggs',
    email: 'jane@example.com',
    comments: "I clicked on 'X' and then hit 'Confirm'",
  },
  values: { name: '', email: '', comments: '' },
  wrong: { name: '', email: '', comments: '' },
  status: '',
  buttons: ['Close', 'Submit Crash Report'],
  busy: false,
  focus: 'name',
  lang: 'en',
  dir: 'ltr',
};
const errorGeneric = 'An unknown error occurred while submitting your report. Please try again.';
const errorFormEntry = 'Some fields were invalid. Please correct the errors and try again.';
const successMessage = 'Your feedback has been sent. Thank you!';

const strictPolicy = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/** The built module as a classic script, since a module that a page's head asks for may come after the body. */
async function classic(file) {
  const module = await readFile(join(dist, file), 'utf8');
  const script = module.replace(/export\s*\{\s*(\w+) as open\s*\}/, 'window.openDialog=$1');
  assert.notEqual(script, module, 'the module exports nothing named open');
  return script;
}

const textOptions = [
  ...['title', 'subtitle', 'subtitle2', 'labelName', 'labelEmail', 'labelComments', 'labelClose', 'labelSubmit'],
  ...['errorGeneric', 'errorFormEntry', 'successMessage', 'lang', 'eventId'],
];

/** Each would do harm in some parser, attribute, style or template; `pwned` is what they would set. */
const hostile = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror=window.pwned=1>',
  '"><img src=x onerror=window.pwned=1>',
  "'><svg onload=window.pwned=1>",
  '</label></form></dialog><script>window.pwned=1</script>',
  '</textarea><script>window.pwned=1</script>',
  '</style><script>window.pwned=1</script>',
  '<style>*{display:none!important}</style>',
  '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
  '<a href="javascript:window.pwned=1">x</a>',
  'javascript:window.pwned=1',
  'data:text/html,<script>window.pwned=1</script>',
  '" autofocus onfocus="window.pwned=1',
  "' onmouseover='window.pwned=1",
  '{{constructor.constructor("window.pwned=1")()}}',
  '${window.pwned=1}',
  '&lt;script&gt;window.pwned=1&lt;/script&gt;',
  '&#60;script&#62;window.pwned=1&#60;/script&#62;',
  '<template shadowrootmode=open><script>window.pwned=1</script></template>',
  '<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1>',
  '<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>',
  '<object data="javascript:window.pwned=1"></object>',
  '\u202e<b>reversed</b>\u2028\u0000',
  '<!--><script>window.pwned=1</script>-->',
];

for (const engine of Object.keys(engines)) {
  describe(`the report dialog, in ${engine}`, { skip: engineMissing(engine, built) }, () => {
    let site;
    let browser;
    let pages = [];

    before(async () => {
      [site, browser] = await Promise.all([
        serve({ '/dist/': dist, '/pages/': join(tests, 'browser/pages'), '/classic/': classic }),
        launch(engine),
      ]);
    });
    after(() => Promise.all([browser?.close(), site?.stop()]));
    afterEach(async () => {
      for (const page of pages) await page.close();
      pages = [];
      site.reset();
    });

    const open = async (path = 'dialog.html', ready = () => window.ready) => {
      const page = await browser.page();
      pages.push(page);
      await page.setViewport({ width: 900, height: 720 });
      await page.goto(`${site.url}/pages/${path}`);
      await until(page, ready);
      return page;
    };
    const show = async (page, options, how) => {
      await page.evaluate((options, how) => window.show(options, how), options, how);
      return look(page);
    };
    const test = (name, ...rest) => {
      const body = rest.pop();
      const [{ except = [] } = {}] = rest;
      if (!except.includes(engine)) it(name, { timeout: 60_000 }, body);
    };

    test('it opens with the well-known texts and says what it is to assistive technology', async () => {
      const page = await open();
      const { elements, ...seen } = await show(page);
      assert.ok(elements > 0);
      assert.deepEqual(seen, english);
      const told = await page.evaluate(() => {
        const dialog = part('dialog');
        const by = (name) => part(`#${dialog.getAttribute(name)}`).textContent;
        const required = [...host().shadowRoot.querySelectorAll(':required')].map(({ id }) => id);
        const inputs = ['name', 'email', 'comments'].map((id) => part(`#${id}`));
        return {
          modal: dialog.matches(':modal'),
          name: by('aria-labelledby'),
          hint: by('aria-describedby'),
          required,
          kinds: inputs.map(({ type, autocomplete }) => `${type} ${autocomplete}`),
          live: part('[role=status]').getAttribute('aria-live'),
        };
      });
      assert.deepEqual(told, {
        modal: true,
        name: english.title,
        hint: english.subtitle,
        required: ['comments'],
        kinds: ['text name', 'email email', 'textarea '],
        live: 'polite',
      });
      assert.deepEqual(await page.evaluate(() => window.calls), ['load']);
    });

    test('every text can be replaced, and the user given is filled in', async () => {
      const page = await open();
      const seen = await show(page, {
        title: 'Das ging schief.',
        subtitle: 'Wir wissen davon.',
        subtitle2: '',
        labelName: 'Ihr Name',
        labelEmail: 'Ihre E-Mail',
        labelComments: 'Was ist passiert?',
        labelClose: 'Schließen',
        labelSubmit: 'Senden',
        errorFormEntry: 'Bitte prüfen.',
        lang: 'de_AT',
        user: { name: 'Ada', email: 'ada@example.org' },
      });
      assert.equal(seen.title, 'Das ging schief.');
      assert.equal(seen.subtitle, 'Wir wissen davon.');
      assert.deepEqual(seen.labels, { name: 'Ihr Name', email: 'Ihre E-Mail', comments: 'Was ist passiert?' });
      assert.deepEqual(seen.placeholders, { name: '', email: '', comments: '' }, 'English ones would not fit');
      assert.deepEqual(seen.buttons, ['Schließen', 'Senden']);
      assert.deepEqual(seen.values, { name: 'Ada', email: 'ada@example.org', comments: '' });
      assert.equal(seen.focus, 'comments', 'the first field that is still empty');
      assert.deepEqual([seen.lang, seen.dir], ['de-AT', 'ltr']);
      await press(page, 'submit');
      assert.equal((await look(page)).status, 'Bitte prüfen.');
    });

    test('values of the wrong type and empty names give way to the defaults', async () => {
      const page = await open();
      await page.evaluate(() => {
        window.show({
          title: 7,
          labelName: null,
          labelClose: '  ',
          labelSubmit: undefined,
          lang: 'not a language',
          user: { name: {}, email: 3n },
          eventId: Symbol('x'),
          onLoad: 'no function',
          onClose: {},
        });
      });
      const { title, labels, buttons, values, dir } = await look(page);
      assert.deepEqual({ title, labels, buttons, values }, pick(english, { title, labels, buttons, values }));
      assert.equal(dir, '', 'texts of unknown language follow the page');
      await page.evaluate(() => part('[type=button]').click());
      await until(page, () => !host());
    });

    test('markup in any text or user field stays text', async () => {
      const page = await open();
      const { elements } = await show(page);
      await close(page);
      const hits = site.hits.length;
      const problems = await page.evaluate(
        async (corpus, options, elements) => {
          const { open } = await import('/dist/dialog.js');
          const problems = [];
          for (const bad of corpus) {
            const texts = Object.fromEntries(options.map((name) => [name, bad]));
            let feedback;
            const closed = open({ ...texts, user: { name: bad, email: bad } }, (given) => {
              feedback = given;
              return Promise.resolve({ status: 'failed' });
            });
            const clean = (text) => text.replace(/\0|\ufffd/g, '');
            const same = (what, text, wanted = bad) => {
              if (clean(text) !== clean(wanted)) problems.push(`${what}: ${text} for ${bad}`);
            };
            if (look().elements !== elements) problems.push(`elements appeared for ${bad}`);
            same('title', look().title);
            same('subtitle', look().subtitle, `${bad} ${bad}`);
            same('label', look().labels.comments);
            same('name', look().values.name);
            for (const button of look().buttons) same('button', button);
            part('[type=submit]').click();
            same('form error', look().status);
            fill({ email: '', comments: bad });
            part('[type=submit]').click();
            await new Promise((done) => setTimeout(done));
            same('send error', look().status);
            same('message', feedback.message, bad.trim());
            if (feedback.associatedEventId !== undefined) problems.push(`took ${bad} for an event id`);
            if (look().elements !== elements) problems.push(`elements appeared later for ${bad}`);
            part('[type=button]').click();
            await closed;
          }
          if (window.pwned) problems.push('a script ran');
          if (document.querySelectorAll('body *').length !== 5) problems.push('elements appeared in the page');
          return problems;
        },
        hostile,
        textOptions,
        elements,
      );
      assert.deepEqual(problems, []);
      await sleep(50);
      assert.equal(await page.evaluate(() => window.pwned), undefined);
      assert.deepEqual(site.hits.slice(hits), [], 'and nothing is requested');
    });

    test('what was written goes to the sender, with the event and the page it is about', async () => {
      const page = await open();
      await show(page, { eventId: 'FC6D8C0C-43FC-4630-AD85-0EE518F1B9D0' });
      await page.evaluate(() => fill({ name: ' Ada ', email: ' ada@example.org', comments: ' It broke.\nTwice. ' }));
      await press(page, 'submit');
      await until(page, () => look().status);
      assert.deepEqual(await page.evaluate(() => window.sent), [
        {
          message: 'It broke.\nTwice.',
          name: 'Ada',
          email: 'ada@example.org',
          url: `${site.url}/pages/dialog.html`,
          associatedEventId: 'fc6d8c0c43fc4630ad850ee518f1b9d0',
          source: 'report-dialog',
        },
      ]);
    });

    test('without an event, a name and an address the report is sent all the same', async () => {
      const page = await open();
      for (const eventId of [undefined, '', 'fc6d8c0c', 'g'.repeat(32), '../../../../../../../../../../abc']) {
        await show(page, { eventId });
        await page.evaluate(() => fill({ comments: 'It broke.' }));
        await press(page, 'submit');
        await until(page, () => look().status);
        await close(page);
      }
      const sent = await page.evaluate(() => window.sent.map((feedback) => JSON.stringify(feedback)));
      const url = `${site.url}/pages/dialog.html`;
      assert.deepEqual(sent, Array(5).fill(JSON.stringify({ message: 'It broke.', url, source: 'report-dialog' })));
    });

    test('comments are required, and the field says so and takes the focus', async () => {
      const page = await open();
      await show(page);
      for (const comments of ['', ' \n ']) {
        await page.evaluate((comments) => fill({ comments }), comments);
        await press(page, 'submit');
        const { wrong, status, focus } = await look(page);
        assert.deepEqual({ status, focus }, { status: errorFormEntry, focus: 'comments' });
        assert.match(wrong.comments, /\w/);
        assert.notEqual(wrong.comments, 'nothing told');
        assert.deepEqual([wrong.name, wrong.email], ['', '']);
      }
      await page.keyboard.type('It');
      const { wrong, status } = await look(page);
      assert.deepEqual({ wrong, status }, { wrong: english.wrong, status: '' }, 'mended, it says nothing any more');
      assert.deepEqual(await page.evaluate(() => window.sent), []);
    });

    test('an address may be missing but not implausible', async () => {
      const page = await open();
      await show(page);
      await page.evaluate(() => (window.answer = 'failed'));
      for (const email of ['jane', '@example.com', 'jane@', 'a b@example.com', 'a@b@c']) {
        await page.evaluate((email) => fill({ email, comments: 'It broke.' }), email);
        await press(page, 'submit');
        const { wrong, focus } = await look(page);
        assert.match(wrong.email, /\w/, email);
        assert.equal(focus, 'email');
      }
      for (const email of ['', 'jane@example.com', 'jörg@example.com', "o'brien+x@sub.example.co.uk"]) {
        await page.evaluate((email) => fill({ email, comments: 'It broke.' }), email);
        await press(page, 'submit');
        await until(page, () => look().status && !look().busy);
        assert.equal((await look(page)).wrong.email, '', email);
      }
      assert.equal(await page.evaluate(() => window.sent.length), 4);
    });

    test('comments of more than 4,096 characters are refused, not cut', async () => {
      const page = await open();
      await show(page);
      await page.evaluate(() => fill({ comments: 'x'.repeat(4100) }));
      await press(page, 'submit');
      const { wrong, values } = await look(page);
      assert.equal(wrong.comments, '4100 / 4096');
      assert.equal(values.comments.length, 4100);
      await page.evaluate(() => fill({ comments: 'x'.repeat(4096) }));
      await press(page, 'submit');
      await until(page, () => look().status);
      assert.equal(await page.evaluate(() => window.sent[0].message.length), 4096);
    });

    test('the keyboard is enough, and never leaves the dialog for the page', async () => {
      const page = await open();
      await page.focus('#opener');
      await show(page);
      const stops = [(await look(page)).focus];
      for (let i = 0; i < 4; i++) {
        await page.keyboard.press('Tab');
        stops.push((await look(page)).focus);
      }
      assert.deepEqual(stops, ['name', 'email', 'comments', 'Close', 'Submit Crash Report']);
      for (let i = 0; i < 12; i++) {
        await page.keyboard.press('Tab');
        const where = await page.evaluate(() => document.activeElement.localName);
        assert.match(where, /^(body|html|tailcone-report-dialog)$/);
      }
      await page.evaluate(() => part('#name').focus());
      await page.keyboard.type('Ada');
      await page.keyboard.press('Tab');
      await page.keyboard.type('ada@example.org');
      await page.keyboard.press('Tab');
      await page.keyboard.type('It broke.');
      await page.keyboard.down('Shift');
      await page.keyboard.press('Tab');
      await page.keyboard.up('Shift');
      assert.equal((await look(page)).focus, 'email');
      await page.keyboard.press('Enter');
      await until(page, () => look().status);
      const { status, focus, buttons } = await look(page);
      assert.deepEqual({ status, focus, buttons }, { status: successMessage, focus: 'Close', buttons: ['Close'] });
      await page.keyboard.press('Enter');
      await until(page, () => !host());
      assert.equal(await page.evaluate(() => document.activeElement.id), 'opener', 'the focus is back where it was');
      const sent = await page.evaluate(() => window.sent.map(({ name, email, message }) => [name, email, message]));
      assert.deepEqual(sent, [['Ada', 'ada@example.org', 'It broke.']]);
    });

    test('Enter writes a line in the comments, Ctrl+Enter sends', async () => {
      const page = await open();
      await show(page);
      await page.evaluate(() => part('#comments').focus());
      await page.keyboard.type('a');
      await page.keyboard.press('Enter');
      await page.keyboard.type('b');
      assert.equal((await look(page)).values.comments, 'a\nb');
      await page.keyboard.down('Control');
      await page.keyboard.press('Enter');
      await page.keyboard.up('Control');
      await until(page, () => look().status);
      await page.keyboard.down('Control');
      await page.keyboard.press('Enter');
      await page.keyboard.up('Control');
      assert.deepEqual(await page.evaluate(() => window.sent.map(({ message }) => message)), ['a\nb']);
    });

    test('Escape closes it, and the focus returns', async () => {
      const page = await open();
      await page.focus('#search');
      await show(page);
      await page.keyboard.press('Escape');
      await until(page, () => !host());
      assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
      assert.deepEqual(await page.evaluate(() => window.calls), ['load', 'close', 'closed']);
    });

    test('a click beside it does nothing, and a draft is there again for the same event', async () => {
      const page = await open();
      const eventId = 'a'.repeat(32);
      await show(page, { eventId, user: { name: 'Ada' } });
      await page.evaluate(() => fill({ comments: 'half a sen' }));
      await page.mouse.click(5, 5);
      assert.equal((await look(page)).open, true);
      await page.keyboard.press('Escape');
      await until(page, () => !host());
      const again = await show(page, { eventId: eventId.toUpperCase(), user: { name: 'Ada' } });
      assert.deepEqual(again.values, { name: 'Ada', email: '', comments: 'half a sen' });
      await close(page);
      const other = await show(page, { eventId: 'b'.repeat(32), user: { name: 'Ada' } });
      assert.equal(other.values.comments, '', 'another event begins anew');
      await page.evaluate(() => fill({ comments: 'mine' }));
      await close(page);
      const person = await show(page, { eventId: 'b'.repeat(32), user: { name: 'Bob' } });
      assert.deepEqual(person.values, { name: 'Bob', email: '', comments: '' }, 'and so does another person');
    });

    test('success replaces the form; the next one begins empty', async () => {
      const page = await open();
      await show(page);
      await page.evaluate(() => fill({ comments: 'It broke.' }));
      await press(page, 'submit');
      await until(page, () => look().status);
      const seen = await look(page);
      assert.deepEqual([seen.status, seen.title, seen.values.comments], [successMessage, undefined, null]);
      const name = await page.evaluate(() => part(`#${part('dialog').getAttribute('aria-labelledby')}`).textContent);
      assert.equal(name, successMessage);
      await close(page);
      const { elements, ...fresh } = await show(page);
      assert.deepEqual(fresh, english);
    });

    for (const failure of ['failed', 'reject', 'throw']) {
      test(`when the sender answers with '${failure}' the draft stays and can be sent again`, async () => {
        const page = await open();
        await show(page);
        await page.evaluate((failure) => (window.answer = failure), failure);
        await page.evaluate(() => fill({ name: 'Ada', comments: 'It broke.' }));
        await press(page, 'submit');
        await until(page, () => look().status);
        const seen = await look(page);
        assert.equal(seen.status, errorGeneric);
        assert.equal(seen.busy, false);
        assert.equal(seen.focus, 'Submit Crash Report');
        assert.deepEqual(seen.values, { name: 'Ada', email: '', comments: 'It broke.' });
        await page.evaluate(() => (window.answer = 'sent'));
        await press(page, 'submit');
        await until(page, () => look().status === 'Your feedback has been sent. Thank you!');
        assert.equal(await page.evaluate(() => window.sent.length), 2);
      });
    }

    test('a sender that never answers is given up after a while', async () => {
      const page = await open();
      await page.evaluate(() => {
        const real = window.setTimeout;
        window.setTimeout = (call, delay) => real(call, delay >= 10_000 ? 50 : delay);
        window.answer = 'hold';
        window.show();
        fill({ comments: 'It broke.' });
        part('[type=submit]').click();
      });
      await until(page, () => look().status);
      const { status, busy } = await look(page);
      assert.deepEqual({ status, busy }, { status: errorGeneric, busy: false });
    });

    test('while it sends it is busy, sends nothing twice, and shows so', async () => {
      const page = await open();
      await show(page);
      await page.evaluate(() => {
        window.answer = 'hold';
        fill({ comments: 'It broke.' });
      });
      await press(page, 'submit');
      await press(page, 'submit');
      await page.keyboard.press('Enter');
      const seen = await look(page);
      assert.equal(seen.busy, true);
      assert.equal(seen.focus, 'Submit Crash Report', 'the keyboard stays where it was');
      assert.equal(await page.evaluate(() => part('#comments').readOnly), true);
      assert.equal(await page.evaluate(() => window.sent.length), 1);
      await page.evaluate(() => window.settle('sent'));
      await until(page, () => look().status);
    });

    test('closed while it sends, it can be opened again and shows what became of it', async () => {
      const page = await open();
      for (const [status, text] of [
        ['failed', errorGeneric],
        ['sent', successMessage],
      ]) {
        await show(page);
        await page.evaluate(() => {
          window.answer = 'hold';
          fill({ comments: 'It broke.' });
        });
        await press(page, 'submit');
        await page.keyboard.press('Escape');
        await until(page, () => !host());
        const again = await show(page);
        assert.deepEqual([again.busy, again.values.comments], [true, 'It broke.']);
        await page.evaluate((status) => window.settle(status), status);
        await until(page, () => look().status);
        assert.equal((await look(page)).status, text);
        await close(page);
      }
      assert.equal((await show(page)).values.comments, '');
    });

    test('closed while it sends, a failure keeps the draft and a success forgets it', async () => {
      const page = await open();
      for (const [status, kept] of [
        ['failed', 'It broke.'],
        ['sent', ''],
      ]) {
        await show(page);
        await page.evaluate(() => {
          window.answer = 'hold';
          fill({ comments: 'It broke.' });
        });
        await press(page, 'submit');
        await close(page);
        await page.evaluate((status) => window.settle(status), status);
        await sleep(20);
        assert.equal((await show(page)).values.comments, kept);
        await close(page);
      }
      assert.deepEqual(page.failures, []);
    });

    test('a second call follows the first', async () => {
      const page = await open();
      await show(page, { title: 'first' });
      await show(page, { title: 'second' });
      assert.equal(await page.evaluate(() => document.querySelectorAll('tailcone-report-dialog').length), 1);
      assert.equal((await look(page)).title, 'first');
      await close(page);
      assert.deepEqual(await page.evaluate(() => window.calls), ['load', 'close', 'closed', 'closed']);
      assert.equal((await show(page, { title: 'third' })).title, 'third');
    });

    test('a page that removes it with the rest of its body can open it again', async () => {
      const page = await open();
      await show(page);
      await page.evaluate(() => {
        fill({ comments: 'It broke.' });
        document.body.replaceChildren();
      });
      const seen = await show(page);
      assert.deepEqual([seen.open, seen.values.comments], [true, 'It broke.']);
      assert.deepEqual(await page.evaluate(() => window.calls), ['load', 'close', 'load', 'closed']);
    });

    test('options that cannot be read reject the promise, and the next call opens', async () => {
      const page = await open();
      const said = await page.evaluate(async () => {
        const { open } = await import('/dist/dialog.js');
        const options = {
          get title() {
            throw new Error('no title');
          },
        };
        return open(options).then(
          () => 'closed',
          (error) => error.message,
        );
      });
      assert.equal(said, 'no title');
      assert.equal((await show(page)).open, true);
    });

    test('callbacks that throw harm nothing', async () => {
      const page = await open();
      await show(page, {}, { careless: true });
      assert.equal((await look(page)).open, true);
      await close(page);
      assert.deepEqual(await page.evaluate(() => window.calls), ['load', 'close', 'closed']);
      assert.deepEqual(page.failures, []);
    });

    test('under a strict policy with Trusted Types it works, styled, without one violation', async () => {
      site.rule('/pages/dialog.html', { headers: { 'content-security-policy': strictPolicy } });
      const page = await open();
      await page.evaluate(() => (window.violations.length = 0));
      await show(page, { title: hostile[0] });
      await press(page, 'submit');
      await page.evaluate(() => fill({ comments: 'It broke.' }));
      await page.evaluate(() => (window.answer = 'failed'));
      await press(page, 'submit');
      await until(page, () => !look().busy);
      await page.evaluate(() => (window.answer = 'sent'));
      const radius = await page.evaluate(() => getComputedStyle(part('[type=submit]')).borderTopLeftRadius);
      assert.notEqual(radius, '0px');
      await press(page, 'submit');
      await until(page, () => look().status.startsWith('Your'));
      await close(page);
      await sleep(50);
      assert.deepEqual(await page.evaluate(() => window.violations), []);
    });

    test('in a frame that may not submit forms it sends all the same', { except: without.frames }, async () => {
      for (const path of ['/dist/dialog.js', '/pages/dialog.js']) {
        site.rule(path, { headers: { 'access-control-allow-origin': '*' } });
      }
      const page = await open();
      await page.evaluate(() => {
        const frame = document.createElement('iframe');
        frame.setAttribute('sandbox', 'allow-scripts');
        frame.src = location.href;
        document.body.append(frame);
      });
      let frame;
      for (let i = 0; i < 100 && !frame; i++) {
        await sleep(50);
        frame = page.frames().find((one) => one !== page.mainFrame() && one.url().endsWith('dialog.html'));
      }
      await until(frame, () => window.ready);
      await frame.evaluate(() => {
        window.show();
        fill({ comments: 'It broke.' });
        part('[type=submit]').click();
      });
      await until(frame, () => look().status);
      assert.equal(await frame.evaluate(() => window.sent.length), 1);
    });

    test('the style of the page does not reach it, nor does its text reach the shortcuts of the page', async () => {
      const page = await open();
      await page.evaluate(() => {
        const style = document.createElement('style');
        style.textContent = `
          tailcone-report-dialog { display: none !important; opacity: 0 !important; transform: scale(0) !important; }
          * { color: rgb(1, 2, 3) !important; font: 40px cursive !important; visibility: hidden !important; }
          body { display: grid; gap: 50px; } dialog, form, input, button, h2 { display: none !important; }`;
        document.head.append(style);
        window.shortcuts = [];
        for (const type of ['keydown', 'keyup', 'keypress', 'paste']) {
          document.addEventListener(type, (event) => window.shortcuts.push(event.type));
        }
      });
      await show(page);
      const seen = await page.evaluate(() => {
        const title = part('h2');
        const { color, visibility, fontFamily, fontSize } = getComputedStyle(title);
        const { width } = part('dialog').getBoundingClientRect();
        const { x, y, height } = title.getBoundingClientRect();
        const { opacity } = getComputedStyle(host());
        const there = document.elementFromPoint(x + 5, y + height / 2) === host();
        return { color, visibility, opacity, fontFamily, fontSize, wide: width > 400, there };
      });
      assert.notEqual(seen.color, 'rgb(1, 2, 3)');
      assert.match(seen.fontFamily, /^system-ui/);
      assert.deepEqual(
        { ...seen, color: '', fontFamily: '' },
        { color: '', visibility: 'visible', opacity: '1', fontFamily: '', fontSize: '20px', wide: true, there: true },
      );
      await page.keyboard.type('jk?');
      assert.equal((await look(page)).values.name, 'jk?');
      assert.deepEqual(await page.evaluate(() => window.shortcuts), []);
    });

    test('a page that pulls the focus back into its own modal does not get it', async () => {
      const page = await open();
      await page.evaluate(() => {
        document.addEventListener('focusin', (event) => {
          if (event.target.id !== 'search') document.getElementById('search').focus();
        });
        document.getElementById('search').focus();
      });
      await show(page);
      await page.keyboard.type('Ada');
      assert.equal((await look(page)).values.name, 'Ada');
      assert.equal(await page.evaluate(() => document.getElementById('search').value), '');
    });

    test('languages written from right to left turn it round', async () => {
      const page = await open();
      for (const [lang, dir, tag = lang] of [
        ['ar', 'rtl'],
        ['he-IL', 'rtl'],
        ['fa', 'rtl'],
        ['ur_PK', 'rtl', 'ur-PK'],
        ['az-Arab', 'rtl'],
        ['az', 'ltr'],
        ['ja', 'ltr'],
      ]) {
        const seen = await show(page, { lang });
        assert.deepEqual([seen.lang, seen.dir], [tag, dir]);
        const turned = await page.evaluate(() => {
          const [name, email] = ['#name', '#email'].map((id) => part(id).getBoundingClientRect().x);
          return name > email;
        });
        assert.equal(turned, dir === 'rtl', lang);
        await close(page);
      }
    });

    test('at 320 pixels nothing is cut off and nothing scrolls sideways', { except: without.narrowWindows }, async () => {
      const page = await open();
      await page.setViewport({ width: 320, height: 480 });
      await show(page, { title: 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(2), labelSubmit: 'x'.repeat(60) });
      const { over, inside } = await page.evaluate(() => {
        const dialog = part('dialog');
        const box = dialog.getBoundingClientRect();
        const inside = [...dialog.querySelectorAll('*')].every((node) => {
          const { left, right } = node.getBoundingClientRect();
          return left >= box.left && right <= box.right;
        });
        return { over: dialog.scrollWidth - dialog.clientWidth, inside: inside && box.left >= 0 && box.right <= 320 };
      });
      assert.deepEqual({ over, inside }, { over: 0, inside: true });
      await page.evaluate(() => part('[type=submit]').scrollIntoView());
      const bottom = await page.evaluate(() => part('[type=submit]').getBoundingClientRect().bottom);
      assert.ok(bottom <= 480, 'the last button can be reached');
    });

    test('without modal dialogs it is one by hand: role, focus kept inside, Escape, focus back', { except: without.shiftTab }, async () => {
      const page = await open();
      await page.evaluate(() => delete HTMLDialogElement.prototype.showModal);
      await page.focus('#opener');
      await show(page);
      assert.deepEqual(
        await page.evaluate(() => [part('dialog').getAttribute('role'), part('dialog').getAttribute('aria-modal')]),
        ['dialog', 'true'],
      );
      await page.keyboard.down('Shift');
      await page.keyboard.press('Tab');
      await page.keyboard.up('Shift');
      assert.equal((await look(page)).focus, 'Submit Crash Report');
      await page.keyboard.press('Tab');
      assert.equal((await look(page)).focus, 'name');
      await page.keyboard.press('Escape');
      assert.equal(await page.evaluate(() => host()), null);
      assert.equal(await page.evaluate(() => document.activeElement.id), 'opener');
      assert.deepEqual(await page.evaluate(() => window.calls), ['load', 'close', 'closed']);
    });

    test('without constructed style sheets it is styled all the same', async () => {
      const page = await open();
      await page.evaluate(() => (window.CSSStyleSheet = undefined));
      await show(page);
      const radius = await page.evaluate(() => getComputedStyle(part('[type=submit]')).borderTopLeftRadius);
      assert.notEqual(radius, '0px');
    });

    test('asked for before the page has a body, it waits for one', async () => {
      const page = await open('dialog-early.html', () => window.story?.length === 2);
      assert.deepEqual(await page.evaluate(() => window.story), ['asked with body: false', 'open with body: true']);
    });

    const schemes = !without.mediaFeatures.includes(engine);
    for (const scheme of schemes ? ['light', 'dark'] : ['light']) {
      test(`axe finds nothing to object to in any state, in ${scheme}`, async () => {
        const page = await open();
        if (schemes) {
          await page.emulateMediaFeatures([
            { name: 'prefers-color-scheme', value: scheme },
            { name: 'prefers-reduced-motion', value: 'reduce' },
          ]);
        }
        const require = createRequire(import.meta.url);
        await page.evaluate(`${await readFile(require.resolve('axe-core/axe.min.js'), 'utf8')};0`);
        const audit = async (state) => {
          await page.evaluate(() => Promise.all(part('dialog').getAnimations().map(({ finished }) => finished)));
          const result = await page.evaluate(async () => {
            const { violations, passes } = await axe.run(host());
            const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.failureSummary}`));
            return { found, contrast: passes.some(({ id }) => id === 'color-contrast') };
          });
          assert.deepEqual(result, { found: [], contrast: true }, state);
        };
        await show(page);
        if (schemes) {
          const paper = await page.evaluate(() => getComputedStyle(part('dialog')).backgroundColor);
          assert.equal(paper === 'rgb(255, 255, 255)', scheme === 'light');
        }
        await audit('open');
        await page.evaluate(() => fill({ email: 'nobody' }));
        await press(page, 'submit');
        await audit('invalid');
        await page.evaluate(() => {
          fill({ email: '', comments: 'It broke.' });
          window.answer = 'hold';
        });
        await press(page, 'submit');
        await audit('busy');
        await page.evaluate(() => window.settle('failed'));
        await until(page, () => look().status);
        await audit('failed');
        await page.evaluate(() => (window.answer = 'sent'));
        await press(page, 'submit');
        await until(page, () => look().status.startsWith('Your'));
        await audit('sent');
      });
    }
  });
}

const look = (page) => page.evaluate(() => window.look());

/** Focuses and clicks the button, as a press of it would. */
const press = (page, type) =>
  page.evaluate((type) => {
    const button = part(`[type=${type}]`);
    button.focus();
    button.click();
  }, type);

async function close(page) {
  await press(page, 'button');
  await until(page, () => !host());
}

/** Not the driver's own waiting: that evaluates strings, which a strict policy forbids. */
async function until(page, condition) {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20)) {
    if (await page.evaluate(condition)) return;
  }
  throw new Error(`never came true: ${condition}`);
}

const pick = (from, like) => Object.fromEntries(Object.keys(like).map((key) => [key, from[key]]));
