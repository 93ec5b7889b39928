// Requests that a tunnel must refuse: each with what it is, and the status that says so. None of them may be heard of by
// any server but the tunnel's own.
import { gzipSync, brotliCompressSync } from 'node:zlib';

/** The largest envelope of the tunnel that these are for. */
export const MOST = 200_000;

const bytes = (...values) => Uint8Array.from(values);
const join = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
/** A body without a length. */
const stream = (...parts) => new ReadableStream({
  start(controller) {
    for (const part of parts) controller.enqueue(Buffer.from(part));
    controller.close();
  },
});

/** `port`: that of the server that is allowed, as `http://public@127.0.0.1:PORT/1`; `decoy`: of one that is not. */
export function abuse(port, decoy) {
  const good = `http://public@127.0.0.1:${port}/1`;
  const rest = '{"type":"event"}\n{"message":"abuse"}\n';
  const header = (value) => `${JSON.stringify(value)}\n${rest}`;
  const naming = (dsn) => ({ body: header({ dsn }) });
  const line = (text) => ({ body: `${text}\n${rest}` });
  const packed = (encoding, body) => ({ body, headers: { 'content-encoding': encoding } });
  const large = 'x'.repeat(MOST);

  const dsns = {
    // Elsewhere.
    'another host': [403, `http://public@localhost:${decoy}/1`],
    'another port': [403, `http://public@127.0.0.1:${decoy}/1`],
    'no port': [403, 'http://public@127.0.0.1/1'],
    'the port of another scheme': [403, `https://public@127.0.0.1:${port}/1`],
    'another project': [403, `http://public@127.0.0.1:${port}/2`],
    'a project that begins like it': [403, `http://public@127.0.0.1:${port}/10`],
    'a path before the project': [403, `http://public@127.0.0.1:${port}/a/1`],
    'another key': [403, `http://publik@127.0.0.1:${port}/1`],
    'a key in capitals': [403, `http://PUBLIC@127.0.0.1:${port}/1`],
    'no key': [400, `http://127.0.0.1:${port}/1`],
    'an empty key': [400, `http://@127.0.0.1:${port}/1`],
    // The same place by another name, or an inner one.
    'localhost': [403, `http://public@localhost:${port}/1`],
    'a trailing dot': [403, `http://public@127.0.0.1.:${port}/1`],
    'an address in decimal': [403, `http://public@2130706433:${port}/1`],
    'an address in hexadecimal': [403, `http://public@0x7f000001:${port}/1`],
    'an address in octal': [403, `http://public@0177.0.0.1:${port}/1`],
    'a short address': [403, `http://public@127.1:${port}/1`],
    'the address of all': [403, `http://public@0.0.0.0:${port}/1`],
    'an address of IPv6': [403, `http://public@[::1]:${port}/1`],
    'an address of IPv4 in IPv6': [403, `http://public@[::ffff:127.0.0.1]:${port}/1`],
    'the metadata of a cloud': [403, 'http://public@169.254.169.254/1'],
    'the metadata of a cloud by name': [403, 'http://public@metadata.google.internal/1'],
    'a name that resolves to the loopback': [403, `http://public@127.0.0.1.nip.io:${port}/1`],
    'wide digits': [400, `http://public@１２７.0.0.1:${port}/1`],
    'a wide dot': [400, `http://public@127。0.0.1:${port}/1`],
    // Two hosts in one.
    'a host in the user': [400, `http://public@127.0.0.1:${port}@127.0.0.1:${decoy}/1`],
    'a host in the secret': [400, `http://public:127.0.0.1:${port}@127.0.0.1:${decoy}/1`],
    'a host behind a fragment': [400, `http://public@127.0.0.1:${decoy}#@127.0.0.1:${port}/1`],
    'a host behind a query': [400, `http://public@127.0.0.1:${decoy}?@127.0.0.1:${port}/1`],
    'a host behind a backslash': [400, `http://public@127.0.0.1:${decoy}\\@127.0.0.1:${port}/1`],
    'a host behind an encoded slash': [400, `http://public@127.0.0.1:${decoy}%2f@127.0.0.1:${port}/1`],
    'a host behind a blank': [400, `http://public@127.0.0.1:${port} .example/1`],
    'two ports': [400, `http://public@127.0.0.1:${port}:${decoy}/1`],
    'port 0': [400, 'http://public@127.0.0.1:0/1'],
    'a port too large': [400, `http://public@127.0.0.1:${65_536 + port}/1`],
    'a port with a sign': [400, `http://public@127.0.0.1:+${port}/1`],
    // Projects that are ways.
    'a way up': [400, `http://public@127.0.0.1:${port}/1/../..`],
    'a way up and down again': [400, `http://public@127.0.0.1:${port}/../1`],
    'an encoded way up': [400, `http://public@127.0.0.1:${port}/%2e%2e`],
    'an encoded slash': [400, `http://public@127.0.0.1:${port}/1%2fapi`],
    'a query': [400, `http://public@127.0.0.1:${port}/1?sentry_key=other`],
    'a fragment': [400, `http://public@127.0.0.1:${port}/1#`],
    'a path parameter': [400, `http://public@127.0.0.1:${port}/1;2`],
    'no project': [400, `http://public@127.0.0.1:${port}/`],
    // What would be something else in a request.
    'a line break in the project': [400, `http://public@127.0.0.1:${port}/1\r\nHost: localhost:${decoy}\r\n\r\n1`],
    'a line break in the host': [400, `http://public@127.0.0.1\r\n:${port}/1`],
    'a line break in the key': [400, `http://pub\r\nlic@127.0.0.1:${port}/1`],
    'a NUL': [400, `http://public@127.0.0.1:${port}/1\0`],
    'a tab in the scheme': [400, `ht\ttp://public@127.0.0.1:${port}/1`],
    // Other schemes.
    'a file': [400, 'file:///etc/passwd'],
    'a file with a key': [400, 'file://public@127.0.0.1/1'],
    'gopher': [400, `gopher://public@127.0.0.1:${decoy}/1`],
    'ftp': [400, `ftp://public@127.0.0.1:${decoy}/1`],
    'ws': [400, `ws://public@127.0.0.1:${port}/1`],
    'data': [400, 'data:text/plain,1'],
    'javascript': [400, 'javascript:alert(1)'],
    'no scheme': [400, `//public@127.0.0.1:${port}/1`],
    // No text.
    'nothing': [400, ''],
    'null': [400, null],
    'a number': [400, 1],
    'true': [400, true],
    'a list': [400, [good]],
    'an object': [400, { toString: good, href: good, envelopeUrl: good }],
  };

  const others = {
    'GET': [405, { method: 'GET' }],
    'HEAD': [405, { method: 'HEAD' }],
    'PUT': [405, { method: 'PUT', ...naming(good) }],
    'PATCH': [405, { method: 'PATCH', ...naming(good) }],
    'DELETE': [405, { method: 'DELETE' }],
    'OPTIONS, where no origin is let in': [405, { method: 'OPTIONS' }],
    'no body': [400, { body: undefined }],
    'an empty body': [400, { body: '' }],
    'an empty line': [400, line('')],
    'a header that is no JSON': [400, line('dsn')],
    'a header in single quotes': [400, line(`{'dsn':'${good}'}`)],
    'a header with something behind it': [400, line(`${JSON.stringify({ dsn: good })} {}`)],
    'a header that ends too soon': [400, line(`{"dsn":"${good}"`)],
    'a header over two lines': [400, line(`{\n"dsn":"${good}"}`)],
    'a header that is a list': [400, { body: header([{ dsn: good }]) }],
    'a header that is a text': [400, { body: header(good) }],
    'a header that is null': [400, { body: header(null) }],
    'a header without a dsn': [400, { body: header({}) }],
    'a dsn in an item only': [400, { body: `{}\n{"type":"event","dsn":"${good}"}\n{}\n` }],
    'a dsn further in': [400, { body: header({ sdk: { dsn: good } }) }],
    'a dsn in the prototype': [400, line(`{"__proto__":{"dsn":"${good}"}}`)],
    'a dsn in the constructor': [400, line(`{"constructor":{"prototype":{"dsn":"${good}"}}}`)],
    'DSN in capitals': [400, { body: header({ DSN: good }) }],
    'two dsns, the good one last': [400, line(`{"dsn":"http://public@127.0.0.1:${decoy}/1","dsn":"${good}"}`)],
    'two dsns, the good one first': [400, line(`{"dsn":"${good}","dsn":"http://public@127.0.0.1:${decoy}/1"}`)],
    'two dsns, one of them escaped': [400, line(`{"ds\\u006e":"http://public@127.0.0.1:${decoy}/1","dsn":"${good}"}`)],
    'two dsns, one of them in capitals': [400, line(`{"dsn":"${good}","Dsn":"http://public@127.0.0.1:${decoy}/1"}`)],
    'a header that is no UTF-8': [400, { body: join(`{"dsn":"${good}","x":"`, bytes(0xc3, 0x28), `"}\n${rest}`) }],
    'a header in UTF-16': [400, { body: Buffer.from(header({ dsn: good }), 'utf16le') }],
    'a byte order mark': [400, { body: join(bytes(0xef, 0xbb, 0xbf), header({ dsn: good })) }],
    'a header of 9,000 bytes': [400, { body: header({ dsn: good, x: 'x'.repeat(9000) }) }],
    'a header without an end': [400, { body: `{"dsn":"${good}","x":"${large.slice(1000)}` }],
    'a header nested deep': [400, line(`{"dsn":${'['.repeat(8000)}`)],
    'too large, as its length says': [413, { body: header({ dsn: good }) + large }],
    'too large, without a length': [413, { body: stream(header({ dsn: good }), large) }],
    'too large, uncompressed': [413, packed('gzip', gzipSync(header({ dsn: good }) + 'x'.repeat(50_000_000)))],
    'another compression': [415, packed('br', brotliCompressSync(header({ dsn: good })))],
    'a compression of nobody': [415, packed('x-gzip-maybe', gzipSync(header({ dsn: good })))],
    'compressed twice': [415, packed('gzip, gzip', gzipSync(gzipSync(header({ dsn: good }))))],
    'not compressed at all': [400, packed('gzip', header({ dsn: good }))],
    'compressed, and cut': [400, packed('gzip', gzipSync(header({ dsn: good }) + Array.from({ length: 9000 }, Math.random)).subarray(0, 60_000))],
    'compressed, and elsewhere': [403, packed('gzip', gzipSync(header({ dsn: `http://public@127.0.0.1:${decoy}/1` })))],
    'a key and a host in headers': [
      403,
      { ...naming(`http://public@127.0.0.1:${decoy}/1`), headers: { 'x-sentry-auth': 'Sentry sentry_version=7, sentry_key=public', 'x-forwarded-host': `127.0.0.1:${port}` } },
    ],
    'a dsn in the address': [400, { body: header({}), query: `?dsn=${encodeURIComponent(good)}&sentry_key=public&o=${decoy}` }],
    'an address in the address': [403, { ...naming(`http://public@127.0.0.1:${decoy}/1`), query: `?url=http://127.0.0.1:${decoy}/` }],
  };

  return [
    ...Object.entries(others).map(([what, [status, request]]) => ({ what, status, ...request })),
    ...Object.entries(dsns).map(([what, [status, dsn]]) => ({ what: `a dsn: ${what}`, status, ...naming(dsn) })),
  ].map((one) => ({ method: 'POST', query: '', ...one }));
}
