import { Toucan } from 'toucan-js';
import { site } from './site.mjs';

export default site(({ fetch }) => ({
  async fetch(request, env, context) {
    const sentry = new Toucan({ dsn: env.DSN, context, request, requestDataOptions: { allowedHeaders: /./ } });
    try {
      return await fetch(request);
    } catch (error) {
      sentry.captureException(error);
      throw error;
    }
  },
}));
