// Renders every *.zpl of a folder to PNG with zebrash (npm: zpl-renderer-js).
// Usage: node zpl.cjs MODULES FOLDER; names are ...-WxH-DPMM.zpl, in mm.
const fs = require("fs");
const path = require("path");
const [modules, folder] = process.argv.slice(2);
const { ready } = require(require.resolve("zpl-renderer-js", { paths: [modules] }));

ready.then(async ({ api }) => {
  for (const name of fs.readdirSync(folder).filter((n) => n.endsWith(".zpl"))) {
    const [, w, h, dpmm] = name.match(/-([\d.]+)x([\d.]+)-(\d+)\.zpl$/);
    const zpl = fs.readFileSync(path.join(folder, name), "utf8");
    const png = await api.zplToBase64Async(zpl, Number(w), Number(h), Number(dpmm));
    fs.writeFileSync(path.join(folder, name + ".png"), Buffer.from(png, "base64"));
  }
  process.exit(0);
}).catch((e) => { console.error(e); process.exit(1); });
