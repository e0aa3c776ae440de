// The handler index.handler of a function whose package holds this file, model.nut and node_modules with nuthatch and @nuthatch/server.
import { createHandler } from '@nuthatch/server/lambda';

export const handler = await createHandler(`${process.env.LAMBDA_TASK_ROOT}/model.nut`);
