// Content security policies, Trusted Types, isolation: under each that lets the page reach the server an error arrives,
// and who sends it, how often the page is told, and what the browser reports are as docs/platform.md says.
import assert from 'node:assert/strict';
import { messageOf } from '../lib/expect.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

const html = `<!doctype html><script src="/pages/failing.js" nonce="abc"></script><script type="module" src="/pages/plain.js" nonce="abc"></script>`;
const typed = "require-trusted-types-for 'script'; trusted-types 'none'";

/** Policy (SERVER stands for the inbox), who sends, and the directives that the browser may report as broken. */
const policies = [
  ["default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' SERVER", 'wasm', []],
  ["default-src 'self'; script-src 'self'; connect-src 'self' SERVER", 'fallback', ['script-src']],
  ["script-src 'self' 'unsafe-eval'", 'wasm', []],
  ["script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval'", 'wasm', []],
  ["script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'", 'fallback', ['script-src']],
  [`script-src 'self' 'wasm-unsafe-eval'; ${typed}`, 'wasm', []],
  [`script-src 'self'; ${typed}`, 'fallback', ['script-src']],
  ["default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src SERVER", 'fallback', ['connect-src']],
  ["default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' SERVER; style-src 'none'; worker-src 'none'", 'wasm', []],
  ["default-src 'none'; form-action 'none'; frame-ancestors 'none'; script-src 'self'; connect-src 'self' SERVER", 'fallback', ['script-src']],
];

async function visit(w, headers) {
  w.plan(/Content.Security.Policy/i);
  w.site.rule('/pages/plain.html', { body: html, type: 'text/html', headers });
  const opened = await w.open('/pages/plain.html');
  return opened.evaluate(async (dsn) => {
    const broken = new Set();
    addEventListener('securitypolicyviolation', ({ effectiveDirective }) => broken.add(effectiveDirective.replace(/-elem$/, '')));
    const said = [];
    const client = tailcone.init({ dsn, sendMaxAttempts: 1, debugWriter: (level, text) => said.push(`${level}: ${text}`) });
    const id = tailcone.captureException(new Error('planned'));
    const sender = await client.ready;
    const { status } = await tailcone.explain(id);
    await new Promise((done) => setTimeout(done, 100));
    return { sender, status, said, broken: [...broken] };
  }, w.inbox.dsn);
}

forEachBrowser('policies', (test) => {
  for (const [policy, sender, broken] of policies) {
    test(`under ${policy} an error arrives, sent by the ${sender === 'wasm' ? 'module' : 'fallback sender'}`, async (w) => {
      const seen = await visit(w, { 'content-security-policy': policy.replace('SERVER', new URL(w.inbox.dsn).origin.replace(/\/\/.*@/, '//')) });
      assert.equal(seen.status, 'sent');
      assert.equal(seen.sender, sender);
      assert.equal(seen.said.length, sender === 'wasm' ? 0 : 1, seen.said.join('\n'));
      assert.deepEqual(seen.broken.filter((directive) => !broken.includes(directive)), []);
      const { payload } = await w.inbox.waitFor();
      assert.equal(payload.exception.values[0].value, 'planned');
    });
  }

  test('a policy that is only reported changes nothing', async (w) => {
    const seen = await visit(w, { 'content-security-policy-report-only': "default-src 'none'" });
    assert.deepEqual([seen.status, seen.sender, seen.said], ['sent', 'wasm', []]);
  });

  test('in a page that is isolated from other origins an error arrives', async (w) => {
    const seen = await visit(w, { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin' });
    assert.deepEqual([seen.status, seen.sender, seen.said], ['sent', 'wasm', []]);
  });

  test('where the policy forbids the server, nothing arrives, and explain says so', async (w) => {
    const seen = await visit(w, { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" });
    assert.deepEqual([seen.status, seen.sender, seen.broken], ['blocked', 'wasm', ['connect-src']]);
    assert.deepEqual((await w.inbox.items()).map(({ payload }) => messageOf(payload)), []);
  });
});
