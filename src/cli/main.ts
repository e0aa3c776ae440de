#!/usr/bin/env node
import { reportOutput, runCommandLine } from './run.js';

const argv = process.argv.slice(2);
let ofOutput: number = 0;
process.stdout.on('error', (error) => {
  ofOutput = reportOutput(error, argv.includes('--json'));
  process.exitCode = ofOutput;
});
process.exitCode = (await runCommandLine(argv)) || ofOutput;
