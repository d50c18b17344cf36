export interface ConditionToken {
  readonly kind: 'number' | 'string' | 'name' | 'placeholder' | 'operator';
  readonly text: string;
  readonly offset: number;
}

const forms: readonly (readonly [ConditionToken['kind'] | 'blank', RegExp])[] = [
  ['blank', /\s+|#\s[^\n]*|\/\/[^\n]*/y],
  ['placeholder', /\$\{[A-Za-z_][\w-]{0,62}\}/y],
  ['number', /(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['string', /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/y],
  ['name', /[A-Za-z_$][\w$]*/y],
  ['operator', /\|\||&&|==|!=|<=|>=|\?\?|\?\.|\*\*|\.\.|[-+*/%<>!()[\]{},.?:|#]/y],
];

/** Words of Argo's condition language (expr-lang); null where a character is none of its. */
export function conditionTokens(text: string): ConditionToken[] | null {
  const tokens: ConditionToken[] = [];
  for (let offset = 0; offset < text.length; ) {
    const found = tokenAt(text, offset);
    if (found === null) return null;
    if (found.kind !== 'blank') tokens.push({ kind: found.kind, text: found.text, offset });
    offset += found.text.length;
  }
  return tokens;
}

function tokenAt(text: string, offset: number): { kind: ConditionToken['kind'] | 'blank'; text: string } | null {
  for (const [kind, form] of forms) {
    form.lastIndex = offset;
    const word = form.exec(text)?.[0];
    if (word) return { kind, text: word };
  }
  return null;
}
