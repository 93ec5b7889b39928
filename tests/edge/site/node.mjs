// The site in Node.
import * as tailcone from '../../../dist/server.js';
import { listen } from './listen.mjs';
import { server } from './server.mjs';

const [options, port] = process.argv.slice(2);
const handle = server(tailcone, options);

listen(handle, port);
