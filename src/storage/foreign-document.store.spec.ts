import { expect, it } from '@jest/globals';
import { describeOnEveryStore } from '../../test/support/stores.js';
import { type ForeignDocument, ForeignDocumentStore } from './foreign-document.store.js';

const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 1, 12, minute));
const document = (id: string, change: Partial<ForeignDocument> = {}): ForeignDocument => ({
  id,
  label: 'checkout',
  body: { name: id, 'a\0b': '\ud800' },
  createdAt: at(0),
  updatedAt: at(0),
  ...change,
});

describeOnEveryStore('documents of other tools', (open) => {
  it('come back as they were, each from its own collection', async () => {
    const store = new ForeignDocumentStore(await open());
    expect(await store.add('configs', document('a'))).toBe(true);
    expect(await store.find('configs', 'a')).toEqual(document('a'));
    expect(await store.find('executions', 'a')).toBeNull();
    expect(await store.find('configs', '\0')).toBeNull();
  });

  it('are never overwritten by chance: an id is taken once, and only what is there is replaced', async () => {
    const store = new ForeignDocumentStore(await open());
    await store.add('configs', document('a'));
    expect(await store.add('configs', document('a', { body: 'other' }))).toBe(false);
    expect(await store.replace('configs', document('b'))).toBe(false);
    expect(await store.replace('configs', document('a', { body: 'newer', updatedAt: at(1) }))).toBe(true);
    expect(await store.find('configs', 'a')).toEqual(document('a', { body: 'newer', updatedAt: at(1) }));
    expect([await store.delete('configs', 'a'), await store.delete('configs', 'a')]).toEqual([true, false]);
  });

  it('are listed newest first, by label and page', async () => {
    const store = new ForeignDocumentStore(await open());
    for (const [minute, id] of ['a', 'b', 'c'].entries()) {
      await store.add('configs', document(id, { createdAt: at(minute), label: id === 'b' ? 'cart' : 'checkout' }));
    }
    const ids = async (filter: { limit: number; skip: number; label?: string }): Promise<string[]> =>
      (await store.list('configs', filter)).map(({ id }) => id);
    expect(await ids({ limit: 2, skip: 0 })).toEqual(['c', 'b']);
    expect(await ids({ limit: 2, skip: 2 })).toEqual(['a']);
    expect(await ids({ limit: 9, skip: 0, label: 'checkout' })).toEqual(['c', 'a']);
  });
});
