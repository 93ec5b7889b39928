// Plants the secrets it is given and uses the page. All that fails is planned.
import * as tailcone from '/dist/index.js';

globalThis.tailcone = tailcone;
globalThis.start = (options) => (globalThis.client = tailcone.init(options));

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const later = (fn) => void setTimeout(fn);
const find = (selector) => document.querySelector(selector);
const encoded = encodeURIComponent;
const elsewhere = 'https://example.invalid';
const jwt = (secret) => `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${secret}`;
const pem = (secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`;

/** For each place: what is done with its first secret, its second one, … */
const steps = {
  'history': [
    (s) => history.pushState(null, '', `?token=${s}`),
    (s) => history.pushState(null, '', `?a=1&session=${s}&b=2`),
    (s) => history.replaceState(null, '', `?pass%77ord=${s}`),
    (s) => history.pushState(null, '', `#access_token=${s}&token_type=x`),
    (s) => history.pushState(null, '', `#/route?key=${s}`),
    (s) => history.pushState(null, '', `/path;jsessionid=${s}/x`),
    (s) => history.pushState(null, '', `?token[]=${s}`),
    (s) => history.pushState(null, '', `?user%5Bpassword%5D=${s}`),
    (s) => history.pushState(null, '', `?next=${encoded(`${elsewhere}/?jwt=${s}`)}`),
    (s) => history.pushState(null, '', `?next=${encoded(encoded(`https://ann:${s}@example.invalid/`))}`),
    (s) => history.pushState(null, '', `?state=${jwt(s)}`),
    (s) => history.pushState(null, '', `?x=1;sid=${s};y=2`),
    (s) => (location.hash = `id_token=${s}`),
    (s) => history.pushState(null, '', new URL(`?SAMLResponse=${s}`, location.href)),
  ],
  'fetch URL': [
    (s) => fetch(`/api/a?token=${s}`),
    (s) => fetch(`/api/a?page=1&api_key=${s}&sort=up`),
    (s) => fetch(new URL(`/api/a?auth=${s}`, location.href)),
    (s) => fetch(new Request(`/api/a?secret=${s}`)),
    (s) => fetch(`/api/a?PASSWORD=${s}`),
    (s) => fetch(`/api/fails?credentials=${s}`),
    (s) => fetch(`/api/a?q=${encoded(JSON.stringify({ token: s }))}`),
    (s) => fetch(`/api/a?redirect=${encoded(`/cb#access_token=${s}`)}`),
    (s) => fetch(`/api/a;sid=${s}/b`),
    (s) => fetch(`/api/${jwt(s)}/open`),
    (s) => fetch(`/api/a#token=${s}`),
    (s) => fetch(`/api/a?user[identity]=${s}`),
    (s) => fetch(`/api/a?X-Amz-Credential=${s}&X-Amz-Date=1`),
    (s) => fetch(`/api/a?csrf=${s}`, { method: 'POST' }),
    (s) => fetch(`http://127.0.0.1:1/?bearer=${s}`).catch(() => {}),
  ],
  'fetch header': [
    (s) => fetch('/api/a', { headers: { Authorization: `Bearer ${s}` } }),
    (s) => fetch('/api/a', { headers: { Authorization: `Basic ${btoa(`ann:${s}`)}` } }),
    (s) => fetch('/api/a', { headers: { 'X-Api-Key': s } }),
    (s) => fetch('/api/a', { headers: [['X-Plain', s]] }),
    (s) => fetch('/api/a', { headers: new Headers({ 'X-CSRF-Token': s }) }),
    (s) => fetch(new Request('/api/a', { headers: { 'X-Session': s } })),
    (s) => fetch('/api/fails', { headers: { 'X-Plain': s } }),
    (s) => fetch('/api/a', { headers: { 'X-User': s }, method: 'PUT' }),
  ],
  'fetch body': [
    (s) => fetch('/api/a', { method: 'POST', body: JSON.stringify({ password: s }) }),
    (s) => fetch('/api/a', { method: 'POST', body: new URLSearchParams({ plain: s }) }),
    (s) => fetch('/api/fails', { method: 'POST', body: new Blob([s]) }),
    (s) => fetch('/api/a', { method: 'POST', body: new TextEncoder().encode(s) }),
    (s) => {
      const body = new FormData();
      body.set('plain', s);
      return fetch('/api/a', { method: 'POST', body });
    },
  ],
  'XHR URL': [
    (s) => ask('GET', `/api/a?token=${s}`),
    (s) => ask('GET', new URL(`/api/a?sso=${s}&page=2`, location.href)),
    (s) => ask('POST', `/api/fails?pwd=${s}`),
    (s) => ask('GET', `/api/a?next=${encoded(`//ann:${s}@example.invalid`)}`),
    (s) => ask('GET', `/api/a#key=${s}`),
    (s) => ask('GET', `http://127.0.0.1:1/?session=${s}`),
    (s) => ask('GET', `/api/a`, { user: 'ann', password: s }),
    (s) => ask('GET', `/api/a?to%6Ben=${s}`),
  ],
  'XHR header': [
    (s) => ask('GET', '/api/a', { headers: { Authorization: `Bearer ${s}` } }),
    (s) => ask('GET', '/api/a', { headers: { 'X-Plain': s } }),
    (s) => ask('GET', '/api/fails', { headers: { 'X-Api-Key': s } }),
  ],
  'XHR body': [
    (s) => ask('POST', '/api/a', { body: JSON.stringify({ plain: s }) }),
    (s) => ask('POST', '/api/fails', { body: `password=${s}` }),
  ],
  'beacon': [(s) => navigator.sendBeacon('/api/a', s)],
  'WebSocket URL': [
    (s) => new WebSocket(`ws://${location.host}/socket?token=${s}`),
    (s) => new WebSocket(`ws://${location.host}/socket`, [s]),
  ],
  'EventSource URL': [(s) => new EventSource(`/api/a?token=${s}`).close()],
  'image URL': [
    (s) => (new Image().src = `/api/none.png?token=${s}`),
    (s) => thing('img', { src: `/api/none.png?plain=${s}` }),
  ],
  'worker URL': [
    (s) => (new Worker(`/scripts/fails.js?token=${s}`).onerror = (event) => event.preventDefault()),
    (s) => (new Worker(`/scripts/fails.js#plain=${s}`, { name: s }).onerror = (event) => event.preventDefault()),
  ],
  'message': [(s) => postMessage({ token: s }, '*'), (s) => new MessageChannel().port1.postMessage(s)],
  'console': [
    (s) => console.log(`token=${s}`),
    (s) => console.log(`token: ${s}`),
    (s) => console.log('token:', s),
    (s) => console.log({ token: s }),
    (s) => console.log({ user: { password: s }, page: 2 }),
    (s) => console.log([{ sid: s }, 1]),
    (s) => console.log(JSON.stringify({ apiKey: s })),
    (s) => console.log(JSON.stringify({ a: 1, secret: s, b: 2 }, null, 2)),
    (s) => console.log('sent', JSON.stringify({ body: JSON.stringify({ jwt: s }) })),
    (s) => console.log(`GET /a?access_token=${s}&page=2 404`),
    (s) => console.log(`see https://ann:${s}@example.invalid/x.`),
    (s) => console.error(new Error(`password=${s}`)),
    (s) => console.log(`Authorization: Bearer ${s}`),
    (s) => console.log({ headers: { Authorization: `Bearer ${s}` } }),
    (s) => console.log(`using Bearer ${s} here`),
    (s) => console.log(`Set-Cookie: sid=${s}; Path=/`),
    (s) => console.log(`theme=dark; PHPSESSID=${s}`),
    (s) => console.log(`%cpwd=${s}`, 'color: red'),
    (s) => console.log(`{\n  "credentials": "${s}",\n  "page": 2\n}`),
    (s) => console.log(`x-api-key: ${s}`),
    (s) => console.log(`?next=${encoded(`${elsewhere}/?token=${s}`)}`),
    (s) => console.log(`?next=${encoded(encoded(`${elsewhere}/?token=${s}`))}`),
    (s) => console.log(`pass%77ord=${s}`),
    (s) => console.log(`token[]=${s}&user[session]=${s}`),
    (s) => console.log(new URL(`/?key=${s}`, elsewhere)),
    (s) => console.log(`got ${jwt(s)} back`),
    (s) => console.log(pem(s)),
    (s) => console.log(`postgres://app:${s}@db/x`),
    (s) => console.log(`connect app:${s}@db.example.invalid:5432`),
    (s) => console.log(`csrf => "${s}"`),
    (s) => console.assert(false, `xsrf=${s}`),
    (s) => console.error({ sso: s }),
    (s) => console.warn(`SAMLResponse=${s}`),
    (s) => console.debug(`identity: '${s} ${s}'`),
    (s) => console.info(`bearer=${s}`),
    (s) => console.log(`background data:text/plain,${s}`),
    (s) => console.log({ auth: { user: 'ann', pin: s }, page: 2 }),
    (s) => console.log({ session: ['a', s] }, new Request(`/?token=${s}`)),
  ],
  'uncaught error': [
    (s) => fail(new Error(`planned ${elsewhere}/?token=${s}`)),
    (s) => fail(new Error(`planned: password=${s}`)),
    (s) => fail(new TypeError(`planned {"token":"${s}"}`)),
    (s) => fail(new RangeError(`planned https://ann:${s}@example.invalid/`)),
    (s) => fail(new Error('planned outer', { cause: new Error(`secret: ${s}`) })),
    (s) => fail(new Error('planned outer cause', { cause: `token=${s}` })),
    (s) => fail(new AggregateError([new Error(`sid=${s}`)], 'planned many')),
    (s) => fail(Object.assign(new Error('planned with a field'), { token: s, plain: s })),
    (s) => fail(`planned text, key=${s}`),
    (s) => fail(new Error(`planned ${jwt(s)}\n    at /x?auth=${s}`)),
  ],
  'rejection': [
    (s) => Promise.reject(new Error(`planned rejection, pwd=${s}`)),
    (s) => Promise.reject(`planned rejection, token: ${s}`),
    (s) => fetch(`http://ann:${s}@127.0.0.1:1/`),
    (s) => import(`/scripts/missing.js?token=${s}`),
    async (s) => new URL(`http://ann:${s}@[planned`),
    async (s) => JSON.parse(`token=${s}`),
    async (s) => document.querySelector(`a[href="/planned?key=${s}"`),
    (s) => Promise.reject(new DOMException(`planned ${elsewhere}/#access_token=${s}`)),
    (s) => Promise.reject(new Error('planned', { cause: new Error('between', { cause: new Error(`jwt=${s}`) }) })),
  ],
  'thrown object': [
    (s) => Promise.reject({ planned: true, token: s }),
    (s) => Promise.reject({ message: `planned password=${s}` }),
    (s) => Promise.reject({ planned: { user: { pwd: s } } }),
    (s) => fail({ planned: 1, url: `/a?token=${s}`, list: [`${elsewhere}/?key=${s}`] }),
  ],
  'script URL': [
    (s) => script(`/scripts/fails.js?token=${s}`),
    (s) => script(`/scripts/fails.js?v=1&api_key=${s}`),
    (s) => script(`/scripts/fails.js?next=${encoded(`/?sid=${s}`)}`),
    (s) => import(`/scripts/fails.js?session=${s}#x`),
  ],
  'data URL': [
    (s) => script(`data:text/javascript,Promise.reject(Error('planned-in-data'))//${s}`),
    (s) => fetch(`data:text/plain,${s}`),
    (s) => import(`data:text/javascript,Promise.reject(Error('planned-in-a-module'))//${s}`),
  ],
  'blob URL': [
    (s) => script(URL.createObjectURL(new Blob([`setTimeout(()=>{throw new Error('planned in a blob')})//${s}`]))),
    (s) => fetch(`${URL.createObjectURL(new Blob([s]))}#token=${s}`),
  ],
  'link URL': [
    (s) => thing('a', { href: `#id_token=${s}` }).click(),
    (s) => thing('a', { href: `javascript:void '${s}'` }).click(),
    (s) => thing('a', { href: `#plain`, ping: `/api/a?token=${s}` }).click(),
  ],
  'label': [
    (s) => thing('button', { 'aria-label': `Token: ${s}` }).click(),
    (s) => thing('button', { title: `password=${s}` }).click(),
    (s) => thing('img', { alt: `/x?key=${s}` }).click(),
    (s) => thing('input', { name: `csrf=${s}` }).click(),
  ],
  'clicked text': [
    (s) => thing('button', {}, s).click(),
    (s) => thing('a', { href: '#plain' }, `token=${s}`).click(),
    (s) => thing('div', { role: 'button' }, s).click(),
    (s) => {
      const root = find('#host').attachShadow({ mode: 'open' });
      root.innerHTML = `<button>${s}</button>`;
      root.firstChild.click();
    },
  ],
  'attribute': [
    (s) => thing('button', { value: s }).click(),
    (s) => thing('button', { 'data-token': s }).click(),
    (s) => thing('button', { 'data-plain': s }).click(),
    (s) => thing('input', { placeholder: s }).click(),
    (s) => thing('button', { 'aria-description': s }).click(),
    (s) => thing('button', { onclick: `void '${s}'` }).click(),
    (s) => thing('input', { value: s, type: 'submit' }).click(),
  ],
  'field': Array.from({ length: 8 }, (_, i) => (s) => {
    const field = document.querySelectorAll('.field')[i];
    if (field.options) field.options[0].value = field.options[0].text = s;
    else if ('value' in field) field.value = s;
    else field.textContent = s;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: s[0], bubbles: true }));
    field.click();
  }),
  'storage': [
    (s) => localStorage.setItem('token', s),
    (s) => sessionStorage.setItem('plain', s),
    (s) => (document.cookie = `session=${s}`),
    (s) =>
      new Promise((done) => {
        const open = indexedDB.open('canaries');
        open.onupgradeneeded = () => open.result.createObjectStore('store').put(s, 'plain');
        open.onsuccess = done;
      }),
    async (s) => (await caches.open('canaries')).put('/plain', new Response(s)),
  ],
  'title': [(s) => (document.title = s)],
  'global': [(s) => (name = s), (s) => history.replaceState({ plain: s }, ''), (s) => (globalThis.canary = s)],
};

