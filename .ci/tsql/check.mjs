// Parses the scripts that labdsr writes beside tables, which no test can run: T-SQL in
// files that end with .sql, and Power Query in those that end with .pq. It prints where one
// cannot be parsed, and exits with status 1.
import { readFileSync } from "node:fs";
import { init, parse } from "@guanmingchiu/sqlparser-ts";
import powerQuery from "@microsoft/powerquery-parser";

// The parser knows all statements but this one, which is compared with its documentation:
//   BULK INSERT table FROM 'file' WITH (OPTION, OPTION = 'text', OPTION = number, …)
const text = `'(?:[^']|'')*'`;
const option = [
  "(?:CHECK_CONSTRAINTS|FIRE_TRIGGERS|KEEPIDENTITY|KEEPNULLS|TABLOCK)",
  "(?:BATCHSIZE|FIRSTROW|KILOBYTES_PER_BATCH|LASTROW|MAXERRORS|ROWS_PER_BATCH) = [0-9]+",
  `(?:CODEPAGE|DATAFILETYPE|DATA_SOURCE|ERRORFILE|ERRORFILE_DATA_SOURCE|FIELDQUOTE|FIELDTERMINATOR|FORMAT|FORMATFILE|ROWTERMINATOR) = ${text}`,
].join("|");
const bulkInsert = new RegExp(`^BULK INSERT \\[[^\\]]+\\] FROM ${text} WITH \\(\\s*(?:${option})(?:,\\s*(?:${option}))*\\s*\\);$`, "gm");

await init();
for (const name of process.argv.slice(2)) {
  const content = readFileSync(name, "utf8");
  try {
    if (name.endsWith(".sql")) {
      const rest = content.replace(bulkInsert, (statement) => statement.replace(/[^\n]/g, "")); // lines keep their numbers
      if (parse(rest, "mssql").length === 0) throw new Error("no statement");
    } else {
      const task = await powerQuery.TaskUtils.tryLexParse(powerQuery.DefaultSettings, content);
      if (task.resultKind !== powerQuery.ResultKind.Ok) throw task.error;
    }
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
