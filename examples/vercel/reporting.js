// What all handlers of the application report with.
export const options = { dsn: process.env.TAILCONE_DSN, release: 'shop@1.0.0', sendRequest: true };
