import type { Attributes, Matcher, Matchers } from '../domain/index.js';
import { templateRegExp } from '../templates/index.js';

export type AttributeTest = (attributes: Attributes) => boolean;

/** Compiles matchers once for many tests. Regular expressions are RE2, anchored; an absent attribute has the value ''. */
export function attributeTest(matchers: Matchers): AttributeTest {
  const tests = matchers.map(testOf);
  return (attributes) => tests.every((test) => test(attributes));
}

function testOf({ attribute, operator, value }: Matcher): AttributeTest {
  const read = (attributes: Attributes): string => (Object.hasOwn(attributes, attribute) ? (attributes[attribute] ?? '') : '');
  switch (operator) {
    case '=':
      return (attributes) => read(attributes) === value;
    case '!=':
      return (attributes) => read(attributes) !== value;
    case '=~': {
      const matches = templateRegExp(value);
      return (attributes) => matches(read(attributes));
    }
    case '!~': {
      const matches = templateRegExp(value);
      return (attributes) => !matches(read(attributes));
    }
  }
}
