import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InvalidRequestError, NotFoundError } from '../../../domain/index.js';
import { type ForeignDocument, ForeignDocumentStore } from '../../../storage/index.js';
import { readCanaryConfig, refuseProblems } from '../../../templates/index.js';
import { problemsOf } from './translate-config.js';

const collection = 'kayenta/canary-config';
const mostConfigs = 1000;

/** A config as its author sent it, with what Kayenta writes into it. */
type StoredConfig = Readonly<Record<string, unknown>> & { readonly name: string; readonly applications: readonly string[] };

/** A line of `GET /canaryConfig`. */
export interface ListedConfig {
  readonly id: string;
  readonly name: string;
  /** milliseconds, whole: Argo cannot read anything else */
  readonly updatedTimestamp: number;
  readonly updatedTimestampIso: string;
  readonly applications: readonly string[];
}

/** Canary configs, kept as they came. One that could not be judged is refused when it comes, not when a release waits for it. */
@Injectable()
export class CanaryConfigs {
  constructor(private readonly documents: ForeignDocumentStore) {}

  /** @throws {InvalidRequestError} with all mistakes, or because the id or the name is taken */
  async create(body: unknown, now: Date): Promise<string> {
    const { id: given, name, applications } = checked(body);
    const id = given || randomUUID();
    await this.refuseTwin(id, name, applications);
    const added = await this.documents.add(collection, documentOf(id, body, now, now));
    if (!added) throw new InvalidRequestError(`Canary config '${id}' already exists.`);
    return id;
  }

  /** @throws {InvalidRequestError} as for create, or because there is no such config: so says Kayenta */
  async replace(id: string, body: unknown, now: Date): Promise<string> {
    const { name, applications } = checked(body);
    const before = await this.documents.find(collection, id);
    if (!before) throw new InvalidRequestError(`Canary config '${id}' does not exist.`);
    await this.refuseTwin(id, name, applications);
    await this.documents.replace(collection, documentOf(id, body, before.createdAt, now));
    return id;
  }

  /** @throws {NotFoundError} */
  async delete(id: string): Promise<void> {
    if (!(await this.documents.delete(collection, id))) throw notFound(id);
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<StoredConfig> {
    const found = await this.documents.find<StoredConfig>(collection, id);
    if (!found) throw notFound(id);
    return found.body;
  }

  /** @param applications  only configs of one of these; none given: all */
  async list(applications: readonly string[]): Promise<ListedConfig[]> {
    const all = await this.documents.list<StoredConfig>(collection, { limit: mostConfigs, skip: 0 });
    return all.map(listed).filter((config) => applications.length === 0 || config.applications.some((each) => applications.includes(each)));
  }

  /** Clients find a config by name and application, and need exactly one. */
  private async refuseTwin(id: string, name: string, applications: readonly string[]): Promise<void> {
    const twin = (await this.list(applications)).find((other) => other.id !== id && other.name === name);
    if (twin)
      throw new InvalidRequestError(
        `A canary config with name '${name}' already exists in the scope of applications ${applications.join(', ')}.`,
      );
  }
}

function checked(body: unknown): ReturnType<typeof readCanaryConfig> {
  const config = readCanaryConfig(body);
  refuseProblems(problemsOf(config));
  return config;
}

function documentOf(id: string, body: unknown, createdAt: Date, updatedAt: Date): ForeignDocument {
  const config = {
    ...(body as Record<string, unknown>),
    id,
    createdTimestamp: createdAt.getTime(),
    createdTimestampIso: createdAt.toISOString(),
    updatedTimestamp: updatedAt.getTime(),
    updatedTimestampIso: updatedAt.toISOString(),
  };
  return { id, label: (body as StoredConfig).name, body: config, createdAt, updatedAt };
}

const listed = ({ id, body, updatedAt }: ForeignDocument<StoredConfig>): ListedConfig => ({
  id,
  name: body.name,
  updatedTimestamp: updatedAt.getTime(),
  updatedTimestampIso: updatedAt.toISOString(),
  applications: body.applications,
});

const notFound = (id: string): NotFoundError => new NotFoundError(`Canary config '${id.slice(0, 80)}' does not exist.`);
