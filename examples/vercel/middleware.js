// Middleware in the edge runtime.
import { NextResponse } from 'next/server';
import { getScope, wrapHandler } from 'tailcone';
import { options } from './reporting.js';

export const config = { matcher: '/api/:path*' };

export default wrapHandler(options, (request) => {
  const token = request.headers.get('authorization');
  if (token === 'expired') getScope(request).captureMessage('a token has expired', 'warning');
  if (token === 'broken') throw new TypeError('the token cannot be read');
  return NextResponse.next();
});
