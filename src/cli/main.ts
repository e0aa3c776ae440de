#!/usr/bin/env node
import { report, runCommandLine } from './run.js';

process.stdout.on('error', (error) => {
  process.exitCode = report(error, false);
});
process.exitCode = await runCommandLine(process.argv.slice(2));
