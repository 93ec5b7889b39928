// Counts the memory of WebAssembly modules; to be imported before what makes one.
const { instantiate } = WebAssembly;
const memories = [];
WebAssembly.instantiate = async (...args) => {
  const made = await instantiate(...args);
  memories.push(...Object.values((made.instance ?? made).exports).filter((value) => value instanceof WebAssembly.Memory));
  return made;
};

export const wasmBytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
