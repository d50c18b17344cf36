import { argumentName } from './native-draft.js';

/** A text of another tool with its placeholders as ours, and what might be read as one of ours escaped. */
export function withOurPlaceholders(text: string, form: RegExp, nameOf: (inside: string) => string | null): string {
  let ours = '';
  let end = 0;
  for (const found of text.matchAll(form)) {
    const name = nameOf(found[1] ?? '');
    ours += escaped(text.slice(end, found.index));
    ours += name === null ? escaped(found[0]) : `\${${argumentName(name)}}`;
    end = found.index + found[0].length;
  }
  return ours + escaped(text.slice(end));
}

const escaped = (text: string): string => text.replaceAll('${', '$${');
