import { registerDecorator } from 'class-validator';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** A moment in time that means the same everywhere: RFC 3339 with its offset. */
export function IsMoment(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isMoment',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && rfc3339.test(value) && !Number.isNaN(Date.parse(value)),
        defaultMessage: () => `${String(property)} has to be a moment such as 2026-01-31T09:30:00Z`,
      },
    });
}
