// The same handler in Node.
export { GET } from '../../orders/[id]/route.js';
