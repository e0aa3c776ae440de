// A Cloudflare Worker that is one model: POST /predict {"features": [5.1, 3.5, 1.4, 0.2]}, GET /healthz, /readyz. In this folder, with model.nut:
//   npm install nuthatch @nuthatch/server && npx wrangler deploy
import { createFetchHandler } from '@nuthatch/server/fetch';
import { load } from 'nuthatch';
import bytes from './model.nut';

export default { fetch: createFetchHandler(load(bytes)) };
