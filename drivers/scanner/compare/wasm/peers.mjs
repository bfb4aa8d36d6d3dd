// Peers decodes grey pictures by the newest zxing-cpp there is, which npm has as
// WebAssembly, for measurements beside drivers/scanner. It speaks as
// native/peers.cpp does. Its times are those of WebAssembly, several times a
// native build's.
//
//   node peers.mjs FOLDER    zxing-wasm is installed in FOLDER/node_modules
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const reader = path.resolve(process.argv[2], 'node_modules/zxing-wasm/dist/es/reader/index.js');
const { prepareZXingModule, readBarcodes, ZXING_CPP_COMMIT, ZXING_WASM_VERSION } = await import(pathToFileURL(reader));
const wasmBinary = new Uint8Array(fs.readFileSync(path.resolve(process.argv[2], 'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm'))).buffer;
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
fs.writeSync(1, `zxing-wasm ${ZXING_WASM_VERSION} of zxing-cpp ${ZXING_CPP_COMMIT.slice(0, 10)}\n`);

// take returns the next n bytes of standard input, or null at its end.
function take(n) {
  const b = Buffer.alloc(n);
  for (let have = 0; have < n;) {
    const got = fs.readSync(0, b, have, n - have, null);
    if (got === 0) return null;
    have += got;
  }
  return b;
}

function line() {
  let s = '';
  for (;;) {
    const b = take(1);
    if (!b) return null;
    if (b[0] === 10) return s;
    s += String.fromCharCode(b[0]);
  }
}

for (let head; (head = line());) {
  const [, width, height] = head.split(' ').map(Number);
  const grey = take(width * height);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < grey.length; i++) data.fill(grey[i], 4 * i, 4 * i + 3)[4 * i + 3] = 255;
  const start = process.hrtime.bigint();
  const found = await readBarcodes({ data, width, height, colorSpace: 'srgb' }, { formats: ['QRCode'], textMode: 'Plain' });
  const took = process.hrtime.bigint() - start;
  const texts = found.filter((r) => r.isValid).map((r) => ` =${Buffer.from(r.text).toString('hex')}`);
  fs.writeSync(1, `${took}${texts.join('')}\n`);
}
