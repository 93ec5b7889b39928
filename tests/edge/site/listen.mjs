// Serves by Node, whose server knows no requests like those of fetch.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';

/** `own`: what takes Node's own requests, by how their paths begin. */
export function listen(handle, port, own = {}) {
  createServer(async (incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const other = own[url.split('/')[1]];
    if (other) return other(incoming, outgoing);
    const body = /GET|HEAD/.test(method) ? undefined : Readable.toWeb(incoming);
    try {
      const response = await handle(new Request(`http://${headers.host}${url}`, { method, headers, body, duplex: 'half' }));
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (response.body) for await (const part of response.body) outgoing.write(part);
      // What is not read would stand before the next request.
      outgoing.end(() => incoming.complete || incoming.destroy());
    } catch {
      // Not all that is thrown can be told.
      outgoing.writeHead(500).end('failed');
    }
  }).listen(Number(port), '127.0.0.1');
}
