// The same of a model in a bucket, which is replaced without a deployment and may be larger than a Worker: it is loaded when the first request
// comes, and kept as long as the isolate lives. Name this file and the bucket in wrangler.jsonc. Of KV: env.MODELS.get('model.nut', 'arrayBuffer').
import { createFetchHandler } from '@nuthatch/server/fetch';
import { load } from 'nuthatch';

let handler;
export default {
  fetch(request, env) {
    handler ??= createFetchHandler(async () => {
      const file = await env.MODELS.get('model.nut');
      if (file === null) throw new Error('there is no model.nut in the bucket');
      return load(await file.arrayBuffer());
    });
    return handler(request);
  },
};
