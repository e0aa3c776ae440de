import type { ModelList, PageModel } from '../src/page/reports.js';
import { type Predicted, showAnswer } from './answer.js';
import { ask, hasToken, ServerError } from './client.js';
import { byId, create, fillSelect } from './elements.js';
import { formatNumber, formatWhole } from './numbers.js';
import { createForm, FormError, type RequestForm } from './request-form.js';
import { languages } from './snippets.js';

/** The model that is chosen. */
export interface Chosen {
  readonly name: string;
  readonly version: string;
}

/** Lets a person choose a model, fill in its features, and see what it answers. */
export async function createPredict(
  { models }: ModelList,
  onChoice: (chosen: Chosen) => void,
): Promise<void> {
  const [modelSelect, versionSelect] = [
    byId<HTMLSelectElement>('model'),
    byId<HTMLSelectElement>('version'),
  ];
  const methodSelect = byId<HTMLSelectElement>('method');
  let model: PageModel;
  let form: RequestForm;
  let language = Object.keys(languages)[0]!;
  let request: { readonly path: string; readonly body: unknown };

  const versionsOf = (name: string) => models.find((one) => one.name === name)?.versions ?? [];
  const open = async () => {
    const name = modelSelect.value;
    const versions = versionsOf(name);
    const version = versionSelect.value || versions.at(-1)!;
    const at = `models/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
    model = (await ask<PageModel>(`ui/${at}`)).value;
    describe(model);
    form = createForm(model);
    fillSelect(
      methodSelect,
      model.methods.map((method) => [method, method]),
    );
    byId('method-choice').hidden = model.methods.length < 2;
    byId('example').hidden = model.examples.length === 0;
    byId('answer').replaceChildren(
      create('p', { class: 'muted' }, 'Fill in the features, and press Predict.'),
    );
    complain(null);
    if (model.examples.length > 0) form.fillIn();
    prepare();
    onChoice({ name, version });
  };

  /** What will be asked, as long as the form can be read. */
  const prepare = () => {
    const method = methodSelect.value;
    const isUsual = method === model.methods[0];
    const hasShares = method === 'predict' && model.methods.includes('predict_proba');
    const isOnly = models.length === 1 && versionSelect.value === '';
    const name = encodeURIComponent(model.name);
    const path = isOnly
      ? 'predict'
      : `models/${name}${versionSelect.value === '' ? '' : `/versions/${encodeURIComponent(versionSelect.value)}`}/predict`;
    request = {
      path,
      body: {
        features: form.features(),
        ...(!isUsual && { method }),
        ...(hasShares && { probabilities: true }),
      },
    };
    showCode();
  };

  const showCode = () => {
    byId('code').textContent = languages[language]!({
      url: new URL(request.path, document.baseURI).href,
      body: request.body,
      withToken: hasToken(),
    });
    byId('copied').textContent = '';
  };

  const predict = async () => {
    form.clearComplaints();
    complain(null);
    const answer = byId('answer');
    try {
      prepare();
      answer.setAttribute('aria-busy', 'true');
      const { value, version, milliseconds } = await ask<Predicted>(request.path, request.body);
      const rows =
        value.prediction.length === 1 ? '' : `${formatWhole(value.prediction.length)} rows, `;
      const by = version === null ? '' : `version ${version}, `;
      answer.replaceChildren(
        ...showAnswer(value, model, methodSelect.value),
        create(
          'p',
          { class: 'muted small' },
          `${rows}${by}${formatNumber(Number(milliseconds.toPrecision(2)))} ms there and back`,
        ),
      );
      showCode();
    } catch (error) {
      const known = error instanceof ServerError || error instanceof FormError;
      if (!known) throw error;
      answer.replaceChildren(create('p', { class: 'muted' }, 'There is none: see what is wrong.'));
      const path = error instanceof ServerError ? error.path : '';
      // Beside a field, its place need not be said.
      const alone = error.message.replace(`${path}: `, '');
      if (!form.complain(path, alone)) complain(error.message);
    } finally {
      answer.removeAttribute('aria-busy');
    }
  };

  const tabs = Object.keys(languages).map((name) => {
    const tab = create(
      'button',
      { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'code' },
      name,
    );
    tab.onclick = () => choose(name);
    return tab;
  });
  const choose = (name: string) => {
    language = name;
    for (const tab of tabs) {
      const isChosen = tab.textContent === name;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
    byId('code').setAttribute('aria-labelledby', `tab-${name}`);
    if (request !== undefined) showCode();
  };
  byId('languages').append(...tabs);
  byId('languages').onkeydown = ({ key }) => {
    const turn = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (turn === 0) return;
    const at = tabs.findIndex((tab) => tab.textContent === language);
    const tab = tabs[(at + turn + tabs.length) % tabs.length]!;
    choose(tab.textContent!);
    tab.focus();
  };
  choose(language);
  byId('copy').onclick = async () => {
    await navigator.clipboard.writeText(byId('code').textContent!);
    byId('copied').textContent = 'Copied.';
  };

  byId<HTMLFormElement>('form').onsubmit = (event) => {
    event.preventDefault();
    void predict();
  };
  byId('example').onclick = () => {
    form.fillIn();
    void predict();
  };
  const chooseVersions = () => {
    const versions = versionsOf(modelSelect.value);
    const each = [...versions].reverse().map((version) => [version, version] as const);
    fillSelect(versionSelect, [['', 'as served'], ...each]);
    byId('version-choice').hidden = versions.length < 2;
  };
  fillSelect(
    modelSelect,
    models.map(({ name }) => [name, name]),
  );
  byId('model-choice').hidden = models.length < 2;
  byId('choice').hidden = models.length < 2 && versionsOf(models[0]!.name).length < 2;
  modelSelect.onchange = () => {
    chooseVersions();
    void open();
  };
  versionSelect.onchange = () => void open();
  methodSelect.onchange = () => void predict();
  chooseVersions();
  await open();
}

function describe({
  name,
  version,
  className,
  columns,
  classes,
  examples,
  exampleSource,
}: PageModel): void {
  byId('model-title').textContent = name;
  const known = classes?.length === 1 ? `, ${formatWhole(classes[0]!.length)} classes` : '';
  const outputs = classes !== null && classes.length > 1 ? `, ${classes.length} outputs` : '';
  const width = `${formatWhole(columns)} ${columns === 1 ? 'column' : 'columns'}`;
  byId('model-facts').textContent =
    `${className} · ${width}${known}${outputs} · version ${version}`;
  const source = {
    golden: 'A row that the model was proved with',
    training: 'A typical row of the training rows',
    'made-up': 'A row that the model takes',
  };
  byId('example').title = source[exampleSource];
  byId('example').textContent = examples.length > 1 ? 'Another example' : 'Example';
}

export function complain(message: string | null): void {
  byId('problem').replaceChildren(
    ...(message === null ? [] : [create('p', { class: 'card problem' }, message)]),
  );
}
