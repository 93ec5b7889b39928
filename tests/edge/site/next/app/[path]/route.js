// The site in an application of Next.js, in the edge runtime.
import * as tailcone from 'tailcone';
import { optionsOf, site } from '../../site.mjs';

export const runtime = 'edge';

// Also loaded while it is built, when there are no options.
export const GET = tailcone.wrapHandler(optionsOf(process.env.OPTIONS ?? '{}'), site(tailcone));
export const POST = GET;
