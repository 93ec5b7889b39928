// What all handlers of the application report with. `npm start` runs it; the variable SENTRY_DSN says where to.
export const options = { release: 'shop@1.0.0', sendRequest: true };
