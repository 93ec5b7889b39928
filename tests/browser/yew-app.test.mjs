// An application of Yew's with the crate in it, driven as its user would: what goes wrong arrives, and the page stays.
import { commonTests, exampleApp } from '../lib/app.mjs';
import { parts } from '../lib/env.mjs';
import { forEachBrowser } from '../lib/suite.mjs';

forEachBrowser('a Yew app', (test) => commonTests(test, exampleApp('yew-app')), { more: [parts.yewApp] });
