import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoTemplate, demoTemplateName } from './demo-template.js';
import { newWebhookSecret } from './webhook-receiver.js';

/** A folder of its own for the demo, gone afterwards. */
export interface DemoPlace {
  readonly directory: string;
  readonly templates: string;
  readonly secret: string;
  /** file that holds the secret, readable by this user only */
  readonly secretFile: string;
  remove(): Promise<void>;
}

export async function makeDemoPlace(): Promise<DemoPlace> {
  const directory = await mkdtemp(join(tmpdir(), 'assay-demo-'));
  const [templates, secretFile, secret] = [join(directory, 'templates'), join(directory, 'webhook-secret'), newWebhookSecret()];
  await mkdir(templates);
  await writeFile(join(templates, `${demoTemplateName}.yaml`), demoTemplate);
  await writeFile(secretFile, secret, { mode: 0o600 });
  return { directory, templates, secret, secretFile, remove: () => rm(directory, { recursive: true, force: true }) };
}
