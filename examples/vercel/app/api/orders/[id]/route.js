// A route handler in the edge runtime.
import { redirect } from 'next/navigation';
import { addBreadcrumb, setTag, wrapHandler } from 'tailcone';
import { options } from '../../../../reporting.js';

export const runtime = 'edge';

export const GET = wrapHandler(options, async (request, { params }) => {
  const { id } = await params;
  setTag('order', id);
  addBreadcrumb({ category: 'orders', message: `looking for ${id}` });
  if (id === 'newest') redirect('/api/orders/7');
  if (!/^\d+$/.test(id)) throw new RangeError(`there is no order ${id}`);
  return Response.json({ id });
});
