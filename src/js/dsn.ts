// Reads DSNs, `{PROTOCOL}://{PUBLIC_KEY}[:{SECRET_KEY}]@{HOST}[:PORT]{PATH}/{PROJECT_ID}`, with the verdicts of the
// core. tests/fixtures/dsn.json pins both.

export interface Dsn {
  protocol: string;
  publicKey: string;
  secretKey?: string | undefined;
  host: string;
  port?: number | undefined;
  /** What stands between the host and the project id. */
  path: string;
  projectId: string;
  envelopeUrl: string;
  /** The DSN again, in its plain form and without the secret: what is sent is public. */
  text: string;
}

/** Which part is wrong. */
export type DsnError = 'empty' | 'syntax' | 'scheme' | 'key' | 'host' | 'port' | 'project';

export function parseDsn(text: string): Dsn | DsnError {
  text = text.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '');
  const [, scheme, keys = '', host = '', port, way] =
    /^([^]*?):\/\/(?:([^/]*)@)?(\[[^\]/]*\]?|[^:/]*)([^/]*)\/?([^]*?)\/*$/.exec(text) ?? [];
  if (way === undefined) return text ? 'syntax' : 'empty';
  if (!/^https?$/i.test(scheme!)) return 'scheme';
  if (/[^!-~]|[?#\\<>"{}|^`]/.test(text)) return 'syntax';
  const [, publicKey, secretKey] = /^([\w-]+)(?::([\w-]*))?$/.exec(keys) ?? [];
  if (!publicKey) return 'key';
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)$/i.test(host)) return 'host';
  const number = port ? Number(/^:(\d{1,5})$/.exec(port)?.[1]) : undefined;
  if (number !== undefined && !(number > 0 && number < 65536)) return 'port';
  const parts = way.split('/');
  const projectId = parts.pop()!;
  if (!/^(?!\.{1,2}$)[\w.~-]+$/.test(projectId)) return 'project';
  if (parts.some((part) => /^\.{0,2}$/.test(part))) return 'syntax';
  const protocol = scheme!.toLowerCase();
  const path = parts.map((part) => '/' + part).join('');
  const address = host + (number ? ':' + number : '') + path;
  return {
    protocol,
    publicKey,
    secretKey: secretKey || undefined,
    host,
    port: number,
    path,
    projectId,
    envelopeUrl: `${protocol}://${address}/api/${projectId}/envelope/`,
    text: `${protocol}://${publicKey}@${address}/${projectId}`,
  };
}
