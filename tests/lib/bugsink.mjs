// A real Bugsink server in a temporary folder, strict about what it stores; events are read back through its API.
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { python, tests } from './env.mjs';
import { freePort, run, start, until } from './process.mjs';

export async function startBugsink() {
  const folder = await mkdtemp(join(tmpdir(), 'tailcone-bugsink-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const bin = (name) => join(dirname(python), name);
  const at = { cwd: folder, env: { ...process.env, PYTHONPATH: folder, DJANGO_SETTINGS_MODULE: 'bugsink_conf' } };

  await run(bin('bugsink-create-conf'), ['--template=local', '--host=127.0.0.1', `--port=${port}`], at);
  // It answers 200 to what its schema refuses, and stores it not: strict here, read back always.
  await appendFile(join(folder, 'bugsink_conf.py'), '\nBUGSINK["VALIDATE_ON_DIGEST"] = "strict"\n');
  await run(bin('bugsink-manage'), ['migrate', '-v0'], at);
  const script = await readFile(join(tests, 'servers/bugsink_project.py'), 'utf8');
  const printed = await run(bin('bugsink-manage'), ['shell'], { ...at, input: script });
  const { dsn, project, token } = JSON.parse(/made (\{.*\})/.exec(printed)?.[1] ?? '{}');
  if (!token) throw new Error(`Bugsink made no project:\n${printed}`);

  const server = start(bin('gunicorn'), ['--bind', `127.0.0.1:${port}`, '--workers', '1', '--threads', '4', 'bugsink.wsgi'], at);
  await until(
    () => fetch(`${base}/health/ready`).then((answer) => answer.ok, () => false),
    () => `Bugsink to be ready; it printed:\n${server.output()}`,
    { timeoutMs: 60_000, everyMs: 200 },
  );

  async function ask(path) {
    const answer = await fetch(`${base}/api/canonical/0${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`Bugsink, ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Every event, found through its issue: the API has no other list. */
  async function events() {
    const rows = [];
    for (const issue of (await ask(`/issues/?project=${project}`)).results) {
      for (const row of (await ask(`/events/?issue=${issue.id}`)).results) rows.push({ ...row, issue });
    }
    return rows;
  }

  /** What it has refused since last asked: the schema's words for it. */
  let read = 0;
  function refusals() {
    const output = server.output();
    const found = output.slice(read).match(/ValidationError: \[.*\]/g) ?? [];
    if (found.length) read = output.length;
    return found;
  }

  const bugsink = {
    dsn,
    base,
    /**
     * The newest stored event that fits `where` (of the event's detail): `data` is the payload, `issue` what Bugsink
     * made of it, `stacktrace_md` how it shows it.
     */
    find: (where, what) =>
      until(
        async () => {
          const refused = refusals();
          if (refused.length) throw new Error(`Bugsink refuses what was sent: ${refused.join('; ')}`);
          for (const row of (await events()).sort((a, b) => b.digested_at.localeCompare(a.digested_at))) {
            const event = { ...(await ask(`/events/${row.id}/`)), issue: row.issue };
            if (where(event)) return event;
          }
          return undefined;
        },
        () => `Bugsink to store ${what}; it printed:\n${server.output().slice(-2000)}`,
        { timeoutMs: 20_000, everyMs: 250 },
      ),
    read: (eventId) => bugsink.find(({ data }) => data.event_id === eventId, `event ${eventId}`),
    async stop() {
      const how = await server.stop();
      await rm(folder, { recursive: true, force: true });
      return how;
    },
  };
  return bugsink;
}
