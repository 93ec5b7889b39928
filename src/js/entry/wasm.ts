// The package's entry `tailcone/wasm`: debug images and traps of the application's wasm modules.
export { wasmImages } from '../images.js';
export type { WasmImagesOptions } from '../images.js';
