// Bundled into one file and run by a page. `violations` counts what the page's Content-Security-Policy refused (see run.mjs).
import { load, webWorkers } from 'nuthatch';
import { compareInThreads, threadedModels } from './in-threads.mjs';
import { replayGolden } from './replay-golden.mjs';

async function fetchBytes(file) {
  const path = `/${file}`;
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

let result;
try {
  result = await replayGolden(fetchBytes, location.pathname !== '/');
  result.threads = [];
  for (const file of threadedModels) {
    const model = load(await fetchBytes(file), { accelerator: webWorkers });
    result.threads.push(await compareInThreads(model));
  }
} catch (error) {
  result = { values: 0, differences: [String(error?.stack ?? error)] };
}
// Violation events are queued as tasks: let them arrive.
await new Promise((resolve) => setTimeout(resolve, 100));
const { violations } = globalThis;
await fetch('/result', { method: 'POST', body: JSON.stringify({ ...result, violations }) });
