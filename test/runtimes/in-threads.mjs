/**
 * Answers of a model in worker threads, compared with its own to the bit. Where threads cannot be had, what the library says about it.
 *
 * @returns {Promise<{ refused: string } | { values: number, differences: string[] }>}
 */
export async function compareInThreads(model) {
  let many;
  try {
    many = await model.parallel({ threads: 2 });
  } catch (error) {
    if (error.code !== 'threads') throw error;
    return { refused: error.message };
  }
  const rows = 3000;
  const cols = model.nFeatures;
  let seed = 1;
  const data = Float64Array.from({ length: rows * cols }, () => {
    seed = (seed * 48_271) % (2 ** 31 - 1);
    return (8 * seed) / 2 ** 31;
  });
  const report = { values: 0, differences: [] };
  for (const method of ['predict', 'predictProba', 'raw']) {
    const expected = model[method]({ data, rows, cols });
    const found = await many[method]({ data, rows, cols });
    const [ours, theirs] = [expected.data ?? expected, found.data ?? found];
    report.values += theirs.length;
    if (ours.length !== theirs.length || !ours.every((value, i) => Object.is(value, theirs[i])))
      report.differences.push(`${method} in threads`);
  }
  data[cols * 2500] = Number.POSITIVE_INFINITY;
  const refusal = await many.predict({ data, rows, cols }).catch((error) => error);
  if (!refusal.path?.startsWith('row 2500,')) report.differences.push(`refused: ${refusal}`);
  await many.close();
  return report;
}

/** The models that are tried: one whose memory is copied when threads start, and one that is loaded into theirs. */
export const threadedModels = ['demo.nut', 'large.nut'];
