import { ProtobufWriter } from '../../../../nn/onnx/write/protobuf.js';

const hex = (writer: ProtobufWriter): string => Buffer.from(writer.finish()).toString('hex');

// The examples of protobuf.dev/programming-guides/encoding.
describe('protobuf wire format', () => {
  test('integers are varints', () => {
    expect(hex(new ProtobufWriter().integer(1, 150))).toBe('089601');
    expect(hex(new ProtobufWriter().integer(1, 0))).toBe('0800');
  });

  test('negative integers take ten bytes', () => {
    expect(hex(new ProtobufWriter().integer(1, -2))).toBe('08feffffffffffffffff01');
  });

  test('integers beyond 32 bits', () => {
    expect(hex(new ProtobufWriter().integer(1, 2 ** 40))).toBe('08808080808020');
  });

  test('text is its length and its bytes', () => {
    expect(hex(new ProtobufWriter().text(2, 'testing'))).toBe('120774657374696e67');
  });

  test('messages nest', () => {
    expect(hex(new ProtobufWriter().message(3, (nested) => nested.integer(1, 150)))).toBe('1a03089601');
  });

  test('floats are four bytes, little-endian', () => {
    expect(hex(new ProtobufWriter().float(2, 1.5))).toBe('150000c03f');
  });

  test('field numbers above 15 take two bytes', () => {
    expect(hex(new ProtobufWriter().integer(20, 7))).toBe('a00107');
  });
});
