import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { variables } from '../../src/config/index.js';

// biome-ignore lint/suspicious/noExplicitAny: manifests have whatever shape they have; the expectations say which
type Loose = any;

const read = (path: string): string => readFileSync(`deploy/${path}`, 'utf8');
const manifests: Loose[] = parseAllDocuments(read('kubernetes/assay.yaml')).map((document) => document.toJS());
const one = (kind: string): Loose => manifests.find((manifest) => manifest.kind === kind);
const known = new Set(variables.map(({ name }) => name));

describe('the Kubernetes manifest', () => {
  const { spec } = one('Deployment').spec.template;
  const [container] = spec.containers;

  it('is enforced to be restricted, and is', () => {
    expect(one('Namespace').metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect([spec.automountServiceAccountToken, spec.enableServiceLinks]).toEqual([false, false]);
  });

  it('gives a version, limits and the time to stop', () => {
    expect(container.image).not.toMatch(/:latest$|^[^:]+$/);
    expect(container.resources.limits.memory).toBe('1Gi');
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(30);
  });

  it('never lets two pods have one embedded store, nor restarts for what a restart does not mend', () => {
    expect(one('Deployment').spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect([container.livenessProbe.httpGet.path, container.readinessProbe.httpGet.path]).toEqual(['/healthz', '/readyz']);
  });

  it('sets only variables that Assay knows, tokens among them', () => {
    const names: string[] = container.env.map(({ name }: { name: string }) => name);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(names).toContain('ASSAY_TOKENS_FILE');
  });
});

describe('the compose file', () => {
  const { services } = parse(read('docker-compose.yaml')) as Loose;

  it('opens ports on loopback only and sets variables that Assay knows', () => {
    const ports: string[] = Object.values(services).flatMap((service: Loose) => service.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(Object.keys(services.assay.environment).filter((name) => !known.has(name))).toEqual([]);
    expect(services.assay).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });
});

describe('the image', () => {
  const text = read('Dockerfile');

  it('runs as nobody special, from a pinned base, on the flag that the embedded store needs', () => {
    expect(text).toContain('USER 10001:10001');
    expect([...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual([
      'node:24.21.0-bookworm-slim',
      'node:24.21.0-bookworm-slim',
    ]);
    expect(read('entrypoint.mjs')).toContain("'--liftoff-only'");
  });

  it('copies what is there, and what its own ignore file lets through', () => {
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
    const open = new Set(read('Dockerfile.dockerignore').match(/(?<=^!).+$/gm));
    expect(copied.length).toBeGreaterThan(7);
    expect(copied.filter((source) => !existsSync(source) || !open.has(source.replace(/^\.\//, '')))).toEqual([]);
  });

  it('has the command that pipelines call', () => {
    const [, target = ''] = /ln -s \/app\/(\S+) \/usr\/local\/bin\/assay/.exec(text) ?? [];
    expect(statSync(target).mode & 0o111).toBe(0o111);
    expect(text).toContain('COPY --from=build /src/bin ./bin');
  });

  it('sets only variables that Assay knows', () => {
    const names = [...text.matchAll(/\b(ASSAY_\w+)=/g)].map(([, name]) => name ?? '');
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});
