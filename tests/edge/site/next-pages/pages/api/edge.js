// A function in the edge runtime, of the kind that is built by webpack; it uses of the package what is shared only.
import { wrapHandler } from 'tailcone';

export const config = { runtime: 'edge' };

export default wrapHandler({}, () => {
  throw new TypeError('built by webpack');
});