function fail(error) {
  later(() => {
    throw error;
  });
}

function ask(method, url, { user, password, headers = {}, body } = {}) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(method, url, true, user, password);
    for (const header in headers) request.setRequestHeader(header, headers[header]);
    request.onloadend = done;
    request.send(body);
  });
}

function thing(tag, attributes, text = '') {
  const node = document.createElement(tag);
  for (const attribute in attributes) node.setAttribute(attribute, attributes[attribute]);
  node.textContent = text;
  find('#things').append(node);
  return node;
}

const script = (src) =>
  new Promise((done) => {
    const node = document.createElement('script');
    node.onload = node.onerror = done;
    node.src = src;
    document.head.append(node);
  });

/** Waits for what a step has begun, but leaves its failure to nobody. */
const settle = (begun) => Promise.race([Promise.allSettled([begun]), sleep(3000)]);

/** Plants secrets in one place; says how many steps there are for it. Rejections of these are nobody's to handle. */
globalThis.plant = async (place, secrets) => {
  for (const [i, step] of steps[place].entries()) {
    const begun = step(secrets[i]);
    if (place === 'rejection' || place === 'thrown object') await sleep(30);
    else await settle(begun);
  }
  return steps[place].length;
};

/** What is kept on the device, apart from what was planted there. */
globalThis.stored = async () => {
  const own = ['token', 'plain', 'canaries'];
  const databases = (await indexedDB.databases?.()) ?? [];
  return [
    ...[localStorage, sessionStorage].flatMap((storage) => Object.entries({ ...storage })),
    ...databases.map(({ name }) => [name]),
    ...(await caches.keys()).map((name) => [name]),
  ].filter(([name]) => !own.includes(name));
};
