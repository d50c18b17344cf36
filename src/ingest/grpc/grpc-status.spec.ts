import { describe, expect, it } from '@jest/globals';
import { RefusedCall, statusHeaders } from './grpc-status.js';

describe('The status of a gRPC call', () => {
  it('is written in printable ASCII, whatever the message', () => {
    const refusal = new RefusedCall('invalid argument', 'größer als 100 %\n');
    expect(statusHeaders(refusal, 1)).toEqual({ 'grpc-status': '3', 'grpc-message': 'gr%C3%B6%C3%9Fer als 100 %25%0A' });
  });

  it('says in how many seconds to try again where that helps', () => {
    const headers = statusHeaders(new RefusedCall('unavailable', 'later', true), 4);
    const details = Buffer.from(String(headers['grpc-status-details-bin']), 'base64');
    const retryInfo = Buffer.concat([
      Buffer.from([0x1a, 0x30, 0x0a, 0x28]),
      Buffer.from('type.googleapis.com/google.rpc.RetryInfo'),
      Buffer.from([0x12, 0x04, 0x0a, 0x02, 0x08, 4]),
    ]);
    expect(details).toEqual(Buffer.concat([Buffer.from([0x08, 14, 0x12, 5]), Buffer.from('later'), retryInfo]));
  });

  it('keeps a long message short', () => {
    const headers = statusHeaders(new RefusedCall('unavailable', 'x'.repeat(100_000), true), 1);
    expect(JSON.stringify(headers).length).toBeLessThan(3_000);
  });
});
