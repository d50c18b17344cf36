import { Transform } from 'class-transformer';
import { registerDecorator } from 'class-validator';

export interface MapRules {
  /** largest number of entries */
  readonly entries: number;
  /** longest text of a value */
  readonly letters: number;
  /** a plain text is allowed instead of the map */
  readonly orText?: boolean;
  /** numbers and booleans are allowed as values */
  readonly scalars?: boolean;
  /** a list of them */
  readonly each?: boolean;
}

const key = /^[^\p{C}\p{Z}]{1,200}$/u;

/** A flat map of names to values from outside. It is taken as it is: class-transformer would lose keys such as `toString`. */
export function IsTextMap(rules: MapRules): PropertyDecorator {
  return (target, property) => {
    Transform(({ obj, key: name }) => obj[name])(target, property);
    registerDecorator({
      name: 'isTextMap',
      target: target.constructor,
      propertyName: String(property),
      options: { each: rules.each === true },
      validator: {
        validate: (value: unknown) => isTextMap(value, rules),
        defaultMessage: () => `${String(property)} has to be ${inWords(rules)}`,
      },
    });
  };
}

/** Own names only, nothing nested, within the limits. */
export function isTextMap(value: unknown, rules: MapRules): boolean {
  if (typeof value === 'string') return rules.orText === true && value !== '' && value.length <= rules.letters;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= rules.entries && entries.every(([name, entry]) => key.test(name) && isValue(entry, rules));
}

function isValue(value: unknown, { letters, scalars = false }: MapRules): boolean {
  if (typeof value === 'string') return value.length <= letters;
  return scalars && (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)));
}

function inWords({ entries, letters, orText, scalars }: MapRules): string {
  const values = scalars ? 'texts, numbers or booleans' : 'texts';
  return `${orText ? 'a text or ' : ''}a map of at most ${entries} names to ${values} of at most ${letters} letters`;
}
