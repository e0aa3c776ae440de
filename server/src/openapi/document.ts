import { readFileSync } from 'node:fs';
import type { Context } from '../context.js';
import { packageFolder } from '../package-folder.js';
import type { Repository } from '../repository.js';
import type { RowLimits } from '../rows.js';
import * as administration from './administration.js';
import * as inference from './inference-v2.js';
import { documentInstances, documentInvocations } from './invocations.js';
import * as kserve from './kserve-v1.js';
import { type DocumentedModel, documentModel } from './model-schemas.js';
import { operations } from './operations.js';
import { documentPageModel, driftPath, pagePaths } from './page.js';
import { documentPlain } from './plain.js';
import { errorSchemas } from './responses.js';
import type { Piece } from './schema.js';

const { version } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as {
  version: string;
};

/**
 * What the server is asked and answers, as OpenAPI 3.1, made of what its models take and give.
 *
 * @param has whether there is such a route: some are options
 */
export function openApi(
  { repository, limits, access }: Context,
  has: (path: string) => boolean,
): Piece {
  const models = documentAll(repository, limits);
  const newest = new Map<string, DocumentedModel>();
  for (const one of models) {
    const { name, version: own } = one.served;
    const other = newest.get(name);
    if (!other || Number(own) > Number(other.served.version)) newest.set(name, one);
  }
  const schemes = ['bearer', 'apiKey'];
  const guarded = access.guards('predict');
  const paths: Piece = Object.assign(
    {},
    operations,
    administration.administration,
    ...models.map((one) => pathsOfModel(one, newest.get(one.served.name) === one)),
    has('/drift') && driftPath,
    ...(has('/ui/models') ? [pagePaths, ...models.map(pathOfPage)] : []),
    ...(newest.size === 1 ? [...newest.values()].map(pathsOfOnly) : []),
    { '/v1/models': kserve.documentNames() },
    inference.documentServer(),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'nuthatch',
      version,
      description: 'Predictions of trained models, in the protocols that clients already speak.',
    },
    paths,
    components: {
      schemas: Object.assign(
        {},
        errorSchemas,
        inference.inferenceSchemas,
        ...models.map(({ schemas }) => schemas),
      ),
      ...(guarded && {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      }),
    },
    ...(guarded && { security: schemes.map((name) => ({ [name]: [] })) }),
  };
}

function documentAll(repository: Repository, limits: RowLimits): readonly DocumentedModel[] {
  const all = repository.names.flatMap((name) => repository.versionsOf(name));
  const keys = new Set<string>();
  return all.map((served) => {
    const plain = `${served.name}.${served.version}`.replace(/[^\w.-]/g, '_');
    // Names that differ in signs alone.
    const key = keys.has(plain) ? `${plain}.${keys.size}` : plain;
    keys.add(key);
    return documentModel(served, key, limits);
  });
}

/** Of a model by name and version, and by its name alone where that is answered by this version. */
function pathsOfModel(one: DocumentedModel, isNewest: boolean): Piece {
  const { name, version: own } = one.served;
  const at = encodeURIComponent(name);
  const paths = (place: string): Piece => ({
    [`/models/${place}/predict`]: documentPlain(one),
    [`/v1/models/${place}:predict`]: kserve.documentKserveV1(one),
    [`/v2/models/${place}`]: inference.documentMetadata(),
    [`/v2/models/${place}/ready`]: inference.documentReady(true),
    [`/v2/models/${place}/infer`]: inference.documentInfer(one),
    [`/v2/models/${place}/config`]: administration.documentIntrospection("Triton's settings"),
    [`/v2/models/${place}/stats`]: administration.documentIntrospection('What it has done'),
  });
  return {
    ...(isNewest && {
      ...paths(at),
      [`/v1/models/${at}`]: kserve.documentState(),
      [`/models/${at}`]: administration.documentLoaded(),
      [`/models/${at}/invoke`]: documentInvocations(one),
      [`/v2/repository/models/${at}/load`]: administration.documentLoad('Loads the model anew'),
      [`/v2/repository/models/${at}/unload`]: administration.documentLoad('Unloads the model'),
    }),
    ...paths(`${at}/versions/${encodeURIComponent(own)}`),
  };
}

const pathOfPage = ({ served: { name, version: own } }: DocumentedModel): Piece => ({
  [`/ui/models/${encodeURIComponent(name)}/versions/${encodeURIComponent(own)}`]:
    documentPageModel(),
});

/** What names no model is answered where there is but one. */
function pathsOfOnly(only: DocumentedModel): Piece {
  const { AIP_PREDICT_ROUTE: predict } = process.env;
  return {
    '/predict': documentPlain(only),
    '/invocations': documentInvocations(only),
    '/score': documentInstances(only),
    ...(predict !== undefined && { [predict]: documentInstances(only) }),
  };
}
