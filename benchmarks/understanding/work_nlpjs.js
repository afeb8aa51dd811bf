// Trains and asks nlp.js (npm @nlpjs/basic) with its own defaults; run by `runners` with Node.
// Job and answer are described in job.py. nlp.js answers `None` where it is not sure of anything; the score of a
// text is that of its best intent, whatever nlp.js would have answered.
"use strict";

const fs = require("node:fs");
const { dockStart } = require("@nlpjs/basic");

const say = (line) => process.stderr.write(`  ${line}\n`);
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
const cpuMs = (since) => {
  const used = process.cpuUsage(since);
  return (used.user + used.system) / 1000;
};

console.log = () => {}; // nlp.js prints a line for each of thousands of epochs

async function main() {
  const job = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  const dock = await dockStart({
    settings: { nlp: { autoSave: false, languages: ["en"] } },
    use: ["Basic", "LangEn"],
  });
  const nlp = dock.get("nlp");
  nlp.addLanguage("en");
  say(`training nlp.js on ${job.train.length} examples`);
  const started = process.cpuUsage();
  for (const [text, intent] of job.train) nlp.addDocument("en", text, intent);
  await nlp.train();
  const trained = cpuMs(started) / 1000;
  const rows = [];
  const milliseconds = [];
  for (const [number, text] of job.measure.entries()) {
    if (number % 500 === 0) say(`measured ${number} of ${job.measure.length}`);
    const before = process.cpuUsage();
    const { classifications } = await nlp.process("en", text);
    milliseconds.push(cpuMs(before));
    const ranking = (classifications ?? [])
      .filter(({ intent }) => intent !== "None")
      .map(({ intent, score }) => [intent, score])
      .sort((a, b) => b[1] - a[1])
      .slice(0, 12);
    rows.push([ranking, ranking.length ? ranking[0][1] : 0]);
  }
  fs.writeFileSync(
    process.argv[3],
    JSON.stringify({
      rows,
      train_cpu_s: trained,
      cpu_ms: median(milliseconds),
      memory_mb: process.memoryUsage.rss() / 1048576,
      archive_mb: Buffer.byteLength(nlp.export()) / 1e6,
    }),
  );
}

main().catch((fault) => {
  console.error(fault);
  process.exit(1);
});
