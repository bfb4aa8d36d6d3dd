// Reads texts with the implementations of others on npm, for `make
// differential-credentials`. A line {"family", "text", "keys"} on standard input
// gives a line {"verified", "why", "content"} on standard output. Nothing is
// fetched: asking the network for a key gives those of the line, or fails.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const folder = process.argv[2];
const require = createRequire(folder + "/node_modules/");

// keysOf are the key sets that may be asked for, by address.
const keysOf = {};
const fetch = async (url) => {
  if (!(url in keysOf)) throw new Error("no network");
  return { status: 200, json: async () => keysOf[url] };
};
// instead puts something in the place of a module that another one asks for.
const instead = (name, exports) => {
  const id = require.resolve(name, { paths: [folder + "/node_modules/@pathcheck/dcc-sdk"] });
  require.cache[id] = { id, filename: id, loaded: true, exports };
};
instead("cross-fetch", Object.assign(fetch, { fetch, default: fetch }));
// Node has the same interface built in, and the module's own is newer than its loader reads.
instead("isomorphic-webcrypto", { subtle: globalThis.crypto.subtle });

// They write what they find to the console.
for (const name of ["log", "warn", "error", "info"]) console[name] = () => {};

const dcc = require("@pathcheck/dcc-sdk");
const shc = require("@pathcheck/shc-sdk");
const nzcp = require("@vaxxnz/nzcp");

// plain makes JSON of what CBOR decodes to.
const plain = (v) => {
  if (v instanceof Map) return Object.fromEntries([...v].map(([k, w]) => [String(k), plain(w)]));
  if (v instanceof Uint8Array) return Buffer.from(v).toString("latin1");
  if (Array.isArray(v)) return v.map(plain);
  if (v instanceof Date) return v.toISOString();
  if (typeof v === "bigint") return String(v);
  if (v && typeof v === "object") return Object.fromEntries(Object.entries(v).map(([k, w]) => [k, plain(w)]));
  return v === undefined ? null : v;
};

const readers = {
  "eu-dcc": async ({ text, keys }) => {
    dcc.addCachedKeys(keys);
    const r = await dcc.unpackAndVerify(text);
    return { verified: r.status === "verified", why: r.status, content: plain(r.contents) };
  },
  shc: async ({ text, keys }) => {
    for (const [issuer, set] of Object.entries(keys)) keysOf[`${issuer}/.well-known/jwks.json`] = set;
    const r = await shc.unpackAndVerify(text);
    return { verified: r !== undefined, why: r ? "verified" : "not verified", content: r && r.credential };
  },
  nzcp: async ({ text, keys }) => {
    const r = nzcp.verifyPassURIOffline(text, { trustedIssuer: keys.id, didDocument: keys });
    return { verified: r.success, why: r.success ? "verified" : (r.violates && r.violates.message) || "not verified", content: plain(r.credentialSubject) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = await readers[asked.family](asked);
  } catch (err) {
    answer = { verified: false, why: "threw: " + err.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
