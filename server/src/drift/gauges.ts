import { Gauge, type Registry } from 'prom-client';
import type { DriftReport } from './monitor.js';

/** Gauges of drift, which are calculated when somebody asks for them. */
export function addDriftGauges(registry: Registry, report: () => readonly DriftReport[]): void {
  const gauge = (name: string, help: string, collect?: () => void) =>
    new Gauge({
      name,
      help,
      labelNames: ['model', 'version', 'feature'] as const,
      registers: [registry],
      ...(collect && { collect }),
    });
  // The first to be read: it sets the others, too.
  const psi = gauge(
    'nuthatch_drift_psi',
    'Population stability index against the training rows, by feature or answer',
    () => setAll(),
  );
  const ks = gauge('nuthatch_drift_ks', 'Statistic of Kolmogorov and Smirnov, of numbers');
  const chi2 = gauge('nuthatch_drift_chi2', "Pearson's chi-square statistic, of values");
  const missing = gauge('nuthatch_missing_ratio', 'Share of cells that are missing');
  const unseen = gauge('nuthatch_unseen_ratio', 'Share of cells as training had none');
  function setAll(): void {
    for (const one of [psi, ks, chi2, missing, unseen]) one.reset();
    for (const { model, version, series } of report()) {
      for (const { name: feature, ...one } of series) {
        const labels = { model, version, feature };
        if (one.psi !== null) psi.set(labels, one.psi);
        if (one.ks !== null) ks.set(labels, one.ks.statistic);
        if (one.chi2 !== null) chi2.set(labels, one.chi2.statistic);
        if (one.missing.window !== null) missing.set(labels, one.missing.window);
        if (one.unseen !== null) unseen.set(labels, one.unseen);
      }
    }
  }
}
