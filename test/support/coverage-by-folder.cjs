'use strict';
const { relative } = require('node:path');

/** A report of istanbul: the share of lines that ran, by folder. The thresholds are in jest.config.js. */
module.exports = class CoverageByFolder {
  execute(context) {
    const folders = new Map();
    const count = (folder, { total, covered }) => {
      const sum = folders.get(folder) ?? { total: 0, covered: 0 };
      folders.set(folder, { total: sum.total + total, covered: sum.covered + covered });
    };
    context.getTree('flat').visit({
      onDetail(node) {
        const file = node.getFileCoverage();
        const path = relative(process.cwd(), file.path).split('/').slice(0, -1);
        const { lines } = file.toSummary();
        for (const folder of new Set(['(all)', path[0], path.slice(0, 2).join('/')])) count(folder, lines);
      },
    });
    const out = context.writer.writeFile(null);
    out.println('Lines that ran, by folder');
    for (const [folder, { total, covered }] of [...folders].sort()) {
      const share = total === 0 ? 'none' : `${((100 * covered) / total).toFixed(1)} %`;
      out.println(`${share.padStart(8)}  ${folder} (${covered} of ${total})`);
    }
    out.close();
  }
};
