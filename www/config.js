// Where this demo's events go, as the server that serves it says: {dsn, inbox}; `inbox` is null with a server of one's own.

const answer = await fetch('/config.json');
export const { dsn, inbox } = await answer.json();

/** Host and project of the DSN, whose key is nobody's business here; undefined when it is no DSN. */
export const place = placeOf(dsn);

function placeOf(text) {
  try {
    const { host, pathname } = new URL(text);
    return `${host}, project ${pathname.slice(1)}`;
  } catch {
    return undefined;
  }
}
