// Prints the types that a file exports as what they come out as, so that nothing is needed to understand them.
import ts from "typescript";

/** One declaration for each exported type; objects are written out, named types of the same file by their names. */
export function printTypes(program: ts.Program, path: string): string {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${path} exports nothing`);
  /** Such a type is of use inside only. */
  const takesParameters = (symbol: ts.Symbol) =>
    symbol.declarations?.some((node) => ts.isTypeAliasDeclaration(node) && node.typeParameters) ?? false;

  const exported = checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, symbol: resolve(symbol) }))
    .filter(({ symbol }) => !takesParameters(symbol))
    .map(({ name, symbol }) => ({ name, type: checker.getDeclaredTypeOfSymbol(symbol) }));
  const names = new Map(exported.map(({ name, type }) => [type, name]));

  function resolve(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  function print(type: ts.Type, isNamed = true): string {
    const name = isNamed ? names.get(type) : undefined;
    if (name !== undefined) return name;
    if (type.isUnion()) return printUnion(type);
    if (checker.isArrayType(type)) return `(${printArguments(type)[0]})[]`;
    if (checker.isTupleType(type)) return `readonly [${printArguments(type).join(", ")}]`;
    if (type.flags & ts.TypeFlags.Object || type.isIntersection()) return printObject(type);
    return checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  }

  const printArguments = (type: ts.Type) =>
    checker.getTypeArguments(type as ts.TypeReference).map((argument) => print(argument));

  function printUnion(type: ts.UnionType): string {
    const isBoolean = (member: ts.Type) => Boolean(member.flags & ts.TypeFlags.BooleanLiteral);
    const others = type.types.filter((member) => !isBoolean(member)).map((member) => print(member));
    const booleans = type.types.filter(isBoolean);
    return [...others, ...(booleans.length === 2 ? ["boolean"] : booleans.map((one) => print(one)))].join(
      " | ",
    );
  }

  function printObject(type: ts.Type): string {
    const fields = checker.getPropertiesOfType(type).map((field) => {
      const isOptional = Boolean(field.flags & ts.SymbolFlags.Optional);
      return `${field.name}${isOptional ? "?" : ""}: ${print(checker.getTypeOfSymbol(field))};`;
    });
    return `{ ${fields.join(" ")} }`;
  }

  return exported.map(({ name, type }) => `export type ${name} = ${print(type, false)};\n`).join("\n");
}
