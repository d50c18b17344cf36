import { describe, expect, it } from '@jest/globals';
import { duration, serverUrl, share } from './gate-options.js';

describe('what is given to the gate', () => {
  it('is a server on http or https, with or without a path', () => {
    expect(serverUrl('http://127.0.0.1:8080/')).toBe('http://127.0.0.1:8080');
    expect(serverUrl('https://tools.example.com/assay/')).toBe('https://tools.example.com/assay');
    for (const wrong of ['127.0.0.1:8080', 'ftp://x', 'file:///etc/passwd', 'https://kim:secret@example.com', '']) {
      expect(() => serverUrl(wrong)).toThrow(/give/);
    }
  });

  it('is a share of the traffic, as a number or in percent', () => {
    expect([share('0.05'), share('5%'), share('1'), share('100%'), share('.5')]).toEqual([0.05, 0.05, 1, 1, 0.5]);
    for (const wrong of ['0', '5', '-0.1', '101%', 'NaN', '', '%', '0x1', '1e-2']) expect(() => share(wrong)).toThrow('give a share');
  });

  it('is a duration that a timer can hold', () => {
    expect([duration('90s'), duration('2h'), duration('20d')]).toEqual([90, 7200, 1_728_000]);
    for (const wrong of ['90', '0s', '21d', 'soon', '']) expect(() => duration(wrong)).toThrow('give a duration');
  });
});
