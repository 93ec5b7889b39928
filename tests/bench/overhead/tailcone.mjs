import { withTailcone } from '../../../dist/cloudflare.js';
import { site } from './site.mjs';

// Every error counts here, also the thousandth of its kind.
const options = ({ DSN: dsn }) => ({ dsn, sendRequest: true, floodControl: false });
export default site((handler) => withTailcone(options, handler));
