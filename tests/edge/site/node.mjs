// The site in Node.
import * as tailcone from '../../../dist/server.js';
import { servers } from './express.mjs';
import { listen } from './listen.mjs';
import { server } from './server.mjs';

const [options, port] = process.argv.slice(2);

listen(server(tailcone, options), port, servers(tailcone, options));
