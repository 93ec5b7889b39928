import { withSentry } from '@sentry/cloudflare';
import { site } from './site.mjs';

export default site((handler) => withSentry(({ DSN: dsn }) => ({ dsn }), handler));
