#!/usr/bin/env node
// The `tailcone` command: finds the subcommand and hands over to it.

import { inbox } from './inbox/inbox.js';
import { wasmPrep } from './wasm-prep/wasm-prep.js';

const HELP = `tailcone ${__TAILCONE_VERSION__}: error reporting to any Sentry-protocol backend.

Usage: tailcone COMMAND [options]

  inbox        receive events locally and show them on a page
  wasm-prep    names and lines for the stacks of a shipped wasm file

  --help       show this, or a command's options after its name
  --version    show the version
`;

async function main([command, ...rest]: string[]): Promise<number | undefined> {
  switch (command) {
    case 'inbox':
      return inbox(rest, __TAILCONE_VERSION__);
    case 'wasm-prep':
      return wasmPrep(rest);
    case '--version':
    case '-v':
      process.stdout.write(`${__TAILCONE_VERSION__}\n`);
      return 0;
    case '--help':
    case '-h':
      process.stdout.write(HELP);
      return 0;
    case undefined:
      process.stderr.write(HELP);
      return 2;
    default:
      process.stderr.write(`tailcone: there is no command ${JSON.stringify(command)}. Try: tailcone --help\n`);
      return 2;
  }
}

const code = await main(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
