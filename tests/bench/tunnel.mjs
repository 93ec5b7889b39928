// `cargo xtask bench tunnel [--seconds N] [--envelopes N]`: an outage of the server behind a tunnel with a queue, in workerd:
// how many envelopes it loses, and how long the last one takes; and what the tunnel costs where nothing fails.
import { parseArgs } from 'node:util';
import { envelope, hosts, outage, startUpstream } from '../lib/tunnels.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, envelopes: { type: 'string', default: '1000' } } });
const [seconds, envelopes] = [Number(values.seconds), Number(values.envelopes)];
const ROUNDS = 500;
/** Before they count. */
const WARM = 300;

/** The median of how long an envelope takes, in ms. */
async function median(send) {
  const times = [];
  for (let at = -WARM; at < ROUNDS; at++) {
    const start = performance.now();
    await (await send()).arrayBuffer();
    if (at >= 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1].toFixed(2);
}

const upstream = await startUpstream();
const free = { dsns: upstream.dsn, rateLimit: false };
const options = { plain: free, queue: { ...free, retryDelay: 1 } };

console.log('an envelope, in ms: to the server, by a tunnel in');
const post = { method: 'POST', body: envelope(upstream.dsn) };
const cells = [`directly ${await median(() => fetch(`http://127.0.0.1:${upstream.port}/api/1/envelope/`, post))}`];
for (const [name, host] of Object.entries(hosts)) {
  if (host.missing) continue;
  const site = await host.start(options);
  cells.push(`${name} ${await median(() => site.fetch('/plain', post))}`);
  await site.stop();
}
console.log(`  ${cells.join(', ')}`);

upstream.clear();
const site = await hosts.workerd.start(options);
const { answers, sentMs, ms, tries, lost, twice } = await outage({ site, upstream, path: '/queue', envelopes, seconds, patience: 120 });
console.log(`${envelopes} envelopes while the server is away for ${seconds} s, half of it refusing connections, half answering 503`);
console.log(`  answered ${JSON.stringify(answers)} within ${(sentMs / 1000).toFixed(1)} s; requests that reached the server ${tries}`);
console.log(`  lost ${lost}, arrived twice ${twice}, the last ${((ms - seconds * 1000) / 1000).toFixed(1)} s after the outage`);
await Promise.all([site.stop(), upstream.stop()]);
process.exitCode = lost || twice ? 1 : 0;
