/**
 * The public surface of `agentforge/datasets`: what the built-in datasets are made of. Files are found where the user
 * says, read in pieces and decoded strictly; every record that cannot be read is told with file and line; questions and
 * their answers have one form in all sets, and are graded alike.
 */
export { choiceRecord, gradeChoice, letterOf } from './choice.js';
export { atMost, documentsOf, LONGEST_DOCUMENT, type Cut } from './documents.js';
export { Fields } from './fields.js';
export { openDataFile, type DataFile, type FileRequest } from './files.js';
export { finish } from './finish.js';
export { answeredNumber, gradeNumber, gradeText } from './grading.js';
export { linesOf, malformed, mapRecords, recordsByLine, recordsOf, recordsOfArray } from './json-records.js';
export { defineNamedDataset, type NamedDatasetDefinition } from './named.js';
export { DownloadOption, fileOptions, type Download, type FileChoice } from './options.js';
export { rationaleTrace } from './rationale.js';
export { FINAL_ANSWER, finalAnswer, questionRecord, reasonedAnswer } from './question.js';
