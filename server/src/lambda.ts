import awsLambdaFastify from '@fastify/aws-lambda';
import type { ServeOptions } from './options.js';
import { serve } from './serve.js';

/** Answers an event of API Gateway or of a function's address, as AWS Lambda calls it. */
export type LambdaHandler = (event: unknown, context: unknown) => Promise<LambdaAnswer>;

export interface LambdaAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/**
 * A handler for AWS Lambda that answers as `serve` does, in all its protocols. Awaited at the top of a module, the model is read before
 * the first event comes.
 */
export async function createHandler(
  path: string,
  options: ServeOptions = {},
): Promise<LambdaHandler> {
  // The socket, which nobody reaches, takes a port that is free.
  const { app } = await serve(path, { ...options, host: '127.0.0.1', port: 0 });
  const handler = awsLambdaFastify(app, {
    // Tensors; what is compressed is known by its header.
    binaryMimeTypes: ['application/octet-stream'],
    callbackWaitsForEmptyEventLoop: false,
    decorateRequest: false,
  });
  return handler as unknown as LambdaHandler;
}
