// Makes the recorder's module trap at each of its exports in turn, with an event each time and one after it.

/** The export that traps at its next call, when it did, what starts a client, and when the next instance had one. */
const trap = { armed: '', fell: 0, start: '', rose: 0 };
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...args) => {
  const made = await instantiate(...args);
  const exports = {};
  for (const [name, given] of Object.entries((made.instance ?? made).exports)) {
    const called = (...args) => {
      if (trap.armed === name) {
        Object.assign(trap, { armed: '', fell: performance.now() });
        throw new WebAssembly.RuntimeError('planned');
      }
      const result = given(...args);
      if (name === trap.start) trap.rose = performance.now();
      return result;
    };
    exports[name] = typeof given === 'function' ? called : given;
  }
  return made.instance ? { module: made.module, instance: { exports } } : { exports };
};

/** Every export; after `stop` there is no client. */
const names = ['room', 'start', 'capture', 'replied', 'tick', 'flush', 'hide', 'discard', 'stop'];

/** `exported`: what the module calls them. Gives milliseconds from each trap to the next instance. Events are `trap N` and `after N`, with the tag `kept`. */
export async function traps(sdk, dsn, rounds, exported) {
  trap.start = exported.start;
  const times = [];
  const dropped = (event) => (event.logentry?.formatted === 'drop' ? null : event);
  const error = (name) => Object.assign(new Error('planned'), { name });
  const until = async (is) => {
    for (let i = 0; i < 2000 && !is(); i++) await new Promise((done) => setTimeout(done, 1));
  };
  const begin = () => {
    const client = sdk.init({ dsn, dedupe: false, floodControl: false, sdkLogLevel: 'none' });
    sdk.setTag('kept', 'yes');
    sdk.getGlobalScope().clear().addEventProcessor(dropped);
    return client.ready;
  };
  const doing = {
    start: begin,
    tick: () => void sdk.flush(1),
    flush: () => void sdk.flush(),
    hide: () => void dispatchEvent(new Event('visibilitychange')),
    discard: () => void (sdk.captureMessage('drop'), sdk.flush(1)),
    stop: () => sdk.close(100),
  };
  for (let i = 0; i < rounds * names.length; i++) {
    const name = names[i % names.length];
    // A client has ten new instances at once, no more.
    if (!(i % names.length)) await begin();
    Object.assign(trap, { armed: exported[name], fell: 0, rose: 0 });
    const id = sdk.captureException(error(`trap ${i}`));
    await doing[name]?.();
    await until(() => trap.fell);
    if (!trap.fell) throw new Error(`${name} was not called`);
    await sdk.explain(id);
    if (name === 'stop') continue;
    await until(() => trap.rose);
    times.push(trap.rose - trap.fell);
    await sdk.explain(sdk.captureException(error(`after ${i}`)));
  }
  return times;
}
