import { expect, it } from '@jest/globals';
import { describeOnEveryStore } from '../../test/support/stores.js';
import { ForeignDocumentStore } from './foreign-document.store.js';
import { ReceivingLifeStore } from './receiving-life.store.js';

describeOnEveryStore('what a receiving process leaves behind', (open) => {
  it('is what the last one said last, and nothing where nothing was ever received', async () => {
    const lives = new ReceivingLifeStore(new ForeignDocumentStore(await open()));
    expect(await lives.last()).toBeNull();
    await lives.keep({ openFrom: 1, openUntil: 2, lost: null }, new Date(3));
    expect(await lives.last()).toEqual({ openFrom: 1, openUntil: 2, lost: null });
    await lives.keep({ openFrom: 1, openUntil: 2, lost: [{ from: 5, to: 9 }] }, new Date(9));
    expect(await lives.last()).toEqual({ openFrom: 1, openUntil: 2, lost: [{ from: 5, to: 9 }] });
  });
});
