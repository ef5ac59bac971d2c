import { join } from 'node:path';
import ts from 'typescript';

const root = process.cwd();

/** The settings of a resolved config by path (`storage.root`), with where each is declared. */
function settingsOf(type: ts.Type, checker: ts.TypeChecker, path = ''): [string, ts.Node][] {
  return type.getProperties().flatMap((property): [string, ts.Node][] => {
    const value = checker.getTypeOfSymbol(property);
    const below = value.flags & ts.TypeFlags.Object && !checker.isArrayLikeType(value);
    return below
      ? settingsOf(value, checker, `${path}${property.name}.`)
      : [[path + property.name, property.declarations![0]!]];
  });
}

/** Where what is read is declared: members that are named, and those of a record given to a function that wants them. */
function readIn(sources: readonly ts.SourceFile[], checker: ts.TypeChecker): Set<ts.Node> {
  const read = new Set<ts.Node>();
  const mark = (symbol: ts.Symbol | undefined) => symbol?.declarations?.forEach((each) => read.add(each));
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) mark(checker.getSymbolAtLocation(node.name));
    if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = (node.propertyName ?? node.name).getText();
      mark(checker.getTypeAtLocation(node.parent).getProperty(name));
    }
    if (ts.isCallExpression(node)) node.arguments.forEach(given);
    ts.forEachChild(node, visit);
  };
  const given = (argument: ts.Expression): void => {
    const wanted = checker.getContextualType(argument);
    for (const property of checker.getTypeAtLocation(argument).getProperties()) {
      const other = wanted?.getProperty(property.name)?.declarations;
      // The same declaration on both sides: a config is only handed on.
      if (other && !other.some((each) => property.declarations?.includes(each))) mark(property);
    }
  };
  sources.forEach(visit);
  return read;
}

test('every setting of a config is read by somebody', () => {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const { options, fileNames } = ts.getParsedCommandLineOfConfigFile('tsconfig.build.json', {}, host)!;
  const files = fileNames.filter((file) => file.startsWith(join(root, 'core/')));
  const program = ts.createProgram(files, { ...options, noEmit: true, incremental: false });
  const checker = program.getTypeChecker();
  const contracts = checker.getSymbolAtLocation(
    program.getSourceFile(join(root, 'core/contracts/config.ts'))!,
  )!;
  const resolved = checker.getExportsOfModule(contracts).find(({ name }) => name === 'ResolvedConfig')!;
  const settings = settingsOf(checker.getDeclaredTypeOfSymbol(resolved), checker);
  expect(settings.map(([path]) => path)).toEqual(
    expect.arrayContaining([
      'seed',
      'pipeline',
      'storage.keepCheckpoints',
      'data.cache',
      'cleanup.maxSessions',
    ]),
  );
  const sources = files.map((file) => program.getSourceFile(file)!);
  const read = readIn(sources, checker);
  expect(settings.filter(([, declared]) => !read.has(declared)).map(([path]) => path)).toEqual([]);
});
