// The Rust-wasm application, in a frame of its own: it has its own recorder, which would report this page's errors too.

let frame;

/** Calls an export of the application: gives the event id that it answers, or what ended it. */
export async function rust(name) {
  frame ??= await open();
  const { port1: here, port2: there } = new MessageChannel();
  const answer = new Promise((resolve) => (here.onmessage = ({ data }) => resolve(data)));
  frame.contentWindow.postMessage(name, location.origin, [there]);
  const { id, trap } = await answer;
  if (trap === undefined) return id;
  // What a trap leaves behind in a module's memory is not to be relied on.
  const spent = frame;
  frame = undefined;
  setTimeout(() => spent.remove(), 5000);
  return { note: `Reported by the panic hook, then the module trapped (${trap}). The next click starts a fresh instance.` };
}

function open() {
  const opened = document.createElement('iframe');
  opened.hidden = true;
  opened.title = 'Rust application';
  opened.src = 'rust-app.html';
  const ready = new Promise((resolve, reject) => {
    addEventListener('message', function heard({ source, data }) {
      if (source !== opened.contentWindow) return;
      removeEventListener('message', heard);
      if (data === 'ready') resolve(opened);
      else reject(new Error(data));
    });
  });
  document.body.append(opened);
  return ready;
}
