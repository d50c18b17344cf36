import { withOurPlaceholders } from '../foreign-placeholders.js';

/** A text with `{{args.name}}` as `${name}`. */
export const argoText = (text: string): string =>
  withOurPlaceholders(text, /\{\{-?\s*([^{}]{1,100}?)\s*-?\}\}/g, (inside) =>
    inside.startsWith('args.') ? inside.slice('args.'.length) : /^[\w.-]+$/.test(inside) ? inside : null,
  );
