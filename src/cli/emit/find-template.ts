import { existsSync, readFileSync, statSync } from 'node:fs';
import { environment, shippedTemplates } from '../../config/index.js';
import { AssayError, type Template } from '../../domain/index.js';
import { parseTemplate, TemplateCatalog } from '../../templates/index.js';
import { messageOf } from '../gate-text.js';

/** The template of a file, or of that name in a folder; else what is wrong, with the repair. */
export async function findTemplate(reference: string, directory: string | null): Promise<Template | string> {
  if (existsSync(reference) && statSync(reference).isFile()) return templateOf(reference);
  const templatesDirectory = directory ?? environment()['ASSAY_TEMPLATES'] ?? shippedTemplates;
  const catalog = new TemplateCatalog({ templatesDirectory });
  try {
    await catalog.start();
    return catalog.find(reference);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    return `${error.message}; looked in ${templatesDirectory}: give --templates DIRECTORY, or a file`;
  } finally {
    await catalog.stop();
  }
}

function templateOf(file: string): Template | string {
  try {
    const { template, issues } = parseTemplate(readFileSync(file, 'utf8'));
    const [first] = issues;
    return (
      template ?? `${file} is not a template that can be used: ${first?.message ?? 'nothing is in it'}; see assay template lint ${file}`
    );
  } catch (error) {
    return `${file} cannot be read: ${messageOf(error)}`;
  }
}
