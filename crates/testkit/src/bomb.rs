//! A compressed bomb, made by hand: the test kit needs no compressor for one.

/// A gzip stream of `mib` MiB of zeros, made of stored and repeated deflate blocks.
///
/// Each MiB is one fixed-Huffman block: a literal zero, then matches of length 258 at distance 1, each of
/// which is the same thirteen bits.
pub(crate) fn gzip_of_zeros(mib: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // Member header: gzip, deflate, no flags, no time, unknown system.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let total = mib * 1024 * 1024;
    let matches = (total - 1) / 258;
    bits.put(0b1, 1); // the last block
    bits.put(0b01, 2); // fixed Huffman codes
    bits.put_code(0b0011_0000, 8); // the literal 0
    for _ in 0..matches {
        bits.put_code(0b1100_0101, 8); // length 258 (code 285)
        bits.put_code(0, 5); // distance 1
    }
    bits.put_code(0, 7); // end of block
    out.extend(bits.finish());
    // The checksum is never reached by a reader that is bounded; the length is.
    out.extend([0, 0, 0, 0]);
    out.extend(u32::try_from(1 + matches * 258).unwrap_or(u32::MAX).to_le_bytes());
    out
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    filled: u32,
}

impl Bits {
    /// Bits in stream order, lowest first.
    fn put(&mut self, value: u32, count: u32) {
        for place in 0..count {
            let bit = u8::from(value >> place & 1 == 1);
            if self.filled.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (self.filled % 8);
            }
            self.filled += 1;
        }
    }

    /// A Huffman code, highest bit first.
    fn put_code(&mut self, code: u32, length: u32) {
        for place in (0..length).rev() {
            self.put(code >> place & 1, 1);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
