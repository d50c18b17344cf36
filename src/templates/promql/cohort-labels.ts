import type { LabelMatch } from './syntax.js';

/** Labels by which people tell one release from another. */
const releaseLabel =
  /^(?:(?:app_|service_|image_|build_)?version|release|revision|track|subset|variant|colou?r|slot|(?:.+_)?pod_template_hash|(?:source|destination)_(?:version|canonical_revision|subset)|rollout_type)$/;

/** Labels that tell releases apart because each has its own deployment. */
const workloadLabel =
  /^(?:(?:kubernetes_)?(?:pod|pod_name)|(?:source_|destination_)?workload|deployment|replicaset|rs|role|stage|ingress|canary|envoy_cluster_name|envoy_cluster|upstream|backend|target_service)$/;

export const isReleaseLabel = (label: string): boolean => releaseLabel.test(label);

/** A label whose values differ between two releases of a service. */
export const tellsReleases = (label: string): boolean => isReleaseLabel(label) || workloadLabel.test(label);

const words = {
  canary: /canary|preview|experiment|latest|\bnew\b|\bgreen\b/i,
  baseline: /stable|primary|baseline|control|previous|\bactive\b|\bold\b|\bblue\b/i,
};

/** Which side of a rollout a value or the name of an argument says; null: neither, or both. */
export function sideNamed(value: string): 'canary' | 'baseline' | null {
  const [canary, baseline] = [words.canary.test(value), words.baseline.test(value)];
  return canary === baseline ? null : canary ? 'canary' : 'baseline';
}

/** A value that is nothing but the name of a side. */
export const isSideWord = (value: string): boolean => /^(?:canary|primary|stable|preview|active|baseline|green|blue)$/i.test(value);

/** An argument whose name says that it picks a release. */
export function isSideArgument(value: string): boolean {
  const name = /^\$\{([\w-]+)\}$/.exec(value)?.[1];
  return name !== undefined && (/hash|revision|pod-template/i.test(name) || sideNamed(name) !== null);
}

/** A condition on one release, or on one side of the rollout. Helm writes the name of the installation into `release`. */
export const picksRelease = ({ label, value }: LabelMatch): boolean =>
  (isReleaseLabel(label) && (label !== 'release' || sideNamed(value) !== null)) || isSideArgument(value);
