// What the build puts in the place of these words.

/** The version of the package. */
declare const __TAILCONE_VERSION__: string;
/** Whether this is the build for servers, where requests have scopes of their own. */
declare const __EDGE__: boolean;
