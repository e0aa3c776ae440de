import type { ModelList } from '../src/page/reports.js';
import { ask, ServerError } from './client.js';
import { showDrift } from './drift.js';
import { byId, create } from './elements.js';
import { type Chosen, complain, createPredict } from './predict.js';
import { createTraffic } from './traffic.js';

const every = 2000;

let chosen: Chosen | null = null;
let isUpdating = false;
let isRefused = false;
// Who has no pointer scrolls these by keys.
for (const id of ['code', 'figures-table', 'drift-table']) byId(id).tabIndex = 0;
const traffic = createTraffic();

try {
  const { value: list } = await ask<ModelList>('ui/models');
  byId('docs-link').hidden = !list.docs;
  byId('drift-link').hidden = !list.drift;
  byId('drift').hidden = !list.drift;
  if (list.models.length === 0) complain('No model is loaded yet.');
  else
    await createPredict(list, (one) => {
      chosen = one;
      void update(list.drift);
    });
  setInterval(() => void update(list.drift), every);
} catch (error) {
  if (!(error instanceof ServerError)) throw error;
  complain(error.message);
}

/** Nobody looks at what is hidden; and one question at a time. */
async function update(drift: boolean): Promise<void> {
  if (document.hidden || isUpdating || isRefused) return;
  isUpdating = true;
  try {
    await traffic.update();
    if (drift && chosen !== null) await showDrift(chosen.name, chosen.version);
    note('The last 15 minutes of this process');
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    isRefused = error.status === 401 || error.status === 403;
    note(isRefused ? `Figures need another token: ${error.message}.` : error.message);
  } finally {
    isUpdating = false;
  }
}

function note(text: string): void {
  byId('traffic-note').replaceChildren(create('span', {}, text));
}
