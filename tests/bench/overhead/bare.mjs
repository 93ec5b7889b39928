// The handler alone.
import { site } from './site.mjs';

export default site((handler) => handler);
