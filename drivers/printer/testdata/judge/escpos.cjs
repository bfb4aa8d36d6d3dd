// Writes the ESC/POS bytes that npm's receipt-printer-encoder makes of a job.
// Usage: node escpos.cjs MODULES JOB.json; the job is
// {"text": …, "module": …, "ecc": …, "width": …, "height": …, "bits": base64, one byte a dot}.
const fs = require("fs");
const [modules, file] = process.argv.slice(2);
const at = (name) => require(require.resolve(name, { paths: [modules] }));
const Encoder = at("@point-of-sale/receipt-printer-encoder");
const job = JSON.parse(fs.readFileSync(file, "utf8"));
const dots = Buffer.from(job.bits, "base64");
const image = { width: job.width, height: job.height, data: new Uint8ClampedArray(job.width * job.height * 4) };
for (let i = 0; i < dots.length; i++) {
  const v = dots[i] ? 0 : 255;
  image.data.set([v, v, v, 255], i * 4);
}
const make = (options) => new (Encoder.default || Encoder)({ language: "esc-pos", imageMode: "raster", ...options });
const hex = (bytes) => Buffer.from(bytes).toString("hex");
process.stdout.write(JSON.stringify({
  init: hex(make().initialize().encode()),
  image: hex(make().image(image, job.width, job.height, "threshold", 128).encode()),
  qr: hex(make().align("center").qrcode(job.text, { model: 2, size: job.module, errorlevel: job.ecc }).encode()),
  code128: hex(make().barcode(job.code, "code128", { height: job.barHeight, width: 2 })
    .encode()),
  cut: hex(make().cut("partial").encode()),
}));
